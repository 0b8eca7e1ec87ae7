"""Fitting networks: one loop for all of them, with curves, an early stop and checkpoints.

Notebook: 02_resnet_classifier, 03_centroids_and_contrastive_mlp.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
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
from labutils.datasets import (
    SYMMETRIES,
    Varied,
    class_pairs,
    shift_sound,
    shift_vector,
    turn_channels,
    turn_each,
    turn_mask,
    turn_vector,
)

Metrics = dict[str, Tensor]
LossOf = Callable[[tuple], tuple[Tensor, Metrics]]
OnEpoch = Callable[["History"], None]
ShouldStop = Callable[[], bool]
LONGEST_SHIFT = 4  # 35ths of a clip, half a second, by which towers see a clip earlier or later


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
    planes: tuple[int, ...] = (16, 32, 64)
    shortcuts: bool = True
    vary: bool = True


@dataclass(frozen=True)
class TowerSettings:
    """How the pair of towers of each class is trained: Adam on balanced pairs, by a contrastive loss.

    `REPORT_TOWERS` are the report's. With some fifty to ninety clips of a class they learn hardly anything that holds on
    another day, so the defaults differ. Mended, each with a setting of its own:

    - `shared_epochs`: one pair of towers first learns from the clips of all classes what hits sound like, and each class
      goes on from there with a smaller learning rate. (Report: 0, every class from nothing.)
    - `loss` "plain", `margin` 1 and `normalise`: Hadsell's loss on embeddings of length 1. The report's, "weighted" by
      `weight` (its lambda), draws towers that know nothing to D = (1 - lambda) / (2 lambda): with lambda 0.5 to one point.
    - `video` "motion": places at evenly spread times, with velocities and nearness of the walls, in a wider MLP. (Report:
      "centroids", MLP 70-15-10-10 on the places; "masks" is its 3-D CNN.)
    - `vary`: each clip is seen turned and mirrored anew, sound and video together, and (motion) a little earlier or later.
    - `audio_pool` "frequency" keeps the time axis, and with it *when* a wall was hit. (Report: "width", over both.)
    - `blocks` and `planes`: a small ResNet; the report's learns so few clips by heart. It is faster, too.
    - `pairs_per_clip`: more pairs of the same clips, at no cost, because a clip passes its tower once for all of them.
    """

    shared_epochs: int = 80
    epochs: int = 20
    batch_size: int = 64
    learning_rate: float = 2e-3
    loss: str = "plain"
    margin: float = 1.0
    weight: float = 0.5
    normalise: bool = True
    pairs_per_clip: int = 8
    audio_pool: str = "frequency"
    video: str = "motion"
    blocks: tuple[int, ...] = (1, 1, 1)
    planes: tuple[int, ...] = (8, 16, 32)
    vary: bool = True


REPORT_TOWERS = TowerSettings(
    shared_epochs=0,
    epochs=60,
    batch_size=8,
    loss="weighted",
    margin=10.0,
    normalise=False,
    pairs_per_clip=1,
    audio_pool="width",
    video="centroids",
    blocks=(3, 3, 3),
    planes=(16, 32, 64),
    vary=False,
)
"""The towers of the report, a pair for every class, from nothing. Epochs, batches and learning rate are ours."""


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


def load_or_train(
    network: nn.Module, train: Callable[[], History], path: Path, *, recipe: object = ""
) -> History:
    """Take weights and curves from `path` if they were made by the same recipe; otherwise train and keep them.

    Args:
        network: receives the weights, or is trained by `train`.
        train: trains the network in place and returns its curves.
        path: a `.safetensors` file.
        recipe: all that decides what comes out (settings, rows, ...), as something that prints the same when it is the same.

    Notebook: 02_resnet_classifier.
    """
    kept = _kept(path)
    if kept.get("recipe") == str(recipe):
        network.load_state_dict(load_file(path))
        return History(json.loads(kept["curves"]))
    history = train()
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".partial")
    weights = {name: tensor.contiguous().cpu() for name, tensor in network.state_dict().items()}
    save_file(weights, aside, metadata={"curves": json.dumps(history.curves), "recipe": str(recipe)})
    aside.replace(path)
    return history


def _kept(path: Path) -> dict[str, str]:
    """What a file of weights says about itself; nothing if there is none."""
    if not path.exists():
        return {}
    with safe_open(path, "pt") as file:
        return file.metadata()


class Towers(nn.Module):
    """An audio tower and a video tower that meet in one embedding space."""

    def __init__(self, audio: nn.Module, video: nn.Module):
        super().__init__()
        self.audio, self.video = audio, video


def tower_loss(towers: Towers, settings: TowerSettings) -> LossOf:
    """Contrastive loss of a batch (sounds, videos, then pairs: sound, video, same), true and other pairs also apart.

    Each clip passes its tower once, however many pairs it is in.
    """

    def loss_of(batch):
        sounds, videos, sound, video, same = batch
        # (U, ...) -> (U, d) -> (P, d), twice -> (P,)
        distance = euclidean_distance(towers.audio(sounds)[sound], towers.video(videos)[video])
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


@dataclass(frozen=True)
class PairedClips:
    """Both halves of n clips, and their classes: `audio` [n, 4, F, T], `video` [n, ...], `labels` int [n]."""

    audio: Tensor
    video: Tensor
    labels: np.ndarray

    def batches(self, settings: TowerSettings, rng: np.random.Generator, *, vary: bool) -> Iterator[tuple]:
        """All clips in random order, `batch_size` or a few more at a time, with balanced pairs inside their classes."""
        order = rng.permutation(len(self.labels))
        for rows in np.array_split(order, max(len(order) // settings.batch_size, 1)):
            sounds, videos = self.audio[rows].float(), self.video[rows].float()
            if vary:
                sounds, videos = _vary_together(sounds, videos, settings.video, rng)
            pairs = class_pairs(self.labels[rows], settings.pairs_per_clip, rng)
            if len(pairs[0]):
                yield sounds, videos, *pairs


def _vary_together(
    sounds: Tensor, videos: Tensor, kind: str, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Each clip of a batch through a symmetry of its own; where time is known, also a little earlier or later."""
    symmetry = rng.integers(len(SYMMETRIES), size=len(sounds))
    sounds = turn_each(sounds, turn_channels, symmetry)
    videos = turn_each(videos, turn_video(kind), symmetry)
    if kind != "motion":
        return sounds, videos
    moments = torch.from_numpy(rng.integers(-LONGEST_SHIFT, LONGEST_SHIFT + 1, size=len(sounds)))
    return shift_sound(sounds, moments), shift_vector(videos, moments)


