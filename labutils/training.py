"""Fitting networks: one loop for all of them, with curves, an early stop and checkpoints.

Nothing here knows of sounds or videos: data sets give batches, a loss says how good the network is on a batch.

Notebook: 02_resnet_classifier, 03_centroids_and_contrastive_mlp, 05_contact_maps.
"""

import copy
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from labutils.errors import expect_ranges
from labutils.kept_networks import (
    DAMAGED,
    checked_curves,
    fingerprint_recipe,
    keep_network,
    load_kept,
    say_damaged,
    trained_by_one,
)
from labutils.rows import Rows
from labutils.storage import keep_if_possible

Metrics = dict[str, Tensor]
LossOf = Callable[[tuple], tuple[Tensor, Metrics]]
OnEpoch = Callable[["History"], None]
ShouldStop = Callable[[], bool]
Augment = Callable[[Tensor, np.random.Generator], Tensor]
BATCH = 64


@dataclass
class History:
    """What was measured after every epoch: `curves["train loss"]`, `["validation accuracy"]`, ... one value an epoch."""

    curves: dict[str, list[float]] = field(default_factory=dict)

    @property
    def epochs(self) -> int:
        return max(map(len, self.curves.values()), default=0)

    def add(self, values: dict[str, float]) -> None:
        for name, value in values.items():
            self.curves.setdefault(name, []).append(value)

    def last(self, name: str) -> float:
        return self.curves[name][-1]


@dataclass(frozen=True)
class ClassifierSettings:
    """How a classifier is trained: SGD with momentum and weight decay, the learning rate falling along a cosine.

    `bfloat16` multiplies with 8 bits of precision, see `in_bfloat16`.
    """

    epochs: int = 20
    batch_size: int = 16
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    bfloat16: bool = False

    def __post_init__(self) -> None:
        expect_ranges(self, epochs=(1, math.inf), batch_size=(1, math.inf), learning_rate=(0, 100))
        expect_ranges(self, momentum=(0, 1), weight_decay=(0, math.inf))


class Stopped(Exception):
    """Training was stopped from outside before its last epoch."""


