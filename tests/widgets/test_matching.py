"""The matching panel counts what is right, whatever the threshold and the class."""

import re

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from labutils import widgets
from labutils.widgets import matching
from labutils.widgets.matching import count_answers
from widgets.conftest import alert, pictures, walk_through


def solve(cost, threshold):
    """The Hungarian answer without the pairs beyond the threshold."""
    answers = np.full(len(cost), -1)
    sounds, videos = linear_sum_assignment(np.nan_to_num(cost, posinf=1e6))
    near = cost[sounds, videos] <= threshold
    answers[sounds[near]] = videos[near]
    return answers


def shown(panel) -> dict[str, str]:
    """The table of the panel."""
    return dict(re.findall(r">([^<>]+)</th><td>([^<]*)<", panel.picture.value))


def test_picture_follows_every_control_over_its_range():
    rng = np.random.default_rng(0)
    cost, truth = rng.random((12, 9)), np.r_[rng.permutation(9), -1, -1, -1]
    walk_through(widgets.matching_panel(cost, truth, solve=solve, classes=["brick", "ball", "salt"] * 4))


def test_matching_counts_by_hand():
    assert count_answers(np.array([0, 2, -1, -1, 1]), np.array([0, 1, -1, 3, -1])) == {
        "matches": "3",
        "of them right": "1",
        "of them wrong": "2",
        "correct −1": "1 of 2",
        "accuracy": "0.40",
    }


def test_threshold_below_everything_leaves_no_match():
    panel = widgets.matching_panel(np.array([[1.0, 5.0], [5.0, 2.0]]), np.array([0, -1]), solve=solve)
    assert (shown(panel)["matches"], shown(panel)["accuracy"]) == ("2", "0.50")
    panel.controls["threshold"].value = 1.5
    assert (shown(panel)["matches"], shown(panel)["accuracy"]) == ("1", "1.00")


def test_threshold_reaches_from_the_smallest_to_the_largest_cost():
    cost = np.array([[0.37, np.inf], [12.2, 3.0]])
    box = widgets.matching_panel(cost, np.array([0, 1]), solve=solve).controls["threshold"]
    assert box.min <= 0.37 and box.max >= 12.2 and box.value == box.max


@pytest.mark.parametrize(
    ("start", "value", "note"),
    [
        (2.5, 2.5, "calibrated: 2.5<"),
        (np.inf, 12.2, "calibrated: inf, beyond this range<"),
        (-3.0, 0.3, "calibrated: -3, beyond this range<"),
    ],
)
def test_panel_starts_at_the_calibrated_threshold_and_names_it(start, value, note):
    cost = np.array([[0.37, np.inf], [12.2, 3.0]])
    panel = widgets.matching_panel(cost, np.array([0, 1]), solve=solve, start=start)
    assert panel.controls["threshold"].value == pytest.approx(value) and alert(panel) == ""
    panel.controls["threshold"].value = 5.0
    assert note in panel.children[1].children[2].value


def test_one_class_alone_is_counted_and_drawn_with_its_own_videos(monkeypatch):
    cost = np.full((4, 4), np.inf)
    cost[:2, :2], cost[2:, 2:] = 1.0, [[2, 3], [4, 5]]
    drawn = {}

    def plot(values, assignment, *, truth, value_label, ax):
        drawn.update(
            values=values.tolist(), assignment=assignment.tolist(), truth=truth.tolist(), label=value_label
        )
        return ax

    panel = widgets.matching_panel(
        cost,
        np.array([1, 0, -1, 3]),
        solve=lambda cost, threshold: np.array([0, 1, 3, -1]),
        classes=["a", "a", "b", "b"],
        cost_label="cost (nats)",
    )
    monkeypatch.setattr(matching, "plot_distance_heatmap", plot)
    panel.controls["class_name"].value = "b"
    assert drawn == {
        "values": [[2, 3], [4, 5]],
        "assignment": [1, -1],
        "truth": [-1, 1],
        "label": "cost (nats)",
    }
    assert shown(panel)["matches"] == "1" and shown(panel)["correct −1"] == "0 of 1"


def test_answer_that_is_not_allowed_is_drawn_too():
    panel = widgets.matching_panel(
        np.array([[1.0, np.inf]]), np.array([1]), solve=lambda cost, threshold: np.array([1])
    )
    assert alert(panel) == "" and shown(panel)["accuracy"] == "1.00"


def test_counts_are_in_the_description_of_the_picture():
    panel = widgets.matching_panel(np.eye(2), np.array([1, 0]), solve=solve)
    ((description, _),) = pictures(panel.picture.value)
    assert "matches 2, of them right 2, of them wrong 0" in description


def test_matching_of_nothing_is_said():
    panel = widgets.matching_panel(np.zeros((0, 0)), np.zeros(0), solve=lambda cost, threshold: np.zeros(0))
    assert alert(panel) == "" and shown(panel)["accuracy"] == "no sounds"


def test_picture_of_few_sounds_is_as_large_as_that_of_many():
    panel = widgets.matching_panel(
        np.random.default_rng(0).random((3, 30)), np.arange(3), solve=lambda cost, threshold: np.arange(3)
    )
    ((_, pixels),) = pictures(panel.picture.value)
    # rows in colour
    drawn = np.flatnonzero((pixels != pixels.mean(axis=2, keepdims=True)).any(axis=2).any(axis=1))
    assert drawn[-1] - drawn[0] > 0.6 * len(pixels)
