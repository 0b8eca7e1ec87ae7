"""One solve for a whole group: the Hungarian algorithm, with and without pairs that stay open.

Notebook: 04_hungarian_matching, 05_contact_maps.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from labutils.errors import LabError

UNMATCHED = -1


def distance_matrix(audio: np.ndarray, video: np.ndarray) -> np.ndarray:
    """Euclidean distance of every sound to every video; [N, d], [M, d] -> [N, M]."""
    return cdist(audio, video)


def assign(cost: np.ndarray) -> np.ndarray:
    """One video for each sound, no video twice, at the least total cost.

    Args:
        cost: float [N, M], infinity = forbidden; if N > M, or if too much is forbidden, some sounds stay unmatched: as few
            as can be, and those that fit worst. N or M may be 0.

    Returns:
        int [N]: the column of every row, -1 for a row left unmatched.

    Raises:
        LabError: if a cost is nan or minus infinity.

    Source: Kuhn, "The Hungarian method for the assignment problem", 1955; `scipy.optimize.linear_sum_assignment`.
    Notebook: 04_hungarian_matching.
    """
    cost = np.asarray(cost, dtype=float)
    _expect_costs(cost)
    allowed = np.isfinite(cost)
    highest, span = cost.max(where=allowed, initial=0.0), np.ptp(cost[allowed]) if allowed.any() else 0.0
    finite = np.where(allowed, cost, highest + (span + 1) * (min(cost.shape) + 1))  # more than any detour
    assignment = np.full(len(cost), UNMATCHED)
    rows, columns = linear_sum_assignment(finite)
    assignment[rows] = np.where(allowed[rows, columns], columns, UNMATCHED)
    return assignment


def _expect_costs(cost: np.ndarray) -> None:
    if cost.ndim != 2:
        raise LabError(
            f"costs of shape {cost.shape}: expected one row a sound and one column a video, [N, M]."
        )
    unusable = np.isnan(cost) | (cost == -np.inf)
    if unusable.any():
        row, column = np.argwhere(unusable)[0]
        raise LabError(
            f"the pair of sound {row} and video {column} has the score {-cost[row, column]} ({unusable.sum()} pairs "
            "are of this kind): expected numbers, or -inf for a pair that is forbidden."
        )


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


def assigned(values: np.ndarray, assignment: np.ndarray, *, unmatched: float) -> np.ndarray:
    """The entry of a matrix [N, M] that each row was assigned, `unmatched` for a row without; [N]."""
    padded = np.column_stack([values, np.full(len(values), unmatched)])  # index -1 is the last column
    return padded[np.arange(len(values)), assignment]


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


def match_threshold(sounds: int, videos: int, missing_rate: float) -> float:
    """The log-likelihood ratio above which a pair is more likely a match than not: log(audio only * video only / both).

    It grows with the logarithm of the size of the group: among more videos, the best of the wrong ones is better.

    Args:
        sounds: N in the group.
        videos: M in the group.
        missing_rate: share of the smaller side that has no partner, 0-1.
    """
    both = (1 - missing_rate) * min(sounds, videos)
    # half a clip, where none is expected to be missing
    only = [max(side - both, 0.5) for side in (sounds, videos)]
    return float(np.log(only[0]) + np.log(only[1]) - np.log(max(both, 0.5)))


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
