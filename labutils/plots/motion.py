"""Figures of motion: frames with their masks, trajectories seen from above, and where and how far objects travel.

Notebook: 01_spectrograms, 03_centroids_and_contrastive_mlp.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from labutils.clips import MASK_CROP, WALLS
from labutils.plots.heatmap import add_colour_bar, draw_heatmap
from labutils.plots.style import (
    BLUE,
    DARK_HALO,
    DISTANCE_COLOUR_MAP,
    HALO,
    ORANGE,
    VERMILION,
    WALL_LOOKS,
    axes_or_new,
    explain_above,
    leave_bare,
    legend_handles,
    name_grid_axes,
    new_axes,
    new_grid,
)

# x, y and rotation of the name of each wall, outside the tray
WALL_LABELS = dict(
    zip(WALLS, ((0.5, 1.05, 0), (-0.05, 0.5, 90), (0.5, -0.05, 0), (1.05, 0.5, 270)), strict=True)
)


def plot_frames(
    frames: np.ndarray | None,
    masks: np.ndarray,
    times_s: np.ndarray,
    *,
    position: np.ndarray | None = None,
    count: int = 6,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw a strip of frames, evenly spread over the clip, with mask outlined and centroid marked.

    Args:
        frames: uint8 [T, 480, 640, 3]; the masks themselves are shown if None.
        masks: bool [T, 440, 440].
        times_s: time of each frame [T], s.
        position: centroids [T, 2] in tray widths, x right, y down; drawn where the mask is not empty.
        count: number of frames, at most T.
        axes: that many axes to draw on; a new figure if None.

    Returns:
        The axes, [min(count, T)].
    """
    shown = np.unique(np.linspace(0, len(masks) - 1, count).round().astype(int))
    if axes is None:
        axes = new_axes(1, len(shown), size_inch=(1.7 * len(shown) + 0.2, 2.1))[0]
    for ax, t in zip(axes, shown, strict=True):
        picture = 255 * masks[t] if frames is None else frames[t][MASK_CROP]
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        _outline_mask(ax, masks[t], None if position is None else position[t])
        unseen = "" if masks[t].any() else "\nnot seen"
        ax.set_title(f"{times_s[t]:.2f} s{unseen}", fontsize="medium")
        ax.set(xticks=[], yticks=[])
    return np.asarray(axes)


def _outline_mask(ax: Axes, mask: np.ndarray, position: np.ndarray | None) -> None:
    """The outline of a mask and its centroid; nothing where the mask is empty."""
    if not mask.any():
        return
    outline = ax.contour(mask, levels=[0.5], colors=ORANGE, linewidths=1.2)
    outline.set_path_effects(DARK_HALO)  # some objects are as bright as the orange
    if position is not None:
        x, y = position * mask.shape[::-1]
        ax.plot(x, y, "+", color=BLUE, markersize=11, markeredgewidth=2, path_effects=HALO)


def plot_masks_of_classes(
    strips: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]],
    *,
    count: int = 6,
    axes: np.ndarray | None = None,
) -> np.ndarray:
    """Draw frames of one clip of every class with the mask outlined, a row a class.

    Args:
        strips: class name -> (frames uint8 [T, 480, 640, 3], masks bool [T, 440, 440], times [T] in s).
        count: frames in a row.
        axes: [classes, count]; a new figure if None.

    Returns:
        The axes, [classes, count].
    """
    if axes is None:
        axes = new_axes(len(strips), count, size_inch=(1.55 * count + 0.4, 1.75 * len(strips) + 0.1))
    for row, (name, (frames, masks, times_s)) in zip(axes, strips.items(), strict=True):
        plot_frames(frames, masks, times_s, count=count, axes=row[: len(masks)])
        for ax in row[len(masks) :]:
            ax.set_axis_off()
        row[0].set_ylabel(name, fontsize="small")
    return axes


def plot_trajectory(
    position: np.ndarray,
    seen: np.ndarray,
    *,
    times_s: np.ndarray | None = None,
    colour_bar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the trajectory of a centroid in the tray, seen from above, with time as colour.

    Args:
        position: centroids [T, 2] in tray widths (0-1), x right, y down.
        seen: bool [T], False where the mask was empty; those points are drawn as small crosses.
        times_s: time of each frame [T], s; the frame number if None.
        colour_bar: whether to explain the colour beside the axes.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (4.6, 4))
    seen = np.asarray(seen, dtype=bool)
    clock = np.arange(len(position)) if times_s is None else np.asarray(times_s)
    draw_tray(ax)
    known = np.isfinite(position).all(axis=1)
    if not seen.any() or not known.any():
        ax.text(0.5, 0.5, "object never seen", ha="center", va="center")
        return ax
    line = _draw_line(ax, position[known], seen[known], clock[known])
    _mark_points(ax, position[known], seen[known])
    if colour_bar:
        add_colour_bar(ax, line, "frame" if times_s is None else "time (s)")
    return ax


