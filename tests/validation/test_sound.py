"""Statistics of the sound of clips: tones by hand, and cells counted by an independent version."""

import dataclasses

import librosa
import numpy as np
import pytest

from labutils.clips import SAMPLE_RATE_HZ
from labutils.validation import sound


def tone(frequency_hz: float, level: float = 0.5, samples: int = 44100) -> np.ndarray:
    wave = level * np.sin(2 * np.pi * frequency_hz * np.arange(samples) / SAMPLE_RATE_HZ)
    return np.stack([wave] * 4, axis=1).astype(np.float32)


def test_a_tone_lies_in_its_band():
    for band, frequency_hz in enumerate((120, 700, 2500, 9000)):
        energy = sound.band_energy(tone(frequency_hz))
        assert energy.argmax() == band and energy.max() > 0.99 * energy.sum()


def test_mel_moments_are_those_of_the_cells_themselves():
    audio = (tone(440) * np.exp(-np.arange(44100) / 4000)[:, None]).astype(np.float32)
    power = librosa.feature.melspectrogram(
        y=audio[:, 0], sr=SAMPLE_RATE_HZ, n_fft=2048, hop_length=512, n_mels=64
    )
    cells_db = librosa.amplitude_to_db(power, ref=np.max, top_db=80)
    counts = sound.mel_counts(audio)
    assert counts.sum() == 4 * cells_db.size
    found = sound.mel_moments_db(counts)
    np.testing.assert_allclose(found, (cells_db.mean(), cells_db.std()), atol=0.2)


def test_statistics_of_sounds():
    silent, loud = (sound.describe_sound(tone(700, level, 4 * 44100)) for level in (0.0, 1.0))
    found = sound.sound_statistics([loud, loud, silent])
    assert (found.clips, found.full_scale, found.contacts) == (3, pytest.approx(2 / 3), 0)
    assert found.peak_db == pytest.approx(0, abs=0.01) and found.below_1_khz == pytest.approx(1, abs=0.01)


def test_mel_cells_count_as_often_as_their_class_was_recorded():
    def statistics(clips, level):
        counts = np.zeros(80, dtype=int)
        counts[level] = 100 * clips
        silent = sound.describe_sound(np.zeros((4410, 4), np.float32))
        return dataclasses.replace(
            sound.sound_statistics([silent] * clips), mel_counts=tuple(counts.tolist())
        )

    by_class = {"061_foam_brick": statistics(4, 10), "green_basketball": statistics(2, 0)}
    counts = sound.weigh_as_recorded(by_class)
    assert (counts[10], counts[0]) == (pytest.approx(5700), pytest.approx(33200))