@dataclass(frozen=True)
class Examples:
    """What a classifier learns from: `inputs` [N, ...] of any number type, `labels` int [N]."""

    inputs: Tensor | Rows
    labels: Tensor

    @classmethod
    def of(cls, inputs: np.ndarray, labels: np.ndarray) -> "Examples":
        """Make examples of arrays."""
        return cls(torch.from_numpy(inputs), torch.as_tensor(labels))

    def __len__(self) -> int:
        return len(self.labels)

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """All examples in their order, in batches."""
        for indices in torch.arange(len(self)).split(BATCH):
            yield self.inputs[indices].float(), self.labels[indices]

    def shuffled_batches(
        self, batch_size: int, rng: np.random.Generator, augment: Augment | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """All examples in random order; the incomplete last batch is left out, if it is not the only one.

        A batch norm cannot learn from a last batch of one.
        """
        for indices in torch.from_numpy(rng.permutation(len(self))).split(batch_size):
            if len(indices) == batch_size or len(self) < batch_size:
                inputs = self.inputs[indices].float()
                yield (augment(inputs, rng) if augment else inputs), self.labels[indices]


def fit(
    network: nn.Module,
    batches: Callable[[int], Iterable[tuple]],
    loss_of: LossOf,
    optimiser: torch.optim.Optimizer,
    *,
    epochs: int,
    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,
    validate: Callable[[], dict[str, float]] | None = None,
    on_epoch: OnEpoch | None = None,
    should_stop: ShouldStop | None = None,
    checkpoint: Path | None = None,
) -> History:
    """Train a network and keep its curves.

    Args:
        network: what is trained, in place.
        batches: the batches of epoch number e; the same e gives the same batches, so that a resumed run is the same run.
        loss_of: a batch -> (loss, {name: one value for each example}); the values are averaged into curves.
        optimiser: of the network's parameters.
        epochs: how often all batches are seen.
        scheduler: stepped after every epoch.
        validate: measures the network after every epoch, see `measure`.
        on_epoch: called with the history after every epoch.
        should_stop: asked before every step; True ends the training at once.
        checkpoint: file from which an interrupted run goes on, written after every epoch; the caller removes it.

    Returns:
        The history; ended early if `should_stop` said so.
    """
    state = _State(network, optimiser, scheduler, History())
    if checkpoint is not None and checkpoint.exists():
        state.resume(checkpoint)
    try:
        for epoch in range(state.history.epochs, epochs):
            measured = _train_epoch(network, batches(epoch), loss_of, optimiser, should_stop)
            if scheduler is not None:
                scheduler.step()
            if validate is not None:
                measured |= validate()
            state.history.add(measured)
            if checkpoint is not None and not state.save(checkpoint):
                checkpoint = None
            if on_epoch is not None:
                on_epoch(state.history)
    except Stopped:
        pass
    return state.history


def _train_epoch(network, batches, loss_of, optimiser, should_stop) -> dict[str, float]:
    network.train()
    seen: dict[str, list[Tensor]] = {}
    for batch in batches:
        if should_stop is not None and should_stop():
            raise Stopped
        loss, metrics = loss_of(batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        _collect(seen, metrics)
    return _means(seen, "train ")


@torch.no_grad()
def measure(network: nn.Module, batches: Iterable[tuple], loss_of: LossOf) -> dict[str, float]:
    """The means of all metrics over `batches`, without training: {"validation loss": ..., ...}."""
    network.eval()
    seen: dict[str, list[Tensor]] = {}
    for batch in batches:
        _collect(seen, loss_of(batch)[1])
    return _means(seen, "validation ")


def _collect(seen: dict[str, list[Tensor]], metrics: Metrics) -> None:
    for name, values in metrics.items():
        seen.setdefault(name, []).append(values.detach().float())


def _means(seen: dict[str, list[Tensor]], prefix: str) -> dict[str, float]:
    return {prefix + name: float(torch.cat(values).mean()) for name, values in seen.items()}


@torch.no_grad()
def outputs(network: nn.Module, inputs: np.ndarray | Tensor) -> np.ndarray:
    """What the network makes of all inputs, in batches, in evaluation mode; [N, ...] -> float32 [N, length]."""
    network.eval()
    batches = torch.as_tensor(inputs).split(BATCH)
    return torch.cat([network(batch.float()) for batch in batches]).float().numpy()


@dataclass
class _State:
    """All that a training run needs to go on where it was."""

    network: nn.Module
    optimiser: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler | None
    history: History

    def _parts(self) -> dict:
        parts = {"network": self.network, "optimiser": self.optimiser, "scheduler": self.scheduler}
        return {name: part for name, part in parts.items() if part is not None}

    def save(self, path: Path) -> bool:
        """Write a checkpoint; whether the disk took it."""
        states = {name: part.state_dict() for name, part in self._parts().items()}
        content = io.BytesIO()
        torch.save(states | {"curves": self.history.curves}, content)
        return keep_if_possible(path, lambda aside: aside.write_bytes(content.getbuffer()))

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint; one that cannot be read is told of and passed over."""
        before = {name: copy.deepcopy(part.state_dict()) for name, part in self._parts().items()}
        try:
            states = torch.load(io.BytesIO(path.read_bytes()), weights_only=True)
            curves = checked_curves(states["curves"])
            for name, part in self._parts().items():
                part.load_state_dict(states[name])
            self.history.curves = curves
        except DAMAGED:
            for name, part in self._parts().items():
                part.load_state_dict(before[name])
            say_damaged(path, "this training begins anew")


def epoch_rng(seed: int, epoch: int) -> np.random.Generator:
    """The random numbers of one epoch of a run: the same whether the run was interrupted before or not."""
    return np.random.default_rng([seed, epoch])


def classification_loss(network: nn.Module) -> LossOf:
    """Cross-entropy of a batch (inputs [B, ...], classes [B]), with the accuracy.

    Notebook: 02_resnet_classifier.
    """

    def loss_of(batch):
        inputs, labels = batch
        scores = network(inputs).float()  # (B, C, F, T) -> (B, 10)
        losses = functional.cross_entropy(scores, labels, reduction="none")
        return losses.mean(), {"loss": losses, "accuracy": scores.argmax(dim=1) == labels}

    return loss_of


def in_bfloat16(loss_of: LossOf) -> LossOf:
    """The same loss with convolutions and matrix products in bfloat16.

    Two to three times as fast on a processor with AMX, several times slower on one without: off unless asked for.
    """
    return torch.autocast("cpu", dtype=torch.bfloat16)(loss_of)


def fit_classifier(
    network: nn.Module,
    data: Examples,
    settings: ClassifierSettings,
    *,
    seed: int,
    validation: Examples | None = None,
    augment: Augment | None = None,
    keep: Path | None = None,
    **callbacks,
) -> History:
    """Train a classifier by SGD with weight decay.

    Args:
        network: trained in place.
        data: what it learns from.
        settings: epochs, learning rate, ...
        seed: draws the order of the examples and their augmentation.
        validation: examples of other sessions, measured after every epoch.
        augment: shows every batch anew, for example turned and mirrored; None shows the examples as they are.
        keep: folder in which the trained network is kept, see `train_once`.
        callbacks: those of `fit`.

    Source: the course report, task 1; He et al. 2016, section 4.2.
    Notebook: 02_resnet_classifier.
    """
    optimiser = torch.optim.SGD(
        network.parameters(),
        lr=settings.learning_rate,
        momentum=settings.momentum,
        weight_decay=settings.weight_decay,
    )
    loss_of = classification_loss(network)
    if settings.bfloat16:
        loss_of = in_bfloat16(loss_of)

    def train(**options) -> History:
        return fit(
            network,
            lambda epoch: data.shuffled_batches(settings.batch_size, epoch_rng(seed, epoch), augment),
            loss_of,
            optimiser,
            epochs=settings.epochs,
            scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs),
            validate=validation and (lambda: measure(network, validation.batches(), loss_of)),
            **{**callbacks, **options},
        )

    if keep is None:
        return train()
    recipe = [settings, seed, augment and augment.__qualname__, data, validation]
    watch = callbacks.get("on_epoch")
    return train_once(network, train, keep, recipe, epochs=settings.epochs, on_epoch=watch)


def train_once(
    network: nn.Module,
    train: Callable[..., History],
    folder: Path,
    recipe: Sequence[object],
    *,
    epochs: int,
    on_epoch: OnEpoch | None = None,
) -> History:
    """Take weights and curves from a folder if the very same training was done before; otherwise train and keep them.

    The name of the file is a fingerprint of the network, its first weights and everything in the recipe: another learning
    rate, seed, clip or layer is another file. A training that is interrupted goes on from its checkpoint next time. While
    another process trains the same network, this one waits.

    Args:
        network: receives the weights, or is trained by `train`.
        train: trains the network in place, takes `checkpoint=` as `fit` does, and returns its curves.
        folder: where networks are kept.
        recipe: all that decides what comes out: settings, seed, data.
        epochs: of a finished training; one that was stopped before is not kept.
        on_epoch: called with the history of the other process as long as this one waits.

    Notebook: 02_resnet_classifier.
    """
    path = folder / f"{fingerprint_recipe(network, recipe)}.safetensors"
    checkpoint = path.with_suffix(".checkpoint")

    def look() -> None:
        history = _read_history(checkpoint)
        if on_epoch is not None and history is not None:
            on_epoch(history)

    with trained_by_one(path, look):
        curves = load_kept(network, path)
        if curves is not None:
            return History(curves)
        history = train(checkpoint=checkpoint)
        if history.epochs == epochs:
            keep_network(network, history.curves, path)
            if checkpoint.exists():
                checkpoint.unlink()
    return history


def _read_history(checkpoint: Path) -> History | None:
    """What another process has written into its checkpoint, if it has."""
    try:
        states = torch.load(io.BytesIO(checkpoint.read_bytes()), weights_only=True)
        return History(checked_curves(states["curves"]))
    except DAMAGED:
        return None