def draw_tray(ax: Axes) -> None:
    """The square tray with its walls named, in tray widths, y down as in a picture."""
    ax.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color="0.4", linewidth=2, zorder=1)
    for wall, (x, y, rotation) in WALL_LABELS.items():
        ax.text(x, y, wall, rotation=rotation, ha="center", va="center", color="0.35", fontsize="small")
    ax.spines[:].set_visible(False)
    ax.set(xlim=(-0.1, 1.1), ylim=(1.1, -0.1), aspect="equal")
    ax.set(xlabel="x (tray widths)", ylabel="y (tray widths, down)")


def _draw_line(ax: Axes, position: np.ndarray, seen: np.ndarray, clock: np.ndarray) -> LineCollection:
    """The trajectory as a line whose colour runs with the clock, and a dot for every frame that shows the object."""
    steps = np.stack([position[:-1], position[1:]], axis=1)  # (T, 2) -> (T-1, 2, 2)
    line = LineCollection(steps, cmap=DISTANCE_COLOUR_MAP, linewidths=2.5, zorder=2, capstyle="round")
    line.set_array((clock[:-1] + clock[1:]) / 2)
    line.set_clim(clock[0], clock[-1] if clock[-1] > clock[0] else clock[0] + 1)
    ax.add_collection(line, autolim=False)
    sizes = np.where(seen, 12, 0)
    ax.scatter(*position.T, c=clock, cmap=DISTANCE_COLOUR_MAP, norm=line.norm, s=sizes, zorder=3)
    return line


def _mark_points(ax: Axes, position: np.ndarray, seen: np.ndarray) -> None:
    """Start, end and the frames in which the object was not seen."""
    if not seen.all():
        ax.plot(*position[~seen].T, "x", color=VERMILION, markersize=5, label="not seen", zorder=4)
    look = {"markerfacecolor": "white", "markeredgecolor": "black", "zorder": 5}
    ax.plot(*position[0], "o", label="start", markersize=11, **look)
    ax.plot(*position[-1], "s", label="end", markersize=6, **look)  # inside the circle, if nothing moved
    explain_below(ax)


def explain_below(ax: Axes) -> None:
    """Put the legend below the axes, every label once."""
    handles = legend_handles(ax)
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncols": 3, "frameon": False}
    ax.legend(handles.values(), handles.keys(), **place)


def plot_trajectories(
    trajectories: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *,
    columns: int = 5,
    axes: np.ndarray | None = None,
) -> np.ndarray:
    """Draw several trajectories beside each other, time running from dark to bright.

    Args:
        trajectories: title -> (position [T, 2] in tray widths, seen [T]).
        columns: trays in a row.
        axes: at least as many axes as trajectories; a new figure if None.

    Returns:
        The axes that were drawn on, [len(trajectories)].
    """
    if axes is None:
        axes = new_grid(len(trajectories), columns, cell_inch=(1.9, 2.1))
    used = np.asarray(axes).ravel()[: len(trajectories)]
    for ax, (title, (position, seen)) in zip(used, trajectories.items(), strict=True):
        plot_trajectory(position, seen, colour_bar=False, ax=ax)
        ax.set_title(title, fontsize="small")
        leave_bare(ax)
    if len(used):
        words = "x, y: the tray from above · circle: start, square: end, x: not seen"
        used[0].figure.supxlabel(words, fontsize="small")
    return used


