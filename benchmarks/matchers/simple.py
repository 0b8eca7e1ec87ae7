"""What needs no score of time or place: chance, never an answer, and the class alone."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labutils.matching import UNMATCHED, assign
from labutils.systems.contact import Sounds, Videos
from matchers.calibrated import OnContactFeatures, ScoreMatcher, ScorePairs, fit_matcher
from matchers.groups import Answer, TestGroup
from matchers.training_set import TrainingSet, read_training_set


@dataclass(frozen=True)
class Chance:
    """Gives every sound a video by lot."""

    seed: int

    def answer(self, group: TestGroup) -> Answer:
        """A random assignment; the same one each time for the same group."""
        scores = group.lots(self.seed).random((len(group.sounds), len(group.videos)))
        return Answer(assign(-scores), scores)


class NoPartner:
    """Says of every sound that it has no video."""

    def answer(self, group: TestGroup) -> Answer:
        """-1 for every sound."""
        return Answer(np.full(len(group.sounds), UNMATCHED), None)


class NoScore(OnContactFeatures):
    """Knows nothing but what the class term adds: K = 0."""

    def fit(self, training: TrainingSet, indices: np.ndarray) -> ScorePairs:
        """Nothing is learned."""
        return self._score

    def _score(self, sounds: Sounds, videos: Videos) -> np.ndarray:
        return np.empty((len(sounds), len(videos), 0))


def chance(train_folder: Path, seed: int, kept: Path) -> Chance:
    """A random assignment."""
    return Chance(seed)


def no_partner(train_folder: Path, seed: int, kept: Path) -> NoPartner:
    """-1 for every sound."""
    return NoPartner()


def class_only(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """The class term alone: which object it was, and nothing of when and where."""
    return fit_matcher(NoScore(), read_training_set(train_folder, seed, kept))
