"""What the methods of one seed learn from, and the networks that several of them share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import nn

from labutils.clips import Clip, train_clips
from labutils.heard_path import HeardPath, PathNetwork, hear_paths
from labutils.kept_networks import fingerprint_recipe
from labutils.splits import session_folds
from labutils.systems import catalogue
from labutils.systems.contact import ContactSettings, Parts, Sounds, Videos, sound_features, video_features
from labutils.systems.contact_training import (
    SOUND,
    Examples,
    Network,
    assemble,
    class_log_prior,
    fit_network,
)

_HEARD: dict[str, HeardPath] = {}


@dataclass(frozen=True)
class TrainingSet:
    """Training clips, their features, and the folds on whose held-out sessions every score is calibrated.

    Attributes:
        clips: C labelled clips.
        sounds, videos: their features, of length C.
        folds: (training indices, held-out indices); no session is on both sides.
        settings: of the lab's own system, with the seed.
        kept: folder for features and weights.
    """

    clips: Sequence[Clip]
    sounds: Sounds
    videos: Videos
    folds: list[tuple[np.ndarray, np.ndarray]]
    settings: ContactSettings
    kept: Path

    @property
    def labels(self) -> np.ndarray:
        """Class of every clip; int [C]."""
        return np.array([clip.label for clip in self.clips])

    @property
    def examples(self) -> Examples:
        """All of it, as the library's training wants it."""
        return Examples(self.sounds, self.videos, self.labels)

    @property
    def everything(self) -> np.ndarray:
        """Indices of all clips; int [C]."""
        return np.arange(len(self.clips))

    def network(self, kind: Network, indices: np.ndarray) -> nn.Module:
        """A network that knows the clips of these indices only; taken from `kept` if it was trained before."""
        return fit_network(kind, self.examples, indices, self.settings, self.kept / "weights")[0]


def read_training_set(train_folder: Path, seed: int, kept: Path) -> TrainingSet:
    """The clips of a folder, for the methods of one seed; `kept` holds features and weights for the next time."""
    settings = replace(catalogue.RECIPES["contact"], seed=seed)
    return training_set_of(train_clips(train_folder), settings, kept)


def training_set_of(clips: Sequence[Clip], settings: ContactSettings, kept: Path) -> TrainingSet:
    """Some clips as a training set."""
    features = {"cache": kept / "features", "progress": False}
    sounds, videos = sound_features(clips, **features), video_features(clips, **features)
    folds = session_folds(clips, settings.folds, seed=settings.seed)
    return TrainingSet(clips, sounds, videos, folds, settings, kept)


def fit_classifiers(training: TrainingSet, indices: np.ndarray) -> Parts:
    """The classifiers of the lab's own system, that know the clips of these indices and no others; nothing else of it."""
    sound = training.network(SOUND, indices)
    return assemble(None, None, sound, training.examples, indices, class_log_prior(training.labels))


def hear(network: PathNetwork, levels: np.ndarray) -> HeardPath:
    """`hear_paths`, done once: many methods ask the same network about the same sounds."""
    key = fingerprint_recipe(network, [levels])
    if key not in _HEARD:
        _HEARD[key] = hear_paths(network, levels)
    return _HEARD[key]
