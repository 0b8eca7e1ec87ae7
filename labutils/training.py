"""Fitting networks: one loop for all of them, with curves, an early stop and checkpoints.

Notebook: 02_resnet_classifier, 03_centroids_and_contrastive_mlp.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from labutils.contrastive_loss import (
    contrastive_loss,
    euclidean_distance,
    pairs_right,
    weighted_contrastive_loss,
)
from labutils.datasets import BalancedPairs, Varied, turn_channels, turn_mask, turn_vector

Metrics = dict[str, Tensor]
LossOf = Callable[[tuple], tuple[Tensor, Metrics]]
OnEpoch = Callable[["History"], None]
ShouldStop = Callable[[], bool]


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

    `vary` shows every example turned, mirrored and (sounds) rolled in time, anew each epoch, see `datasets.Variation`. The
    report does not speak of it; with a few hundred clips a network learns the recordings by heart without it.
    """

    epochs: int = 80
    batch_size: int = 16
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    blocks: tuple[int, ...] = (3, 3, 3)
    shortcuts: bool = True
    vary: bool = True


@dataclass(frozen=True)
class TowerSettings:
    """How the pair of towers of one class is trained: Adam on balanced pairs, by a contrastive loss.

    `loss` is "weighted" (the report) or "plain" (Hadsell); `weight` is the report's lambda, small because towers that know
    nothing put every pair at D = (1 - lambda) / (2 lambda), best about half the margin; `audio_pool` "width" is the
    report's, "frequency" keeps the time axis; `video` is "centroids" (MLP on trajectories) or "masks" (3-D CNN); `vary`
    turns and mirrors sound and video of a batch together (not in the report).
    """

    epochs: int = 60
    batch_size: int = 16
    learning_rate: float = 2e-3
    loss: str = "weighted"
    margin: float = 10.0
    weight: float = 0.1
    pairs_per_clip: int = 1
    audio_pool: str = "width"
    video: str = "centroids"
    blocks: tuple[int, ...] = (3, 3, 3)
    vary: bool = True


class Stopped(Exception):
    """Training was stopped from outside before its last epoch."""


class Standardise(nn.Module):
    """Subtract one mean, divide by one deviation: the same for all four microphones, so that louder stays louder."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor(0.0))
        self.register_buffer("deviation", torch.tensor(1.0))

    def set_to(self, values: np.ndarray) -> None:
        """Take mean and deviation of the training data."""
        self.mean.fill_(float(values.mean(dtype=np.float64)))
        self.deviation.fill_(float(values.std(dtype=np.float64)) or 1.0)

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.deviation


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
        state.load(checkpoint)
    try:
        for epoch in range(state.history.epochs, epochs):
            measured = _train_epoch(network, batches(epoch), loss_of, optimiser, should_stop)
            if scheduler is not None:
                scheduler.step()
            if validate is not None:
                measured |= validate()
            state.history.add(measured)
            if checkpoint is not None:
                state.save(checkpoint)
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

    def save(self, path: Path) -> None:
        states = {name: part.state_dict() for name, part in self._parts().items()}
        aside = path.with_suffix(".partial")
        torch.save(states | {"curves": self.history.curves}, aside)
        aside.replace(path)

    def load(self, path: Path) -> None:
        states = torch.load(path, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(states[name])
        self.history.curves = states["curves"]


def loader(data: Dataset, batch_size: int, *, seed: int | None = None) -> DataLoader:
    """Batches of `data`: in order, or shuffled by `seed` and without the incomplete last batch, if it is not the only one.

    A batch norm cannot learn from a last batch of one.
    """
    if seed is None:
        return DataLoader(data, batch_size)
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(data, batch_size, shuffle=True, generator=generator, drop_last=len(data) > batch_size)


def epoch_seed(seed: int, epoch: int) -> int:
    """A seed of its own for every epoch of a run."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0])


def classification_loss(network: nn.Module) -> LossOf:
    """Cross-entropy of a batch (inputs [B, ...], classes [B]), with the accuracy."""

    def loss_of(batch):
        inputs, labels = batch
        scores = network(inputs)  # (B, C, F, T) -> (B, 10)
        losses = functional.cross_entropy(scores, labels, reduction="none")
        return losses.mean(), {"loss": losses, "accuracy": scores.argmax(dim=1) == labels}

    return loss_of


