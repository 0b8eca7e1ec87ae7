"""Regression in the manner of public solutions: the sound tells where the object ended and which way it went.

A network hears the end place and the direction of the motion. Sounds and videos are split by the class they were taken for;
within a class, the squared errors are the cost and the Hungarian algorithm solves; what is left over is solved once more. In
task 3 a match that costs more than one threshold is taken back.

Source: what the solutions BobAnkh/std-project3 and jianganbai/Collision-Classification-and-Matching have in common.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from labutils import matching
from labutils.clips import MASK_SIZE
from labutils.heard_path import augment_paths
from labutils.one_cycle import fit_one_cycle, shuffled_indices
from labutils.spectrogram import MEL_BANDS
from labutils.systems.contact import Parts, Videos, sound_features, video_features
from labutils.training import History, outputs, train_once
from matchers.calibrated import classes_of
from matchers.groups import COMPLETE_TASK, Answer, TestGroup
from matchers.training_set import TrainingSet, fit_classifiers, read_training_set

FRAMES = 98
STILL = 1 / 30  # tray widths, 1 cm: an object that went less far has no direction
_PLACE_SCALE = 0.3  # tray widths: about the standard deviation of end places


@dataclass(frozen=True)
class RegressionSettings:
    """Size and training of the network.

    Attributes:
        draws: held-out groups on which the threshold of task 3 is tuned.
    """

    width: int = 24
    epochs: int = 60
    batch_size: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    gain_std_db: float = 1.5
    draws: int = 30


class PlaceNetwork(nn.Module):
    """Convolutions over bands and time, then a recurrent layer over time; [B, 4, 64, 98] in dB -> [B, 4].

    The four numbers are the end place, in units of `_PLACE_SCALE` from the middle, and the direction as a vector.
    """

    def __init__(self, width: int):
        super().__init__()
        self.register_buffer("mean", torch.tensor(-70.0))
        self.register_buffer("std", torch.tensor(12.0))
        channels, strides = (4, width, width, 2 * width, 2 * width), ((2, 1), (2, 2), (2, 1), (2, 1))
        stages = zip(channels[:-1], channels[1:], strides, strict=True)
        self.stages = nn.Sequential(*(_stage(*stage) for stage in stages))
        self.over_time = nn.GRU(2 * width * MEL_BANDS // 16, 64, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.2)
        self.linear = nn.Linear(256, 4)

    def forward(self, levels: Tensor) -> Tensor:
        x = self.stages((levels - self.mean) / self.std)  # (B, 4, 64, 98) -> (B, 2 width, 4, 49)
        x, _ = self.over_time(self.dropout(x.flatten(1, 2).transpose(1, 2)))  # -> (B, 49, 128)
        return self.linear(self.dropout(torch.cat([x[:, -1], x[:, 0]], dim=1)))


def _stage(inputs: int, outputs_: int, stride: tuple[int, int]) -> nn.Module:
    convolution = nn.Conv2d(inputs, outputs_, 3, stride=stride, padding=1)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs_), nn.ReLU())


def end_and_direction(videos: Videos) -> np.ndarray:
    """Where an object ended and which way it went, as the network is to tell it; float32 [M, 4].

    The direction is that from the first to the last place, a vector of length 1; of length 0 for an object that went less
    far than 1 cm.
    """
    first, last = videos.movement[:, :2, 0], videos.movement[:, :2, -1]
    way = last - first
    length = np.linalg.norm(way, axis=1, keepdims=True)
    direction = np.where(length > STILL, way / np.maximum(length, STILL), 0.0)
    return np.concatenate([(last - 0.5) / _PLACE_SCALE, direction], axis=1).astype(np.float32)


def apply_symmetries(levels: Tensor, targets: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Every clip through a symmetry of the tray of its own; [B, 4, 64, T], [B, 4]."""
    # (B, 4) -> (B, 2, 2), end place and direction from the middle of the tray
    vectors = targets.unflatten(1, (2, 2))
    levels, places = augment_paths(levels, vectors + 0.5, rng)
    return levels, (places - 0.5).flatten(1)


