"""How good the answers are, and how sure we can be of that.

Notebook: 02_resnet_classifier, 04_hungarian_matching, 05_contact_maps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest
from scipy.stats import t as student_t
from sklearn.metrics import confusion_matrix

Answers = Mapping[str, int]


def right_answers(answers: Answers, truth: Answers) -> np.ndarray:
    """Which of the sounds in `truth` were answered rightly; bool [N], in the order of `truth`.

    A sound without an answer counts as wrong.
    """
    return np.array([answers.get(name) == value for name, value in truth.items()], dtype=bool)


def accuracy(answers: Answers, truth: Answers) -> float:
    """Share of the sounds whose answer equals the truth, -1 included: the measure of the course."""
    return float(right_answers(answers, truth).mean())


def errors_to_show(
    right: np.ndarray, movement: np.ndarray, *, of: Sequence | None = None, count: int = 2
) -> np.ndarray:
    """Choose the wrong answers in which there is most to compare: those whose objects move most.

    Args:
        right: bool [N].
        movement: float [N], how far the object went; for a match the lesser of its own video and of the one that was taken.
        of: what each answer is about, [N]; of several answers about one thing one is chosen. Each is its own if None.
        count: how many.

    Returns:
        int [count] or fewer: indices; where there are too few errors, right answers follow, again those that move most.
    """
    ranked = np.lexsort((-np.asarray(movement), np.asarray(right, dtype=bool)))
    names = [str(name) for name in (range(len(right)) if of is None else of)]
    first = {}
    for index in ranked:
        first.setdefault(names[index], int(index))
    return np.array(list(first.values())[:count], dtype=int)


def wilson_interval(right: int, of: int, *, level: float = 0.95) -> tuple[float, float]:
    """Interval for a share, sensible near 0 and 1 too.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
    """
    interval = binomtest(right, of).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def cluster_interval(
    right: np.ndarray, cluster: Sequence, *, level: float = 0.95, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Bootstrap interval for the share of right answers, drawing whole clusters.

    Matching errors come in swaps: two wrong answers inside one class of one group are one mistake. Drawing single sounds
    would call the result surer than it is, so whole (group, class) cells are drawn.

    Args:
        right: bool [N], or any numbers whose mean is asked for.
        cluster: the cluster of each answer, [N].
        level: of the interval.
        draws: how many bootstrap samples.
        seed: of the draws.

    Source: Efron and Tibshirani, "An introduction to the bootstrap", 1993, ch. 8.
    """
    _, number = np.unique(np.array([str(c) for c in cluster]), return_inverse=True)
    sizes, hits = np.bincount(number), np.bincount(number, weights=right)
    picks = np.random.default_rng(seed).integers(0, len(sizes), (draws, len(sizes)))
    shares = hits[picks].sum(axis=1) / sizes[picks].sum(axis=1)
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def match_scores(answers: Answers, truth: Answers) -> dict[str, float]:
    """Precision, recall and F1 of the matches (answers that are not -1)."""
    made = {name for name, video in answers.items() if video != -1}
    real = {name for name, video in truth.items() if video != -1}
    right = sum(answers[name] == truth[name] for name in made & real)
    precision, recall = right / max(len(made), 1), right / max(len(real), 1)
    return {"precision": precision, "recall": recall, "F1": 2 * right / max(len(made) + len(real), 1)}


@dataclass(frozen=True)
class Reliability:
    """Answers sorted by confidence and cut into bins, [bins] each.

    Attributes:
        confidence: mean confidence in a bin.
        share: share of right answers in it.
        low, high: its 95 % interval (Wilson).
        count: answers in it.
    """

    confidence: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    count: np.ndarray


def reliability(confidence: np.ndarray, right: np.ndarray, *, bins: int = 6) -> Reliability:
    """How often answers are right that were called so sure; bins of about equally many answers.

    Args:
        confidence: float [N], probability that the answer is right; nan is left out.
        right: bool [N].
        bins: how many, at most N.

    Source: Guo et al., "On calibration of modern neural networks", ICML 2017, section 2.
    Notebook: 05_contact_maps.
    """
    known = ~np.isnan(confidence)
    confidence, right = confidence[known], right[known]
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    rows = [
        (
            confidence[part].mean(),
            right[part].mean(),
            *wilson_interval(int(right[part].sum()), len(part)),
            len(part),
        )
        for part in parts
    ]
    columns = np.array(rows, dtype=float).reshape(-1, 5).T
    return Reliability(*columns[:4], columns[4].astype(int))


def confusion(truth: Sequence[int], predicted: Sequence[int], classes: int) -> np.ndarray:
    """How often class i (row) was taken for class j (column); int [classes, classes]."""
    return confusion_matrix(truth, predicted, labels=range(classes))


def chance_of_matching(truth: Answers, videos: int) -> float:
    """Accuracy of the better of two answers without skill: a random video for every sound, or -1 for every sound."""
    unmatched = np.mean([video == -1 for video in truth.values()])
    return float(max(unmatched, (1 - unmatched) / videos))


