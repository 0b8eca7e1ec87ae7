"""The class of a sound: what the two models see, that walls do not matter, and that both learn."""

import numpy as np
import pytest
import torch

from labutils.rows import Rows
from labutils.sound_class import (
    SoundClassifier,
    SoundSettings,
    TemporalNetwork,
    augment_levels,
    fit_sound_discriminant,
    fit_temporal_network,
    loudest_and_others,
    modulation,
    sound_numbers,
)

SMALL = SoundSettings(width=8, epochs=15, batch_size=8)


def sounds(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Sounds of three classes, [count, 4, 64, 98] in dB: each hits near the middle, loud in a band of its own."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    levels = rng.normal(-80, 2, (count, 4, 64, 98)).astype(np.float32)
    for i, label in enumerate(labels):
        onset = 49 + rng.integers(-3, 4)
        for after in range(10):
            levels[i, :, 20 * label : 20 * label + 10, onset + after] = -20 - 4 * after
    return levels, labels


def tones(levels: np.ndarray) -> np.ndarray:
    """Something for the discriminant to see: how loud each band becomes; [N, 4, 64, T] -> [N, 64]."""
    return levels.max(axis=(1, 3))


def test_loudest_microphone_and_mean_of_the_others():
    levels = np.random.default_rng(0).normal(-60, 10, (3, 4, 64, 5))
    found = loudest_and_others(torch.from_numpy(levels)).numpy()
    assert found.shape == (3, 2, 64, 5)
    np.testing.assert_allclose(found[:, 0], levels.max(axis=1))
    np.testing.assert_allclose(found[:, 1], (levels.sum(axis=1) - levels.max(axis=1)) / 3)


def test_which_wall_was_hit_does_not_matter():
    network = TemporalNetwork(SMALL.width).eval()
    levels = torch.from_numpy(sounds(3)[0] + np.array([0, 3, 6, 9], np.float32)[:, None, None])
    with torch.no_grad():
        for order in ([1, 2, 3, 0], [0, 3, 2, 1]):
            torch.testing.assert_close(network(levels[:, order]), network(levels))


def test_modulation_tells_how_fast_a_band_comes_and_goes_and_not_how_loud_it_is():
    time_s = (np.arange(98) + 0.5) * 4 / 98
    levels = np.full((3, 4, 64, 98), -60.0)
    levels[0, :, :2] += 5 * np.sin(2 * np.pi * 1.75 * time_s)  # the lowest of 32 bands
    levels[1, :, :2] += 5 * np.sin(2 * np.pi * 10 * time_s)
    found = modulation(levels).reshape(3, 32, 9)
    assert found[0, 0].argmax() == 3 and found[1, 0].argmax() == 8, "5 to 8 and 37 to 50 quarters of a hertz"
    assert found[:2, 1:].max() < 0.01 and found[2].max() < 0.01
    np.testing.assert_allclose(modulation(levels + 20), modulation(levels), atol=1e-3)
    np.testing.assert_array_equal(sound_numbers(levels, np.ones((3, 5)))[:, :5], 1)


def test_modulation_of_many_sounds_is_that_of_each():
    levels = sounds(150)[0].astype(np.float16)
    every_second = np.arange(0, 150, 2)
    found = modulation(Rows(levels, every_second))
    np.testing.assert_array_equal(found, np.concatenate([modulation(levels[[n]]) for n in every_second]))
    assert modulation(levels[:0]).shape == (0, 288)


def test_augmentation_is_of_the_stated_size_and_follows_its_seed():
    levels = torch.full((400, 4, 64, 98), -60.0)
    settings = SoundSettings(tilt_std_db=0.0, widest_mask=0)
    first, again = (augment_levels(levels.clone(), settings, np.random.default_rng(1)) for _ in range(2))
    assert torch.equal(first, again)
    assert (first[:, 0, 0, 0] + 60).std() == pytest.approx(4.0, rel=0.15)
    tilted = augment_levels(
        levels.clone(), SoundSettings(gain_std_db=0.0, widest_mask=0), np.random.default_rng(1)
    )
    assert tilted[:, :, 31:33].mean(dim=(1, 2, 3)).std() < 0.2 < tilted[:, 0, 63, 0].std()


def test_both_models_tell_sounds_they_have_never_heard():
    levels, labels = sounds(48)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = TemporalNetwork(SMALL.width)
        history = fit_temporal_network(network, torch.from_numpy(levels), labels, SMALL, seed=0)
    assert history.epochs == SMALL.epochs
    classifier = SoundClassifier(
        network, fit_sound_discriminant(sound_numbers(levels, tones(levels)), labels)
    )
    others, truth = sounds(24, seed=1)
    log_p = classifier.log_probabilities(others, tones(others))
    assert (log_p.argmax(axis=1) == truth).all()
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, atol=1e-6)


def test_the_answer_is_the_mean_of_two_unlike_models():
    levels, labels = sounds(24)
    network = TemporalNetwork(SMALL.width).eval()
    numbers = sound_numbers(levels, tones(levels))
    discriminant = fit_sound_discriminant(numbers, labels)
    with torch.no_grad():
        mean = network(torch.from_numpy(levels)).log_softmax(dim=1).numpy()
    mean = (mean + discriminant.log_probabilities(numbers)) / 2
    found = SoundClassifier(network, discriminant).log_probabilities(levels, tones(levels))
    np.testing.assert_allclose(found - found[:, :1], mean - mean[:, :1], atol=1e-4)
