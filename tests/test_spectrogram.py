"""The spectrogram against scipy, against the Fourier sum itself, and on sounds whose picture is known."""

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from labutils.spectrogram import (
    FLOOR_DB,
    HOP_LENGTH,
    N_FFT,
    decibels,
    downsample,
    frame_times_s,
    frequencies_hz,
    magnitude,
    mel_levels,
    paired_levels,
    resolution_hz,
    spectrogram,
    step_levels,
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


@pytest.mark.parametrize("n_fft", [256, 1024])
def test_a_tone_half_the_resolution_beside_a_row_is_half_as_high_in_it(n_fft):
    row, time_s = n_fft // 8, np.arange(RATE_HZ) / RATE_HZ
    beside_hz = np.array([0, resolution_hz(n_fft) / 2])
    tones = np.sin(2 * np.pi * (frequencies_hz(n_fft)[row] + beside_hz) * time_s[:, None])
    on, beside = magnitude(tones, n_fft=n_fft)[:, row].mean(axis=1)
    assert beside / on == pytest.approx(0.5, abs=0.01)


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


def test_downsample_is_the_mean_power_of_every_block():
    picture = np.random.default_rng(1).normal(-60, 20, (2, 4, 17, 9)).astype(np.float32)
    small = downsample(picture, (8, 2))
    assert small.shape == (2, 4, 2, 4)
    for row in range(2):
        for column in range(4):
            block = picture[:, :, 8 * row : 8 * row + 8, 2 * column : 2 * column + 2]
            level = 10 * np.log10((10 ** (block.astype(float) / 10)).mean(axis=(2, 3)))
            np.testing.assert_allclose(small[:, :, row, column], level, atol=1e-3)


def test_downsample_by_one_changes_nothing(noise):
    picture = spectrogram(noise)
    np.testing.assert_array_equal(downsample(picture, (1, 1)), picture)


def test_two_frames_become_one_step_of_their_mean_power():
    levels = np.full((4, 64, 196), -60.0)
    levels[:, :, 1] = -50.0
    heard = paired_levels(levels)
    assert heard.shape == (4, 64, 98) and heard.dtype == np.float16
    assert heard[0, 0, 0] == pytest.approx(10 * np.log10((1e-6 + 1e-5) / 2), abs=0.05)
    assert heard[0, 0, 1] == -60.0


def test_mel_levels_are_the_weighted_mean_power_of_librosas_bands():
    picture = np.random.default_rng(2).normal(-60, 10, (4, 513, 9)).astype(np.float32)
    weights = librosa.filters.mel(sr=44100, n_fft=1024, n_mels=64, norm=None)
    expected = np.einsum("bf,cft->cbt", weights / weights.sum(axis=1, keepdims=True), 10 ** (picture / 10.0))
    np.testing.assert_allclose(mel_levels(picture), 10 * np.log10(expected), atol=1e-3)


def test_steps_hold_the_peak_and_the_mean_of_four_frames():
    levels = np.full((4, 64, 196), -100.0, dtype=np.float32)
    levels[2, 8:16, 21] = -20  # the second of eight coarse bands, the sixth step of four frames
    steps = step_levels(levels)
    assert steps.shape == (4, 16, 49)
    assert steps[2, 1, 5] == pytest.approx(-20, abs=1e-3)
    assert steps[2, 8 + 1, 5] == pytest.approx(-20 - 10 * np.log10(4), abs=1e-3)
    steps[2, [1, 9], 5] = -100
    np.testing.assert_allclose(steps, -100, atol=1e-3)
