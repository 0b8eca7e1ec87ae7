"""The checks of notebook 4: greed, a distance matrix, matching inside classes, a threshold, precision and recall.

Notebook: 04_hungarian_matching.
"""

import numpy as np

from labutils.evaluation import match_scores
from labutils.matching import UNMATCHED, assign, distance_matrix, match_within_classes, reject
from labutils.teaching.check import Check


def _greedy(cost: np.ndarray) -> np.ndarray:
    left, assignment = cost.copy(), np.full(len(cost), UNMATCHED)
    for _ in range(len(cost)):
        i, j = np.unravel_index(left.argmin(), left.shape)
        assignment[i] = j
        left[i, :], left[:, j] = np.inf, np.inf
    return assignment


def _row_by_row(cost: np.ndarray) -> np.ndarray:
    left, assignment = cost.copy(), np.full(len(cost), UNMATCHED)
    for i in range(len(cost)):
        assignment[i] = left[i].argmin()
        left[:, assignment[i]] = np.inf
    return assignment


def _tables() -> list[tuple]:
    """Tables in which every way to go about it gives another answer."""
    small = np.array([[2.0, 3.0, 9.0], [1.0, 8.0, 2.5], [4.0, 7.0, 6.0]])
    return [(small,), (np.random.default_rng(4).random((6, 6)),)]


check_greedy = Check(
    right=_greedy,
    cases=_tables,
    mistakes={
        "You go through the sounds in their order. Greed takes the smallest entry of the whole table first.": _row_by_row,
        "Every sound takes its nearest video, and some video is taken twice: cross out its column.": (
            lambda cost: cost.argmin(axis=1)
        ),
        "That is the best assignment. Greed never thinks ahead: it takes the smallest entry that is left.": assign,
        "You answer for the videos: position i should hold the video of sound i.": lambda cost: np.argsort(
            _greedy(cost)
        ),
        "That is the total. The assignment is asked: one video for each sound.": lambda cost: cost[
            np.arange(len(cost)), _greedy(cost)
        ].sum(),
        "Greed takes the smallest entry: argmin, not argmax.": lambda cost: _greedy(-cost),
    },
    praise="It takes what is best now, and pays for it at the end.",
)


def _embeddings() -> list[tuple]:
    rng = np.random.default_rng(5)
    return [
        (rng.normal(size=(3, 2)), rng.normal(size=(5, 2))),
        (rng.normal(size=(4, 4)), rng.normal(size=(4, 4))),
    ]


def _squares(f: np.ndarray, g: np.ndarray) -> np.ndarray:
    return distance_matrix(f, g) ** 2


check_distance_matrix = Check(
    right=distance_matrix,
    cases=_embeddings,
    mistakes={
        "These are squared distances: take the square root.": _squares,
        "Rows are videos in yours. Row i belongs to sound i.": lambda f, g: distance_matrix(g, f),
        "You add up absolute differences. The Euclidean distance is the root of the sum of their squares.": (
            lambda f, g: np.abs(f[:, None] - g[None]).sum(axis=2)
        ),
        "That is the inner product: large where the two agree, and no distance.": lambda f, g: f @ g.T,
        "You average the squares over the dimensions: add them up.": lambda f, g: (
            distance_matrix(f, g) / np.sqrt(f.shape[1])
        ),
    },
    praise="N x M distances from N + M passes through the networks.",
)


def _classes() -> list[tuple]:
    rng = np.random.default_rng(6)
    many = rng.random((8, 7)), np.array([3, 1, 1, 0, 3, 1, 9, 0]), np.array([1, 3, 0, 1, 3, 7, 1])
    few = rng.random((4, 4)), np.array([2, 5, 2, 5]), np.array([5, 2, 2, 5])
    return [many, few]


def _local_numbers(cost: np.ndarray, sound_class: np.ndarray, video_class: np.ndarray) -> np.ndarray:
    answer = np.full(len(cost), UNMATCHED)
    for label in np.unique(sound_class):
        rows, columns = np.flatnonzero(sound_class == label), np.flatnonzero(video_class == label)
        answer[rows] = assign(cost[np.ix_(rows, columns)])
    return answer