def turn_video(kind: str) -> Callable:
    """What turns the input of a video tower of this kind."""
    return turn_mask if kind == "masks" else turn_vector


def fit_towers(
    towers: Towers,
    clips: PairedClips,
    settings: TowerSettings,
    *,
    seed: int,
    validation: PairedClips | None = None,
    **callbacks,
) -> History:
    """Train two towers for `settings.epochs` on balanced pairs, drawn anew every epoch; `callbacks` are those of `fit`.

    The learning rate falls along a cosine.

    Args:
        towers: trained in place.
        clips: of one class, or of several; pairs are made inside a class.
        settings: loss, margin, lambda, pairs per clip, ...
        seed: draws pairs and their order.
        validation: clips from other sessions.

    Source: the course report, task 2; Hadsell et al. 2006, algorithm 1.
    Notebook: 03_centroids_and_contrastive_mlp.
    """
    loss_of = tower_loss(towers, settings)
    optimiser = torch.optim.Adam(towers.parameters(), lr=settings.learning_rate)

    def batches(epoch: int) -> Iterator[tuple]:
        return clips.batches(settings, np.random.default_rng([seed, epoch]), vary=settings.vary)

    def validate() -> dict[str, float]:
        whole = replace(settings, batch_size=len(validation.labels))
        return measure(towers, validation.batches(whole, np.random.default_rng(seed), vary=False), loss_of)

    return fit(
        towers,
        batches,
        loss_of,
        optimiser,
        epochs=settings.epochs,
        scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs),
        validate=validation and validate,
        **callbacks,
    )
