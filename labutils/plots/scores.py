"""Figures of results: confusion matrices, scores and gains with their intervals, and whether confidences keep their word.

Notebook: 02_resnet_classifier, 03_centroids_and_contrastive_mlp, 04_hungarian_matching, 05_contact_maps.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from labutils.evaluation import Reliability
from labutils.plots.heatmap import add_colour_bar, draw_heatmap
from labutils.plots.style import BLUE, ORANGE, VERMILION, axes_or_new


def plot_confusion(counts: np.ndarray, class_names: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix: the number of clips in each cell, the share of the true class as its colour.

    Args:
        counts: int [classes, classes], true class down, answered class to the right.
        class_names: names in the order of the rows.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (7.2, 6))
    counts = np.asarray(counts)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = draw_heatmap(ax, share, colour_map="cividis", value_range=(0, 1))
    for true, answered in np.argwhere(counts > 0):
        colour = "black" if share[true, answered] > 0.5 else "white"
        ax.text(answered, true, f"{counts[true, answered]:.0f}", color=colour, ha="center", va="center")
    ticks = range(len(class_names))
    ax.set_xticks(ticks, class_names, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(ticks, class_names)
    ax.set(xlabel="answered class (number of clips)", ylabel="true class")
    add_colour_bar(ax, image, "share of the true class")
    return ax


def plot_scores(
    scores: Mapping[str, tuple[float, float, float]],
    *,
    chance: float | Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw accuracies with their intervals, and what guessing would reach.

    Args:
        scores: name -> (accuracy, lower end, upper end of its interval), each 0-1.
        chance: accuracy of guessing, one for all or one a name; drawn as short upright strokes.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (6.5, 0.9 + 0.45 * len(scores)))
    height = _draw_intervals(ax, scores, fmt="o", color=BLUE, label="accuracy and interval")
    if chance is not None:
        guess = [chance[name] if isinstance(chance, Mapping) else chance for name in scores]
        ax.plot(guess, height, "|", color=VERMILION, markersize=18, markeredgewidth=2.5, label="chance")
    ax.set(xlabel="accuracy (share of right answers)", xlim=(-0.02, 1.02))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    return ax


def plot_gains(gains: Mapping[str, tuple[float, float, float]], *, ax: Axes | None = None) -> Axes:
    """Draw differences of accuracies with their intervals, and the line of no difference.

    Args:
        gains: name -> (gain, lower end, upper end of its interval), each -1 to 1.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (6.5, 0.9 + 0.45 * len(gains)))
    _draw_intervals(ax, gains, fmt="s", color=ORANGE)
    ax.axvline(0, color="0.4", linestyle=":")
    ax.set(xlabel="gain in accuracy (share of right answers)")
    return ax


def _draw_intervals(ax: Axes, values: Mapping[str, tuple[float, float, float]], **look) -> np.ndarray:
    """A point with its interval for each name, from top to bottom; returns their heights."""
    height = np.arange(len(values))
    middle, low, high = np.array(list(values.values()), dtype=float).reshape(-1, 3).T
    reach = np.abs(np.stack([middle - low, high - middle]))
    ax.errorbar(middle, height, xerr=reach, capsize=4, **look)
    ax.set_yticks(height, list(values))
    ax.set_ylim(len(values) - 0.5, -0.5)
    ax.grid(axis="x", alpha=0.4)
    return height


def plot_reliability(bins: Reliability, *, ax: Axes | None = None) -> Axes:
    """Draw how often answers of some confidence are right; on the diagonal, confidences keep their word.

    Args:
        bins: of `evaluation.reliability`.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (4.4, 4.2))
    ax.plot([0, 1], [0, 1], ":", color="0.4", label="as sure as right")
    reach = np.abs(np.stack([bins.share - bins.low, bins.high - bins.share]))
    ax.errorbar(
        bins.confidence,
        bins.share,
        yerr=reach,
        fmt="o-",
        color=BLUE,
        capsize=4,
        label=f"{bins.count.min()} to {bins.count.max()} answers each, 95 % interval",
    )
    ax.set(xlabel="mean confidence of a bin (probability)", ylabel="share of right answers")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.03), aspect="equal")
    ax.grid(alpha=0.3)
    ax.legend(loc="lower right", fontsize="small")
    return ax
