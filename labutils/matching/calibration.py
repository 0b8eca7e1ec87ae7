"""From scores to log-likelihood ratios, and from margins to confidences; all of it learned from pairs that are known.

Notebook: 05_contact_maps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression

from labutils.errors import LabError
from labutils.matching.assignment import assign_partially, match_threshold


def class_term(audio_log_p: np.ndarray, video_log_p: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
    """How much more likely the classes are if a sound and a video show the same object: log sum_c p(c|a) p(c|v) / pi_c.

    Args:
        audio_log_p: log-probabilities of the classes of N sounds, [N, C].
        video_log_p: of M videos, [M, C].
        log_prior: logarithm of the share of each class, [C].

    Returns:
        float [N, M]; 0 where the classes say nothing.
    """
    return logsumexp(audio_log_p[:, None] + video_log_p[None] - log_prior, axis=2)


@dataclass(frozen=True)
class PairCalibration:
    """Turns scores of pairs into log-likelihood ratios: a weighted sum of the scores, and a bias.

    Attributes:
        weights: float [K], one for each kind of score.
        bias: float.
    """

    weights: np.ndarray
    bias: float

    @classmethod
    def fit(cls, scores: np.ndarray, same: np.ndarray) -> "PairCalibration":
        """Logistic regression in which the true pairs together count as much as all others together.

        Args:
            scores: [P, K] of pairs that no part of the system was trained on.
            same: bool [P].

        Raises:
            LabError: if all pairs are true, or none, or if a score is not a number.
        """
        if same.all() or not same.any():
            raise LabError(
                f"{same.sum()} true pairs among {len(same)}: expected true and other pairs; give at least two known "
                "sounds with their videos."
            )
        if not np.isfinite(scores).all():
            raise LabError(
                "a known pair has a score that is not a finite number: expected numbers to learn from."
            )
        found = LogisticRegression(C=100.0, class_weight="balanced", max_iter=1000).fit(scores, same)
        return cls(found.coef_[0], float(found.intercept_[0]))

    def __call__(self, *scores: np.ndarray) -> np.ndarray:
        """Log-likelihood ratio "same event" against "two events" of every pair; K matrices [N, M] -> [N, M].

        A pair that one of the scores forbids (-inf) is forbidden.
        """
        stacked = np.stack(scores, axis=-1).astype(float)  # -> (N, M, K)
        if stacked.shape[-1] != len(self.weights):
            raise LabError(f"{stacked.shape[-1]} scores of each pair: expected {len(self.weights)}.")
        forbidden = (stacked == -np.inf).any(axis=-1)
        ratio = np.where(forbidden[..., None], 0.0, stacked) @ self.weights + self.bias
        return np.where(forbidden, -np.inf, ratio)


def tune_offset(
    groups: Sequence[tuple[np.ndarray, np.ndarray]], missing_rate: float, offsets: np.ndarray
) -> float:
    """What to add to `match_threshold`, told from groups made incomplete on purpose.

    Few groups do not tell the best offset well, and 0 is what theory says. So the offset nearest to 0 is taken with which as
    many answers are right as with the best one, but for one standard error.

    Args:
        groups: (log-likelihood ratios [N, M], true video of every sound [N]) of held-out clips.
        missing_rate: of these groups.
        offsets: values to try.

    Source: the rule of one standard error is Breiman et al., "Classification and regression trees", 1984, section 3.4.3.
    """
    right = np.zeros((len(offsets), len(groups)))
    for number, (ratios, truth) in enumerate(groups):
        gain = ratios - match_threshold(*ratios.shape, missing_rate)
        right[:, number] = [(assign_partially(gain - offset) == truth).mean() for offset in offsets]
    behind = right[right.mean(axis=1).argmax()] - right  # paired: the same groups
    allowed = behind.std(axis=1, ddof=min(1, len(groups) - 1)) / np.sqrt(len(groups))
    as_good = offsets[behind.mean(axis=1) <= allowed]
    return float(as_good[np.abs(as_good).argmin()])


def precision_cut(confidence: np.ndarray, right: np.ndarray, precision: float) -> float:
    """The lowest confidence at which held-out matches were so often right, surely.

    Args:
        confidence: [P] of held-out matches.
        right: bool [P].
        precision: wanted share, 0-1.

    Returns:
        The loosest cut at which the lower end of the 95 % interval (Clopper and Pearson) for the share of right matches
        at or above it reaches `precision`; infinity if there is none.

    Source: Clopper and Pearson, "The use of confidence or fiducial limits", Biometrika 1934.
    """
    order = np.argsort(-confidence)
    hits, count = np.cumsum(right[order]), np.arange(1, len(order) + 1)
    low = np.where(hits > 0, beta.ppf(0.025, np.maximum(hits, 1), count - hits + 1), 0.0)
    is_whole_tie = np.append(np.diff(confidence[order]) < 0, True)
    good = np.flatnonzero((low >= precision) & is_whole_tie)
    return float(confidence[order[good[-1]]]) if len(good) else float("inf")


@dataclass(frozen=True)
class ConfidenceCurve:
    """From the margin of a match to the probability that it is right: a logistic curve.

    Attributes:
        slope, intercept: of the log-odds over the margin.
    """

    slope: float
    intercept: float

    @classmethod
    def fit(cls, margin: np.ndarray, right: np.ndarray) -> "ConfidenceCurve":
        """Logistic regression on known matches; where all of them are right, or none, the margin is taken for log-odds.

        Args:
            margin: [P] of held-out matches, from `match_margin`.
            right: bool [P].
        """
        if right.all() or not right.any():
            return cls(1.0, 0.0)
        found = LogisticRegression(C=100.0).fit(margin[:, None], right)
        return cls(float(found.coef_[0, 0]), float(found.intercept_[0]))

    def __call__(self, margin: np.ndarray) -> np.ndarray:
        """Probabilities [N]; nan stays nan."""
        return expit(self.slope * margin + self.intercept)
