"""Figures of motion: frames, trajectories as seen from above, and where clips end."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from labutils import plots
from plots.conftest import labels, line

POSITION, SEEN = np.random.default_rng(0).random((12, 2)), np.arange(12) % 5 > 0
HIT_POSITION, HIT_WALLS = np.array([[1.0, 0.3], [0.4, 1.0], [1.0, 0.8]]), np.array([3, 0, 3])


def masks_with_gap():
    masks = np.zeros((8, 440, 440), dtype=bool)
    masks[1:, 100:140, 200:260] = True
    return masks


@pytest.mark.parametrize(
    "frames", [None, np.full((8, 480, 640, 3), 200, np.uint8)], ids=["masks", "pictures"]
)
def test_frames_are_a_strip_that_names_empty_masks(frames):
    axes = plots.plot_frames(
        frames, masks_with_gap(), np.arange(8) / 6, position=np.full((8, 2), (0.25, 0.75)), count=4
    )
    assert len(axes) == 4
    assert axes[0].get_title() == "0.00 s\nnot seen" and axes[-1].get_title() == "1.17 s"
    assert not axes[0].collections and not axes[0].lines  # nothing to outline, nothing to mark
    assert axes[1].collections
    np.testing.assert_allclose(axes[1].lines[0].get_xydata(), [[110, 330]])  # x, y in pixels of the mask


def test_masks_are_shown_as_they_lie_in_the_tray():
    axes = plots.plot_frames(None, masks_with_gap(), np.arange(8), count=2)
    np.testing.assert_array_equal(axes[1].images[0].get_array() > 0, masks_with_gap()[7])
    assert axes[1].images[0].origin == "upper"


def test_outline_stands_out_on_an_orange_object():
    frames = np.full((1, 480, 640, 3), 255 * np.array(to_rgb(plots.ORANGE)), dtype=np.uint8)
    axes = plots.plot_frames(frames, masks_with_gap()[1:2], np.zeros(1))
    axes[0].figure.canvas.draw()
    shown = np.asarray(axes[0].figure.canvas.buffer_rgba())[..., :3]
    left, bottom, right, top = axes[0].get_window_extent().extents.astype(int)
    tray = shown[len(shown) - top : len(shown) - bottom, left:right]
    inside = tray[3:-3, 3:-3]  # without the frame around it
    assert (inside.max(axis=-1) < 120).sum() > 20  # dark pixels; picture and line have none
    plt.close(axes[0].figure)


def test_strip_is_no_longer_than_the_clip():
    assert len(plots.plot_frames(None, masks_with_gap()[:2], np.arange(2), count=6)) == 2


def test_masks_of_classes_are_a_row_each():
    frames = np.full((8, 480, 640, 3), 200, np.uint8)
    axes = plots.plot_masks_of_classes(
        {name: (frames, masks_with_gap(), np.arange(8) / 6) for name in "ab"}, count=4
    )
    assert axes.shape == (2, 4)
    short = plots.plot_masks_of_classes({"short": (frames[:2], masks_with_gap()[:2], np.arange(2))}, count=3)
    assert [ax.axison for ax in short[0]] == [True, True, False]
    assert [row[0].get_ylabel() for row in axes] == ["a", "b"]


def test_trajectory_is_drawn_as_seen_from_above():
    ax = plots.plot_trajectory(POSITION, SEEN, times_s=np.arange(12) / 6)
    low, high = sorted(ax.get_ylim())
    assert ax.get_ylim() == (high, low)  # y down
    walls = {text.get_text(): text.get_position() for text in ax.texts}
    assert walls["bottom"][1] > 1 > 0 > walls["top"][1]
    assert walls["left"][0] < 0 < 1 < walls["right"][0]


def test_trajectory_marks_start_end_and_unseen_frames():
    ax = plots.plot_trajectory(POSITION, SEEN)
    np.testing.assert_allclose(line(ax, "start").get_xydata(), POSITION[:1])
    np.testing.assert_allclose(line(ax, "end").get_xydata(), POSITION[-1:])
    np.testing.assert_allclose(line(ax, "not seen").get_xydata(), POSITION[~SEEN])
    assert labels(plots.plot_trajectory(POSITION, np.ones(12, bool))) == ["start", "end"]


def test_circle_of_the_start_shows_around_the_square_of_the_end():
    ax = plots.plot_trajectory(np.full((5, 2), 0.3), np.ones(5, dtype=bool))
    circle, square = line(ax, "start"), line(ax, "end")
    assert circle.get_markersize() > np.sqrt(2) * square.get_markersize()
    assert ax.lines.index(circle) < ax.lines.index(square) and circle.zorder <= square.zorder


@pytest.mark.parametrize("position", [POSITION, np.full((12, 2), np.nan)])
def test_object_that_was_never_seen_is_said(position):
    ax = plots.plot_trajectory(position, np.zeros(12, dtype=bool))
    assert "object never seen" in [text.get_text() for text in ax.texts]
    assert not ax.collections


def test_trajectory_of_one_frame():
    plots.plot_trajectory(POSITION[:1], SEEN[1:2]).figure.canvas.draw()


def test_trajectories_fill_a_grid():
    drawn = plots.plot_trajectories({str(n): (POSITION, SEEN) for n in range(7)}, columns=3)
    assert [ax.get_title() for ax in drawn] == list("0123456")
    assert len(drawn[0].figure.axes) == 9


def test_hits_are_marked_where_they_were_and_point_at_their_wall():
    ax = plots.plot_hits_on_path(POSITION, np.arange(12) / 6, HIT_POSITION, HIT_WALLS)
    marks = [(line.get_marker(), *line.get_xydata()[0]) for line in ax.lines if line.get_marker() in "v<^>"]
    assert marks == [(">", 1.0, 0.3), ("v", 0.4, 1.0), (">", 1.0, 0.8)]
    assert labels(ax) == ["start", "end", "hit"]
    assert labels(plots.plot_hits_on_path(POSITION, np.arange(12) / 6, HIT_POSITION[:0], HIT_WALLS[:0])) == [
        "start",
        "end",
    ]


def test_travel_of_every_class_is_drawn_for_both_and_told_apart_by_line_style():
    travel = {name: ([0.0, 50.0, 400.0], [0.0, 10.0, 20.0, 300.0]) for name in "abc"}
    axes = plots.plot_travel(travel)
    assert [ax.get_title() for ax in axes] == list("abc")
    np.testing.assert_allclose(line(axes[1], "simulated").get_xydata(), [[0, 0], [50, 0.5], [400, 1]])
    assert line(axes[0], "simulated").get_linestyle() != line(axes[0], "recorded").get_linestyle()
    assert "(px)" in axes[0].figure.get_supxlabel()
    axes[0].figure.canvas.draw()


def test_end_places_lie_where_the_clips_end():
    axes = plots.plot_end_places(
        {"a": (np.array([[430.0, 5.0], [430, 5], [100, 300]]), "two lines\nof words")}
    )
    share = axes[0].images[0].get_array()
    assert np.unravel_index(share.argmax(), share.shape) == (0, 15)  # top right: y down
    assert share.max() ** 2 == pytest.approx(2 / 3)
    assert axes[0].get_xlabel() == "two lines\nof words"
    low, high = sorted(axes[0].get_ylim())
    assert axes[0].get_ylim() == (high, low) == (440, 0)
    plots.plot_end_places({"none": (np.empty((0, 2)), "")})[0].figure.canvas.draw()
