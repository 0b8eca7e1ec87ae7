"""The heard path: it turns with the tray, its likelihood is Laplace's, and a network finds places it has never heard."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import laplace

from labutils.augmentation import SYMMETRIES, Symmetry
from labutils.centroid import trajectory
from labutils.clips import train_clips
from labutils.heard_path import (
    HeardPath,
    PathNetwork,
    PathSettings,
    augment_paths,
    fit_heard_path,
    hear_paths,
    laplace_loss,
    path_log_likelihood,
    seen_path,
)
from labutils.spectrogram import MEL_BANDS
from labutils.systems.contact import video_features

SMALL = PathSettings(widths=(4, 8, 8), hidden=12, epochs=30, batch_size=16, dropout=0.0, learning_rate=1e-2)
FRAMES, MOMENTS = 16, 8


def new_network(settings: PathSettings = SMALL) -> PathNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return PathNetwork(settings).eval()


def sounds_of_places(count: int, seed: int, *, silent: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Sounds that are louder at a microphone the nearer the object lies to it, [count, 4, 64, 16]; paths [count, 8, 2].

    The first `silent` of them are as loud at all microphones and tell nothing.
    """
    rng = np.random.default_rng(seed)
    place = rng.uniform(0.1, 0.9, (count, 2))
    x, y = place.T
    distance = np.stack([1 - y, x, y, 1 - x], axis=1)  # bottom, left, top, right
    distance[:silent] = 0.5
    loudness = -60 - 20 * distance + rng.normal(0, 3, (count, 1))
    levels = loudness[:, :, None, None] + rng.normal(0, 1, (count, 4, MEL_BANDS, FRAMES))
    return levels.astype(np.float16), np.repeat(place[:, None], MOMENTS, axis=1).astype(np.float32)


def trained(seed: int = 0, settings: PathSettings = SMALL) -> PathNetwork:
    levels, path = sounds_of_places(128, seed=1, silent=32)
    with torch.random.fork_rng():
        network = new_network(settings)
        fit_heard_path(network, torch.from_numpy(levels), torch.from_numpy(path), settings, seed=seed)
    return network


def test_seen_path_is_that_of_the_contact_maps(click_data):
    """The same places, whether they come from centroids or from the moments of the masks; the second mask is empty."""
    clips = train_clips(click_data)[:5]
    movement = video_features(clips, progress=False).movement  # (5, 6, 49)
    paths = [seen_path(trajectory(clip.masks(), clip.frame_times_s())) for clip in clips]
    np.testing.assert_allclose(paths, movement[:, :2].transpose(0, 2, 1), atol=1e-5)
    assert np.ptp(paths[0], axis=0).max() > 0.2, "the object moves"


def test_every_second_step_has_a_place_and_a_scale_along_each_axis():
    network = PathNetwork(PathSettings()).eval()
    with torch.no_grad():
        place, log_scale = network(torch.randn(3, 4, MEL_BANDS, 98))
    assert place.shape == log_scale.shape == (3, 49, 2)
    assert sum(weights.numel() for weights in network.parameters()) < 150_000


def test_scale_of_the_inputs_is_that_of_the_training_clips_and_keeps_the_microphones_apart():
    network = new_network()
    levels = -70 + 12 * torch.randn(20, 1, MEL_BANDS, FRAMES) + 3 * torch.randn(20, 4, MEL_BANDS, FRAMES)
    levels[:, 2] += 5.0
    network.fit_scale(levels)
    inputs = network._inputs(levels)  # four differences and the mean
    assert inputs.shape == (20, 5, MEL_BANDS, FRAMES)
    assert inputs[:, 4].mean() == pytest.approx(0, abs=0.01) and inputs[:, 4].std() == pytest.approx(
        1, abs=0.01
    )
    assert inputs[:, :4].std() == pytest.approx(1, abs=0.01)
    assert inputs[:, 2].mean() > 0.5 > 0 > inputs[:, 0].mean()
    torch.testing.assert_close(
        inputs[:, :4].sum(dim=1), torch.zeros(20, MEL_BANDS, FRAMES), atol=1e-4, rtol=0
    )


