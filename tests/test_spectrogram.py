"""The spectrogram against scipy, against the Fourier sum itself, and on sounds whose picture is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from labutils.spectrogram import (
    CLIP_SAMPLES,
    FLOOR_DB,
    HOP_LENGTH,
    N_FFT,
    close_up,
    decibels,
    frame_times_s,
    frequencies_hz,
    magnitude,
    mel_edges,
    shrink,
    spectrogram,
)

RATE_HZ = 44100


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, (4 * RATE_HZ, 4)).astype(np.float32)


def scipy_form(audio: np.ndarray):
    """Frequencies, times and magnitudes as the report's library gives them."""
    return signal.spectrogram(
        audio.T.astype(float), RATE_HZ, nperseg=1024, detrend=False, scaling="spectrum", mode="magnitude"
    )


def test_magnitude_equals_the_scipy_form(noise):
    _, _, expected = scipy_form(noise)
    np.testing.assert_allclose(magnitude(noise), expected, atol=1e-7)


def test_axes_equal_those_of_scipy(noise):
    frequencies, times, _ = scipy_form(noise)
    np.testing.assert_allclose(frequencies_hz(), frequencies)
    np.testing.assert_allclose(frame_times_s(), times)


def test_picture_has_the_shape_of_the_report(noise):
    picture = spectrogram(noise)
    assert picture.shape == (4, 513, 196)
    assert picture.dtype == np.float32
    assert picture.shape[1:] == signal.spectrogram(noise[:, 0], RATE_HZ, nperseg=1024)[2].shape


def test_one_column_equals_the_fourier_sum(noise):
    column, n = 7, np.arange(N_FFT)
    piece = noise[column * HOP_LENGTH : column * HOP_LENGTH + N_FFT, 2].astype(float)
    window = signal.windows.tukey(N_FFT + 1, 0.25)[:-1]
    for row in (0, 1, 100, 512):
        expected = abs(np.sum(piece * window * np.exp(-2j * np.pi * row * n / N_FFT))) / window.sum()
        assert magnitude(noise)[2, row, column] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(("amplitude", "level_db"), [(1.0, 0.0), (0.5, -6.02), (0.01, -40.0)])
def test_level_of_a_sine_is_its_amplitude_in_db(amplitude, level_db):
    time_s = np.arange(4 * RATE_HZ) / RATE_HZ
    sine = amplitude * np.sin(2 * np.pi * frequencies_hz()[100] * time_s)
    picture = spectrogram(np.tile(sine[:, None], 4))
    assert picture[0, 100] == pytest.approx(np.full(196, level_db), abs=0.01)
    assert (picture[0].argmax(axis=0) == 100).all()


def test_silence_is_the_floor():
    assert (spectrogram(np.zeros((RATE_HZ, 4), dtype=np.float32)) == FLOOR_DB).all()


def test_click_appears_at_its_time_and_its_microphone():
    audio = np.zeros((4 * RATE_HZ, 4), dtype=np.float32)
    audio[int(2.5 * RATE_HZ), 3] = 1
    loudest = spectrogram(audio).max(axis=1)  # (4, 513, 196) -> (4, 196)
    assert (loudest[:3] == FLOOR_DB).all()
    assert abs(frame_times_s()[loudest[3].argmax()] - 2.5) <= HOP_LENGTH / RATE_HZ


def test_shorter_sound_is_padded_and_longer_sound_is_cut(noise):
    short = noise[:100_000]
    padded = np.concatenate([short, np.zeros((76_400, 4), dtype=np.float32)])
    np.testing.assert_array_equal(spectrogram(short), spectrogram(padded))
    np.testing.assert_array_equal(spectrogram(np.concatenate([noise, noise])), spectrogram(noise))


@given(st.floats(0.0, 10.0), st.floats(0.01, 0.5))
def test_gain_moves_the_level_and_never_below_the_floor(value, gain):
    quiet, loud = decibels(np.array([value * gain, value]))
    assert quiet >= FLOOR_DB
    if quiet > FLOOR_DB:
        assert quiet - loud == pytest.approx(20 * np.log10(gain), abs=1e-9)


def test_shrink_is_the_mean_power_of_every_block():
    picture = np.random.default_rng(1).normal(-60, 20, (2, 4, 17, 9)).astype(np.float32)
    small = shrink(picture, (8, 2))
    assert small.shape == (2, 4, 2, 4)
    for row in range(2):
        for column in range(4):
            block = picture[:, :, 8 * row : 8 * row + 8, 2 * column : 2 * column + 2]
            level = 10 * np.log10((10 ** (block.astype(float) / 10)).mean(axis=(2, 3)))
            np.testing.assert_allclose(small[:, :, row, column], level, atol=1e-3)


def test_mel_bands_are_the_mean_power_between_their_edges():
    picture = np.random.default_rng(2).normal(-60, 20, (4, 513, 9)).astype(np.float32)
    small, edges = shrink(picture, (8, 4), scale="mel"), mel_edges(64, 513)
    assert small.shape == (4, 64, 2)
    for band in range(64):
        block = picture[:, edges[band] : edges[band + 1], 4:8].astype(float)
        level = 10 * np.log10((10 ** (block / 10)).mean(axis=(1, 2)))
        np.testing.assert_allclose(small[:, band, 1], level, atol=1e-3)


@pytest.mark.parametrize("bands", [1, 16, 64, 256, 513])
def test_mel_bands_widen_upwards_cover_everything_and_none_is_empty(bands):
    edges = mel_edges(bands, 513)
    widths = np.diff(edges)
    assert edges[0] == 0 and edges[-1] == 513 and widths.min() >= 1
    assert np.all(np.diff(widths) >= -1), "rounding may take one row from a band, no more"


def test_mel_bands_tell_low_tones_apart_that_even_bands_of_the_same_number_do_not():
    time_s = np.arange(CLIP_SAMPLES) / RATE_HZ
    tones = [np.sin(2 * np.pi * tone_hz * time_s)[:, None] for tone_hz in (730, 900)]
    for scale, apart in (("even", False), ("mel", True)):
        bands = [shrink(spectrogram(tone), (8, 4), scale=scale)[0, :, 20].argmax() for tone in tones]
        assert (bands[0] != bands[1]) == apart, scale


def test_shrink_by_one_changes_nothing(noise):
    picture = spectrogram(noise)
    np.testing.assert_array_equal(shrink(picture, (1, 1)), picture)


def test_a_close_up_has_the_hit_in_its_middle_column_and_each_moment_in_its_own():
    picture = np.full((4, 513, 196), -100.0)
    picture[:, :, 30] = 0  # louder, but not near the middle of the clip
    picture[2, :, 103] = -10
    picture[1, :, 104] = -30
    found = close_up(picture, (8, 4))
    assert found.shape == (4, 32, 49)
    levels = found.max(axis=(0, 1))
    np.testing.assert_allclose(levels[23:27], [-100, -10, -30, -100], atol=0.01)
    assert close_up(picture, (1, 1)).shape == (4, 256, 196)
