"""The picture that explains a match: the path that is heard, drawn over the film."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import EllipseCollection, LineCollection
from matplotlib.colors import Normalize

from labutils.plots.heatmap import add_colour_bar
from labutils.plots.motion import draw_tray, explain_below
from labutils.plots.style import DISTANCE_COLOUR_MAP, axes_or_new

DRAWN = 11  # moments, evenly spread over the clip


def plot_heard_path(
    seen: np.ndarray,
    heard: np.ndarray,
    scale: np.ndarray,
    times_s: np.ndarray,
    *,
    masks: np.ndarray | None = None,
    colour_bar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the path that a sound tells, with its uncertainty, over the path that a film shows.

    An ellipse is a heard place: as wide and high as the error that is to be expected. A line ties it to the place that is
    seen at the same moment. Where sound and film belong together the lines are short.

    Args:
        seen: places in the film [T, 2] in tray widths, x right, y down.
        heard: places in the sound [T, 2].
        scale: expected error of each heard place along x and y [T, 2], in tray widths; half the axes of its ellipse.
        times_s: time of each place [T], s.
        masks: bool [F, H, W], frames evenly spread over the clip, whose silhouettes are drawn below.
        colour_bar: whether to explain the colour beside the axes.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (5.2, 4.8))
    draw_tray(ax)
    shown = np.unique(np.linspace(0, len(seen) - 1, DRAWN).round().astype(int))
    if masks is not None:
        _draw_silhouettes(ax, masks, (shown + 0.5) / len(seen))
    ax.plot(*seen.T, color="0.25", linewidth=1.5, label="seen path", zorder=3)
    ties = LineCollection(
        np.stack([seen[shown], heard[shown]], axis=1), colors="0.25", linestyles=":", label="same moment"
    )
    ax.add_collection(ties, autolim=False)
    clock = ScalarMappable(Normalize(times_s[0], times_s[-1]), DISTANCE_COLOUR_MAP)
    _draw_ellipses(ax, heard[shown], scale[shown], clock.to_rgba(times_s[shown], alpha=0.55))
    ax.scatter(*seen[shown].T, c=clock.to_rgba(times_s[shown]), edgecolors="black", zorder=5)
    explain_below(ax)
    if colour_bar:
        add_colour_bar(ax, clock, "time (s)")
    return ax


def _draw_ellipses(ax: Axes, places: np.ndarray, scale: np.ndarray, colours: np.ndarray) -> None:
    """Ellipses around places [P, 2] with half axes [P, 2], in tray widths; colours [P, 4]."""
    look = {"edgecolors": "black", "linewidths": 0.8, "zorder": 4}
    frame = {"units": "xy", "offsets": places, "offset_transform": ax.transData}
    ellipses = EllipseCollection(*(2 * scale.T), np.zeros(len(places)), facecolors=colours, **frame, **look)
    ax.add_collection(ellipses, autolim=False)
    ax.scatter([], [], s=200, c="0.8", edgecolors="black", label="heard ± expected error")


def _draw_silhouettes(ax: Axes, masks: np.ndarray, shares: np.ndarray) -> None:
    """The object at some shares of the clip, in light grey; where it stays longer it is darker."""
    frames = np.minimum(shares * len(masks), len(masks) - 1).astype(int)
    density = masks[frames].mean(axis=0)  # (P, H, W) -> (H, W)
    shade = np.where(density > 0, 0.12 + 0.25 * density, np.nan)
    ax.imshow(shade, cmap="Greys", vmin=0, vmax=1, extent=(0, 1, 1, 0), zorder=0)
    ax.set(xlim=(-0.1, 1.1), ylim=(1.1, -0.1))
