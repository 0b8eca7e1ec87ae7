"""Maps less one idea: each lacks its idea, keeps the others, and learns."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from matchers.map_variants import FreeLengthMaps, UnsharedMaps, UnsharedWallNetwork

from labutils.augmentation import Symmetry
from labutils.contact_maps import ContactMaps, MapSettings, fit_contact_maps, turn_clockwise
from labutils.physics_score import STEPS

SMALL = MapSettings(width=8, channels=4, epochs=15, classes=2, clips_per_class=8, longest_shift=1)


def one_lag_maps(bands, settings):
    return ContactMaps(bands, replace(settings, longest_lag=0))


KINDS = [UnsharedMaps, one_lag_maps, FreeLengthMaps]


def made(kind):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return kind(2, SMALL).eval()


def bounces(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Hits at random times at random walls: levels [count, 4, 2, 49] in dB, and movements [count, 6, 49]."""
    rng = np.random.default_rng(0)
    levels = rng.normal(-60, 2, (count, 4, 2, STEPS))
    movement = np.full((count, 6, STEPS), 0.5)
    movement[:, 2:4], movement[:, 4], movement[:, 5] = 1e-3, 0, 0.1
    for clip in range(count):
        for step, wall in zip(
            np.array([10, 24, 38]) + rng.integers(-4, 5, 3), rng.integers(4, size=3), strict=True
        ):
            share = np.clip(1 - np.abs(np.arange(STEPS) - step) / 5, 0, 1)
            movement[clip, :2] += 0.45 * np.outer([(0, 1), (-1, 0), (0, -1), (1, 0)][wall], share)
            levels[clip, wall, :, step : step + 3] += 25
    return torch.from_numpy(levels).float(), torch.from_numpy(movement).float()


@pytest.mark.parametrize("kind", KINDS)
def test_maps_learn_which_hits_belong_to_which_bounces(kind):
    maps, (levels, movement) = made(kind), bounces(64)
    fit_contact_maps(maps, levels, movement, np.arange(64) % 2, SMALL, seed=0)
    maps.eval()
    with torch.no_grad():
        scores = maps.scores(maps.audio_maps(levels), maps.video_maps(movement))
    assert torch.isfinite(scores).all()
    assert (scores.argmax(dim=1) == torch.arange(64)).float().mean() > 10 / 64


def test_unshared_maps_do_not_turn_with_the_tray():
    maps, (levels, movement) = made(UnsharedMaps), bounces(3)
    turned = maps.audio_maps(Symmetry(1, False).of_microphones(levels))
    assert not torch.allclose(turned, maps.audio_maps(levels).roll(1, dims=1), atol=1e-2)
    turned = maps.video_maps(turn_clockwise(movement))
    assert not torch.allclose(turned, maps.video_maps(movement).roll(1, dims=1), atol=1e-2)


def test_unshared_walls_use_weights_of_their_own():
    """If the first layer of one wall changes, the maps of the others change through the context only."""
    network = UnsharedWallNetwork(3, SMALL).eval()
    views = torch.randn(2, 4, 3, STEPS)
    torch.nn.init.zeros_(network.context.weight)
    before = network(views)
    assert before.shape == (2, 4, SMALL.channels, STEPS)
    with torch.no_grad():
        network.first.weight[: SMALL.width] += 1
    changed = (network(views) - before).abs().amax(dim=(0, 2, 3))
    assert changed[0] > 0.01 and changed[1:].max() == 0


def test_one_lag_forgives_no_delay():
    maps = made(one_lag_maps)
    spike = torch.zeros(1, 4, SMALL.channels, STEPS)
    spike[0, 1, 2, 20] = 1
    late = spike.roll(1, dims=3)
    assert maps.scores(spike, spike).item() == pytest.approx(10) and maps.scores(late, spike).item() == 0


def test_free_maps_have_any_length_and_grow_with_the_sound():
    maps, (levels, _) = made(FreeLengthMaps), bounces(4)
    maps.fit_scale(*bounces(4))
    length = maps.audio_maps(levels).flatten(1).norm(dim=1)
    assert length.std() > 1e-3
    louder = maps.audio_maps(levels + 20).flatten(1).norm(dim=1)
    assert (louder - length).abs().max() > 0.1
