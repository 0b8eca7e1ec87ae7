"""Figures of training: curves over the epochs, the contrastive loss, and the distances that it leaves.

Notebook: 02_resnet_classifier, 03_centroids_and_contrastive_mlp.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from labutils.plots.style import (
    BLUE,
    GREEN,
    LINE_STYLES,
    ORANGE,
    PURPLE,
    VERMILION,
    axes_or_new,
    new_axes,
)

QUANTITIES = ("loss", "accuracy")

# (colour, line style) of the curves of a training, by the words of their name
CURVE_STYLES = {
    "train": (BLUE, "-"),
    "validation": (ORANGE, "--"),
    "positive": (GREEN, "-."),
    "negative": (VERMILION, ":"),
}


def curve_style(label: str) -> tuple[str, str]:
    """Return colour and line style of a curve: "train positive" is in the colour of positive and the line of train."""
    known = [CURVE_STYLES[word] for word in label.split() or ["train"] if word in CURVE_STYLES]
    return (known[-1][0], known[0][1]) if known else (PURPLE, "-")


def plot_history(
    curves: Mapping[str, Sequence[float]] | Sequence[Mapping[str, Sequence[float]]],
    *,
    chance: float | None = None,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw loss and accuracy over the epochs, side by side; of several folds the mean and the range.

    Args:
        curves: name -> one value an epoch, or a sequence of such dicts, one a fold. A name ends in "loss" or
            "accuracy" and begins with what it belongs to: "train", "validation", "positive", "negative".
        chance: accuracy of guessing, drawn as a dotted line.
        axes: one axes for each quantity that occurs, loss first; a new figure if None.

    Returns:
        The axes, one for each quantity that occurs.
    """
    folds = [curves] if isinstance(curves, Mapping) else list(curves)
    quantities = quantities_of(folds[0])
    if axes is None:
        axes = new_axes(1, len(quantities), size_inch=(4.5 * len(quantities), 3.4))[0]
    for ax, quantity in zip(axes, quantities, strict=True):
        for name in (name for name in folds[0] if name.endswith(quantity)):
            _draw_folds(ax, name.removesuffix(quantity).strip(), [fold[name] for fold in folds])
        if quantity == "accuracy":
            _scale_as_accuracy(ax, chance)
        ax.set_ylabel(quantity)
        _label_epochs(ax)
        ax.legend(title=f"mean and range of {len(folds)} folds" if len(folds) > 1 else None)
    return np.asarray(axes)


def quantities_of(curves: Mapping[str, Sequence[float]]) -> list[str]:
    """Return which quantities occur among the names of curves, loss first: those that `plot_history` draws."""
    return [quantity for quantity in QUANTITIES if any(name.endswith(quantity) for name in curves)]


def _draw_folds(ax: Axes, label: str, folds: Sequence[Sequence[float]]) -> None:
    """One curve, or the mean and the band of several that may end at different epochs."""
    colour, line_style = curve_style(label)
    table = np.full((len(folds), max(len(values) for values in folds)), np.nan)
    for row, values in zip(table, folds, strict=True):
        row[: len(values)] = values
    known = np.ma.masked_invalid(table)
    mean = known.mean(axis=0).filled(np.nan)
    epoch = _draw_curve(ax, mean, label=label or "all", color=colour, linestyle=line_style)
    if len(folds) > 1:
        ax.fill_between(epoch, known.min(axis=0), known.max(axis=0), color=colour, alpha=0.2, linewidth=0)


def _draw_curve(ax: Axes, values: Sequence[float], **look) -> np.ndarray:
    """One value an epoch as a line, a single one as a point; returns the epochs, from 1."""
    epoch = np.arange(1, len(values) + 1)
    ax.plot(epoch, values, marker="o" if len(values) == 1 else None, **look)
    return epoch


def _scale_as_accuracy(ax: Axes, chance: float | None) -> None:
    ax.set_ylim(-0.03, 1.03)
    if chance is not None:
        ax.axhline(chance, color="0.4", linestyle=(0, (1, 3)), label="chance")


