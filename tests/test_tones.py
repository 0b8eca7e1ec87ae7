"""Tones of a sound: close ones are told apart, soft ones heard beside loud ones, and the hit is followed from its onset."""

import numpy as np
import pytest

from labutils.clips import SAMPLE_RATE_HZ
from labutils.tones import AFTER_ONSET, BANDS, NUMBERS, QUANTILES, tone_levels, tone_numbers

FRAMES = 173


def tone(frequency_hz: float, amplitude: float) -> np.ndarray:
    """Four seconds at every microphone."""
    time_s = np.arange(4 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    return np.tile(amplitude * np.sin(2 * np.pi * frequency_hz * time_s)[:, None], 4)


def band_of(frequency_hz: float) -> int:
    return int(BANDS * np.log(frequency_hz / 60) / np.log(20_000 / 60))


def test_a_full_scale_tone_is_at_0_db_in_its_band_and_silence_at_the_floor():
    levels = tone_levels(tone(64.6, 1.0))  # the sixth frequency, alone in its band
    assert levels.shape == (BANDS, FRAMES) and levels.dtype == np.float32
    assert levels[band_of(64.6), FRAMES // 2] == pytest.approx(0, abs=0.1)
    assert tone_levels(np.zeros((1000, 4))) == pytest.approx(-120)


def test_tones_close_to_each_other_are_parted():
    levels = tone_levels(tone(600, 0.5) + tone(700, 0.5))[:, FRAMES // 2]
    between = band_of(648)
    assert min(levels[band_of(600)], levels[band_of(700)]) > levels[between] + 20


def test_a_loud_tone_does_not_cover_a_soft_one_beside_it():
    alone, beside = (
        tone_levels(x)[:, FRAMES // 2] for x in (tone(990, 1.0), tone(990, 1.0) + tone(2000, 1e-3))
    )
    assert beside[band_of(2000)] - alone[band_of(2000)] > 20


def test_which_wall_was_hit_does_not_matter():
    audio = np.random.default_rng(0).normal(0, 0.1, (176_400, 4)) * [1, 0.5, 0.2, 0.1]
    for order in ([1, 2, 3, 0], [0, 3, 2, 1]):
        np.testing.assert_allclose(tone_levels(audio[:, order]), tone_levels(audio), atol=1e-3)


def test_short_and_long_sounds_have_as_many_frames():
    for samples in (10, 300_000):
        assert tone_levels(np.zeros((samples, 4))).shape == (BANDS, FRAMES)


def test_numbers_are_quantiles_over_the_clip_and_levels_from_the_onset_on():
    levels = np.full((BANDS, FRAMES), -80.0)
    levels[:, 88:91] = -10, -30, -50  # the onset, two frames after the middle, and what follows
    found = tone_numbers(levels)
    assert found.shape == (NUMBERS,) and found.dtype == np.float32
    quantiles, after = np.split(found.reshape(-1, BANDS), [len(QUANTILES)])
    np.testing.assert_allclose(quantiles, np.quantile(levels, QUANTILES, axis=1), rtol=1e-6)
    np.testing.assert_allclose(after[:3], np.tile([[-10], [-30], [-50]], BANDS))
    np.testing.assert_allclose(after[3:], -80)
    assert len(after) == len(AFTER_ONSET)


def test_loud_moment_away_from_the_middle_is_not_taken_for_the_onset():
    levels = np.full((BANDS, FRAMES), -80.0)
    levels[:, 20], levels[:, 86] = 0, -40
    after = tone_numbers(levels).reshape(-1, BANDS)[len(QUANTILES) :]
    assert after[0] == pytest.approx(-40) and after[1] == pytest.approx(-80)
