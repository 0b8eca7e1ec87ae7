"""Scores of answers, row by row in a file that an interrupted run goes on with, and what they say together."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matchers.groups import INCOMPLETE_TASK, Answer, TestGroup

from labutils import evaluation
from labutils.errors import LabError
from labutils.matching import UNMATCHED
from labutils.storage import write_whole

WHICH = ("method", "seed", "data", "task", "group")
MATCHES = ("precision", "recall", "F1")
NO_PARTNER = tuple(f"no partner {name}" for name in MATCHES)
SCORES = ("accuracy", "R@1", "R@5", *MATCHES, *NO_PARTNER)
OURS = "ours"


def score(answer: Answer, group: TestGroup) -> dict[str, float]:
    """Every score of one answer; nan for what a task or a method does not have.

    "precision", "recall" and "F1" are of the matches; "no partner ..." the same of the answers -1, in task 3.
    """
    said, truth = (dict(enumerate(which.tolist())) for which in (answer.assignment, group.truth))
    found = dict.fromkeys(SCORES, np.nan) | {"accuracy": evaluation.accuracy(said, truth)}
    if answer.scores is not None:
        found |= {f"R@{k}": evaluation.recall_at(answer.scores, group.truth, k) for k in (1, 5)}
    if group.task == INCOMPLETE_TASK:
        found |= evaluation.match_scores(said, truth)
        alone = evaluation.match_scores(_unmatched_as_zero(said), _unmatched_as_zero(truth))
        found |= {f"no partner {name}": value for name, value in alone.items()}
    return found


def _unmatched_as_zero(answers: Mapping[int, int]) -> dict[int, int]:
    """0 for a sound without a video and -1 for all others: so the answers "none" can be scored as matches are."""
    return {sound: 0 if video == UNMATCHED else UNMATCHED for sound, video in answers.items()}


class RowFile:
    """A CSV file of scores, written whole after every addition and read back at the next start.

    Args:
        path: of the file.
        which: columns that tell one row from another.
        scores: columns of numbers.

    Raises:
        LabError: if the file is there and has other columns.
    """

    def __init__(self, path: Path, which: Sequence[str], scores: Sequence[str]):
        self.path, self.which, self.columns = path, tuple(which), [*which, *scores]
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else [",".join(self.columns)]
        self._rows = list(csv.reader(lines))
        if self._rows[:1] != [self.columns] or {len(row) for row in self._rows} != {len(self.columns)}:
            raise LabError(
                f"{path}: begins with {' '.join(lines[:1])}, expected {','.join(self.columns)}, and as many in every row; "
                "move the file away and run again."
            )

    def holds(self, *which) -> bool:
        """Tell whether a row begins with these; in the order of the columns."""
        start = [*map(str, which)]
        return any(row[: len(start)] == start for row in self._rows[1:])

    def add(self, rows: Iterable[tuple[Sequence, Sequence[float]]]) -> None:
        """Add rows (which, scores), all of them or, if this is interrupted, none."""
        self._rows += [[*map(str, which), *(f"{value:.6g}" for value in scores)] for which, scores in rows]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self._rows)
        write_whole(self.path, text.getvalue())

    def frame(self) -> pd.DataFrame:
        """All rows; scores are numbers, the rest is text."""
        table = pd.DataFrame(self._rows[1:], columns=self.columns)
        return table.astype(dict.fromkeys(self.columns[len(self.which) :], float))


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean of every score over the groups, with intervals, and each method's distance to ours on the same groups.

    Seeds are averaged first: groups are what is drawn, seeds are not. A method that ran with some seeds only is set beside
    ours of these seeds. Intervals of 95 % are Student's over groups.

    Args:
        rows: columns `WHICH` and `SCORES`.

    Returns:
        One row for each task and method, in the order in which they come: groups, seeds, each score with "low" and "high",
        "minus ours" with "low" and "high" (accuracies).
    """
    found = []
    for task, of_task in rows.groupby("task", sort=True):
        of_ours = of_task[of_task["method"] == OURS]
        for method in dict.fromkeys(of_task["method"]):
            rows_of_method = of_task[of_task["method"] == method]
            own, ours = (
                _mean_over_seeds(some)
                for some in (rows_of_method, of_ours[of_ours["seed"].isin(rows_of_method["seed"])])
            )
            line = {"task": task, "method": method, "groups": len(own)}
            line["seeds"] = rows_of_method["seed"].nunique()
            for name in SCORES:
                line |= with_interval(name, own[name])
            paired = own["accuracy"] - (ours["accuracy"] if len(ours) else np.nan)
            found.append(line | with_interval("minus ours", paired, lowest=-1))
    return pd.DataFrame(found)


def _mean_over_seeds(rows: pd.DataFrame) -> pd.DataFrame:
    """Every score of every group."""
    return rows.groupby(["data", "group"], sort=False)[list(SCORES)].mean()


def with_interval(name: str, values: Sequence[float], *, lowest: float = 0) -> dict[str, float]:
    """Mean over groups and the ends of its interval, which stay between `lowest` and 1, as three columns."""
    mean, low, high = evaluation.mean_interval(values)
    return {name: mean, f"{name} low": np.maximum(low, lowest), f"{name} high": np.minimum(high, 1)}
