"""Figures of contact maps: what is heard and seen at each wall over time, one below the other on one clock.

Notebook: 05_contact_maps.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from labutils.clips import CLIP_S, MASK_CROP, WALLS
from labutils.plots.heatmap import draw_heatmap, finite_range, outer_edges
from labutils.plots.style import SOUND_COLOUR_MAP, WALL_LOOKS, axes_or_new, new_axes

AGREEMENT_COLOUR_MAP = "PuOr_r"
PAIR_ROWS = ("film", "distance", "seen", "heard", "level", "agreement")
ROW_HEIGHTS = (0.8, 1.3, 0.9, 0.9, 0.9, 0.9)


def plot_contact_maps(
    maps: Mapping[str, np.ndarray],
    time_s: np.ndarray,
    *,
    walls: Sequence[str],
    contacts: Mapping[str, np.ndarray] | None = None,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw when each wall is hit according to a sound and to videos, below each other, in common colours.

    Args:
        maps: title -> contact map, float [walls, T], no unit.
        time_s: middle of each column [T], s.
        walls: their names, in the order of the rows.
        contacts: title -> bool [walls, T], marked; none if None.
        axes: one for each map to draw on; a new figure if None.

    Returns:
        The axes, one for each map.
    """
    if axes is None:
        axes = new_axes(len(maps), 1, size_inch=(7, 0.6 + 1.4 * len(maps)), sharex=True)[:, 0]
    value_range = finite_range(np.stack(list(maps.values())))
    for ax, (title, contact) in zip(axes, maps.items(), strict=True):
        image = _draw_walls(ax, contact, time_s, walls, SOUND_COLOUR_MAP, value_range)
        if contacts is not None:
            _mark_contacts(ax, contacts[title], time_s)
        ax.set(title=title, xlabel="time (s)")
        ax.label_outer()
    axes[0].figure.colorbar(image, ax=list(axes), label="contact (no unit)")
    return np.asarray(axes)


def _draw_walls(ax: Axes, values, time_s, walls, colour_map: str, value_range: tuple[float, float]):
    """A picture of walls over time; returns the image."""
    extent = (*outer_edges(time_s), len(walls) - 0.5, -0.5)
    image = draw_heatmap(
        ax, values, colour_map=colour_map, value_range=value_range, extent=extent, aspect="auto"
    )
    ax.set_yticks(range(len(walls)), walls)
    ax.set_ylabel("wall")
    return image


def plot_film_strip(
    frames: np.ndarray, times_s: np.ndarray, *, count: int = 8, ax: Axes | None = None
) -> Axes:
    """Draw frames of a film on a time axis: the clip in equal slots, and in each the frame nearest to its middle.

    Args:
        frames: uint8 [F, 480, 640, 3].
        times_s: of each frame [F], s.
        count: slots.
        ax: axes to draw on, time to the right; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (7, 1.2))
    for start_s, end_s in pairwise(np.linspace(0, CLIP_S, count + 1)):
        nearest = np.abs(times_s - (start_s + end_s) / 2).argmin()
        ax.imshow(frames[nearest][MASK_CROP], extent=(start_s + 0.02, end_s - 0.02, 0, 1), aspect="auto")
    ax.set(yticks=[], xlim=(0, CLIP_S), ylim=(0, 1), ylabel="film", xlabel="time (s)")
    return ax


def plot_wall_distances(
    distance: np.ndarray, time_s: np.ndarray, *, contacts: np.ndarray | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how far the object is from each wall, and mark where it turns back at one.

    Args:
        distance: float [4, T], tray widths.
        time_s: [T], s.
        contacts: bool [4, T], marked; none if None.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (7, 2.2))
    for wall, (name, (colour, style, marker)) in enumerate(WALL_LOOKS.items()):
        ax.plot(time_s, distance[wall], style, color=colour, label=name)
        if contacts is not None:
            chosen = contacts[wall]
            ax.plot(time_s[chosen], distance[wall][chosen], marker, color=colour, markersize=8)
    ax.set(ylim=(-0.03, 1.03), ylabel="distance\n(tray widths)", xlabel="time (s)")
    ax.grid(axis="y", alpha=0.3)
    return ax


def plot_pair(
    pair: Mapping[str, np.ndarray],
    time_s: np.ndarray,
    *,
    film: tuple[np.ndarray, np.ndarray] | None = None,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw one sound and one video below each other on one clock, from the film to where their maps agree.

    Args:
        pair: "distance" [4, T] in tray widths, "seen" and "heard" [4, T] without unit, "level" [4, T] in dB, "agreement"
            [4, T] without unit; "seen_contacts" and "heard_contacts" bool [4, T], marked.
        time_s: middle of each step [T], s.
        film: (frames uint8 [F, 480, 640, 3], times [F] in s); the row stays away if None.
        axes: five axes to draw on, or six with a film; a new figure if None.

    Returns:
        The axes, from top to bottom.
    """
    rows = PAIR_ROWS if film is not None else PAIR_ROWS[1:]
    if axes is None:
        heights = ROW_HEIGHTS[-len(rows) :]
        axes = new_axes(len(rows), size_inch=(7.5, 1.25 * sum(heights)), sharex=True, height_ratios=heights)[
            :, 0
        ]
    by_row = dict(zip(rows, axes, strict=True))
    if film is not None:
        plot_film_strip(*film, count=6, ax=by_row["film"])
    plot_wall_distances(pair["distance"], time_s, contacts=pair["seen_contacts"], ax=by_row["distance"])
    maps = finite_range(np.stack([pair["heard"], pair["seen"]]))
    widest = float(np.abs(pair["agreement"]).max()) or 1.0
    looks = {
        "seen": (SOUND_COLOUR_MAP, maps, "map, seen\n(no unit)"),
        "heard": (SOUND_COLOUR_MAP, maps, "map, heard\n(no unit)"),
        "level": (SOUND_COLOUR_MAP, finite_range(pair["level"]), "level (dB)"),
        "agreement": (AGREEMENT_COLOUR_MAP, (-widest, widest), "agreement\n(no unit)"),
    }
    for name, (colours, value_range, label) in looks.items():
        ax = by_row[name]
        image = _draw_walls(ax, pair[name], time_s, WALLS, colours, value_range)
        ax.figure.colorbar(image, cax=ax.inset_axes((1.02, 0, 0.02, 1)), label=label)
    _mark_contacts(by_row["seen"], pair["seen_contacts"], time_s)
    for name in ("heard", "level"):
        _mark_contacts(by_row[name], pair["heard_contacts"], time_s)
    for ax in axes:
        ax.set_xlim(0, CLIP_S)
        ax.label_outer()
    axes[-1].set_xlabel("time (s)")
    return np.asarray(axes)


def _mark_contacts(ax: Axes, contacts: np.ndarray, time_s: np.ndarray) -> None:
    """The marker of each wall, hollow, where it is hit."""
    for wall, (_, _, marker) in enumerate(WALL_LOOKS.values()):
        where_s = time_s[contacts[wall]]
        ax.plot(where_s, np.full(len(where_s), wall), marker, color="white", fillstyle="none", markersize=7)
