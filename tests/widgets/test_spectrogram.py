"""The spectrogram panel follows every control and says what it cannot do."""

import numpy as np

from labutils import widgets
from labutils.clips import SAMPLE_RATE_HZ
from labutils.widgets import spectrogram as panel_module
from labutils.widgets.spectrogram import describe_resolution, draw_spectrogram
from widgets.conftest import alert, pictures, walk_through


def test_picture_follows_every_control_over_its_range():
    walk_through(widgets.spectrogram_panel(np.random.default_rng(0).normal(0, 0.1, (20000, 4))))


def test_tone_of_one_microphone_is_bright_where_it_is():
    tone = np.sin(2 * np.pi * 2000 * np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)
    audio = np.zeros((SAMPLE_RATE_HZ, 4))
    audio[SAMPLE_RATE_HZ // 2 :, 2] = tone[: SAMPLE_RATE_HZ - SAMPLE_RATE_HZ // 2]
    options = {"n_fft": 1024, "hop_length": 512, "floor_db": -80, "highest_khz": 8}
    ((_, bright),) = pictures(draw_spectrogram(audio, channel=2, **options))
    ((_, dark),) = pictures(draw_spectrogram(audio, channel=1, **options))
    row, column = np.argwhere((bright.astype(int) - dark).sum(axis=2) > 300).mean(axis=0)
    height, width = bright.shape[:2]
    # 2 of 8 kHz is low in the picture, the second half to the right
    assert row > height / 2 and column > width / 2


def test_colours_begin_at_the_floor(monkeypatch):
    shown = []
    monkeypatch.setattr(panel_module, "show_figure", lambda figure, description: shown.append(figure) or "")
    options = {"n_fft": 1024, "hop_length": 512, "channel": 0, "highest_khz": 8}
    draw_spectrogram(np.full((4096, 4), 0.5), floor_db=-60, **options)
    low_db, high_db = shown[0].axes[0].images[0].get_clim()
    assert low_db == -60 and high_db > -10


def test_resolution_in_words():
    words = describe_resolution(1024, 896, (513, 196))
    assert "rows are 43.1 Hz apart" in words and "about 59.2 Hz apart or more" in words
    assert "23.2 ms" in words and "20.3 ms" in words and "513 x 196" in words
    assert "never looked at" not in words
    assert "never looked at" in describe_resolution(256, 896, (129, 196))


def test_sound_shorter_than_the_window_is_said_in_the_alert():
    panel = widgets.spectrogram_panel(np.zeros((3000, 4)))
    panel.controls["n_fft"].value = 4096
    assert "3000 samples" in alert(panel)
    panel.controls["n_fft"].value = 512
    assert alert(panel) == ""


def test_silence_is_drawn():
    assert len(pictures(widgets.spectrogram_panel(np.zeros((20000, 4))).picture.value)) == 1
