"""Which sound belongs to which video: distance matrices and the Hungarian algorithm.

Notebook: 04_hungarian_matching, 05_contact_maps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression

UNMATCHED = -1


def distance_matrix(audio: np.ndarray, video: np.ndarray) -> np.ndarray:
    """Euclidean distance of every sound to every video; [N, d], [M, d] -> [N, M]."""
    return cdist(audio, video)


def assign(cost: np.ndarray) -> np.ndarray:
    """One video for each sound, no video twice, at the least total cost.

    Args:
        cost: float [N, M]; if N > M, the N - M sounds that fit worst stay unmatched.

    Returns:
        int [N]: the column of every row, -1 for a row left unmatched.

    Source: Kuhn, "The Hungarian method for the assignment problem", 1955; `scipy.optimize.linear_sum_assignment`.
    Notebook: 04_hungarian_matching.
    """
    assignment = np.full(len(cost), UNMATCHED)
    rows, columns = linear_sum_assignment(cost)
    assignment[rows] = columns
    return assignment


@dataclass(frozen=True)
class Matching:
    """How the N sounds of a group were matched with its M videos.

    Attributes:
        assignment: int [N], the index of each sound's video, -1 for none.
        scores: float [N, M], higher = belongs together, -inf = forbidden.
        confidence: float [N], probability that the match is right; nan where there is none or the system does not know.
        audio_class: int [N], what each sound was taken for.
        video_class: int [M], what each video was taken for.
    """

    assignment: np.ndarray
    scores: np.ndarray
    confidence: np.ndarray
    audio_class: np.ndarray
    video_class: np.ndarray


def split_by_class(
    audio_class: np.ndarray, video_class: np.ndarray
) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """(class, sounds, videos), by their indices, for every class that both some sound and some video were taken for."""
    shared = np.intersect1d(audio_class, video_class)
    return [(int(c), np.flatnonzero(audio_class == c), np.flatnonzero(video_class == c)) for c in shared]


def match_within_classes(
    distance: np.ndarray, audio_class: np.ndarray, video_class: np.ndarray
) -> np.ndarray:
    """Solve one assignment for every class, as the report does; what a class has too many of stays unmatched.

    Args:
        distance: float [N, M]; only sounds and videos of the same class are looked at.
        audio_class: int [N].
        video_class: int [M].

    Returns:
        int [N]: the video of every sound, -1 for a sound left unmatched.

    Source: the course report, task 2.
    Notebook: 04_hungarian_matching.
    """
    assignment = np.full(len(distance), UNMATCHED)
    for _, sounds, videos in split_by_class(audio_class, video_class):
        block = distance[np.ix_(sounds, videos)]
        if not np.isfinite(block).all():  # nothing is known of this class
            continue
        inside = assign(block)
        matched = inside != UNMATCHED
        assignment[sounds[matched]] = videos[inside[matched]]
    return assignment


def assigned(values: np.ndarray, assignment: np.ndarray, *, unmatched: float) -> np.ndarray:
    """The entry of a matrix [N, M] that each row was assigned, `unmatched` for a row without; [N]."""
    picked = values[np.arange(len(values)), np.maximum(assignment, 0)]
    return np.where(assignment == UNMATCHED, unmatched, picked)


def reject(assignment: np.ndarray, distance: np.ndarray, threshold: float) -> np.ndarray:
    """The assignment without the matches further apart than `threshold`, which become -1; int [N].

    Source: the course report, task 3.
    Notebook: 04_hungarian_matching.
    """
    return np.where(distance > threshold, UNMATCHED, assignment)


def pair_unmatched(assignment: np.ndarray, videos: int, rng: np.random.Generator) -> np.ndarray:
    """The assignment with every unmatched sound given one of the unused videos at random; int [N].

    Source: the course report, task 2: what the class split leaves over.
    """
    unused = np.setdiff1d(np.arange(videos), assignment)
    unmatched = np.flatnonzero(assignment == UNMATCHED)
    count = min(len(unused), len(unmatched))
    filled = assignment.copy()
    filled[unmatched[:count]] = rng.permutation(unused)[:count]
    return filled


def calibrate_threshold(
    distances: list[np.ndarray],
    *,
    missing_rate: float,
    rng: np.random.Generator,
    size: int | None = None,
    draws: int = 50,
) -> float:
    """The one distance above which a match is better taken back, found on groups made incomplete on purpose.

    In every draw a share of the sounds and, independently, of the videos of each class is taken away; what is left is
    matched. The threshold is the one with the most right answers over all draws.

    Args:
        distances: square distance matrices of held-out clips, one for every class, true pairs on the diagonal.
        missing_rate: share taken away on each side, 0-1.
        rng: draws the clips that are taken away.
        size: sounds (and videos) of a class that are left in a group, about; None: of all clips. The best of many wrong
            videos is closer than the best of few, so a threshold serves groups of the size that it was found on.
        draws: incomplete groups made of every matrix.

    Returns:
        The threshold, in units of distance; infinity, which rejects nothing, if no draw leaves a match to learn from.

    Notebook: 04_hungarian_matching.
    """
    found = [
        _incomplete_matches(distance, missing_rate, size, rng) for distance in distances for _ in range(draws)
    ]
    if not any(len(distance) for distance, _, _ in found):
        return float("inf")
    distance = np.concatenate([distance for distance, _, _ in found])
    gain = np.concatenate([right - 1.0 * unmatched for _, right, unmatched in found])
    order = np.argsort(distance)
    # accepting the k closest matches: each adds its right answer, or loses the right -1 it would have been
    total = np.concatenate([[0.0], np.cumsum(gain[order])])
    best = int(total.argmax())
    edges = np.concatenate([[0.0], distance[order], [2 * distance.max()]])
    return float((edges[best] + edges[best + 1]) / 2)


def _incomplete_matches(
    distance: np.ndarray, missing_rate: float, size: int | None, rng: np.random.Generator
):
    """Distance of each match in one incomplete group; is it right; has the sound no partner at all."""
    clips = np.arange(len(distance))
    if size is not None and missing_rate < 1:
        clips = rng.permutation(clips)[: round(size / (1 - missing_rate))]
    rows, columns = (clips[rng.random(len(clips)) >= missing_rate] for _ in range(2))
    cost = distance[np.ix_(rows, columns)]
    inside = assign(cost)
    matched = np.flatnonzero(inside != UNMATCHED)
    right = rows[matched] == columns[inside[matched]]
    unmatched = ~np.isin(rows[matched], columns)
    return cost[matched, inside[matched]], right, unmatched


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
        """
        found = LogisticRegression(C=100.0, class_weight="balanced", max_iter=1000).fit(scores, same)
        return cls(found.coef_[0], float(found.intercept_[0]))

    def __call__(self, *scores: np.ndarray) -> np.ndarray:
        """Log-likelihood ratio "same event" against "two events" of every pair; K matrices [N, M] -> [N, M]."""
        return sum(w * s for w, s in zip(self.weights, scores, strict=True)) + self.bias


