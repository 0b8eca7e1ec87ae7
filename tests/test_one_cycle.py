"""The one way in which the lab's own networks are fitted: its batches, its randomness, its schedule."""

import contextlib
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from labutils.one_cycle import fit_one_cycle, shuffled_indices, some_clips
from labutils.training import Stopped


@dataclass(frozen=True)
class Settings:
    epochs: int = 6
    learning_rate: float = 0.1
    weight_decay: float = 0.0


def line(batch_of=lambda rng: rng.standard_normal(3), settings=Settings(), network=None, **callbacks):
    """Fit y = 2 x through a dropout layer; returns the network, its history and what was drawn in each epoch."""
    torch.manual_seed(0)
    network = network or nn.Sequential(nn.Dropout(0.2), nn.Linear(1, 1))
    drawn = []

    def draw_batches(rng):
        drawn.append(batch_of(rng))
        x = torch.from_numpy(drawn[-1]).float()[:, None]
        yield x, 2 * x

    def loss_of(batch):
        losses = (network(batch[0]) - batch[1]).square().mean(dim=1)
        return losses.mean(), {"loss": losses}

    history = fit_one_cycle(network, draw_batches, loss_of, settings, seed=5, **callbacks)
    return network, history, drawn


def test_every_epoch_has_batches_of_its_own_and_a_run_can_be_repeated():
    first, history, drawn = line()
    again, repeated, drawn_again = line()
    assert history.epochs == 6 and history.curves == repeated.curves
    np.testing.assert_array_equal(drawn, drawn_again)
    assert len({tuple(epoch) for epoch in drawn}) == 6
    torch.testing.assert_close(first.state_dict(), again.state_dict(), rtol=0, atol=0)


def test_an_interrupted_run_ends_as_an_undisturbed_one(tmp_path):
    whole, history, _ = line()
    checkpoint, seen = tmp_path / "checkpoint", []
    with contextlib.suppress(Stopped):
        line(checkpoint=checkpoint, on_epoch=seen.append, should_stop=lambda: len(seen) == 3)
    assert len(seen) == 3 and checkpoint.exists()
    resumed, its_history, _ = line(checkpoint=checkpoint)
    assert its_history.curves == history.curves
    torch.testing.assert_close(resumed.state_dict(), whole.state_dict(), rtol=0, atol=0)


def test_the_learning_rate_rises_to_the_highest_and_falls_to_almost_nothing():
    """Without a gradient AdamW only decays: each step takes the share learning rate x weight decay away."""
    weights = []
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, 1.0)
    line(
        lambda rng: np.zeros(1),
        Settings(epochs=20, learning_rate=0.5, weight_decay=1.0),
        network,
        on_epoch=lambda history: weights.append(network.weight.item()),
    )
    rates = 1 - np.array(weights) / np.array([1.0, *weights[:-1]])
    top = int(rates.argmax())
    assert rates[top] == pytest.approx(0.5, abs=0.02) and 0 < top < 10
    assert (np.diff(rates[: top + 1]) > 0).all() and (np.diff(rates[top:]) < 0).all()
    assert rates[0] < 0.05 and rates[-1] < 0.02


@pytest.mark.parametrize(("count", "sizes"), [(10, [5, 5]), (11, [6, 5]), (3, [3]), (8, [4, 4])])
def test_batches_are_shuffled_and_hold_every_clip_once(count, sizes):
    batches = shuffled_indices(count, 4, np.random.default_rng(0))
    assert [len(batch) for batch in batches] == sizes
    together = np.concatenate(batches)
    assert sorted(together) == list(range(count)) and together.tolist() != list(range(count))


def test_some_clips_are_all_of_a_thousand_and_spread_over_more():
    assert torch.equal(some_clips(torch.arange(1000)), torch.arange(1000.0))
    few = some_clips(torch.arange(2500).half())
    assert few.dtype == torch.float32 and len(few) == 834 and few[-1] > 2490
