"""Every score of a pair gets the same chance: weighed on sessions that nothing was trained on, then solved as ours is.

A method of this kind says only how it scores a pair, by one number or several. Logistic regression over held-out pairs
turns them into a log-likelihood ratio; the price of staying unmatched is tuned on incomplete groups of held-out clips; one
assignment is solved for the whole group. This is what `systems.contact_training.calibrate` does for the lab's own system.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from labutils import matching
from labutils.clips import Clip
from labutils.systems.contact import OFFSETS, ContactSettings, Sounds, Videos, sound_features, video_features
from labutils.systems.contact_training import draw_group
from matchers.groups import COMPLETE_TASK, Answer, TestGroup
from matchers.training_set import Classifiers, TrainingSet, fit_classifiers

Features = Any
"""What a score needs of N clips: anything with a length that `features[indices]` takes clips from."""
ScorePairs = Callable[[Features, Features], np.ndarray]
"""(features of N sounds, of M videos) -> float [N, M, K]: K numbers for each pair, higher = belongs together."""


class PairScore(Protocol):
    """A way to score pairs."""

    def sound_features(self, clips: Sequence[Clip], **options) -> Features:
        """What it needs of N sounds; `options` as of `features.clip_features`."""

    def video_features(self, clips: Sequence[Clip], **options) -> Features:
        """What it needs of M videos; `options` as of `features.clip_features`."""

    def fit(self, training: TrainingSet, indices: np.ndarray) -> ScorePairs:
        """Learn from the training clips of these indices and from no others."""


class OnContactFeatures:
    """For scores that need what the lab's own system keeps of clips, `contact.Sounds` and `contact.Videos`."""

    def sound_features(self, clips: Sequence[Clip], **options) -> Features:
        """`contact.sound_features`."""
        return sound_features(clips, **options)

    def video_features(self, clips: Sequence[Clip], **options) -> Features:
        """`contact.video_features`."""
        return video_features(clips, **options)


@dataclass(frozen=True)
class HeldOut:
    """Scores of clips that nothing was trained on.

    Attributes:
        indices: int [n] of the clips.
        scores: float [n, n, K], of every sound with every video; true pairs on the diagonal.
    """

    indices: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Fusion:
    """From K scores of each pair to an assignment; what it knows, it learned from held-out sessions.

    Attributes:
        pair: weights of the K scores, and a bias.
        offset: added to `matching.match_threshold`.
        missing_rate: share of a group without a partner, in task 3.
    """

    pair: matching.PairCalibration
    offset: float
    missing_rate: float

    def log_ratios(self, scores: np.ndarray) -> np.ndarray:
        """Log-likelihood ratio "same event" against "two events"; [N, M, K] -> [N, M]."""
        return self.pair(*np.moveaxis(scores, -1, 0))

    def threshold(self, sounds: int, videos: int) -> float:
        """The ratio above which a pair is worth a match, in a group of N sounds and M videos."""
        return matching.match_threshold(sounds, videos, self.missing_rate) + self.offset

    def assign(self, log_ratios: np.ndarray, *, complete: bool) -> np.ndarray:
        """One assignment for the whole group; [N, M] -> int [N], -1 for no video."""
        if complete:
            return matching.assign(-log_ratios)
        return matching.assign_partially(log_ratios - self.threshold(*log_ratios.shape))


def calibrate(folds: Sequence[HeldOut], clips: Sequence[Clip], settings: ContactSettings) -> Fusion:
    """Learn weights and price from the held-out clips of every fold.

    Args:
        folds: scores of the held-out clips.
        clips: all training clips.
        settings: size, number and missing rate of the groups, seed.
    """
    scores = np.concatenate([fold.scores.reshape(-1, fold.scores.shape[-1]) for fold in folds])
    same = np.concatenate([np.eye(len(fold.indices), dtype=bool).ravel() for fold in folds])
    untuned = Fusion(matching.PairCalibration.fit(scores, same), 0.0, settings.missing_rate)
    rng = np.random.default_rng(settings.seed)
    list(
        _drawn_groups(folds, clips, 0.0, settings, rng)
    )  # complete ones come first in the library: same draws
    incomplete = [
        (untuned.log_ratios(scores), truth)
        for scores, truth in _drawn_groups(folds, clips, settings.missing_rate, settings, rng)
    ]
    offset = matching.tune_offset(incomplete, settings.missing_rate, OFFSETS)
    return Fusion(untuned.pair, offset, settings.missing_rate)


