"""Physics without training: contacts, loudness and the loud wall; only their weights are learned, from held-out pairs."""

from pathlib import Path

import numpy as np

from labutils.physics_score import physics_scores
from labutils.systems.contact import Sounds, Videos
from matchers.calibrated import OnContactFeatures, ScoreMatcher, ScorePairs, fit_matcher
from matchers.training_set import TrainingSet, read_training_set


class PhysicsScore(OnContactFeatures):
    """The first K scores of contacts, loudness and wall."""

    def __init__(self, count: int = 3):
        self.count = count

    def fit(self, training: TrainingSet, indices: np.ndarray) -> ScorePairs:
        """Nothing is learned."""
        return self._score

    def _score(self, sounds: Sounds, videos: Videos) -> np.ndarray:
        return physics_scores(sounds.steps, videos.movement)[..., : self.count]


def physics(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """All three scores and the class term."""
    return fit_matcher(PhysicsScore(), read_training_set(train_folder, seed, kept))


def physics_without_class(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """All three scores alone."""
    return fit_matcher(PhysicsScore(), read_training_set(train_folder, seed, kept), with_class=False)


def contacts_only(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Contacts heard against contacts seen, and the class term."""
    return fit_matcher(PhysicsScore(1), read_training_set(train_folder, seed, kept))


def contacts_and_loudness(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Contacts, loudness against speed, and the class term."""
    return fit_matcher(PhysicsScore(2), read_training_set(train_folder, seed, kept))
