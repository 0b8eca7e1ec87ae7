"""Every score of a pair gets the same chance: weighed on sessions that nothing was trained on, then solved as ours is.

A method of this kind says only how it scores a pair, by one number or several. The library's `GroupMatcher` does the rest,
as for the lab's own system: weights and the price of staying unmatched from held-out pairs, and one solve.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from labutils import matching
from labutils.clips import Clip
from labutils.matching import GroupMatcher
from labutils.splits import session_parts
from labutils.systems.contact import Parts, Sounds, Videos, sound_features, video_features
from labutils.systems.contact_training import MOST_COMPARED
from labutils.systems.contact_training import fit_matcher as fit_group_matcher
from matchers.groups import COMPLETE_TASK, Answer, TestGroup
from matchers.training_set import TrainingSet, fit_classifiers

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
class ScoreMatcher:
    """A score, trained and calibrated.

    Attributes:
        kind: gives the features.
        score: of pairs, trained on all clips.
        classifiers: give the class term as the last score; None if the method goes without.
        matcher: learned from held-out sessions.
        sound_cache, video_cache: folders for features of the test clips.
    """

    kind: PairScore
    score: ScorePairs
    classifiers: Parts | None
    matcher: GroupMatcher
    sound_cache: Path
    video_cache: Path

    def answer(self, group: TestGroup) -> Answer:
        """One assignment of the whole group by calibrated scores."""
        log_ratios = self.matcher.log_ratios(self.scores(group.sounds, group.videos))
        return Answer(self.matcher.solve(log_ratios, complete=group.task == COMPLETE_TASK)[0], log_ratios)

    def scores(self, sounds: Sequence[Clip], videos: Sequence[Clip]) -> np.ndarray:
        """All scores of every pair, the class term last; float [N, M, K]."""
        found = self.score(
            self.kind.sound_features(sounds, cache=self.sound_cache, progress=False),
            self.kind.video_features(videos, cache=self.video_cache, progress=False),
        )
        if self.classifiers is None:
            return found
        return with_term(found, class_term_of(self.classifiers, *self.class_features(sounds, videos)))

    def class_features(self, sounds: Sequence[Clip], videos: Sequence[Clip]) -> tuple[Sounds, Videos]:
        """What the classifiers need of N sounds and M videos."""
        return (
            sound_features(sounds, cache=self.sound_cache, progress=False),
            video_features(videos, cache=self.video_cache, progress=False),
        )


def classes_of(classifiers: Parts, sounds: Sounds, videos: Videos) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of the classes of N sounds and of M videos; [N, 10], [M, 10]."""
    return classifiers.sound_classes(sounds), classifiers.video_classes(videos)


def class_term_of(classifiers: Parts, sounds: Sounds, videos: Videos) -> np.ndarray:
    """`matching.class_term` of every pair; [N, M]."""
    return matching.class_term(*classes_of(classifiers, sounds, videos), classifiers.log_prior)


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
    terms, asked = [], []
    for indices, held_out in training.folds:
        score = kind.fit(training, indices)
        classifiers = fit_classifiers(training, indices) if with_class else None
        for part in session_parts(training.clips, held_out, MOST_COMPARED, seed=training.settings.seed):
            scores = score(sounds[part], videos[part])
            if classifiers is not None:
                own = training.sounds[part], training.videos[part]
                scores = with_term(scores, class_term_of(classifiers, *own))
            terms.append(scores)
            asked.append(part)
    matcher = fit_group_matcher(terms, asked, training.clips, training.settings)
    classifiers = fit_classifiers(training, training.everything) if with_class else None
    score = kind.fit(training, training.everything)
    return ScoreMatcher(kind, score, classifiers, matcher, kept["cache"], kept["cache"])