def _label_epochs(ax: Axes) -> None:
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))


def plot_depth_curves(
    curves: Mapping[str, Mapping[int, Sequence[float]]],
    *,
    quantity: str = "training loss",
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw the learning of networks of several depths, one panel a family, on a common scale.

    Args:
        curves: family ("plain", "residual") -> number of layers -> one value an epoch.
        quantity: label of the y axis.
        axes: one axes a family; a new figure if None.

    Returns:
        The axes, one a family.
    """
    if axes is None:
        axes = new_axes(1, len(curves), size_inch=(4.5 * len(curves), 3.4), sharey=True)[0]
    depths = sorted({depth for family in curves.values() for depth in family})
    colours = sns.color_palette("viridis", len(depths))
    for ax, (family, by_depth) in zip(axes, curves.items(), strict=True):
        for depth, values in sorted(by_depth.items()):
            number = depths.index(depth)
            look = {"color": colours[number], "linestyle": LINE_STYLES[number % len(LINE_STYLES)]}
            _draw_curve(ax, values, label=f"{depth} layers", **look)
        ax.set(title=family, ylabel=quantity)
        _label_epochs(ax)
        ax.label_outer()
        ax.legend()
    return np.asarray(axes)


def plot_contrastive_loss(
    distance: np.ndarray,
    positive: np.ndarray,
    negative: np.ndarray,
    *,
    margin: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the two branches of a contrastive loss over the distance of a pair.

    Args:
        distance: [n], distance of the two embeddings, no unit.
        positive: [n], loss of a pair that belongs together.
        negative: [n], loss of a pair that does not.
        margin: where the loss of a negative pair ends, drawn as a dotted line.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (5.5, 3.6))
    ax.plot(distance, positive, color=BLUE, linestyle="-", linewidth=2, label="positive pair (Y = 1)")
    ax.plot(distance, negative, color=ORANGE, linestyle="--", linewidth=2, label="negative pair (Y = 0)")
    _draw_margin(ax, margin)
    ax.set(xlabel="distance D of the embeddings (no unit)", ylabel="loss of the pair (no unit)")
    # The parabola may leave the picture, but the point where the two branches cross must show.
    highest = min(3 * np.max(negative), 1.05 * np.max(positive))
    ax.set(xlim=(np.min(distance), np.max(distance)), ylim=(0, highest or None))
    ax.legend()
    return ax


def plot_pair_distances(
    positive_distance: np.ndarray,
    negative_distance: np.ndarray,
    *,
    margin: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how far apart positive and negative pairs lie, as two histograms over common bins.

    Each has the area 1, so that a few positive pairs are seen beside thousands of negative ones.

    Args:
        positive_distance: [n], distances of pairs that belong together.
        negative_distance: [k], distances of pairs that do not.
        margin: drawn as a dotted line.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (5.5, 3.6))
    bins = np.histogram_bin_edges(np.concatenate([positive_distance, negative_distance]), bins=30)
    _draw_histogram(ax, positive_distance, bins, "positive", color=BLUE, linestyle="-")
    _draw_histogram(ax, negative_distance, bins, "negative", color=ORANGE, linestyle="--")
    _draw_margin(ax, margin)
    ax.set(xlabel="distance D of the embeddings (no unit)", ylabel="density (share of the pairs)")
    ax.legend()
    return ax


def _draw_histogram(ax: Axes, values: np.ndarray, bins: np.ndarray, name: str, **look) -> None:
    """Filled bars with an outline of their own line style."""
    density, label = len(values) > 0, f"{name} pairs ({len(values)})"
    ax.hist(values, bins, density=density, color=look["color"], alpha=0.3)
    ax.hist(values, bins, density=density, histtype="step", linewidth=2, label=label, **look)


def _draw_margin(ax: Axes, margin: float | None) -> None:
    if margin is not None:
        ax.axvline(margin, color="0.4", linestyle=":", label=f"margin m = {margin:g}")