def match_threshold(sounds: int, videos: int, missing_rate: float) -> float:
    """The log-likelihood ratio above which a pair is more likely a match than not: log(audio only * video only / both).

    It grows with the logarithm of the size of the group: among more videos, the best of the wrong ones is better.

    Args:
        sounds: N in the group.
        videos: M in the group.
        missing_rate: share of the smaller side that has no partner, 0-1.
    """
    both = (1 - missing_rate) * min(sounds, videos)
    only = [
        max(side - both, 0.5) for side in (sounds, videos)
    ]  # half a clip, where none is expected to be missing
    return float(np.log(only[0]) + np.log(only[1]) - np.log(max(both, 0.5)))


def assign_partially(gain: np.ndarray) -> np.ndarray:
    """The matching with the largest total gain, in which anything may stay unmatched.

    Leaving a sound and a video unmatched gains 0, so pairs with a negative gain are never needed: they are set to 0 before
    one rectangular assignment is solved, and dropped afterwards.

    Args:
        gain: float [N, M], -inf = forbidden.

    Returns:
        int [N]: the video of every sound, -1 for none.
    """
    found = assign(-np.maximum(gain, 0.0))
    return np.where(assigned(gain, found, unmatched=-np.inf) > 0, found, UNMATCHED)


def match_margin(log_ratio: np.ndarray, assignment: np.ndarray, threshold: float = -np.inf) -> np.ndarray:
    """How far each match stands above all its rivals together: the other pairs of its sound and of its video.

    Args:
        log_ratio: [N, M].
        assignment: int [N].
        threshold: of staying unmatched, which is a rival too; -inf where nothing may.

    Returns:
        float [N]; nan for a sound without a match.
    """
    margin = np.full(len(assignment), np.nan)
    for sound, video in enumerate(assignment):
        if video != UNMATCHED:
            rivals = np.concatenate(
                [np.delete(log_ratio[sound], video), np.delete(log_ratio[:, video], sound), [threshold, -1e3]]
            )
            margin[sound] = log_ratio[sound, video] - logsumexp(rivals)
    return margin


def tune_offset(
    groups: Sequence[tuple[np.ndarray, np.ndarray]], missing_rate: float, offsets: np.ndarray
) -> float:
    """What to add to `match_threshold` so that most answers are right in groups made incomplete on purpose.

    Args:
        groups: (log-likelihood ratios [N, M], true video of every sound [N]) of held-out clips.
        missing_rate: of these groups.
        offsets: values to try.

    Returns:
        The middle of the offsets that are best.
    """
    right = [
        sum(
            (assign_partially(r - match_threshold(*r.shape, missing_rate) - offset) == truth).sum()
            for r, truth in groups
        )
        for offset in offsets
    ]
    best = np.flatnonzero(np.array(right) == max(right))
    return float(offsets[best[len(best) // 2]])


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