def test_loss_is_the_negative_log_likelihood_of_the_laplace_distribution():
    rng = np.random.default_rng(0)
    place, seen, log_scale = rng.random((5, 7, 2)), rng.random((5, 7, 2)), rng.normal(-2, 1, (5, 7, 2))
    expected = -laplace.logpdf(seen, place, np.exp(log_scale)).mean(axis=(1, 2))
    found = laplace_loss(*map(torch.from_numpy, (place, log_scale, seen)))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)


def test_pair_score_is_the_mean_log_likelihood_of_a_moment():
    rng = np.random.default_rng(1)
    heard = HeardPath(rng.random((3, 6, 2)), rng.uniform(0.05, 0.3, (3, 6, 2)))
    seen = rng.random((4, 6, 2))
    expected = [
        [laplace.logpdf(path, heard.place[i], heard.scale[i]).sum() / 6 for path in seen] for i in range(3)
    ]
    np.testing.assert_allclose(path_log_likelihood(heard, seen), expected, rtol=1e-12)


def test_some_of_the_heard_paths_are_heard_paths():
    heard = HeardPath(np.arange(12.0).reshape(3, 2, 2), np.arange(12.0, 24.0).reshape(3, 2, 2))
    assert len(heard) == 3 and len(heard[[2, 0]]) == 2
    np.testing.assert_array_equal(heard[[2, 0]].place, heard.place[[2, 0]])
    np.testing.assert_array_equal(heard[[2, 0]].scale, heard.scale[[2, 0]])


def test_sound_and_path_are_turned_together():
    """The loudest microphone stays the one that is nearest to the object, whatever symmetry is drawn."""
    levels, path = sounds_of_places(200, seed=2)
    both = torch.from_numpy(levels).float(), torch.from_numpy(path)
    sound, moved = augment_paths(*both, np.random.default_rng(0))
    x, y = moved[:, 0].T
    nearest = torch.stack([1 - y, x, y, 1 - x], dim=1).argmin(dim=1)
    loudest = sound.mean(dim=(2, 3)).argmax(dim=1)
    assert (loudest == nearest).float().mean() > 0.97, "all but those that two walls are equally near"
    changed = (moved[:, 0] - torch.from_numpy(path)[:, 0]).abs().amax(dim=1) > 1e-6
    assert 0.8 < changed.float().mean() < 0.95, "seven of eight symmetries move a place"


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=str)
def test_mean_over_all_symmetries_turns_with_the_tray(symmetry: Symmetry):
    network, levels = new_network(), sounds_of_places(5, seed=3)[0]
    heard = hear_paths(network, levels)
    turned = hear_paths(network, symmetry.of_microphones(torch.from_numpy(levels)).numpy())
    expected = symmetry.of_positions(torch.from_numpy(heard.place))
    np.testing.assert_allclose(turned.place, expected, atol=1e-5)
    np.testing.assert_allclose(turned.scale, symmetry.of_scales(torch.from_numpy(heard.scale)), atol=1e-5)


def test_one_symmetry_is_what_the_network_says_itself():
    network, levels = new_network(), sounds_of_places(5, seed=3)[0]
    heard = hear_paths(network, levels, symmetries=SYMMETRIES[:1])
    with torch.no_grad():
        place, log_scale = network(torch.from_numpy(levels).float())
    np.testing.assert_allclose(heard.place, place.numpy(), atol=1e-6)
    np.testing.assert_allclose(heard.scale, log_scale.exp().numpy(), atol=1e-6)


def test_trained_network_hears_places_it_has_not_heard_and_knows_how_well():
    levels, path = sounds_of_places(80, seed=4, silent=20)
    heard = hear_paths(trained(), levels)
    error = np.abs(heard.place - path)[20:]
    assert np.sqrt(np.mean(error**2)) < 0.5 * path.std()
    assert heard.scale[:20].mean() > 2 * heard.scale[20:].mean(), "less sure where nothing is to be heard"
    own = path_log_likelihood(heard[20:], path[20:])
    assert np.mean(np.diag(own)) > np.mean(own) + 1


def test_same_seed_trains_the_same_network():
    quick = replace(SMALL, epochs=2, dropout=0.2)
    weights = [trained(seed, quick).last.weight for seed in (3, 3, 4)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
