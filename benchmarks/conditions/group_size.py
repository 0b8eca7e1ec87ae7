"""Larger and smaller groups, drawn from the true pairs of all test groups together.

Groups of one size share no clip. So the largest size has one group and no interval.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from matchers.groups import COMPLETE_TASK, INCOMPLETE_TASK, true_pairs

from conditions.sweep import Fit, Row, Setting, Sweep, score_of
from labutils.matching import UNMATCHED, GroupMatcher

SIZES = (10, 20, 50, 100, 200, 500, 1000)
POOLED = "pooled"


def sizes_that_fit(setting: Setting) -> list[int]:
    """The sizes for which there are pairs enough."""
    pairs = len(true_pairs(setting.groups())[0])
    return [size for size in SIZES if size <= pairs]


def draw_complete(pairs: int, size: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs cut into groups of N by lot: (indices of sounds, of videos), [N] each, in an order of their own."""
    return draw_incomplete(pairs, size, 0.0)


def draw_incomplete(pairs: int, size: int, missing_rate: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """The same with a share of the sounds without a video, and of the videos without a sound."""
    rng = np.random.default_rng(0)
    alone = round(missing_rate * size)
    order, wide = rng.permutation(pairs), size + alone
    parts = [order[start : start + wide] for start in range(0, pairs - wide + 1, wide)]
    return [(rng.permutation(part[:size]), rng.permutation(part[alone:])) for part in parts]


def points(
    setting: Setting, fit: Fit, seed: int, sizes: Sequence[float]
) -> Iterator[tuple[float, list[Row]]]:
    """Score all pairs once, then answer every group of every size."""
    found = fit(setting.training_set(seed))
    sounds, videos, _ = true_pairs(setting.groups())
    log_ratios = found.matcher.log_ratios(found.scores(sounds, videos))
    for size in sizes:
        yield size, answer_groups(log_ratios, found.matcher, int(size))


def answer_groups(log_ratios: np.ndarray, matcher: GroupMatcher, size: int) -> list[Row]:
    """Rows of all groups of one size, complete and incomplete; [P, P], true pairs on the diagonal."""
    drawn = {
        COMPLETE_TASK: draw_complete(len(log_ratios), size),
        INCOMPLETE_TASK: draw_incomplete(len(log_ratios), size, matcher.missing_rate),
    }
    rows = []
    for task, groups in drawn.items():
        for number, (sounds, videos) in enumerate(groups):
            place = {pair: index for index, pair in enumerate(videos.tolist())}
            truth = np.array([place.get(pair, UNMATCHED) for pair in sounds.tolist()])
            block = log_ratios[np.ix_(sounds, videos)]
            assignment = matcher.solve(block, complete=task == COMPLETE_TASK)[0]
            rows.append(((POOLED, task, str(number)), score_of(assignment, block, truth)))
    return rows


GROUP_SIZE = Sweep(
    label="sounds in a group",
    values=sizes_that_fit,
    points=points,
    methods=("ours", "physics", "class"),
    logarithmic=True,
)
