"""The report's way to match: one assignment inside each class, and one distance above which nothing is a match.

Source: the course report, tasks 2 and 3.
Notebook: 04_hungarian_matching.
"""

import numpy as np

from labutils.matching.assignment import UNMATCHED, assign


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
