"""How the report's system is trained: one part after the other, with one fold of the sessions held out of everything.

Notebook: 02_resnet_classifier (sounds), 03_centroids_and_contrastive_mlp (towers), 04_hungarian_matching (the whole).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from labutils import matching
from labutils.clips import CLASS_NAMES, data_set_fingerprint, train_clips
from labutils.cores import usable_cores
from labutils.errors import ClipError
from labutils.jobs import SayDone, run_jobs
from labutils.progress import NotedBar, Share, progress_bar
from labutils.rows import Rows
from labutils.splits import session_folds
from labutils.systems.report import REPORT, ReportSettings, ReportSystem, ReportVideos, frame_indices
from labutils.towers import PairedClips, TowerSettings, fit_towers
from labutils.training import ClassifierSettings, Examples, History, fit_classifier

# Milliseconds of one core, about: the features of a clip; in an epoch a mask, and a pixel of a spectrogram.
_SOUND_COST, _VIDEO_COST, _MASK_COST, _PIXEL_COST = 50, 50, 20, 0.006
_ALONE_MS = 60_000  # below this, starting other processes takes longer than it saves
_MOST_WHOLE = 2  # networks on whole spectrograms at the same time: each takes up to 3.4 GB


@dataclass(frozen=True)
class Part:
    """A network of the system, and what it learns from.

    Attributes:
        name: in the curves.
        network: with its first weights.
        fit: (network, examples, settings, seed, validation, callbacks) -> curves.
        known, held_out: examples to train with, and of other sessions to measure with.
        settings: of this training.
        cost_ms: of an example in an epoch, about.
    """

    name: str
    network: nn.Module
    fit: Callable[..., History]
    known: Examples | PairedClips
    held_out: Examples | PairedClips
    settings: ClassifierSettings | TowerSettings
    cost_ms: float

    @property
    def epoch_ms(self) -> float:
        return len(self.known) * self.cost_ms


def train(
    data: Path,
    settings: ReportSettings = REPORT,
    *,
    checkpoints: Path | None = None,
    cache: Path | None = None,
    progress: bool = True,
    workers: int | None = None,
) -> ReportSystem:
    """Train the whole system on a folder of labelled clips; one fold of the sessions is held out of everything.

    Args:
        data: folder with `train/`.
        settings: what to train.
        checkpoints: folder in which an interrupted run finds what it finished; the caller removes it in the end.
        cache: folder for features.
        progress: show one progress bar over everything.
        workers: networks that are trained at the same time, one core each; default: as many as there are cores, but two
            on whole spectrograms, which take much memory, and one if all of it takes less than a minute. The result is
            the same.

    Raises:
        LabError: if the data cannot be read or are too few.
    """
    clips = train_clips(data)
    labels = np.array([clip.label for clip in clips])
    split = session_folds(clips, settings.folds, seed=settings.seed)[0]
    _expect_pairs(labels[split[0]])
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        system = ReportSystem(settings, np.unique(labels).tolist())
    total = training_cost(settings, len(clips), len(split[0]))
    if workers is None:
        most = _MOST_WHOLE if settings.downsample == (1, 1) else usable_cores()
        workers = min(most, usable_cores()) if total > _ALONE_MS else 1
    shown = progress_bar(total=total, desc="training report", progress=progress)
    with NotedBar(shown, checkpoints) as bar:
        sounds = system.sound_features(clips, cache=cache, bar=Share(bar, _SOUND_COST))
        videos = system.video_features(clips, cache=cache, bar=Share(bar, _VIDEO_COST))
        parts = list(parts_of(system, sounds, videos, labels, split))
        jobs = [partial(fit_part, part, settings.seed, checkpoints) for part in parts]
        costs = [part.settings.epochs * part.epoch_ms for part in parts]
        fitted = run_jobs(jobs, costs, bar, workers=workers)
        bar.skip(total - bar.n)  # costs are known about, not exactly
    for part, (weights, history) in zip(parts, fitted, strict=True):
        part.network.load_state_dict(weights)
        system.histories[part.name] = history
    system.threshold.fill_(_calibrate(system, sounds, videos, labels, split[1]))
    system.metadata = {
        "data_set": data_set_fingerprint(data),
        "training_clips": len(split[0]),
        "held_out_clips": len(split[1]),
        "threshold": float(system.threshold),
    }
    return system.eval()


def training_cost(settings: ReportSettings, clips: int, known: int) -> float:
    """Milliseconds of one core, about, to train on so many clips, `known` of them not held out: what the bar counts."""
    sounds = (settings.audio.epochs + settings.towers.epochs) * _spectrogram_cost(settings)
    masks = settings.frames.epochs * settings.frames_per_clip * _MASK_COST
    return clips * (_SOUND_COST + _VIDEO_COST) + known * (sounds + masks)


def _spectrogram_cost(settings: ReportSettings) -> float:
    """Milliseconds of one core for a spectrogram in an epoch."""
    return _PIXEL_COST * 513 * 196 / math.prod(settings.downsample)


def parts_of(
    system: ReportSystem, sounds: np.ndarray, videos: ReportVideos, labels: np.ndarray, split: tuple
) -> Iterator[Part]:
    """All networks of a new system, the one that takes longest first; their inputs are standardised by what they learn from.

    Args:
        system: with first weights.
        sounds, videos: features of all clips.
        labels: class of every clip.
        split: indices of the clips to train with, and of those held out.
    """
    settings, sound_ms = system.settings, _spectrogram_cost(system.settings)
    network = system.audio_classifier
    network[0].fit(sounds[split[0]])
    sides = [Examples(Rows(sounds, own), torch.from_numpy(labels[own])) for own in split]
    yield Part("audio classifier", network, fit_classifier, *sides, settings.audio, sound_ms)

    network = system.frame_classifier
    sides = [_frames(videos[own], labels[own], settings.frames_per_clip) for own in split]
    network[0].fit(sides[0].inputs.numpy())
    yield Part("frame classifier", network, fit_classifier, *sides, settings.frames, _MASK_COST)

    for label in np.unique(labels):
        network, of_class = system.towers[str(label)], [own[labels[own] == label] for own in split]
        network.audio[0].fit(sounds[of_class[0]])
        sides = [PairedClips(Rows(sounds, own), Rows(videos.vectors, own)) for own in of_class]
        yield Part(f"towers {CLASS_NAMES[label]}", network, fit_towers, *sides, settings.towers, sound_ms)


def _frames(videos: ReportVideos, labels: np.ndarray, frames_per_clip: int) -> Examples:
    """Single masks, with the class of their clip."""
    clip, frame = frame_indices(videos, frames_per_clip)
    return Examples.of(videos.masks[clip, frame][:, None], labels[clip])


def fit_part(
    part: Part, seed: int, keep: Path | None, say_done: SayDone
) -> tuple[dict[str, Tensor], History]:
    """Train one network; its weights and its curves.

    Args:
        part: what is trained.
        seed: draws the order of the examples and the pairs.
        keep: folder of checkpoints and finished weights, with which the same training goes on; None keeps nothing.
        say_done: called after every epoch with the cost of what is done, in ms.
    """
    history = part.fit(
        part.network,
        part.known,
        part.settings,
        seed=seed,
        validation=part.held_out if len(part.held_out) >= 2 else None,
        on_epoch=lambda history: say_done(history.epochs * part.epoch_ms),
        keep=keep,
    )
    return part.network.state_dict(), history


def _calibrate(system: ReportSystem, sounds, videos, labels: np.ndarray, held_out: np.ndarray) -> float:
    """The rejection threshold, found on the held-out sessions with the classes taken as known."""
    own = [held_out[labels[held_out] == label] for label in np.unique(labels)]
    return matching.calibrate_threshold(
        [system.distances(labels[i[0]], sounds[i], videos[i]) for i in own if len(i) >= 2],
        missing_rate=system.settings.missing_rate,
        size=system.settings.group_size,
        rng=np.random.default_rng(system.settings.seed),
    )


def _expect_pairs(labels: np.ndarray) -> None:
    """Refuse a class of which one clip is left to train with: it makes no pairs."""
    for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
        if count < 2:
            raise ClipError(
                f"class {CLASS_NAMES[label]}: found {count} training clip beside the held-out session, "
                "expected at least 2; record or simulate more."
            )