def _drawn_groups(
    folds: Sequence[HeldOut], clips, missing_rate: float, settings: ContactSettings, rng
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Scores [N, M, K] and truth [N] of groups drawn from the held-out clips of each fold."""
    for fold in folds:
        place = {clip: number for number, clip in enumerate(fold.indices.tolist())}
        for _ in range(settings.groups_per_fold):
            group = draw_group(clips, fold.indices, settings.group_size, missing_rate, rng)
            rows, columns = ([place[i] for i in side.tolist()] for side in (group.sounds, group.videos))
            yield fold.scores[np.ix_(rows, columns)], group.truth


@dataclass(frozen=True)
class ScoreMatcher:
    """A score, trained and calibrated.

    Attributes:
        kind: gives the features.
        score: of pairs, trained on all clips.
        classifiers: give the class term as the last score; None if the method goes without.
        fusion: calibrated on held-out sessions.
        sound_cache, video_cache: folders for features of the test clips.
    """

    kind: PairScore
    score: ScorePairs
    classifiers: Classifiers | None
    fusion: Fusion
    sound_cache: Path
    video_cache: Path

    def answer(self, group: TestGroup) -> Answer:
        """One assignment of the whole group by calibrated scores."""
        log_ratios = self.fusion.log_ratios(self.scores(group.sounds, group.videos))
        return Answer(self.fusion.assign(log_ratios, complete=group.task == COMPLETE_TASK), log_ratios)

    def scores(self, sounds: Sequence[Clip], videos: Sequence[Clip]) -> np.ndarray:
        """All scores of every pair, the class term last; float [N, M, K]."""
        found = self.score(
            self.kind.sound_features(sounds, cache=self.sound_cache, progress=False),
            self.kind.video_features(videos, cache=self.video_cache, progress=False),
        )
        if self.classifiers is None:
            return found
        return with_term(found, self.classifiers.term(*self.class_features(sounds, videos)))

    def class_features(self, sounds: Sequence[Clip], videos: Sequence[Clip]) -> tuple[Sounds, Videos]:
        """What the classifiers need of N sounds and M videos."""
        return (
            sound_features(sounds, cache=self.sound_cache, progress=False),
            video_features(videos, cache=self.video_cache, progress=False),
        )


def with_term(scores: np.ndarray, term: np.ndarray) -> np.ndarray:
    """The class term as one more score; [N, M, K], [N, M] -> [N, M, K + 1]."""
    return np.concatenate([scores, term[..., None]], axis=-1)


def fit_matcher(kind: PairScore, training: TrainingSet, *, with_class: bool = True) -> ScoreMatcher:
    """Train a score on every fold, calibrate it on what was held out, and train it once more on everything.

    Args:
        kind: how pairs are scored.
        training: clips and folds.
        with_class: weigh the class term of the shared classifiers as one more score.
    """
    kept = {"cache": training.kept / "features", "progress": False}
    sounds, videos = (
        kind.sound_features(training.clips, **kept),
        kind.video_features(training.clips, **kept),
    )
    folds = []
    for indices, held_out in training.folds:
        scores = kind.fit(training, indices)(sounds[held_out], videos[held_out])
        if with_class:
            classifiers = fit_classifiers(training, indices)
            scores = with_term(scores, classifiers.term(training.sounds[held_out], training.videos[held_out]))
        folds.append(HeldOut(held_out, scores))
    fusion = calibrate(folds, training.clips, training.settings)
    classifiers = fit_classifiers(training, training.everything) if with_class else None
    score = kind.fit(training, training.everything)
    return ScoreMatcher(kind, score, classifiers, fusion, kept["cache"], kept["cache"])