def plot_hits_on_path(
    path: np.ndarray,
    times_s: np.ndarray,
    hit_position: np.ndarray,
    hit_walls: np.ndarray,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw the trajectory of an object in the tray, with a marker at every point where it hit a wall.

    Args:
        path: points [T, 2] in tray widths, x right, y down.
        times_s: their times [T], s.
        hit_position: points on the walls [hits, 2] in tray widths, x right, y down.
        hit_walls: index of the wall of each hit [hits], in the order bottom, left, top, right.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = plot_trajectory(path, np.ones(len(path), dtype=bool), times_s=times_s, ax=ax)
    for position, wall in zip(hit_position, hit_walls, strict=True):
        colour, _, marker = WALL_LOOKS[WALLS[wall]]
        look = {"color": colour, "markersize": 10, "markeredgecolor": "white", "zorder": 6}
        ax.plot(*position, marker, label="hit", **look)
    explain_below(ax)
    return ax


def plot_travel(
    travel: Mapping[str, tuple[Sequence[float], Sequence[float]]], *, axes: Sequence[Axes] | None = None
) -> np.ndarray:
    """Draw how far objects travel in a clip, one small panel a class: share of clips that travel at most so far.

    Args:
        travel: class name -> quantiles of the simulation and of the recordings, each evenly spaced from 0 to 1, in
            pixels of the mask.
        axes: one axes a class; a new figure if None.

    Returns:
        The axes, [len(travel)].
    """
    axes = new_grid(len(travel), 5, cell_inch=(2.3, 2.1)) if axes is None else np.asarray(axes)
    used = axes[: len(travel)]
    for ax, (name, (simulated, real)) in zip(used, travel.items(), strict=True):
        _draw_quantiles(ax, simulated, label="simulated", color=BLUE, linestyle="-")
        _draw_quantiles(ax, real, label="recorded", color=ORANGE, linestyle="--")
        ax.set_title(name, fontsize="small")
        ax.set(xlim=(0, 500), ylim=(0, 1), xticks=[0, 200, 400], yticks=[0, 0.5, 1])
        ax.grid(alpha=0.3)
    if len(used):
        up = "share of clips that travel at most so far"
        name_grid_axes(used, "travel from first to last centroid (px)", up)
        explain_above(used, legend_handles(used[0]), columns=2)
    return used


def _draw_quantiles(ax: Axes, quantiles: Sequence[float], **look) -> None:
    ax.plot(quantiles, np.linspace(0, 1, len(quantiles)), linewidth=2, **look)


def plot_end_places(
    places: Mapping[str, tuple[np.ndarray, str]],
    *,
    size_px: int = 440,
    corner_px: float = 110,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw where clips end, one small heat map of the tray from above a class.

    Args:
        places: class name -> (last centroids [N, 2] in pixels, x right, y down; a line of text to put below).
        size_px: width of the tray.
        corner_px: how far from a wall its zone reaches, drawn as thin lines.
        axes: one axes a class; a new figure if None.

    Returns:
        The axes, [len(places)].
    """
    axes = new_grid(len(places), 5, cell_inch=(2.1, 2.5)) if axes is None else np.asarray(axes)
    used = axes[: len(places)]
    shares = [_share_of_ends(points_px, size_px) for points_px, _ in places.values()]
    top = max((share.max() for share in shares), default=1.0) ** 0.5
    look = {"colour_map": DISTANCE_COLOUR_MAP, "value_range": (0, top), "extent": (0, size_px, size_px, 0)}
    for ax, (name, (_, words)), share in zip(used, places.items(), shares, strict=True):
        draw_heatmap(ax, np.sqrt(share), **look)
        _draw_zones(ax, (corner_px, size_px - corner_px))
        ax.set_title(name, fontsize="small")
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(words, fontsize="small")
    if len(used):
        _explain_shares(axes, top)
    return used


def _share_of_ends(points_px: np.ndarray, size_px: int) -> np.ndarray:
    """Share of the clips that end in each of 16 x 16 cells: corners and walls begin on an edge; rows are y."""
    edges_px = np.linspace(0, size_px, 17)
    x, y = points_px.T
    counts = np.histogram2d(y, x, bins=edges_px)[0]
    return counts / max(counts.sum(), 1)


def _draw_zones(ax: Axes, edges_px: tuple[float, float]) -> None:
    for edge_px in edges_px:
        ax.axhline(edge_px, color="white", linewidth=0.6, alpha=0.6)
        ax.axvline(edge_px, color="white", linewidth=0.6, alpha=0.6)


def _explain_shares(axes: np.ndarray, top: float) -> None:
    """One colour bar for all: the colours follow the square root of the share, the numbers are shares."""
    figure, image = axes[0].figure, axes[0].images[0]
    bar = figure.colorbar(image, ax=list(axes), label="share of clips in a cell", shrink=0.7)
    ticks = np.linspace(0, top, 5)
    bar.set_ticks(ticks, labels=[f"{tick**2:.2g}" for tick in ticks])
