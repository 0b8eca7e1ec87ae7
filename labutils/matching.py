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
        cost: float [N, M]; if N > M, the N - M sounds that fit worst stay alone.

    Returns:
        int [N]: the column of every row, -1 for a row left alone.

    Source: Kuhn, "The Hungarian method for the assignment problem", 1955; `scipy.optimize.linear_sum_assignment`.
    Notebook: 04_hungarian_matching.
    """
    assignment = np.full(len(cost), UNMATCHED)
    rows, columns = linear_sum_assignment(cost)
    assignment[rows] = columns
    return assignment


@dataclass(frozen=True)
class ClassBlock:
    """The sounds and videos taken for one class, and the distance of each to each.

    `rows` [n] and `columns` [m] are their places in the group; `distance` is float [n, m].
    """

    label: int
    rows: np.ndarray
    columns: np.ndarray
    distance: np.ndarray


def split_by_class(
    audio_class: np.ndarray, video_class: np.ndarray
) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """(class, rows, columns) for every class that both some sound and some video were taken for."""
    shared = np.intersect1d(audio_class, video_class)
    return [(int(c), np.flatnonzero(audio_class == c), np.flatnonzero(video_class == c)) for c in shared]


def match_within_classes(blocks: list[ClassBlock], sounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Solve one assignment for every class, as the report does.

    Args:
        blocks: one distance matrix for each class.
        sounds: N, how many sounds the group has.

    Returns:
        assignment int [N], -1 for a sound left alone; distance of each match float [N], inf for a sound left alone.

    Source: the course report, task 2.
    Notebook: 04_hungarian_matching.
    """
    assignment, distance = np.full(sounds, UNMATCHED), np.full(sounds, np.inf)
    for block in blocks:
        inside = assign(block.distance)
        matched = np.flatnonzero(inside != UNMATCHED)
        assignment[block.rows[matched]] = block.columns[inside[matched]]
        distance[block.rows[matched]] = block.distance[matched, inside[matched]]
    return assignment, distance


def reject(assignment: np.ndarray, distance: np.ndarray, threshold: float) -> np.ndarray:
    """The assignment without the matches further apart than `threshold`, which become -1; int [N].

    Source: the course report, task 3.
    Notebook: 04_hungarian_matching.
    """
    return np.where(distance > threshold, UNMATCHED, assignment)


def pair_leftovers(assignment: np.ndarray, videos: int, rng: np.random.Generator) -> np.ndarray:
    """The assignment with every sound left alone given one of the unused videos at random; int [N].

    Source: the course report, task 2: what the class split leaves over.
    """
    unused = np.setdiff1d(np.arange(videos), assignment)
    alone = np.flatnonzero(assignment == UNMATCHED)
    count = min(len(unused), len(alone))
    filled = assignment.copy()
    filled[alone[:count]] = rng.permutation(unused)[:count]
    return filled


def calibrate_threshold(
    blocks: list[ClassBlock],
    *,
    missing: float,
    rng: np.random.Generator,
    size: int | None = None,
    draws: int = 50,
) -> float:
    """The one distance above which a match is better taken back, found on groups made incomplete on purpose.

    In every draw a share of the sounds and, independently, of the videos of each class is taken away; what is left is
    matched. The threshold is the one with the most right answers over all draws.

    Args:
        blocks: square distance matrices of validation clips, true pairs on the diagonal.
        missing: share taken away on each side, 0-1.
        rng: draws the clips that are taken away.
        size: sounds (and videos) of a class that are left in a group, about; None: of all clips. The best of many wrong
            videos is closer than the best of few, so a threshold serves groups of the size that it was found on.
        draws: incomplete groups made of every block.

    Returns:
        The threshold, in units of distance; infinity, which rejects nothing, if no draw leaves a match to learn from.

    Notebook: 04_hungarian_matching.
    """
    found = [
        _incomplete_matches(block.distance, missing, size, rng) for block in blocks for _ in range(draws)
    ]
    if not any(len(distance) for distance, _, _ in found):
        return float("inf")
    distance = np.concatenate([distance for distance, _, _ in found])
    gain = np.concatenate([right - 1.0 * alone for _, right, alone in found])
    order = np.argsort(distance)
    # accepting the k closest matches: each adds its right answer, or loses the right -1 it would have been
    total = np.concatenate([[0.0], np.cumsum(gain[order])])
    best = int(total.argmax())
    edges = np.concatenate([[0.0], distance[order], [2 * distance.max()]])
    return float((edges[best] + edges[best + 1]) / 2)


def _incomplete_matches(distance: np.ndarray, missing: float, size: int | None, rng: np.random.Generator):
    """Distance of each match in one incomplete group; is it right; has the sound no partner at all."""
    clips = np.arange(len(distance))
    if size is not None and missing < 1:
        clips = rng.permutation(clips)[: round(size / (1 - missing))]
    rows, columns = (clips[rng.random(len(clips)) >= missing] for _ in range(2))
    cost = distance[np.ix_(rows, columns)]
    inside = assign(cost)
    matched = np.flatnonzero(inside != UNMATCHED)
    right = rows[matched] == columns[inside[matched]]
    alone = ~np.isin(rows[matched], columns)
    return cost[matched, inside[matched]], right, alone
