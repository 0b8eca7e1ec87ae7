"""How the report's system is trained: one part after the other, with one fold of the sessions held out of everything.

Notebook: 02_resnet_classifier (sounds), 03_centroids_and_contrastive_mlp (towers), 04_hungarian_matching (the whole).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from labutils import matching
from labutils.clips import CLASS_NAMES, data_set_fingerprint, train_clips
from labutils.errors import ClipError
from labutils.progress import NotedBar, Share, progress_bar
from labutils.splits import session_folds
from labutils.systems.report import REPORT, ReportSettings, ReportSystem, ReportVideos, frame_indices
from labutils.towers import PairedClips, fit_towers
from labutils.training import Examples, History, fit_classifier

# Milliseconds of one core, about: the features of a clip; in an epoch a mask, and a pixel of a spectrogram.
_SOUND_COST, _VIDEO_COST, _MASK_COST, _PIXEL_COST = 50, 50, 20, 0.008


def train(
    data: Path,
    settings: ReportSettings = REPORT,
    *,
    checkpoints: Path | None = None,
    cache: Path | None = None,
    progress: bool = True,
) -> ReportSystem:
    """Train the whole system on a folder of labelled clips; one fold of the sessions is held out of everything.

    Args:
        data: folder with `train/`.
        settings: what to train.
        checkpoints: folder in which an interrupted run finds what it finished; the caller removes it in the end.
        cache: folder for features.
        progress: show one progress bar over everything.

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
    shown = progress_bar(total=total, desc="training report", progress=progress)
    with NotedBar(shown, checkpoints) as bar:
        sounds = system.sound_features(clips, cache=cache, bar=Share(bar, _SOUND_COST))
        videos = system.video_features(clips, cache=cache, bar=Share(bar, _VIDEO_COST))
        stage = _Stages(system, checkpoints, bar)
        stage.audio_classifier(sounds, labels, split)
        stage.frame_classifier(videos, labels, split)
        for label in np.unique(labels):
            stage.towers(label, sounds, videos, [indices[labels[indices] == label] for indices in split])
        bar.skip(total - bar.n)  # costs are known about, not exactly
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


@dataclass(frozen=True)
class _Stages:
    """Trains the parts of a system one after the other, moves a bar on, and keeps their curves."""

    system: ReportSystem
    checkpoints: Path | None
    bar: NotedBar

    def audio_classifier(self, sounds: np.ndarray, labels: np.ndarray, split) -> None:
        network, settings = self.system.audio_classifier, self.system.settings
        network[0].fit(sounds[split[0]])
        sides = [Examples.of(sounds[indices], labels[indices]) for indices in split]
        self._run(
            "audio classifier",
            fit_classifier,
            network,
            sides,
            settings.audio,
            _spectrogram_cost(settings),
        )

    def frame_classifier(self, videos: ReportVideos, labels: np.ndarray, split) -> None:
        network, settings = self.system.frame_classifier, self.system.settings
        sides = []
        for indices in split:
            clip, frame = frame_indices(videos[indices], settings.frames_per_clip)
            sides.append(Examples.of(videos.masks[indices][clip, frame][:, None], labels[indices][clip]))
        network[0].fit(sides[0].inputs.numpy())
        self._run("frame classifier", fit_classifier, network, sides, settings.frames, _MASK_COST)

    def towers(self, label: int, sounds: np.ndarray, videos: ReportVideos, split) -> None:
        towers, settings = self.system.towers[str(label)], self.system.settings
        towers.audio[0].fit(sounds[split[0]])
        sides = [PairedClips(*map(torch.from_numpy, (sounds[i], videos.vectors[i]))) for i in split]
        name = f"towers {CLASS_NAMES[label]}"
        self._run(name, fit_towers, towers, sides, settings.towers, _spectrogram_cost(settings))

    def _run(self, name: str, fit: Callable[..., History], network, sides, settings, cost_ms: float) -> None:
        """Train one network; `cost_ms` is that of an example in an epoch."""
        before, epoch_ms = self.bar.n, cost_ms * len(sides[0])

        def on_epoch(history: History) -> None:
            self.bar.set_postfix_str(f"{name}, loss {history.last('train loss'):.3f}")
            kept_ms = before + (history.epochs - 1) * epoch_ms - self.bar.n
            self.bar.skip(kept_ms)  # of an interrupted run
            self.bar.update(epoch_ms)

        self.system.histories[name] = fit(
            network,
            sides[0],
            settings,
            seed=self.system.settings.seed,
            validation=sides[1] if len(sides[1]) >= 2 else None,
            on_epoch=on_epoch,
            keep=self.checkpoints,
        )
        self.bar.skip(before + settings.epochs * epoch_ms - self.bar.n)  # a network that was kept


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
