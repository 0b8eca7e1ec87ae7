"""Which sound belongs to which video: distance matrices and the Hungarian algorithm.

Notebook: 04_hungarian_matching.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

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
        inside = assign(distance[np.ix_(sounds, videos)])
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
