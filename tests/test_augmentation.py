"""The symmetries of the tray: sound and picture turn together; shifts move both by the same time."""

import numpy as np
import pytest
import torch

from labutils.augmentation import SYMMETRIES, Symmetry, augment_sounds, shift_in_time


def test_there_are_eight_symmetries_and_they_differ():
    mask = torch.arange(9).reshape(3, 3)
    assert len({tuple(s.of_masks(mask).flatten().tolist()) for s in SYMMETRIES}) == 8


def test_quarter_turn_is_clockwise_and_the_mirror_swaps_left_and_right():
    turn, mirror = Symmetry(1, False), Symmetry(0, True)
    bottom = torch.tensor([1.0, 0, 0, 0])[:, None, None]
    assert turn.of_microphones(bottom).flatten().tolist() == [0, 1, 0, 0]  # the bottom wall comes to the left
    assert turn.of_positions(torch.tensor([0.5, 1.0])).tolist() == [0.0, 0.5]
    left = torch.tensor([0, 1.0, 0, 0])[:, None, None]
    assert mirror.of_microphones(left).flatten().tolist() == [0, 0, 0, 1]
    assert mirror.of_positions(torch.tensor([0.25, 0.5])).tolist() == [0.75, 0.5]


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=str)
def test_sound_picture_and_position_agree_about_the_wall(symmetry):
    # bottom, left, top, right; y down
    ends = torch.tensor([[0.5, 0.99], [0.01, 0.5], [0.5, 0.01], [0.99, 0.5]])
    sounds = torch.eye(4)[:, :, None, None]
    x, y = symmetry.of_positions(ends).T
    wall = torch.stack([1 - y, x, y, 1 - x]).argmin(dim=0)
    assert torch.equal(symmetry.of_microphones(sounds).flatten(1).argmax(dim=1), wall)
    masks = torch.zeros(4, 100, 100)
    for mask, (px, py) in zip(masks, (ends * 100).long().tolist(), strict=True):
        mask[py, px] = 1
    for mask, (px, py) in zip(symmetry.of_masks(masks), symmetry.of_positions(ends).tolist(), strict=True):
        row, column = (int(i) for i in mask.nonzero()[0])
        assert (column + 0.5) / 100 == pytest.approx(px, abs=0.011)
        assert (row + 0.5) / 100 == pytest.approx(py, abs=0.011)


def test_augmented_sounds_keep_their_content_and_follow_their_seed():
    pictures = torch.from_numpy(np.random.default_rng(0).normal(size=(64, 4, 5, 7)))
    first, second, other = (augment_sounds(pictures, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, second) and not torch.equal(first, other)
    gains = (first - pictures).mean(dim=(1, 2, 3))
    for before, after, gain in zip(pictures, first, gains, strict=True):
        np.testing.assert_allclose(np.sort((after - gain).flatten()), np.sort(before.flatten()), atol=1e-9)
    assert gains.std() == pytest.approx(1.5, rel=0.25), "the gain has a standard deviation of 1.5 dB"


def test_rows_are_shifted_each_by_its_own_steps_and_the_edge_fills_the_gap():
    values = torch.arange(6.0).repeat(3, 2, 1)
    shifted = shift_in_time(values, torch.tensor([0, 2, -1]))
    assert shifted[0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert shifted[1, 1].tolist() == [0, 0, 0, 1, 2, 3]
    assert shifted[2, 0].tolist() == [1, 2, 3, 4, 5, 5]


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=str)
def test_inverse_brings_every_place_back(symmetry):
    places = torch.rand(9, 2, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(symmetry.inverse.of_positions(symmetry.of_positions(places)), places)


@pytest.mark.parametrize("symmetry", SYMMETRIES, ids=str)
def test_uncertainties_lie_along_the_axes_on_which_the_places_spread(symmetry):
    places = 0.5 + torch.randn(500, 2, generator=torch.Generator().manual_seed(1)) * torch.tensor([0.2, 0.1])
    spread = symmetry.of_positions(places).std(dim=0)
    torch.testing.assert_close(symmetry.of_scales(places.std(dim=0)), spread)
