"""The analysis of errors: their kinds, and what would have been answered if the system had known more."""

from pathlib import Path

import errors
import numpy as np
import pandas as pd
import pytest
from matchers.groups import TestGroup

from labutils.matching import ConfidenceCurve, GroupMatcher, PairCalibration

CURVE = ConfidenceCurve(1.0, 0.0)
MATCHER = GroupMatcher(PairCalibration(np.ones(4), 0.0), 0.0, 0.25, CURVE, CURVE, np.zeros(0), np.zeros(0))


def group(task: str, truth, sound_class, video_class) -> TestGroup:
    arrays = (np.array(values) for values in (truth, sound_class, video_class))
    return TestGroup(Path("data"), task, "0", (None,) * len(truth), (None,) * len(video_class), *arrays)


@pytest.fixture
def asked() -> errors.Asked:
    """Three sounds: the first two are swapped by their class terms, the third is right."""
    terms = np.zeros((3, 3, 4))
    terms[..., 0] = [[3, 1, -9], [1, 3, -9], [-9, -9, 9]]  # the maps are right
    terms[..., 3] = [[-8, 0, 0], [0, -8, 0], [0, 0, 0]]  # the classes are wrong
    return errors.Asked(group("task2", [0, 1, 2], [0, 1, 2], [0, 1, 2]), terms, np.array([0.5, 20.0, 30.0]))


def test_each_error_has_a_row_with_what_prefers_it(asked):
    rows = errors.error_rows(MATCHER, asked)
    assert [(row["sound"], row["said"], row["true"]) for row in rows] == [(0, 1, 0), (1, 0, 1)]
    assert {row["kind"] for row in rows} == {"other object"}
    assert rows[0]["own film moves (cm)"] == 0.5 and rows[0]["film taken moves (cm)"] == 20
    assert rows[0]["contact maps prefers the film taken by"] == -2
    assert rows[0]["class prefers the film taken by"] == 8


@pytest.mark.parametrize(
    ("said", "true", "kind"),
    [(1, 0, "other object"), (2, 1, "same object"), (-1, 0, "missed"), (0, -1, "none there")],
)
def test_kinds_of_errors(said, true, kind):
    assert errors.kind_of(said, true, group("task3", [0], [0], [0, 3, 3])) == kind and kind in errors.KINDS


def test_true_classes_mend_what_wrong_ones_spoiled(asked):
    table = errors.what_if(MATCHER, [asked, asked]).set_index("system")["task2"]
    assert table["as it is"] == pytest.approx(1 / 3)
    assert table["true classes known"] == 1


def test_kinds_are_counted_in_a_hundred_answers(asked):
    counted = errors.count_kinds(pd.DataFrame(errors.error_rows(MATCHER, asked)), [asked]).iloc[0]
    assert counted["in a hundred answers"] == pytest.approx(200 / 3)
    assert counted["of them with a film below 1 cm"] == 1
