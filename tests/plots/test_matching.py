"""Figures of matching: answers in their cells, shared scales, walls over time."""

import numpy as np
import pytest

from labutils import plots
from plots.conftest import labels, line

DISTANCE, ASSIGNMENT = np.random.default_rng(0).random((4, 5)), np.array([2, -1, 0, 4])
TRUTH = np.array([2, -1, 1, -1])


def test_right_wrong_and_missed_answers_have_shapes_of_their_own():
    ax = plots.plot_distance_heatmap(DISTANCE, ASSIGNMENT, truth=TRUTH)
    assert labels(ax) == ["right", "wrong", "would be right"]
    assert len({drawn.get_marker() for drawn in ax.lines}) == 3
    np.testing.assert_allclose(line(ax, "right").get_xydata(), [[2, 0], [-1, 1]])
    np.testing.assert_allclose(line(ax, "wrong").get_xydata(), [[0, 2], [4, 3]])
    np.testing.assert_allclose(line(ax, "would be right").get_xydata(), [[1, 2], [-1, 3]])


def test_no_video_has_a_column_of_its_own_only_where_it_is_needed():
    with_rejection = plots.plot_distance_heatmap(DISTANCE, ASSIGNMENT)
    assert with_rejection.get_xlim()[0] < -1
    assert "−1" in [tick.get_text() for tick in with_rejection.get_xticklabels()]
    assert plots.plot_distance_heatmap(DISTANCE, np.array([0, 1, 2, 3])).get_xlim()[0] == -0.5


def test_names_label_the_cells():
    names = [f"audio_{n}" for n in range(4)], [f"video_{n}" for n in range(5)]
    ax = plots.plot_distance_heatmap(DISTANCE, ASSIGNMENT, names=names)
    columns = {tick.get_position()[0]: tick.get_text() for tick in ax.get_xticklabels()}
    assert columns == {-1: "no video"} | dict(enumerate(names[1]))
    assert {tick.get_position()[1]: tick.get_text() for tick in ax.get_yticklabels()} == dict(
        enumerate(names[0])
    )


@pytest.mark.parametrize(
    "distance", [np.full((3, 3), np.inf), np.eye(3) + np.diag([np.inf] * 3), np.ones((3, 3))]
)
def test_heatmap_of_forbidden_or_equal_pairs(distance):
    ax = plots.plot_distance_heatmap(distance, np.full(3, -1), truth=np.arange(3))
    ax.figure.canvas.draw()


def test_class_heatmaps_share_one_scale_and_say_where_a_class_is_empty():
    groups = {
        "brick": (np.array([[0.0, 5.0]]), np.array([0]), np.array([0])),
        "ball": (np.array([[2.0]]), np.array([-1]), np.array([0])),
        "salt": (np.zeros((0, 3)), np.zeros(0, int), None),
    }
    axes = plots.plot_class_heatmaps(groups, columns=2)
    assert [ax.get_title() for ax in axes] == ["brick", "ball", "salt"]
    assert axes[0].images[0].get_clim() == axes[1].images[0].get_clim() == (0, 5)
    assert "no clips" in [text.get_text() for text in axes[2].texts]
    assert len(axes[0].figure.legends) == 1
    axes[0].figure.canvas.draw()


def test_class_heatmaps_of_nothing():
    axes = plots.plot_class_heatmaps({"salt": (np.zeros((0, 0)), np.zeros(0, int), None)})
    axes[0].figure.canvas.draw()


def test_sounds_run_down_and_videos_to_the_right():
    ax = plots.plot_distance_heatmap(DISTANCE, ASSIGNMENT)
    np.testing.assert_array_equal(ax.images[0].get_array(), DISTANCE)
    assert ax.images[0].origin == "upper" and ax.images[0].get_extent() == [-0.5, 4.5, 3.5, -0.5]
    assert ax.get_xlabel().startswith("video") and ax.get_ylabel().startswith("sound")


def test_any_scores_can_be_drawn_and_their_colour_bar_says_what_they_are():
    scores = np.array([[3.0, -np.inf], [-2.0, 1.0]])
    ax = plots.plot_distance_heatmap(scores, np.array([0, 1]), value_label="log-likelihood ratio (nats)")
    assert [bar.get_ylabel() for bar in ax.child_axes] == ["log-likelihood ratio (nats)"]
    assert ax.images[0].get_clim() == (-2, 3)
    assert ax.images[0].get_array().mask.tolist() == [[False, True], [False, False]]
    axes = plots.plot_class_heatmaps({"brick": (scores, np.array([0, 1]), None)}, value_label="score (nats)")
    assert any(ax.get_ylabel() == "score (nats)" for ax in axes[0].figure.axes)
