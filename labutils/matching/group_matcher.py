"""Matches whole groups: it weighs scores, solves once, and says how sure it is. What it knows, it learned from known pairs.

Notebook: 05_contact_maps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labutils.errors import LabError
from labutils.matching.assignment import (
    UNMATCHED,
    assign,
    assign_partially,
    match_margin,
    match_threshold,
)
from labutils.matching.calibration import ConfidenceCurve, PairCalibration, precision_cut, tune_offset
from labutils.matching.groups import Group, random_group

OFFSETS = np.arange(-40, 41) / 10
DrawGroup = Callable[[int, float, np.random.Generator], Group]
"""(number of the fold, missing rate, random numbers) -> a group of clips of that fold."""


@dataclass(frozen=True)
class GroupMatcher:
    """From K scores of every pair to matches with a confidence.

    Attributes:
        pair: turns the K scores of a pair into one log-likelihood ratio.
        offset: added to `match_threshold`.
        missing_rate: share of a group that is expected to have no partner, when not all have one.
        complete, incomplete: confidence of a match where every sound has a video, and where some have none.
        confidence, right: of every match in the groups it learned from, [P] each.
    """

    pair: PairCalibration
    offset: float
    missing_rate: float
    complete: ConfidenceCurve
    incomplete: ConfidenceCurve
    confidence: np.ndarray
    right: np.ndarray

    @classmethod
    def fit(
        cls,
        known: Sequence[np.ndarray],
        *,
        missing_rate: float = 0.25,
        group_size: int = 50,
        groups_per_fold: int = 6,
        draw: DrawGroup | None = None,
        seed: int = 0,
    ) -> "GroupMatcher":
        """Learn from the scores of known clips.

        Args:
            known: for each fold, [n, n, K]: K scores of n sounds with their n videos, true pairs on the diagonal. Nothing
                that gives the scores of a fold may have been trained on its clips.
            missing_rate: share of a group without a partner, 0-1.
            group_size: sounds in the groups that it will be asked about.
            groups_per_fold: drawn to learn threshold and confidences; so many that each clip is in about one of each kind.
            draw: makes a group of the clips of a fold; default: any of them.
            seed: draws the groups.

        Raises:
            LabError: if there are no true or no other pairs, or a score is not a finite number.
        """
        pairs = np.concatenate([scores.reshape(-1, scores.shape[-1]) for scores in known])
        same = np.concatenate([np.eye(len(scores), dtype=bool).ravel() for scores in known])
        none, as_log_odds = np.zeros(0), ConfidenceCurve(1.0, 0.0)
        pair = PairCalibration.fit(pairs, same)
        untuned = cls(pair, 0.0, missing_rate, as_log_odds, as_log_odds, none, none)
        draw = draw or (lambda fold, rate, rng: random_group(len(known[fold]), group_size, rate, rng))
        rng = np.random.default_rng(seed)
        complete, incomplete = (
            [
                untuned._known_group(scores, draw(fold, rate, rng))
                for fold, scores in enumerate(known)
                for _ in range(groups_per_fold)
            ]
            for rate in (0.0, missing_rate)
        )
        tuned = replace(untuned, offset=tune_offset(incomplete, missing_rate, OFFSETS))
        return tuned._with_confidence(complete, incomplete)

    def _known_group(self, scores: np.ndarray, group: Group) -> tuple[np.ndarray, np.ndarray]:
        """Log-likelihood ratios [N, M] and truth [N] of a group of known clips."""
        return self.log_ratios(scores[np.ix_(group.sounds, group.videos)]), group.truth

    def _with_confidence(self, complete: Sequence, incomplete: Sequence) -> "GroupMatcher":
        """Learn how often matches of a margin are right."""
        margins = [self._margins(complete, complete=True), self._margins(incomplete, complete=False)]
        curves = [ConfidenceCurve.fit(*each) for each in margins]
        sure = [curve(margin) for curve, (margin, _) in zip(curves, margins, strict=True)]
        right = np.concatenate([right for _, right in margins])
        return replace(
            self, complete=curves[0], incomplete=curves[1], confidence=np.concatenate(sure), right=right
        )

    def _margins(self, groups: Sequence, *, complete: bool) -> tuple[np.ndarray, np.ndarray]:
        """Margin of every match in some groups, and whether it is right; [P], bool [P]."""
        margins, right = [np.zeros(0)], [np.zeros(0, dtype=bool)]
        for ratios, truth in groups:
            assignment, margin = self.solve(ratios, complete=complete)
            made = assignment != UNMATCHED
            margins.append(margin[made])
            right.append((assignment == truth)[made])
        return np.concatenate(margins), np.concatenate(right)

    def log_ratios(self, scores: np.ndarray) -> np.ndarray:
        """Log-likelihood ratio "same event" against "two events"; [N, M, K] -> [N, M]."""
        return self.pair(*np.moveaxis(scores, -1, 0))

    def threshold(self, sounds: int, videos: int) -> float:
        """The ratio above which a pair is worth a match, in a group of N sounds and M videos."""
        return match_threshold(sounds, videos, self.missing_rate) + self.offset

    def solve(self, log_ratios: np.ndarray, *, complete: bool) -> tuple[np.ndarray, np.ndarray]:
        """One assignment of the whole group, int [N], and the margin of each match, [N] (`match_margin`).

        Args:
            log_ratios: [N, M], from `log_ratios`.
            complete: True if every sound has a video; False lets a sound stay unmatched, -1.
        """
        if complete:
            assignment, threshold = assign(-log_ratios), -np.inf
        else:
            threshold = self.threshold(*log_ratios.shape)
            assignment = assign_partially(log_ratios - threshold)
        return assignment, match_margin(log_ratios, assignment, threshold)

    def match(self, scores: np.ndarray, *, complete: bool) -> tuple[np.ndarray, np.ndarray]:
        """Match the sounds of a group with its videos.

        Args:
            scores: float [N, M, K], in the order of `fit`; -inf = forbidden.
            complete: True if every sound has a video; False lets a sound stay unmatched.

        Returns:
            int [N], the video of every sound, -1 for none; float [N], the probability that the match is right, nan for none.

        Raises:
            LabError: if a score is nan or infinite.
        """
        assignment, margin = self.solve(self.log_ratios(scores), complete=complete)
        return assignment, self.confidence_of(margin, complete=complete)

    def confidence_of(self, margin: np.ndarray, *, complete: bool) -> np.ndarray:
        """Probability that a match of this margin is right; [N]."""
        return (self.complete if complete else self.incomplete)(margin)

    def sure_enough(self, confidence: np.ndarray, precision: float) -> np.ndarray:
        """Which matches are sure enough for a share of `precision` of them to be right; [N] -> bool [N].

        Raises:
            LabError: if no confidence reached that precision on the known clips.
        """
        cut = precision_cut(self.confidence, self.right, precision)
        if np.isinf(cut):
            raise LabError(
                f"a precision of {precision} was not reached for sure on the {len(self.right)} matches of the "
                "held-out sessions: expected a lower one; train on more clips or ask for less."
            )
        return np.nan_to_num(confidence, nan=-1.0) >= cut

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything it knows, by name."""
        return {
            "weights": self.pair.weights,
            "bias": np.asarray(self.pair.bias),
            "offset": np.asarray(self.offset),
            "missing_rate": np.asarray(self.missing_rate),
            "complete": np.array([self.complete.slope, self.complete.intercept]),
            "incomplete": np.array([self.incomplete.slope, self.incomplete.intercept]),
            "confidence": self.confidence,
            "right": self.right,
        }

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "GroupMatcher":
        """The matcher that `arrays` came from."""
        return cls(
            PairCalibration(arrays["weights"], float(arrays["bias"])),
            float(arrays["offset"]),
            float(arrays["missing_rate"]),
            ConfidenceCurve(*map(float, arrays["complete"])),
            ConfidenceCurve(*map(float, arrays["incomplete"])),
            arrays["confidence"],
            arrays["right"],
        )
