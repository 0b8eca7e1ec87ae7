"""What all sweeps share: methods, rows, and what the rows say together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from matchers.calibrated import ScoreMatcher, fit_matcher
from matchers.groups import TestGroup, read_all_groups
from matchers.ours import own_scores, with_map_settings
from matchers.physics import PhysicsScore
from matchers.simple import NoScore
from matchers.training_set import TrainingSet, read_training_set
from score_table import with_interval

from labutils import evaluation
from labutils.matching import UNMATCHED

WHICH = ("method", "seed", "condition", "data", "task", "group")
SCORES = ("accuracy", "R@1", "without skill")
Row = tuple[tuple, tuple[float, ...]]
Fit = Callable[[TrainingSet], ScoreMatcher]
METHODS: Mapping[str, Fit] = {
    "ours": lambda training: fit_matcher(own_scores(), training),
    "ours without class": lambda training: fit_matcher(own_scores(), training, with_class=False),
    "ours without lags": lambda training: fit_matcher(
        own_scores(), with_map_settings(training, longest_lag=0)
    ),
    "physics": lambda training: fit_matcher(PhysicsScore(), training),
    "class": lambda training: fit_matcher(NoScore(), training),
}


@dataclass(frozen=True)
class Setting:
    """Where training clips, test groups and kept features are."""

    train: Path
    tests: Sequence[Path]
    kept: Path

    def training_set(self, seed: int) -> TrainingSet:
        """The training clips, for one seed."""
        return read_training_set(self.train, seed, self.kept)

    def groups(self) -> list[TestGroup]:
        """All test groups of tasks 2 and 3."""
        return read_all_groups(self.tests)


@dataclass(frozen=True)
class Sweep:
    """One condition that changes.

    Attributes:
        label: what the condition is, with its unit.
        values: (setting) -> the values it takes.
        points: (setting, fit, seed, values) -> for each value, rows (data, task, group), `SCORES`.
        methods: that are compared, of `METHODS`.
        logarithmic: draw the values by their logarithm.
    """

    label: str
    values: Callable[[Setting], Sequence[float]]
    points: Callable[[Setting, Fit, int, Sequence[float]], Iterator[tuple[float, list[Row]]]]
    methods: Sequence[str] = ("ours", "physics")
    logarithmic: bool = False


def score_of(
    assignment: np.ndarray, scores: np.ndarray, truth: np.ndarray, counted: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Accuracy, R@1, and what no skill reaches in one group: the better of a random answer and of -1 for every sound.

    Args:
        assignment: int [N].
        scores: float [N, M].
        truth: int [N].
        counted: bool [N], the sounds to be counted; None counts all.
    """
    counted = np.ones(len(truth), dtype=bool) if counted is None else counted
    if not counted.any():
        return float("nan"), float("nan"), float("nan")
    right, alone = (assignment == truth)[counted], (truth == UNMATCHED)[counted]
    no_skill = max(alone.mean(), (~alone).mean() / max(scores.shape[1], 1))
    return float(right.mean()), evaluation.recall_at(scores[counted], truth[counted], 1), float(no_skill)


def name_of(group: TestGroup) -> tuple[str, str, str]:
    """What tells one group from another: data, task, group."""
    return group.data.name, group.task, group.name


def answer_rows(matcher: ScoreMatcher, groups: Sequence[TestGroup]) -> list[Row]:
    """The row of each group."""
    answers = [(group, matcher.answer(group)) for group in groups]
    return [(name_of(group), score_of(a.assignment, a.scores, group.truth)) for group, a in answers]


def points_of_changed_clips(
    change: Callable[[TestGroup, float], TestGroup],
    cache: str,
    setting: Setting,
    fit: Fit,
    seed: int,
    values: Sequence[float],
) -> Iterator[tuple[float, list[Row]]]:
    """Rows of a sweep in which the test clips change, and the trained matcher stays.

    Args:
        change: (group, value) -> the group with other sounds or other videos.
        cache: "sound_cache" or "video_cache", of the changed side: the files stay, so each value needs its own.
        setting, fit, seed, values: as of `Sweep.points`.
    """
    matcher = fit(setting.training_set(seed))
    for value in values:
        folder = setting.kept / "changed" / f"{change.__name__} {value:g}"
        fresh = replace(matcher, **{cache: folder})
        yield value, answer_rows(fresh, [change(group, value) for group in setting.groups()])


def summarise_sweep(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean over groups of every score, with 95 % intervals (Student's t, seeds averaged first).

    Args:
        rows: columns `WHICH` and `SCORES`.

    Returns:
        One row for each task, method and condition.
    """
    rows = rows.assign(condition=rows["condition"].astype(float))
    found = []
    for (task, method, condition), own in rows.groupby(["task", "method", "condition"]):
        means = own.groupby(["data", "group"])[list(SCORES)].mean()
        line = {"task": task, "method": method, "condition": condition}
        line |= {"groups": int(means["accuracy"].notna().sum()), "seeds": own["seed"].nunique()}
        for name in SCORES:
            line |= with_interval(name, means[name])
        found.append(line)
    return pd.DataFrame(found)
