"""Figures of matching: all sounds against all videos.

Notebook: 04_hungarian_matching.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from labutils.plots.heatmap import add_colour_bar, draw_heatmap, finite_range
from labutils.plots.style import (
    DISTANCE_COLOUR_MAP,
    HALO,
    axes_or_new,
    explain_above,
    leave_bare,
    legend_handles,
    name_grid_axes,
    new_grid,
)

DISTANCE_LABEL = "distance of the embeddings (no unit)"


def plot_distance_heatmap(
    values: np.ndarray,
    assignment: np.ndarray,
    *,
    truth: np.ndarray | None = None,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
    value_label: str = DISTANCE_LABEL,
    value_range: tuple[float, float] | None = None,
    colour_bar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the distances, or any other scores, of all sounds and all videos, with the assignment marked.

    Args:
        values: float [N, M]; pairs that are not allowed are inf or -inf and stay blank.
        assignment: int [N], the video of each sound, or -1 for none (marked to the left of the matrix).
        truth: int [N], the right video of each sound, or -1; then right answers are circles, wrong ones
            crosses, and a small diamond marks the video that a wrong answer missed.
        names: (names of the N sounds, names of the M videos) for the ticks; numbers if None.
        value_label: what the values are, with their unit, for the colour bar.
        value_range: values of the first and the last colour; those of the data if None.
        colour_bar: whether to explain the colour beside the axes.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    values, assignment = np.asarray(values, dtype=float), np.asarray(assignment, dtype=int)
    truth = None if truth is None else np.asarray(truth, dtype=int)
    ax = axes_or_new(ax, (6.8, 6))
    image = draw_heatmap(ax, values, colour_map=DISTANCE_COLOUR_MAP, value_range=value_range)
    if colour_bar:
        add_colour_bar(ax, image, value_label)
    _mark_answers(ax, assignment, truth, values.shape)
    unmatched = any((answers < 0).any() for answers in (assignment, truth) if answers is not None)
    if unmatched:
        ax.set_xlim(1.5 * _x_of_none(values.shape[1]), values.shape[1] - 0.5)
    _label_cells(ax, values.shape, names, unmatched)
    return ax


def _mark_answers(ax: Axes, assignment: np.ndarray, truth: np.ndarray | None, shape: tuple[int, int]) -> None:
    """Circles for right, crosses for wrong, diamonds for what was missed."""
    size = float(np.clip(160 / max(*shape, 1), 5, 11))
    x = np.where(assignment < 0, _x_of_none(shape[1]), assignment)
    if truth is None:
        _mark_cells(ax, x, np.ones(len(x), dtype=bool), "o", label="assigned", markersize=size)
    else:
        right = assignment == truth
        missed = np.where(truth < 0, _x_of_none(shape[1]), truth)
        _mark_cells(ax, x, right, "o", label="right", markersize=size)
        _mark_cells(ax, x, ~right, "x", label="wrong", markersize=size)
        _mark_cells(ax, missed, ~right, "d", label="would be right", markersize=0.7 * size, markeredgewidth=1)
    if legend_handles(ax):
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)


def _mark_cells(ax: Axes, x: np.ndarray, chosen: np.ndarray, marker: str, **look) -> None:
    """Mark column `x` of every chosen row; black with a white rim, which shows on any colour."""
    if chosen.any():
        look = {"fillstyle": "none", "color": "black", "markeredgewidth": 1.5, "clip_on": False} | look
        ax.plot(x[chosen], np.flatnonzero(chosen), marker, path_effects=HALO, **look)


def _x_of_none(columns: int) -> float:
    """Where the answer -1 stands, left of column 0: so far that its label does not touch the next."""
    return -max(1.0, columns / 10)


def _label_cells(
    ax: Axes, shape: tuple[int, int], names: tuple[Sequence[str], Sequence[str]] | None, unmatched: bool
) -> None:
    """Names, or round numbers, of sounds (down) and videos (across), and of the column for no video."""
    numbers = "" if names else " (number)"
    ax.set(xlabel=f"video{numbers}", ylabel=f"sound{numbers}")
    rows, columns = (np.arange(size) if names else _round_numbers(size) for size in shape)
    row_names, column_names = names or (rows.astype(str), columns.astype(str))
    if unmatched:
        columns = np.append(columns, _x_of_none(shape[1]))
        column_names = [*column_names, "no video" if names else "−1"]
    ax.set_xticks(columns, column_names, rotation=90 if names else 0)
    ax.set_yticks(rows, row_names)


def _round_numbers(size: int) -> np.ndarray:
    """About ten evenly spread indices, from 0."""
    return np.arange(0, size, max(1, -(-size // 10)))


def plot_class_heatmaps(
    groups: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray | None]],
    *,
    columns: int = 5,
    value_label: str = DISTANCE_LABEL,
) -> np.ndarray:
    """Draw one small heatmap for each class, on a common colour scale.

    Args:
        groups: class name -> (values [N, M], assignment [N], truth [N] or None), as for one heatmap.
        columns: heatmaps in a row.
        value_label: what the values are, with their unit, for the colour bar.

    Returns:
        The axes, [len(groups)].
    """
    axes = new_grid(len(groups), columns, cell_inch=(1.9, 2.0))
    used = axes[: len(groups)]
    all_values = [np.ravel(values) for values, _, _ in groups.values()]
    value_range = finite_range(np.concatenate([np.empty(0), *all_values]))
    handles = {}
    for ax, (name, (values, assignment, truth)) in zip(used, groups.items(), strict=True):
        ax.set_title(name, fontsize="small")
        if np.size(values) == 0:
            ax.text(0.5, 0.5, "no clips", ha="center", va="center", transform=ax.transAxes)
        else:
            options = {"truth": truth, "value_range": value_range, "colour_bar": False, "ax": ax}
            plot_distance_heatmap(values, assignment, **options).set_aspect("auto")
            handles |= legend_handles(ax)
        leave_bare(ax)
    images = [image for ax in used for image in ax.images]
    if images:
        axes[0].figure.colorbar(images[0], ax=list(axes), label=value_label)
        name_grid_axes(axes, "video", "sound")
        explain_above(axes, handles, columns=3)
    return used
