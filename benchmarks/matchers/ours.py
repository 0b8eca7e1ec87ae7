"""The lab's own system, and the same less one ingredient at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from labutils import matching
from labutils.contact_maps import ContactMaps, MapSettings
from labutils.systems.contact import REACH, STEP_BANDS, TERMS, Parts, Sounds, Videos
from labutils.systems.contact_training import MAPS
from matchers.calibrated import OnContactFeatures, ScoreMatcher, ScorePairs, classes_of, fit_matcher
from matchers.groups import COMPLETE_TASK, Answer, TestGroup
from matchers.heard import PathScore
from matchers.map_variants import FreeLengthMaps, UnsharedMaps
from matchers.training_set import TrainingSet, read_training_set


class MapScore(OnContactFeatures):
    """How well contact maps agree.

    Args:
        make: (bands, settings) -> the maps: `ContactMaps`, or the same less one idea.
    """

    def __init__(self, make: Callable[[int, MapSettings], ContactMaps] = ContactMaps):
        self.kind = replace(MAPS, new=lambda settings: make(STEP_BANDS, settings.maps))

    def fit(self, training: TrainingSet, indices: np.ndarray) -> ScorePairs:
        """Train the maps."""
        maps = training.network(self.kind, indices)
        parts = Parts(maps, None, None, None, None)

        def score(sounds: Sounds, videos: Videos) -> np.ndarray:
            return parts.map_scores(*parts.draw_maps(sounds, videos))[..., None]  # (N, M) -> (N, M, 1)

        return score


class FilmReach(OnContactFeatures):
    """How far the object moves in a film: no score, but what scores of this film are worth."""

    def fit(self, training: TrainingSet, indices: np.ndarray) -> ScorePairs:
        """Nothing is learned."""
        return lambda sounds, videos: np.broadcast_to(videos.log_reach, (len(sounds), len(videos)))[..., None]


class Together(OnContactFeatures):
    """Several scores, one beside the other.

    Args:
        scores: each of them on the features of the lab's own system.
    """

    def __init__(self, *scores: OnContactFeatures):
        self.scores = scores

    def fit(self, training: TrainingSet, indices: np.ndarray) -> ScorePairs:
        """Train them all."""
        fitted = [score.fit(training, indices) for score in self.scores]
        return lambda sounds, videos: np.concatenate([score(sounds, videos) for score in fitted], axis=-1)


def own_scores(maps: MapScore | None = None) -> Together:
    """All that the lab's own system knows of a pair but its class; `maps` may be others than its own."""
    return Together(maps or MapScore(), PathScore(), FilmReach())


def with_map_settings(training: TrainingSet, **changes) -> TrainingSet:
    """The training set with other settings of the maps, for example `longest_lag=0`."""
    maps = replace(training.settings.maps, **changes)
    return replace(training, settings=replace(training.settings, maps=maps))


def ours(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """The lab's own system: contact maps, heard path, reach of the film, class term, calibration, one solve."""
    return fit_matcher(own_scores(), read_training_set(train_folder, seed, kept))


def without_path(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Less the heard path."""
    return fit_matcher(Together(MapScore(), FilmReach()), read_training_set(train_folder, seed, kept))


def without_reach(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Less the reach of the film."""
    return fit_matcher(Together(MapScore(), PathScore()), read_training_set(train_folder, seed, kept))


def without_sharing(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Less the sharing over walls."""
    return fit_matcher(own_scores(MapScore(UnsharedMaps)), read_training_set(train_folder, seed, kept))


def without_lags(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Less the lags."""
    training = read_training_set(train_folder, seed, kept)
    return fit_matcher(own_scores(), with_map_settings(training, longest_lag=0))


def without_shift(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Less the common shift in time of both halves in training."""
    training = read_training_set(train_folder, seed, kept)
    return fit_matcher(own_scores(), with_map_settings(training, longest_shift=0))


def without_normalisation(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Less the maps' length of 1."""
    return fit_matcher(own_scores(MapScore(FreeLengthMaps)), read_training_set(train_folder, seed, kept))


def without_class(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Less the class term."""
    return fit_matcher(own_scores(), read_training_set(train_folder, seed, kept), with_class=False)


def without_calibration(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Less the calibration: the three scores are added as they are, and the threshold is that of theory."""
    found = ours(train_folder, seed, kept)
    plain = matching.PairCalibration(np.array([term != REACH for term in TERMS], dtype=float), 0.0)
    plain = replace(found.matcher, pair=plain, offset=0.0)
    return replace(found, matcher=plain)


@dataclass(frozen=True)
class SplitByClass:
    """One solve for each class that sounds and videos were taken for, and one more for what is left over.

    Attributes:
        whole: gives scores and classes.
    """

    whole: ScoreMatcher

    def answer(self, group: TestGroup) -> Answer:
        """Solve inside the classes with the calibrated scores, then solve the rest."""
        features = self.whole.class_features(group.sounds, group.videos)
        audio_class, video_class = (
            log_p.argmax(axis=1) for log_p in classes_of(self.whole.classifiers, *features)
        )
        log_ratios = self.whole.matcher.log_ratios(self.whole.scores(group.sounds, group.videos))
        gain = log_ratios if group.task == COMPLETE_TASK else self._above_threshold(log_ratios)
        assignment = np.full(len(log_ratios), matching.UNMATCHED)
        for _, rows, columns in matching.split_by_class(audio_class, video_class):
            _solve_block(assignment, gain, rows, columns, complete=group.task == COMPLETE_TASK)
        rows = np.flatnonzero(assignment == matching.UNMATCHED)
        columns = np.setdiff1d(np.arange(len(video_class)), assignment)
        _solve_block(assignment, gain, rows, columns, complete=group.task == COMPLETE_TASK)
        same_class = audio_class[:, None] == video_class
        return Answer(assignment, np.where(same_class, log_ratios, log_ratios - 1e6))

    def _above_threshold(self, log_ratios: np.ndarray) -> np.ndarray:
        return log_ratios - self.whole.matcher.threshold(*log_ratios.shape)


def _solve_block(
    assignment: np.ndarray, gain: np.ndarray, rows: np.ndarray, columns: np.ndarray, *, complete: bool
) -> None:
    """Assign some sounds to some videos, in place."""
    block = gain[np.ix_(rows, columns)]
    inside = matching.assign(-block) if complete else matching.assign_partially(block)
    matched = inside != matching.UNMATCHED
    assignment[rows[matched]] = columns[inside[matched]]


def without_one_solve(train_folder: Path, seed: int, kept: Path) -> SplitByClass:
    """Less the one solve: a hard split by class first."""
    return SplitByClass(ours(train_folder, seed, kept))
