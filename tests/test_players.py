"""Players hold the sounds they are given, at the levels they promise."""

import base64
import io
import re

import numpy as np
import pytest
import soundfile

from labutils.clips import SAMPLE_RATE_HZ, train_clips
from labutils.players import PLAYED_RATE_HZ, excerpt, loudest_excerpt, players


def sine(amplitude, seconds=0.5):
    """Make a tone that survives the halving of the rate."""
    return amplitude * np.sin(2 * np.pi * 441 * np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ)


def heard(html):
    """Decode the sounds inside the players."""
    packed = re.findall(r"data:audio/flac;base64,([A-Za-z0-9+/=]+)", html.data)
    return [soundfile.read(io.BytesIO(base64.b64decode(sound))) for sound in packed]


@pytest.mark.parametrize(("same_scale", "levels"), [(True, (1.0, 0.1)), (False, (1.0, 1.0))])
def test_levels_are_compared_or_each_is_full_scale(same_scale, levels):
    sounds = heard(players({"loud": sine(0.5), "soft": sine(0.05)}, same_scale=same_scale))
    assert [rate for _, rate in sounds] == [PLAYED_RATE_HZ] * 2
    for (sound, _), level in zip(sounds, levels, strict=True):
        assert len(sound) == PLAYED_RATE_HZ // 2
        assert np.abs(sound).max() == pytest.approx(level, abs=0.01)


def test_captions_are_text_and_not_markup():
    html = players({"<b>left</b> & right": sine(0.1)}).data
    assert "&lt;b&gt;left&lt;/b&gt; &amp; right" in html and "<b>" not in html


def test_silence_and_no_sound_at_all_are_no_errors():
    assert np.all(heard(players({"silence": np.zeros(4410)}))[0][0] == 0)
    assert heard(players({})) == []


def test_an_excerpt_lies_around_its_middle_and_stays_inside():
    audio = np.arange(4 * SAMPLE_RATE_HZ)
    piece = excerpt(audio, length_s=1.0)
    assert len(piece) == SAMPLE_RATE_HZ and piece[0] == round(1.5 * SAMPLE_RATE_HZ)
    assert excerpt(audio, middle_s=0.1, length_s=1.0)[0] == 0
    assert len(excerpt(audio, middle_s=4.0, length_s=1.0)) == SAMPLE_RATE_HZ // 2


@pytest.mark.parametrize("at_s", [0.0, 0.01, 1.7, 3.99])
def test_the_loudest_moment_is_in_its_excerpt_wherever_it_is(at_s):
    audio = np.full((4 * SAMPLE_RATE_HZ, 4), 0.01)
    audio[round(at_s * SAMPLE_RATE_HZ), 2] = -0.9
    piece = loudest_excerpt(audio, length_s=0.5)
    assert len(piece) == SAMPLE_RATE_HZ // 2 and np.abs(piece).max() == 0.9
    assert len(loudest_excerpt(audio[:1000])) == 1000 and len(loudest_excerpt(audio[:0])) == 0


def test_in_the_tiny_data_the_middle_misses_the_loudest_hit_and_the_loudest_excerpt_does_not(tiny_data):
    sounds = [clip.audio() for clip in train_clips(tiny_data)]
    peaks = [np.abs(audio).max() for audio in sounds]
    assert [np.abs(loudest_excerpt(audio)).max() for audio in sounds] == peaks
    softer = [np.abs(excerpt(audio)).max() < peak / 10 for audio, peak in zip(sounds, peaks, strict=True)]
    assert any(softer)  # what players made louder by more than 20 dB
