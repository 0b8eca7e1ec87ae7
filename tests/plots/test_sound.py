"""Figures of sound: every microphone, every scale and every unit in its place."""

import numpy as np
import pytest

from labutils import plots
from labutils.clips import WALLS
from plots.conftest import labels

RNG = np.random.default_rng(0)
AUDIO = RNG.normal(0, 0.1, (4000, 4))
SPECTROGRAM = RNG.uniform(-100, 0, (4, 33, 20))
TIMES_S, FREQUENCIES_HZ = 0.01 + 0.02 * np.arange(20), np.linspace(0, 22050, 33)


def test_waveform_has_one_named_panel_for_each_microphone():
    axes = plots.plot_waveform(AUDIO, 1000)
    assert [ax.get_title(loc="left") for ax in axes] == ["bottom", "left", "top", "right"]
    assert axes[-1].get_xlabel() == "time (s)"
    np.testing.assert_allclose(axes[2].lines[0].get_ydata(), AUDIO[:, 2])
    assert axes[0].get_xlim() == (0, 4)


def test_hits_cross_all_microphones_and_are_marked_at_their_wall():
    axes = plots.plot_hits_in_sound(AUDIO, 1000, np.array([0.5, 2.5]), np.array([3, 0]))
    for ax, wall in zip(axes, WALLS, strict=True):
        assert wall in ax.get_title(loc="left")
        verticals = [line for line in ax.lines[1:] if line.get_marker() == "None"]
        assert [line.get_xdata()[0] for line in verticals] == [0.5, 2.5]
    marks = [
        [(line.get_marker(), line.get_xdata()[0]) for line in ax.lines if line.get_marker() in "v<^>"]
        for ax in axes
    ]
    assert marks == [[("v", 2.5)], [], [], [(">", 0.5)]]
    assert len(plots.plot_hits_in_sound(AUDIO, 1000, np.zeros(0), np.zeros(0, int))[0].lines) == 1


def test_spectrogram_has_four_named_panels_on_one_scale():
    axes = plots.plot_spectrogram(SPECTROGRAM, TIMES_S, FREQUENCIES_HZ, max_frequency_hz=6000)
    assert [ax.get_title() for ax in axes.flat] == ["bottom", "left", "top", "right"]
    assert len({ax.images[0].get_clim() for ax in axes.flat}) == 1
    assert axes[0, 0].get_ylim() == (0, 6)
    assert any("dB" in ax.get_ylabel() for ax in axes[0, 0].figure.axes)


def test_first_column_and_row_of_a_spectrogram_lie_bottom_left():
    level_db = np.zeros((33, 20))
    level_db[0, 0] = 1
    ax = plots.plot_spectrogram_channel(level_db, TIMES_S, FREQUENCIES_HZ)
    assert ax.images[0].origin == "lower"
    half_khz = 22.05 / 32 / 2
    assert ax.images[0].get_extent() == pytest.approx([0, 0.4, -half_khz, 22.05 + half_khz])


def test_excerpt_of_a_spectrogram_keeps_its_times():
    ax = plots.plot_spectrogram_channel(SPECTROGRAM[0], TIMES_S + 2, FREQUENCIES_HZ)
    assert ax.get_xlim() == pytest.approx((2, 2.4))


def test_sounds_of_classes_have_a_spectrogram_and_an_envelope_each():
    sounds = {name: (SPECTROGRAM[0], np.linspace(-100, -30, 40)) for name in "abc"}
    pictures = plots.plot_sound_of_classes(sounds, TIMES_S, FREQUENCIES_HZ, max_frequency_hz=5000)
    assert [ax.get_title(loc="left") for ax in pictures] == list("abc")
    assert {ax.get_ylim() for ax in pictures} == {(0, 5)}
    envelopes = [ax for ax in pictures[0].figure.axes if ax.lines]
    assert len(envelopes) == 3
    time_s = envelopes[0].lines[0].get_xdata()
    assert (time_s[0], time_s[-1]) == pytest.approx((0.005, 0.395))
    pictures[0].figure.canvas.draw()


def test_level_histogram_shows_shares_and_both_means():
    ax = plots.plot_level_histogram([6, 2, 2], [-80, -50, -20, 0], ours=(-70.0, 9.0), theirs=(-77.4, 8.3))
    assert labels(ax) == [
        "simulated: mean −70.0 dB, std 9.0 dB",
        "recorded: mean −77.4 dB, std 8.3 dB",
    ]
    np.testing.assert_allclose(ax.patches[0].get_data().values, [0.6, 0.2, 0.2])
    assert "(dB" in ax.get_xlabel()
    plots.plot_level_histogram([0, 0], [-80, -40, 0], ours=(-80, 0), theirs=(-77, 8)).figure.canvas.draw()


def test_every_microphone_is_drawn_in_the_panel_that_bears_its_name():
    axes = plots.plot_spectrogram(SPECTROGRAM, TIMES_S, FREQUENCIES_HZ)
    for ax, level_db in zip(axes.flat, SPECTROGRAM, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), level_db)


def marks(ax) -> list[tuple[str, float]]:
    """Markers of the contacts in a strip, and their times in s."""
    return [(line.get_marker(), time_s) for line in ax.lines for time_s in line.get_xdata()]


def test_microphones_share_a_scale_and_contacts_stand_in_the_strip_of_their_wall():
    axes = plots.plot_microphones(SPECTROGRAM[:, 0], 4.0, contact_times_s=[1.0, 3.0], contact_walls=[2, 2])
    assert [marks(ax) for ax in axes] == [[], [], [("^", 1.0), ("^", 3.0)], []]
    assert len({ax.get_ylim() for ax in axes}) == 1 and axes[0].get_xlim() == (0, 4)


def test_the_only_strip_has_the_contacts_of_all_walls():
    contacts = {"contact_times_s": [1.0, 3.0], "contact_walls": [2, 1]}
    (ax,) = plots.plot_microphones(SPECTROGRAM[:, 0], 4.0, walls=[0], **contacts)
    assert marks(ax) == [("<", 3.0), ("^", 1.0)]


def test_strips_of_a_spectrogram_share_their_colours():
    axes = plots.plot_microphones(SPECTROGRAM, 4.0, walls=[3, 1], frequency_hz=FREQUENCIES_HZ)
    assert len({ax.images[0].get_clim() for ax in axes}) == 1
    assert np.array_equal(axes[0].images[0].get_array(), SPECTROGRAM[3])
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["0.5", "2", "8"]
    given = plots.plot_microphones(SPECTROGRAM, 4.0, frequency_hz=FREQUENCIES_HZ, level_range_db=(-70, -10))
    assert given[0].images[0].get_clim() == (-70, -10)


def test_mel_bands_name_the_frequencies_they_hold():
    bands_hz = np.array([500.0, 1500.0, 2500.0])
    ax = plots.plot_mel_bands(SPECTROGRAM[0, :3], 4.0, bands_hz, level_range_db=(-90, -30))
    # 1 kHz is half-way between the middles of the first two bands
    assert ax.get_yticks().tolist() == [0.5, 1, 2]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0.5", "1", "2"]
    assert ax.images[0].origin == "lower" and ax.images[0].get_clim() == (-90, -30)
    assert ax.images[0].get_extent() == [0, 4, 0, 3]
