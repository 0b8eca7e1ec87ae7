"""How the networks of the lab's own system are fitted: AdamW, while the learning rate rises once and falls once.

Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019; the schedule is from
Smith and Topin, "Super-convergence", 2019.
Notebook: 05_contact_maps.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from labutils.rows import Rows
from labutils.training import History, LossOf, epoch_rng, fit

_ENOUGH_CLIPS = 1000


class OneCycleSettings(Protocol):
    """What the settings of a network must say of its training."""

    epochs: int
    learning_rate: float  # the highest
    weight_decay: float


def fit_one_cycle(
    network: nn.Module,
    draw_batches: Callable[[np.random.Generator], Iterable[tuple]],
    loss_of: LossOf,
    settings: OneCycleSettings,
    *,
    seed: int,
    **callbacks,
) -> History:
    """Train a network in place.

    Args:
        network: what is trained.
        draw_batches: random numbers of one epoch -> its batches, augmented.
        loss_of: as of `training.fit`.
        settings: epochs, learning rate and weight decay.
        seed: of batches, augmentation and dropout.
        callbacks: those of `training.fit`.
    """
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.learning_rate, total_steps=settings.epochs + 1
    )

    def batches(epoch: int) -> Iterator[tuple]:
        rng = epoch_rng(seed, epoch)
        torch.manual_seed(int(rng.integers(2**31)))  # for the dropout, so that a resumed run is the same run
        yield from draw_batches(rng)

    return fit(network, batches, loss_of, optimiser, epochs=settings.epochs, scheduler=schedule, **callbacks)


def some_clips(inputs: Tensor | Rows) -> Tensor:
    """Enough clips to take a mean and a deviation of: all, or every second, third, ... of more than a thousand."""
    return inputs[:: math.ceil(len(inputs) / _ENOUGH_CLIPS)].float()


def shuffled_indices(count: int, batch_size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """All indices below `count` in random order, in batches of `batch_size` or a little more, about equally large."""
    return np.array_split(rng.permutation(count), max(count // batch_size, 1))
