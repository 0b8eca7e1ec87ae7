"""What the methods of one seed learn from, and the classifiers that all of them share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from labutils import matching
from labutils.clips import CLASS_NAMES, Clip, train_clips
from labutils.contact_maps import ContactMaps, fit_contact_maps
from labutils.linear_discriminant import LinearDiscriminant
from labutils.mask_shape import fit_shape_classifier
from labutils.sound_class import (
    SoundClassifier,
    TemporalNetwork,
    fit_sound_discriminant,
    fit_temporal_network,
)
from labutils.splits import session_folds
from labutils.systems import catalogue
from labutils.systems.contact import (
    STEP_BANDS,
    ContactSettings,
    Parts,
    Sounds,
    Videos,
    sound_features,
    video_features,
)
from labutils.training import train_once

MakeMaps = Callable[[int, object], ContactMaps]


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
    def everything(self) -> np.ndarray:
        """Indices of all clips; int [C]."""
        return np.arange(len(self.clips))

    @property
    def log_prior(self) -> np.ndarray:
        """Logarithm of the share of each class; [10]."""
        counts = np.bincount(self.labels, minlength=len(CLASS_NAMES)) + 1e-3
        return np.log(counts / counts.sum())


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


@dataclass(frozen=True)
class Classifiers:
    """Tell the class of sounds and of videos."""

    sound: SoundClassifier
    shape: LinearDiscriminant
    log_prior: np.ndarray

    def classes(self, sounds: Sounds, videos: Videos) -> tuple[np.ndarray, np.ndarray]:
        """Log-probabilities of N sounds and of M videos, floored as the lab's own system does; [N, 10], [M, 10]."""
        parts = Parts(None, self.sound, self.shape)
        return parts.sound_classes(sounds), parts.video_classes(videos)

    def term(self, sounds: Sounds, videos: Videos) -> np.ndarray:
        """`matching.class_term` of every pair; [N, M]."""
        return matching.class_term(*self.classes(sounds, videos), self.log_prior)


def fit_classifiers(training: TrainingSet, indices: np.ndarray) -> Classifiers:
    """Classifiers that know the clips of these indices and no others; taken from `kept` if they were trained before."""
    settings, labels = training.settings, training.labels[indices]
    bands = torch.from_numpy(training.sounds.bands[indices])
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        ContactMaps(
            STEP_BANDS, settings.maps
        )  # drawn first, so that the network begins as the library's does
        network = TemporalNetwork(settings.sound.width)
        train_once(
            network,
            lambda **options: fit_temporal_network(
                network, bands, labels, settings.sound, seed=settings.seed, **options
            ),
            training.kept / "weights",
            [settings.seed, bands, labels, settings.sound],
            epochs=settings.sound.epochs,
        )
    sound = SoundClassifier(network.eval(), fit_sound_discriminant(training.sounds.bands[indices], labels))
    shape = fit_shape_classifier(training.videos.shape[indices], labels)
    return Classifiers(sound, shape, training.log_prior)


def fit_maps(training: TrainingSet, indices: np.ndarray, make: MakeMaps = ContactMaps) -> ContactMaps:
    """Contact maps that know the clips of these indices and no others; taken from `kept` if they were trained before."""
    settings, labels = training.settings, training.labels[indices]
    steps = torch.from_numpy(training.sounds.steps[indices])
    movement = torch.from_numpy(training.videos.movement[indices])
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        maps = make(STEP_BANDS, settings.maps)
        train_once(
            maps,
            lambda **options: fit_contact_maps(
                maps, steps, movement, labels, settings.maps, seed=settings.seed, **options
            ),
            training.kept / "weights",
            [settings.seed, steps, movement, labels, settings.maps],
            epochs=settings.maps.epochs,
        )
    return maps.eval()
