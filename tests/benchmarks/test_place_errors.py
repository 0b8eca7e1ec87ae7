"""Errors of the end place on the test groups are those of true pairs."""

import numpy as np
import pytest
from matchers.groups import read_groups
from matchers.regression import Errors, PlaceNetwork, RegressionMatcher
from place_errors import error_rows, heard_and_seen


@pytest.fixture
def untrained(tmp_path) -> RegressionMatcher:
    return RegressionMatcher(PlaceNetwork(4), Errors(1.0, 2.0, 3.0), None, 0.0, tmp_path)


def test_true_pairs_are_compared(untrained, click_data):
    (group,) = read_groups(click_data, "task3")
    heard, seen = heard_and_seen(untrained, group)
    assert len(heard) == len(seen) == (group.truth >= 0).sum()
    again = heard_and_seen(untrained, read_groups(click_data, "task2")[0])
    assert again.shape == (2, 6, 4)


def test_rows_hold_both_errors(untrained, click_data):
    held_out, tests = error_rows(untrained, read_groups(click_data, "task2"), np.zeros(4), seed=7)
    assert held_out == {
        "seed": 7,
        "clips": "held-out training sessions",
        "place_px": 1.0,
        "mean_place_px": 2.0,
        "direction": 3.0,
    }
    seen = heard_and_seen(untrained, read_groups(click_data, "task2")[0])[1]
    assert tests["mean_place_px"] == pytest.approx(0.3 * 440 * np.sqrt(np.square(seen[:, :2]).mean()))
