"""The path that is heard as a score: how likely the seen path is, where the sound says that the object is."""

from pathlib import Path

import numpy as np

from labutils.heard_path import path_log_likelihood
from labutils.systems.contact import Sounds, Videos
from labutils.systems.contact_training import PATH
from matchers.calibrated import OnContactFeatures, ScoreMatcher, ScorePairs, fit_matcher
from matchers.training_set import TrainingSet, hear, read_training_set


class PathScore(OnContactFeatures):
    """Log-likelihood of the seen path."""

    def fit(self, training: TrainingSet, indices: np.ndarray) -> ScorePairs:
        """Train the network that hears paths."""
        network = training.network(PATH, indices)

        def score(sounds: Sounds, videos: Videos) -> np.ndarray:
            likelihood = path_log_likelihood(hear(network, sounds.levels), videos.path)
            return likelihood[..., None]  # (N, M) -> (N, M, 1)

        return score


def heard_path(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """The heard path and the class term."""
    return fit_matcher(PathScore(), read_training_set(train_folder, seed, kept))