def fit_classifier(
    network: nn.Module,
    data: Dataset,
    settings: ClassifierSettings,
    *,
    seed: int,
    validation: Dataset | None = None,
    **callbacks,
) -> History:
    """Train a classifier by SGD with weight decay; `callbacks` are those of `fit`.

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

    def batches(epoch: int) -> DataLoader:
        examples = Varied(data, np.random.default_rng([seed, epoch])) if settings.vary else data
        return loader(examples, settings.batch_size, seed=epoch_seed(seed, epoch))

    return fit(
        network,
        batches,
        loss_of,
        optimiser,
        epochs=settings.epochs,
        scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs),
        validate=validation and (lambda: measure(network, loader(validation, 64), loss_of)),
        **callbacks,
    )


def load_or_train(network: nn.Module, train: Callable[[], History], path: Path) -> History:
    """Take weights and curves from `path` if they are there; otherwise train and keep them.

    Delete the file to train again. It fits only a network of the same form.

    Args:
        network: receives the weights, or is trained by `train`.
        train: trains the network in place and returns its curves.
        path: a `.safetensors` file.

    Notebook: 02_resnet_classifier.
    """
    if path.exists():
        with safe_open(path, "pt") as file:
            curves = json.loads(file.metadata()["curves"])
        network.load_state_dict(load_file(path))
        return History(curves)
    history = train()
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".partial")
    weights = {name: tensor.contiguous().cpu() for name, tensor in network.state_dict().items()}
    save_file(weights, aside, metadata={"curves": json.dumps(history.curves)})
    aside.replace(path)
    return history


class Towers(nn.Module):
    """An audio tower and a video tower that meet in one embedding space."""

    def __init__(self, audio: nn.Module, video: nn.Module):
        super().__init__()
        self.audio, self.video = audio, video


def tower_loss(towers: Towers, audio: Tensor, video: Tensor, settings: TowerSettings) -> LossOf:
    """Contrastive loss of a batch of pairs (sound numbers, video numbers, same), true and other pairs also apart.

    A batch may end with (turns, mirrored), a symmetry of the tray through which its sounds and videos are seen. Each clip
    passes its tower once, however many pairs it is in.
    """
    turn_video = turn_vector if settings.video == "centroids" else turn_mask

    def loss_of(batch):
        sound, clip, same, *symmetry = batch
        distance = euclidean_distance(
            _embed_pairs(towers.audio, audio, sound, turn_channels, symmetry),
            _embed_pairs(towers.video, video, clip, turn_video, symmetry),
        )
        losses = _pair_losses(distance, same, settings)
        true = same.bool()
        metrics = {
            "loss": losses,
            "positive loss": losses[true],
            "negative loss": losses[~true],
            "accuracy": pairs_right(distance, same, margin=settings.margin),
        }
        return losses.mean(), metrics

    return loss_of


def _pair_losses(distance: Tensor, same: Tensor, settings: TowerSettings) -> Tensor:
    if settings.loss == "plain":
        return contrastive_loss(distance, same, margin=settings.margin, reduction="none")
    return weighted_contrastive_loss(
        distance, same, margin=settings.margin, weight=settings.weight, reduction="none"
    )


def _embed_pairs(tower: nn.Module, inputs: Tensor, rows: Tensor, turn: Callable, symmetry: list) -> Tensor:
    clips, pairs = torch.unique(rows, return_inverse=True)
    seen = inputs[clips].float()
    if symmetry:
        seen = turn(seen, *symmetry)
    return tower(seen)[pairs]  # (U, ...) -> (U, 10) -> (B, 10)


def fit_towers(
    towers: Towers,
    audio: Tensor,
    video: Tensor,
    settings: TowerSettings,
    *,
    seed: int,
    validation: tuple[Tensor, Tensor] | None = None,
    **callbacks,
) -> History:
    """Train two towers by Adam on balanced pairs, drawn anew every epoch; `callbacks` are those of `fit`.

    Args:
        towers: trained in place.
        audio: [n, 4, F, T], video: [n, ...]: the two halves of the same n clips.
        settings: loss, margin, lambda, pairs per clip, ...
        seed: draws pairs and their order.
        validation: audio and video of clips from other sessions.

    Source: the course report, task 2; Hadsell et al. 2006, algorithm 1.
    Notebook: 03_centroids_and_contrastive_mlp.
    """

    def pairs(clips: int, epoch: int) -> BalancedPairs:
        rng = np.random.default_rng([seed, epoch])
        return BalancedPairs(clips, pairs_per_clip=settings.pairs_per_clip, rng=rng)

    def batches(epoch: int) -> Iterable[tuple]:
        rng = np.random.default_rng([seed, epoch, 1])
        for batch in loader(pairs(len(audio), epoch), settings.batch_size, seed=epoch_seed(seed, epoch)):
            yield (*batch, int(rng.integers(4)), bool(rng.integers(2))) if settings.vary else batch

    def validate() -> dict[str, float]:
        held_out = pairs(len(validation[0]), 0)
        return measure(towers, loader(held_out, 64), tower_loss(towers, *validation, settings))

    return fit(
        towers,
        batches,
        tower_loss(towers, audio, video, settings),
        torch.optim.Adam(towers.parameters(), lr=settings.learning_rate),
        epochs=settings.epochs,
        validate=validation and validate,
        **callbacks,
    )