def mean_interval(values: Sequence[float], *, level: float = 0.95) -> tuple[float, float, float]:
    """Mean of some independent groups, and its interval by Student's t.

    Groups differ from day to day, so the group is what is drawn, not the sound.

    Args:
        values: one for each group; nan is left out.
        level: of the interval.

    Returns:
        Mean, lower end, upper end; the ends are nan if there are fewer than two groups, the mean if there is none.

    Source: Student, "The probable error of a mean", Biometrika 1908.
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if len(known) < 2:
        return (float(known[0]) if len(known) else float("nan")), float("nan"), float("nan")
    reach = student_t.ppf((1 + level) / 2, len(known) - 1) * known.std(ddof=1) / np.sqrt(len(known))
    return float(known.mean()), float(known.mean() - reach), float(known.mean() + reach)


def recall_at(scores: np.ndarray, truth: np.ndarray, k: int) -> float:
    """R@k: share of the sounds whose own video is among the k with the best scores; sounds without a video do not count.

    Videos with equal scores share their ranks as if their order were drawn by lot.

    Args:
        scores: float [N, M], higher = belongs together; -inf is allowed.
        truth: int [N], index of each sound's video, -1 for none.
        k: at least 1.

    Returns:
        0-1; nan if no sound has a video.
    """
    rows = np.flatnonzero(truth != -1)
    if not len(rows):
        return float("nan")
    own = scores[rows, truth[rows]][:, None]
    better, equal = (scores[rows] > own).sum(axis=1), (scores[rows] == own).sum(axis=1)
    return float(np.clip((k - better) / equal, 0, 1).mean())


def match_score_intervals(
    answers: Answers,
    truth: Answers,
    cluster: Sequence,
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> dict[str, tuple[float, float, float]]:
    """`match_scores` with bootstrap intervals, drawing whole clusters as `cluster_interval` does.

    Args:
        answers: of the sounds in `truth`; others do not count.
        truth: sound -> video, -1 for none.
        cluster: the cluster of each sound, [N], in the order of `truth`.
        level, draws, seed: as of `cluster_interval`.

    Returns:
        {"precision": (value, lower end, upper end), "recall": ..., "F1": ...}.
    """
    _, number = np.unique(np.array([str(c) for c in cluster]), return_inverse=True)
    given = [answers.get(name, -1) for name in truth]
    made, real = (np.array([video != -1 for video in side]) for side in (given, truth.values()))
    right = made & right_answers(answers, truth)
    counts = np.stack([np.bincount(number, weights=kind) for kind in (made, real, right)])
    picks = np.random.default_rng(seed).integers(0, counts.shape[1], (draws, counts.shape[1]))
    whole, drawn = counts.sum(axis=1), counts[:, picks].sum(axis=2)
    return _with_intervals(_shares_of_matches(whole), _shares_of_matches(drawn), level)


def _shares_of_matches(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Precision, recall and F1 of numbers of matches (made, real, right), [3] or [3, draws]."""
    made, real, right = counts
    return {
        "precision": right / np.maximum(made, 1),
        "recall": right / np.maximum(real, 1),
        "F1": 2 * right / np.maximum(made + real, 1),
    }


def class_score_intervals(
    answers: Answers, truth: Answers, classes: int, *, level: float = 0.95, draws: int = 2000, seed: int = 0
) -> dict[str, tuple[float, float, float]]:
    """Precision, recall and F1 of classes, averaged over the classes that occur, with bootstrap intervals over the sounds.

    Args:
        answers, truth: sound -> class; a missing answer, or one that is no class, is wrong.
        classes: how many there are.
        level, draws, seed: as of `cluster_interval`.

    Returns:
        {"precision": (value, lower end, upper end), "recall": ..., "F1": ...}.
    """
    known = np.array(list(truth.values()))
    answered = [answers.get(name, classes) for name in truth]
    given = np.array([label if 0 <= label < classes else classes for label in answered])
    picks = np.random.default_rng(seed).integers(0, len(known), (draws, len(known)))
    return _with_intervals(
        _shares_of_classes(known[None], given[None], classes),
        _shares_of_classes(known[picks], given[picks], classes),
        level,
    )


def _shares_of_classes(known: np.ndarray, given: np.ndarray, classes: int) -> dict[str, np.ndarray]:
    """Macro precision, recall and F1 of samples; int [draws, N] -> [draws]."""
    labels = np.arange(classes)[:, None, None]
    real, made = (known == labels).sum(axis=2), (given == labels).sum(axis=2)  # [classes, draws]
    right = ((known == labels) & (given == labels)).sum(axis=2)
    occurs = real > 0
    return {
        name: (share * occurs).sum(axis=0) / occurs.sum(axis=0)
        for name, share in _shares_of_matches(np.stack([made, real, right])).items()
    }


def _with_intervals(
    whole: dict[str, np.ndarray], drawn: dict[str, np.ndarray], level: float
) -> dict[str, tuple[float, float, float]]:
    ends = (1 - level) / 2, (1 + level) / 2
    return {
        name: (float(np.squeeze(whole[name])), *map(float, np.quantile(drawn[name], ends))) for name in whole
    }
