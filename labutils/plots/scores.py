"""Figures of results: confusion matrices, and scores with their intervals.

Notebook: 02_resnet_classifier, 03_centroids_and_contrastive_mlp, 04_hungarian_matching.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from labutils.plots.heatmap import add_colour_bar, draw_heatmap
from labutils.plots.style import BLUE, VERMILION, axes_or_new


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
    height = np.arange(len(scores))
    middle, low, high = np.array(list(scores.values()), dtype=float).reshape(-1, 3).T
    reach = np.abs(np.stack([middle - low, high - middle]))
    ax.errorbar(middle, height, xerr=reach, fmt="o", color=BLUE, capsize=4, label="accuracy and interval")
    if chance is not None:
        guess = [chance[name] if isinstance(chance, Mapping) else chance for name in scores]
        ax.plot(guess, height, "|", color=VERMILION, markersize=18, markeredgewidth=2.5, label="chance")
    ax.set_yticks(height, list(scores))
    ax.set(xlabel="accuracy (share of right answers)", xlim=(-0.02, 1.02), ylim=(len(scores) - 0.5, -0.5))
    ax.grid(axis="x", alpha=0.4)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    return ax
