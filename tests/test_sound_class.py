"""The class of a sound: what the two models see, that walls do not matter, and that both learn."""

import numpy as np
import pytest
import torch

from labutils.sound_class import (
    SoundClassifier,
    SoundSettings,
    TemporalNetwork,
    augment_bands,
    fit_sound_discriminant,
    fit_temporal_network,
    loudest_and_others,
)

SMALL = SoundSettings(width=8, epochs=15, batch_size=8)


def sounds(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Sounds of three classes, [count, 2, 64, 196] in dB: each hits near the middle, loud in a band of its own."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    bands = rng.normal(-80, 2, (count, 2, 64, 196)).astype(np.float32)
    for i, label in enumerate(labels):
        onset = 98 + rng.integers(-5, 6)
        for after in range(20):
            bands[i, :, 20 * label : 20 * label + 10, onset + after] = -20 - 2 * after
    return bands, labels


def tones(bands: np.ndarray) -> np.ndarray:
    """Something for the discriminant to see: how loud each band becomes; [N, 2, 64, T] -> [N, 64]."""
    return bands[:, 0].max(axis=-1)


def test_loudest_microphone_and_mean_of_the_others():
    levels = np.random.default_rng(0).normal(-60, 10, (4, 64, 5))
    loudest, others = loudest_and_others(levels)
    np.testing.assert_allclose(loudest, levels.max(axis=0))
    np.testing.assert_allclose(others, (levels.sum(axis=0) - levels.max(axis=0)) / 3)


def test_which_wall_was_hit_does_not_matter():
    levels = np.random.default_rng(0).normal(-60, 10, (4, 64, 5))
    for order in ([1, 2, 3, 0], [0, 3, 2, 1]):
        np.testing.assert_allclose(loudest_and_others(levels[order]), loudest_and_others(levels))


def test_augmentation_is_of_the_stated_size_and_follows_its_seed():
    bands = torch.full((400, 2, 64, 196), -60.0)
    settings = SoundSettings(tilt_std_db=0.0, widest_mask=0)
    first, again = (augment_bands(bands.clone(), settings, np.random.default_rng(1)) for _ in range(2))
    assert torch.equal(first, again)
    assert (first[:, 0, 0, 0] + 60).std() == pytest.approx(4.0, rel=0.15)
    tilted = augment_bands(
        bands.clone(), SoundSettings(gain_std_db=0.0, widest_mask=0), np.random.default_rng(1)
    )
    assert tilted[:, :, 31:33].mean(dim=(1, 2, 3)).std() < 0.2 < tilted[:, 0, 63, 0].std()


def test_both_models_tell_sounds_they_have_never_heard():
    bands, labels = sounds(48)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = TemporalNetwork(SMALL.width)
        history = fit_temporal_network(network, torch.from_numpy(bands), labels, SMALL, seed=0)
    assert history.epochs == SMALL.epochs
    classifier = SoundClassifier(network, fit_sound_discriminant(tones(bands), labels))
    others, truth = sounds(24, seed=1)
    log_p = classifier.log_probabilities(others, tones(others))
    assert (log_p.argmax(axis=1) == truth).all()
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, atol=1e-6)


def test_the_answer_is_the_mean_of_two_unlike_models():
    bands, labels = sounds(24)
    network = TemporalNetwork(SMALL.width).eval()
    discriminant = fit_sound_discriminant(tones(bands), labels)
    with torch.no_grad():
        mean = network(torch.from_numpy(bands)).log_softmax(dim=1).numpy()
    mean = (mean + discriminant.log_probabilities(tones(bands))) / 2
    found = SoundClassifier(network, discriminant).log_probabilities(bands, tones(bands))
    np.testing.assert_allclose(found - found[:, :1], mean - mean[:, :1], atol=1e-4)