def _nearest_of_class(cost: np.ndarray, sound_class: np.ndarray, video_class: np.ndarray) -> np.ndarray:
    allowed = np.where(sound_class[:, None] == video_class[None], cost, np.inf)
    return np.where(np.isfinite(allowed).any(axis=1), allowed.argmin(axis=1), UNMATCHED)


check_match_by_class = Check(
    right=match_within_classes,
    cases=_classes,
    mistakes={
        "You forgot the classes: only a sound and a video of one class may be matched.": (
            lambda cost, sound_class, video_class: assign(cost)
        ),
        "Inside a class the videos are numbered anew. Turn these numbers back into those of the whole group: "
        "columns[number].": _local_numbers,
        "Every sound takes the nearest video of its class, and some video is taken twice: solve an assignment.": (
            _nearest_of_class
        ),
    },
    praise="A chain of small problems instead of a large one.",
)


def _matches() -> list[tuple]:
    first = np.array([2, 0, -1, 1, 3]), np.array([0.5, 2.0, np.inf, 1.0, 4.0]), 2.0
    return [first, (np.array([1, 0]), np.array([3.0, 0.1]), 0.2)]


check_reject = Check(
    right=reject,
    cases=_matches,
    mistakes={
        "You keep the far ones: a match above the threshold becomes -1.": (
            lambda assignment, distance, threshold: np.where(distance > threshold, assignment, UNMATCHED)
        ),
        "A match exactly at the threshold stays: the equation says D <= τ.": (
            lambda assignment, distance, threshold: np.where(distance >= threshold, UNMATCHED, assignment)
        ),
        "You left the rejected sounds out. Each sound needs an answer: -1 for no video.": (
            lambda assignment, distance, threshold: assignment[distance <= threshold]
        ),
        "You return which matches stay. The videos are asked, and -1 where none is left.": (
            lambda assignment, distance, threshold: distance <= threshold
        ),
        "0 is a video. No video is -1.": lambda assignment, distance, threshold: np.where(
            distance <= threshold, assignment, 0
        ),
    },
    praise="Whoever is too far away stays alone.",
)


def _scores(answers: np.ndarray, truth: np.ndarray) -> tuple:
    named = (dict(enumerate(np.asarray(side).tolist())) for side in (answers, truth))
    return tuple(match_scores(*named).values())


def _harmonic(precision: float, recall: float) -> tuple:
    return precision, recall, 2 * precision * recall / (precision + recall)


def _minus_one_counts(answers: np.ndarray, truth: np.ndarray) -> tuple:
    right = (answers == truth).sum()
    return _harmonic(right / (answers >= 0).sum(), right / (truth >= 0).sum())


def _over_all(answers: np.ndarray, truth: np.ndarray) -> tuple:
    right = ((answers == truth) & (answers >= 0)).sum()
    return _harmonic(right / len(answers), right / len(truth))


def _recall_over_all(answers: np.ndarray, truth: np.ndarray) -> tuple:
    right = ((answers == truth) & (answers >= 0)).sum()
    return _harmonic(right / (answers >= 0).sum(), right / len(truth))


check_precision_recall = Check(
    right=_scores,
    cases=lambda: [
        (np.array([0, 2, -1, -1]), np.array([0, 1, 2, -1])),
        (np.array([3, 1, 0, 2, -1, -1]), np.array([3, 1, 0, -1, 2, -1])),
    ],
    mistakes={
        "You count a right -1 as a right match. It is a good answer, but no match.": _minus_one_counts,
        "The order is precision, recall, F1: precision divides by the matches made.": lambda answers, truth: (
            _scores(answers, truth)[1],
            _scores(answers, truth)[0],
            _scores(answers, truth)[2],
        ),
        "You divide by all sounds. Precision divides by the matches made, recall by the true pairs.": _over_all,
        "Recall divides by the true pairs, not by all sounds: some sounds have no video.": _recall_over_all,
        "F1 is the harmonic mean, 2PR/(P + R), not the plain one.": lambda answers, truth: (
            *_scores(answers, truth)[:2],
            sum(_scores(answers, truth)[:2]) / 2,
        ),
    },
    praise="Made matches that are right, true pairs that were found, and both in one number.",
)
