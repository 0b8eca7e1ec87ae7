"""The one way to draw a matrix: rows down, columns to the right, and blanks where there is no number."""

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from labutils.plots.heatmap import add_colour_bar, draw_heatmap, finite_range, outer_edges


def pixel(figure: Figure, ax, x: float, y: float) -> tuple[int, int, int]:
    """The colour at a point of an axes."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba())
    column, row = ax.transData.transform((x, y)).astype(int)
    return tuple(picture[picture.shape[0] - 1 - row, column, :3].tolist())


def colour(share: float) -> tuple[int, int, int]:
    return tuple(int(part) for part in matplotlib.colormaps["viridis"](share, bytes=True)[:3])


@pytest.fixture
def figure() -> Figure:
    return Figure(dpi=50)


def test_rows_run_down_and_columns_to_the_right(figure):
    ax = figure.subplots()
    draw_heatmap(ax, [[0, 1, 2], [4, 4, 4]], colour_map="viridis")
    assert [pixel(figure, ax, column, 0) for column in range(3)] == [colour(s) for s in (0, 0.25, 0.5)]
    assert pixel(figure, ax, 0, 1) == colour(1.0)
    upper, lower = (ax.transData.transform((0, row))[1] for row in range(2))
    assert upper > lower


def test_first_row_lies_at_the_bottom_where_that_is_asked_for(figure):
    ax = figure.subplots()
    draw_heatmap(ax, [[0], [1]], colour_map="viridis", origin="lower")
    first, second = (ax.transData.transform((0, row))[1] for row in range(2))
    assert first < second and pixel(figure, ax, 0, 0) == colour(0.0)


@pytest.mark.parametrize("missing", [np.inf, -np.inf, np.nan])
def test_cells_that_are_not_finite_are_blank_and_do_not_count(figure, missing):
    ax = figure.subplots()
    image = draw_heatmap(ax, [[missing, 1.0, 3.0]], colour_map="viridis")
    assert image.get_clim() == (1, 3)
    assert pixel(figure, ax, 0, 0) == (255, 255, 255)


def test_range_of_the_colours_may_be_given(figure):
    assert draw_heatmap(figure.subplots(), [[1.0]], colour_map="viridis", value_range=(0, 8)).get_clim() == (
        0,
        8,
    )


def test_finite_range_of_nothing_is_zero_to_one():
    assert finite_range(np.array([np.inf, 2.0, -1.0])) == (-1, 2)
    assert finite_range(np.array([np.inf])) == finite_range(np.empty((0, 3))) == (0, 1)


def test_cells_reach_half_a_step_beyond_their_middles():
    assert outer_edges(np.array([1.0, 2.0, 3.0])) == (0.5, 3.5)
    assert outer_edges(np.array([2.0])) == (1.5, 2.5)


def test_colour_bar_is_as_high_as_the_picture(figure):
    ax = figure.subplots()
    add_colour_bar(ax, draw_heatmap(ax, np.eye(3, 9), colour_map="viridis"), "level (dB)")
    figure.draw_without_rendering()
    (bar,) = ax.child_axes
    assert bar.get_ylabel() == "level (dB)"
    assert bar.get_window_extent().height == pytest.approx(ax.get_window_extent().height, rel=0.01)
