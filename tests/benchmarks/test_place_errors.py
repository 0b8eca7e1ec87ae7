"""Errors of the end place on the test groups are those of true pairs."""

import numpy as np
import pytest
from matchers.groups import read_groups
from matchers.regression import Errors, PlaceNetwork, RegressionMatcher, end_and_direction
from place_errors import error_rows, heard_and_seen

from labutils.systems.contact import video_features


@pytest.fixture
def untrained(tmp_path) -> RegressionMatcher:
    return RegressionMatcher(PlaceNetwork(4), Errors(1.0, 2.0, 3.0), None, 0.0, tmp_path)


def test_true_pairs_are_compared(untrained, click_data):
    (group,) = read_groups(click_data, "task3")
    heard, seen = heard_and_seen(untrained, group)
    own_video = group.truth[group.truth >= 0]
    videos = video_features(group.videos, progress=False)
    assert len(heard) == len(own_video) and (own_video != np.arange(len(own_video))).any()
    np.testing.assert_array_equal(seen, end_and_direction(videos)[own_video])
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
