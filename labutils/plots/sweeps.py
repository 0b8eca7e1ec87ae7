"""Figures of sweeps: how scores change with one condition. `benchmarks/sweeps.py` draws them."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from labutils.plots.style import LINE_STYLES, PALETTE, VERMILION, axes_or_new

MARKERS = "osD^v<>P"
Curve = tuple[Sequence[float], Sequence[float], Sequence[float]]


def plot_sweep(
    condition: Sequence[float],
    curves: Mapping[str, Curve],
    *,
    label: str,
    score_label: str = "accuracy (share of right answers)",
    chance: Sequence[float] | None = None,
    logarithmic: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw how the scores of some methods change with one condition, with their intervals.

    Args:
        condition: values of the condition, [P].
        curves: name -> (scores, lower ends, upper ends of their intervals), [P] each, 0-1; nan where nothing is known.
        label: what the condition is, with its unit.
        score_label: what the score is.
        chance: score that needs no skill at every value, [P].
        logarithmic: space the values by their logarithm.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (6, 4))
    colours = [colour for colour in PALETTE if colour != VERMILION]  # which is chance
    for number, (name, (middle, low, high)) in enumerate(curves.items()):
        middle, low, high = (np.asarray(values, dtype=float) for values in (middle, low, high))
        reach = np.abs(np.stack([middle - low, high - middle]))
        look = {"color": colours[number % len(colours)], "marker": MARKERS[number % len(MARKERS)]}
        look["linestyle"] = LINE_STYLES[number % len(LINE_STYLES)]
        ax.errorbar(condition, middle, yerr=np.nan_to_num(reach), capsize=3, label=name, **look)
    if chance is not None:
        ax.plot(condition, chance, color=VERMILION, linestyle=":", label="without skill")
    if logarithmic:
        ax.set_xscale("log")
        ax.set_xticks(list(condition), [f"{value:g}" for value in condition])
        ax.set_xticks([], minor=True)
    ax.set(xlabel=label, ylabel=score_label, ylim=(-0.02, 1.02))
    ax.grid(alpha=0.4)
    count = min(len(ax.get_legend_handles_labels()[0]), 5)  # in one line: above it there is a title
    ax.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=count,
        frameon=False,
        columnspacing=1.2,
        fontsize=9,
    )
    return ax
