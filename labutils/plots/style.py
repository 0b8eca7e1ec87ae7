"""Colours, line styles and axes that all figures share.

Colours come from seaborn's colour-blind-safe palette and never carry a message alone: line styles and marker shapes say
the same.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib import patheffects
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from labutils.clips import WALLS

PALETTE = sns.color_palette("colorblind").as_hex()
BLUE, ORANGE, GREEN, VERMILION, PURPLE = PALETTE[:5]
SOUND_COLOUR_MAP = "magma"
DISTANCE_COLOUR_MAP = "viridis"
LINE_STYLES = ("-", "--", "-.", ":")
HALO = [patheffects.withStroke(linewidth=3.0, foreground="white")]
DARK_HALO = [patheffects.withStroke(linewidth=2.6, foreground="black")]

# (colour, line style, marker) of the hits of a wall; the marker points at the wall
WALL_LOOKS = dict(
    zip(WALLS, zip((VERMILION, ORANGE, GREEN, PURPLE), LINE_STYLES, "v<^>", strict=True), strict=True)
)


def new_axes(rows: int = 1, columns: int = 1, *, size_inch: tuple[float, float], **options) -> np.ndarray:
    """Make an opaque figure, readable in a dark theme too.

    Args:
        rows: axes below each other.
        columns: axes beside each other.
        size_inch: width and height of the figure.
        options: more arguments of `matplotlib.pyplot.subplots`.

    Returns:
        Its axes, [rows, columns].
    """
    _, axes = plt.subplots(
        rows, columns, figsize=size_inch, squeeze=False, layout="constrained", facecolor="white", **options
    )
    return axes


def axes_or_new(ax: Axes | None, size_inch: tuple[float, float]) -> Axes:
    """Return the axes that were given, or those of a new figure."""
    return new_axes(size_inch=size_inch)[0, 0] if ax is None else ax


def new_grid(count: int, columns: int, *, cell_inch: tuple[float, float]) -> np.ndarray:
    """Make axes for `count` small pictures; the rest of the last row stays blank.

    Returns:
        All axes of the figure, [at least count].
    """
    columns = max(1, min(columns, count))
    rows = max(1, -(-count // columns))
    size_inch = cell_inch[0] * columns + 0.6, cell_inch[1] * rows + 0.4
    axes = new_axes(rows, columns, size_inch=size_inch).ravel()
    for ax in axes[count:]:
        ax.set_axis_off()
    return axes


def name_grid_axes(axes: Sequence[Axes], x_label: str, y_label: str) -> None:
    """Label the axes of a grid of small pictures once, for all of them."""
    axes[0].figure.supxlabel(x_label, fontsize="medium")
    axes[0].figure.supylabel(y_label, fontsize="medium")


def explain_above(axes: Sequence[Axes], handles: Mapping[str, Artist], *, columns: int) -> None:
    """Put one legend above a grid of small pictures; `handles` maps labels to what they explain."""
    if handles:
        options = {"loc": "outside upper center", "ncols": columns, "frameon": False}
        axes[0].figure.legend(handles.values(), handles.keys(), **options)


def legend_handles(ax: Axes) -> dict[str, Artist]:
    """Return what the legend of an axes would explain: label -> artist."""
    handles, labels = ax.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def leave_bare(ax: Axes) -> None:
    """Take labels, ticks and legend from a small picture that others explain."""
    ax.set(xlabel="", ylabel="", xticks=[], yticks=[])
    if ax.get_legend() is not None:
        ax.get_legend().remove()