def fit_place_network(
    network: PlaceNetwork,
    levels: Tensor,
    targets: Tensor,
    settings: RegressionSettings,
    *,
    seed: int,
    **callbacks,
) -> History:
    """Train the network by AdamW on the mean squared error.

    Args:
        network: trained in place.
        levels: [N, 4, 64, 98] in dB.
        targets: [N, 4], from `end_and_direction`.
        settings: epochs, augmentation, ...
        seed: draws order and augmentation.
        callbacks: those of `training.fit`.
    """
    network.mean.fill_(levels.float().mean())
    network.std.fill_(levels.float().std())

    def batches(rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        for indices in shuffled_indices(len(levels), settings.batch_size, rng):
            gain = torch.from_numpy(settings.gain_std_db * rng.standard_normal((len(indices), 1, 1, 1)))
            turned, wanted = apply_symmetries(levels[indices].float(), targets[indices], rng)
            yield turned + gain.float(), wanted

    def loss_of(batch):
        inputs, wanted = batch
        losses = (network(inputs) - wanted).square().mean(dim=1)
        return losses.mean(), {"loss": losses}

    return fit_one_cycle(network, batches, loss_of, settings, seed=seed, **callbacks)


def trained_network(
    training: TrainingSet, indices: np.ndarray, settings: RegressionSettings
) -> tuple[PlaceNetwork, np.ndarray, np.ndarray]:
    """A network that knows the clips of these indices and no others, and the levels and targets of all clips."""
    levels = training.sounds.levels
    targets = end_and_direction(training.videos)
    own, wanted, seed = (
        torch.from_numpy(levels[indices]),
        torch.from_numpy(targets[indices]),
        training.settings.seed,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = PlaceNetwork(settings.width)
        train_once(
            network,
            lambda **options: fit_place_network(network, own, wanted, settings, seed=seed, **options),
            training.kept / "weights",
            [seed, own, wanted, settings],
            epochs=settings.epochs,
        )
    return network, levels, targets


@dataclass(frozen=True)
class Errors:
    """Root mean square of errors on held-out sessions.

    Attributes:
        place_px: of the end place, along each axis, in pixels of the mask.
        mean_place_px: of the answer "where objects end on average".
        direction: of the direction, along each axis; its length is 1.
    """

    place_px: float
    mean_place_px: float
    direction: float

    @classmethod
    def of(cls, heard: np.ndarray, seen: np.ndarray, mean: np.ndarray) -> "Errors":
        """Errors of what was heard, [N, 4], against what was seen, [N, 4]; `mean` [4] of the training clips."""
        px = _PLACE_SCALE * MASK_SIZE
        return cls(
            px * _rms(heard[:, :2] - seen[:, :2]),
            px * _rms(mean[:2] - seen[:, :2]),
            _rms(heard[:, 2:] - seen[:, 2:]),
        )

    def cost(self, heard: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Squared errors of every pair, in units of those of true pairs; [N, 4], [M, 4] -> [N, M]."""
        unit = np.repeat([self.place_px / (_PLACE_SCALE * MASK_SIZE), self.direction], 2)
        return np.square((heard[:, None] - seen[None]) / unit).sum(axis=2)


def _rms(errors: np.ndarray) -> float:
    return float(np.sqrt(np.square(errors).mean()))


def match_with_leftovers(cost: np.ndarray, audio_class: np.ndarray, video_class: np.ndarray) -> np.ndarray:
    """One solve inside every class, one more for what is left over; [N, M] -> int [N]."""
    assignment = matching.match_within_classes(cost, audio_class, video_class)
    sounds = np.flatnonzero(assignment == matching.UNMATCHED)
    videos = np.setdiff1d(np.arange(cost.shape[1]), assignment)
    again = matching.assign(cost[np.ix_(sounds, videos)])
    found = again != matching.UNMATCHED
    assignment[sounds[found]] = videos[again[found]]
    return assignment


def best_threshold(cost: np.ndarray, right: np.ndarray, has_partner: np.ndarray) -> float:
    """The cost above which matches are taken back, so that most answers are right.

    Args:
        cost: [P] of matches in held-out groups.
        right: bool [P].
        has_partner: bool [P], of the sound: without one, no answer would have been right.
    """
    order = np.argsort(cost)
    # an accepted match gives its right answer, and takes that of "no video"
    gain = right.astype(float) - ~has_partner
    total = np.concatenate([[0.0], np.cumsum(gain[order])])
    edges = np.concatenate([[0.0], cost[order], [2 * cost.max()]])
    best = int(total.argmax())
    return float((edges[best] + edges[best + 1]) / 2)


@dataclass(frozen=True)
class RegressionMatcher:
    """The trained network, its errors on held-out sessions, the shared classifiers and the threshold of task 3."""

    network: PlaceNetwork
    errors: Errors
    classifiers: Parts
    threshold: float
    cache: Path

    def answer(self, group: TestGroup) -> Answer:
        """Split by class, solve inside, solve the leftovers; in task 3 take back what costs too much."""
        kept = {"cache": self.cache, "progress": False}
        videos = video_features(group.videos, **kept)
        heard = outputs(self.network, sound_features(group.sounds, **kept).levels)
        cost = self.errors.cost(heard, end_and_direction(videos))
        classes = classes_of(self.classifiers, sound_features(group.sounds, **kept), videos)
        audio_class, video_class = (log_p.argmax(axis=1) for log_p in classes)
        assignment = match_with_leftovers(cost, audio_class, video_class)
        if group.task != COMPLETE_TASK:
            paid = matching.assigned(cost, assignment, unmatched=np.inf)
            assignment = matching.reject(assignment, paid, self.threshold)
        foreign = 1e6 * (audio_class[:, None] != video_class)
        return Answer(assignment, -cost - foreign)


def regression(
    train_folder: Path, seed: int, kept: Path, settings: RegressionSettings | None = None
) -> RegressionMatcher:
    """Sound -> end place and direction, split by class, leftovers again, one threshold."""
    return fit_regression(read_training_set(train_folder, seed, kept), settings or RegressionSettings())


def fit_regression(training: TrainingSet, settings: RegressionSettings) -> RegressionMatcher:
    """Train on one fold to learn errors and threshold from its held-out sessions; then train on everything."""
    indices, held_out = training.folds[0]
    network, levels, targets = trained_network(training, indices, settings)
    heard = outputs(network, levels[held_out])
    errors = Errors.of(heard, targets[held_out], targets[indices].mean(axis=0))
    classifiers = fit_classifiers(training, indices)
    classes = classes_of(classifiers, training.sounds[held_out], training.videos[held_out])
    cost = errors.cost(heard, targets[held_out])
    threshold = _tune_threshold(
        training, held_out, cost, *(log_p.argmax(axis=1) for log_p in classes), settings
    )
    network = trained_network(training, training.everything, settings)[0]
    everything = fit_classifiers(training, training.everything)
    return RegressionMatcher(network, errors, everything, threshold, training.kept / "features")


def _tune_threshold(
    training: TrainingSet,
    held_out: np.ndarray,
    cost: np.ndarray,
    audio_class: np.ndarray,
    video_class: np.ndarray,
    settings: RegressionSettings,
) -> float:
    """The threshold that is best in incomplete groups drawn from the held-out clips."""
    place = {clip: number for number, clip in enumerate(held_out.tolist())}
    own, rng, found = training.settings, np.random.default_rng(training.settings.seed), []
    for _ in range(settings.draws):
        group = matching.draw_group(training.clips, held_out, own.group_size, own.missing_rate, rng)
        sounds, videos = ([place[i] for i in side.tolist()] for side in (group.sounds, group.videos))
        block = cost[np.ix_(sounds, videos)]
        assignment = match_with_leftovers(block, audio_class[sounds], video_class[videos])
        made = assignment != matching.UNMATCHED
        paid = matching.assigned(block, assignment, unmatched=np.inf)
        found.append(np.stack([paid, assignment == group.truth, group.truth >= 0])[:, made])
    paid, right, has_partner = np.concatenate(found, axis=1)
    return best_threshold(paid, right > 0, has_partner > 0)
