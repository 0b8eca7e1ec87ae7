"""Every picture of the lab: pure drawing functions on numpy arrays.

Each function draws into the axes it is given, or makes a figure, and returns the axes it drew on; none shows
or clears anything. Colours come from seaborn's colour-blind-safe palette and never carry a message alone:
line styles and marker shapes say the same.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from labutils.clips import MASK_CROP, WALLS

PALETTE = sns.color_palette("colorblind").as_hex()
BLUE, ORANGE, GREEN, VERMILION, PURPLE = PALETTE[:5]
SOUND_COLOUR_MAP = "magma"
DISTANCE_COLOUR_MAP = "viridis"
LINE_STYLES = ("-", "--", "-.", ":")
HALO = [patheffects.withStroke(linewidth=3.0, foreground="white")]

# (colour, line style) of the curves of a training, by the first word of their name
CURVE_STYLES = {
    "train": (BLUE, "-"),
    "validation": (ORANGE, "--"),
    "positive": (GREEN, "-."),
    "negative": (VERMILION, ":"),
}

# (colour, line style, marker) of the hits of a wall; the marker points at the wall
WALL_LOOKS = dict(
    zip(WALLS, zip((VERMILION, ORANGE, GREEN, PURPLE), LINE_STYLES, "v<^>", strict=True), strict=True)
)


def curve_style(label: str) -> tuple[str, str]:
    """Colour and line style of a curve: "train positive" has the colour of positive pairs and the line of training."""
    known = [CURVE_STYLES[word] for word in label.split() or ["train"] if word in CURVE_STYLES]
    return (known[-1][0], known[0][1]) if known else (PURPLE, "-")


def _new_axes(rows: int = 1, columns: int = 1, *, size_inch: tuple[float, float], **options) -> np.ndarray:
    """Make an opaque figure (readable in a dark theme) and return its axes as an array [rows, columns]."""
    _, axes = plt.subplots(
        rows, columns, figsize=size_inch, squeeze=False, layout="constrained", facecolor="white", **options
    )
    return axes


def _axes_or_new(ax: Axes | None, size_inch: tuple[float, float]) -> Axes:
    return _new_axes(size_inch=size_inch)[0, 0] if ax is None else ax


# Sound


def plot_waveform(
    audio: np.ndarray, sample_rate_hz: float, *, axes: Sequence[Axes] | None = None
) -> np.ndarray:
    """Draw the four microphones below each other, on common scales.

    Args:
        audio: float [samples, 4], in [-1, 1]; columns bottom, left, top, right.
        sample_rate_hz: samples a second.
        axes: four axes to draw on; a new figure if None.

    Returns:
        The four axes, [4].
    """
    if axes is None:
        axes = _new_axes(len(WALLS), size_inch=(8, 5), sharex=True, sharey=True)[:, 0]
    time_s = np.arange(len(audio)) / sample_rate_hz
    for ax, wall, signal in zip(axes, WALLS, audio.T, strict=True):
        ax.plot(time_s, signal, color=BLUE, linewidth=0.6)
        ax.set_title(wall, fontsize="medium", loc="left")
        ax.set_xlim(0, max(len(audio), 1) / sample_rate_hz)
    axes[-1].set_xlabel("time (s)")
    axes[0].figure.supylabel("amplitude (full scale = 1)", fontsize="medium")
    return np.asarray(axes)


def plot_spectrogram_channel(
    level_db: np.ndarray,
    times_s: np.ndarray,
    frequencies_hz: np.ndarray,
    *,
    level_range_db: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the spectrogram of one channel: time to the right, frequency up, level as colour.

    Args:
        level_db: float [frequencies, times], dB.
        times_s: middle of each column [times], s.
        frequencies_hz: frequency of each row [frequencies], Hz.
        level_range_db: darkest and brightest level; those of the data if None.
        ax: axes to draw on; a new figure with a colour bar if None.

    Returns:
        The axes; the image is `ax.images[-1]`.
    """
    make_bar = ax is None
    ax = _axes_or_new(ax, (7, 3.5))
    low, high = level_range_db or (float(np.min(level_db)), float(np.max(level_db)))
    left, right = _outer_edges(times_s)
    bottom, top = _outer_edges(np.asarray(frequencies_hz) / 1000)
    image = ax.imshow(
        level_db,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(left, right, bottom, top),
        cmap=SOUND_COLOUR_MAP,
        vmin=low,
        vmax=high,
    )
    start = 0 if abs(left) < 0.05 * right else left  # the first window begins at 0, whatever its middle
    ax.set(xlabel="time (s)", ylabel="frequency (kHz)", xlim=(start, right), ylim=(max(bottom, 0), top))
    if make_bar:
        ax.figure.colorbar(image, ax=ax, label="level (dB)")
    return ax


def _outer_edges(middles: np.ndarray) -> tuple[float, float]:
    """Where the first cell begins and the last one ends, given the middles of evenly spaced cells."""
    half = (middles[-1] - middles[0]) / (len(middles) - 1) / 2 if len(middles) > 1 else 0.5
    return float(middles[0] - half), float(middles[-1] + half)


def plot_spectrogram(
    spectrogram: np.ndarray,
    times_s: np.ndarray,
    frequencies_hz: np.ndarray,
    *,
    max_frequency_hz: float | None = None,
    axes: np.ndarray | None = None,
) -> np.ndarray:
    """Draw the spectrograms of the four microphones with one colour scale.

    Args:
        spectrogram: float [4, frequencies, times], dB.
        times_s: middle of each column [times], s.
        frequencies_hz: frequency of each row [frequencies], Hz.
        max_frequency_hz: upper edge of the picture; everything if None.
        axes: four axes [2, 2] to draw on; a new figure if None.

    Returns:
        The four axes, [2, 2], in the order bottom, left / top, right.
    """
    if axes is None:
        axes = _new_axes(2, 2, size_inch=(9, 5.5), sharex=True, sharey=True)
    level_range_db = float(np.min(spectrogram)), float(np.max(spectrogram))
    for ax, wall, level_db in zip(axes.flat, WALLS, spectrogram, strict=True):
        plot_spectrogram_channel(level_db, times_s, frequencies_hz, level_range_db=level_range_db, ax=ax)
        ax.set_title(wall)
        if max_frequency_hz is not None:
            ax.set_ylim(0, max_frequency_hz / 1000)
        ax.label_outer()
    axes.flat[0].figure.colorbar(
        axes.flat[0].images[-1], ax=list(axes.flat), label="level (dB re full scale)"
    )
    return axes


# Pictures and trajectories


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
        axes = _new_axes(1, len(shown), size_inch=(1.7 * len(shown) + 0.2, 2.1))[0]
    for ax, t in zip(axes, shown, strict=True):
        picture = masks[t] if frames is None else frames[t][MASK_CROP]
        ax.imshow(picture, cmap="gray", vmin=0, vmax=1 if frames is None else 255)
        if masks[t].any():
            ax.contour(masks[t], levels=[0.5], colors=ORANGE, linewidths=1.2)
            _mark_centroid(ax, position, t, masks.shape[1:])
        seen = "" if masks[t].any() else "\nnot seen"
        ax.set_title(f"{times_s[t]:.2f} s{seen}", fontsize="medium")
        ax.set(xticks=[], yticks=[])
    return np.asarray(axes)


def _mark_centroid(ax: Axes, position: np.ndarray | None, t: int, mask_shape: tuple[int, int]) -> None:
    if position is not None:
        height, width = mask_shape
        x, y = position[t, 0] * width, position[t, 1] * height
        ax.plot(x, y, "+", color=BLUE, markersize=11, markeredgewidth=2, path_effects=HALO)


def plot_trajectory(
    position: np.ndarray,
    seen: np.ndarray,
    *,
    times_s: np.ndarray | None = None,
    colour_bar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the way of a centroid over the tray, seen from above, with time as colour.

    Args:
        position: centroids [T, 2] in tray widths (0-1), x right, y down.
        seen: bool [T], False where the mask was empty; those places are drawn as small crosses.
        times_s: time of each frame [T], s; the frame number if None.
        colour_bar: whether to explain the colour beside the axes.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = _axes_or_new(ax, (4.6, 4))
    seen = np.asarray(seen, dtype=bool)
    clock = np.arange(len(position)) if times_s is None else np.asarray(times_s)
    _draw_tray(ax)
    line = _draw_way(ax, position, seen, clock)
    if colour_bar and line is not None:
        ax.figure.colorbar(line, ax=ax, label="frame" if times_s is None else "time (s)")
    return ax


def _draw_tray(ax: Axes) -> None:
    """The square tray with its walls named, in tray widths, y down as in a picture."""
    ax.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color="0.4", linewidth=2, zorder=1)
    outside = {
        "bottom": (0.5, 1.05, 0),
        "left": (-0.05, 0.5, 90),
        "top": (0.5, -0.05, 0),
        "right": (1.05, 0.5, 270),
    }
    for wall in WALLS:
        x, y, angle = outside[wall]
        ax.text(x, y, wall, rotation=angle, ha="center", va="center", color="0.35", fontsize="small")
    ax.spines[:].set_visible(False)
    ax.set(xlim=(-0.1, 1.1), ylim=(1.1, -0.1), aspect="equal")
    ax.set(xlabel="x (tray widths)", ylabel="y (tray widths, down)")


def _draw_way(ax: Axes, position: np.ndarray, seen: np.ndarray, clock: np.ndarray) -> LineCollection | None:
    """The coloured way with start, end and the unseen frames; None if there is no place that is known."""
    known = np.isfinite(position).all(axis=1)
    if not seen.any() or not known.any():
        ax.text(0.5, 0.5, "object never seen", ha="center", va="center")
        return None
    position, seen, clock = position[known], seen[known], clock[known]
    steps = np.stack([position[:-1], position[1:]], axis=1)  # (T, 2) -> (T-1, 2, 2)
    line = LineCollection(steps, cmap=DISTANCE_COLOUR_MAP, linewidths=2.5, zorder=2, capstyle="round")
    line.set_array((clock[:-1] + clock[1:]) / 2)
    line.set_clim(clock[0], clock[-1] if clock[-1] > clock[0] else clock[0] + 1)
    ax.add_collection(line, autolim=False)
    ax.scatter(
        *position.T, c=clock, cmap=DISTANCE_COLOUR_MAP, norm=line.norm, s=np.where(seen, 12, 0), zorder=3
    )
    ax.plot(*position[~seen].T, "x", color=VERMILION, markersize=5, label="not seen", zorder=4)
    for place, marker, label in ((position[0], "o", "start"), (position[-1], "s", "end")):
        ax.plot(
            *place,
            marker,
            markersize=9,
            markerfacecolor="white",
            markeredgecolor="black",
            zorder=5,
            label=label,
        )
    _explain_markers(ax)
    return line


def _explain_markers(ax: Axes) -> None:
    """Put the legend below the axes, without labels that nothing is drawn for."""
    pairs = [(h, t) for h, t in zip(*ax.get_legend_handles_labels(), strict=True) if _has_points(h)]
    if pairs:
        ax.legend(
            *zip(*pairs, strict=True), loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, frameon=False
        )


def _has_points(handle) -> bool:
    return not hasattr(handle, "get_xdata") or len(handle.get_xdata()) > 0


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
        axes = _grid(len(trajectories), columns, cell_inch=(1.9, 2.1))
    used = np.asarray(axes).flat[: len(trajectories)]
    for ax, (title, (position, seen)) in zip(used, trajectories.items(), strict=True):
        plot_trajectory(position, seen, colour_bar=False, ax=ax)
        ax.set_title(title, fontsize="small")
        ax.set(xlabel="", ylabel="", xticks=[], yticks=[])
        if ax.get_legend() is not None:
            ax.get_legend().remove()
    if len(used):
        used[0].figure.supxlabel(
            "x, y: the tray from above · circle: start, square: end, x: not seen", fontsize="small"
        )
    return used


def _grid(count: int, columns: int, cell_inch: tuple[float, float]) -> np.ndarray:
    """Axes for `count` small pictures, the rest of the last row left blank."""
    columns = max(1, min(columns, count))
    rows = max(1, -(-count // columns))
    axes = _new_axes(
        rows, columns, size_inch=(cell_inch[0] * columns + 0.6, cell_inch[1] * rows + 0.4)
    ).ravel()
    for ax in axes[count:]:
        ax.set_axis_off()
    return axes


# One object in the tray


def plot_hits_on_path(
    path: np.ndarray,
    times_s: np.ndarray,
    hit_places: np.ndarray,
    hit_walls: np.ndarray,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw the way of an object over the tray, with a mark at every place where it hit a wall.

    Args:
        path: places [T, 2] in tray widths, x right, y down.
        times_s: their times [T], s.
        hit_places: places on the walls [hits, 2] in tray widths, x right, y down.
        hit_walls: number of the wall of each hit [hits], in the order bottom, left, top, right.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = plot_trajectory(path, np.ones(len(path), dtype=bool), times_s=times_s, ax=ax)
    labels = ["hit", *[None] * len(hit_walls)]  # one line in the legend: a mark points at its wall
    for place, number, label in zip(hit_places, hit_walls, labels, strict=False):
        colour, _, marker = WALL_LOOKS[WALLS[number]]
        look = {"color": colour, "markersize": 10, "markeredgecolor": "white", "zorder": 6}
        ax.plot(*place, marker, **look, label=label)
    _explain_markers(ax)
    return ax


def plot_hits_in_sound(
    audio: np.ndarray,
    sample_rate_hz: float,
    hit_times_s: np.ndarray,
    hit_walls: np.ndarray,
    *,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw the four microphones below each other, with a line through all at every hit, and its mark at the hit wall.

    Args:
        audio: float [samples, 4], in [-1, 1]; columns bottom, left, top, right.
        sample_rate_hz: samples a second.
        hit_times_s: time of each hit [hits], s.
        hit_walls: number of the wall of each hit [hits], in the order of the columns.
        axes: four axes to draw on; a new figure if None.

    Returns:
        The four axes, [4].
    """
    axes = plot_waveform(audio, sample_rate_hz, axes=axes)
    for time_s, number in zip(hit_times_s, hit_walls, strict=True):
        colour, style, marker = WALL_LOOKS[WALLS[number]]
        for ax in axes:
            ax.axvline(time_s, color=colour, linestyle=style, linewidth=1.2, zorder=1)
        across = axes[number].get_xaxis_transform()  # seconds to the right, height of the axes upwards
        axes[number].plot(
            time_s, 0.88, marker, color=colour, markersize=9, markeredgecolor="white", transform=across
        )
    for ax, wall in zip(axes, WALLS, strict=True):
        ax.set_title(f"{wall} wall", fontsize="medium", loc="left")
    return axes


# Learning


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
    quantities = [q for q in ("loss", "accuracy") if any(name.endswith(q) for name in folds[0])]
    if axes is None:
        axes = _new_axes(1, len(quantities), size_inch=(4.5 * len(quantities), 3.4))[0]
    for ax, quantity in zip(axes, quantities, strict=True):
        for name in folds[0]:
            if name.endswith(quantity):
                _draw_curve(ax, name.removesuffix(quantity).strip(), [fold[name] for fold in folds])
        if quantity == "accuracy":
            ax.set_ylim(-0.03, 1.03)
            if chance is not None:
                ax.axhline(chance, color="0.4", linestyle=(0, (1, 3)), label="chance")
        ax.set(xlabel="epoch", ylabel=quantity)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.legend(title=f"mean and range of {len(folds)} folds" if len(folds) > 1 else None)
    return np.asarray(axes)


def _draw_curve(ax: Axes, label: str, folds: Sequence[Sequence[float]]) -> None:
    """One curve, or the mean and the band of several that may end at different epochs."""
    colour, style = curve_style(label)
    epochs = max(len(values) for values in folds)
    table = np.full((len(folds), epochs), np.nan)  # folds that stopped early leave blanks
    for row, values in zip(table, folds, strict=True):
        row[: len(values)] = values
    known = np.ma.masked_invalid(table)
    epoch = np.arange(1, epochs + 1)
    look = {"color": colour, "linestyle": style, "marker": "o" if epochs == 1 else None}
    ax.plot(epoch, known.mean(axis=0), label=label or "all", **look)
    if len(folds) > 1:
        ax.fill_between(epoch, known.min(axis=0), known.max(axis=0), color=colour, alpha=0.2, linewidth=0)


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
    ax = _axes_or_new(ax, (5.5, 3.6))
    ax.plot(distance, positive, color=BLUE, linestyle="-", linewidth=2, label="positive pair (Y = 1)")
    ax.plot(distance, negative, color=ORANGE, linestyle="--", linewidth=2, label="negative pair (Y = 0)")
    if margin is not None:
        ax.axvline(margin, color="0.4", linestyle=":", label=f"margin m = {margin:g}")
    ax.set(xlabel="distance D of the embeddings (no unit)", ylabel="loss of the pair (no unit)")
    highest = 3 * np.max(
        negative
    )  # the parabola may leave the picture; where the two branches cross must show
    ax.set(xlim=(np.min(distance), np.max(distance)), ylim=(0, min(highest, 1.05 * np.max(positive)) or None))
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

    Args:
        positive_distance: [n], distances of pairs that belong together.
        negative_distance: [k], distances of pairs that do not.
        margin: drawn as a dotted line.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = _axes_or_new(ax, (5.5, 3.6))
    bins = np.histogram_bin_edges(np.concatenate([positive_distance, negative_distance]), bins=30)
    groups = (("positive", positive_distance, BLUE, "-"), ("negative", negative_distance, ORANGE, "--"))
    for name, values, colour, style in groups:
        label = f"{name} pairs ({len(values)})"
        ax.hist(values, bins, color=colour, alpha=0.3)
        ax.hist(values, bins, histtype="step", color=colour, linestyle=style, linewidth=2, label=label)
    if margin is not None:
        ax.axvline(margin, color="0.4", linestyle=":", label=f"margin m = {margin:g}")
    ax.set(xlabel="distance D of the embeddings (no unit)", ylabel="number of pairs")
    ax.legend()
    return ax


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
        axes = _new_axes(1, len(curves), size_inch=(4.5 * len(curves), 3.4), sharey=True)[0]
    depths = sorted({depth for family in curves.values() for depth in family})
    shades = sns.color_palette("viridis", len(depths))
    for ax, (family, by_depth) in zip(axes, curves.items(), strict=True):
        for depth, values in sorted(by_depth.items()):
            which = depths.index(depth)
            style = LINE_STYLES[which % len(LINE_STYLES)]
            epoch, alone = np.arange(1, len(values) + 1), "o" if len(values) == 1 else None
            ax.plot(
                epoch, values, color=shades[which], linestyle=style, marker=alone, label=f"{depth} layers"
            )
        ax.set(title=family, xlabel="epoch", ylabel=quantity)
        ax.label_outer()
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.legend()
    return np.asarray(axes)


# Answers


def plot_distance_heatmap(
    distance: np.ndarray,
    assignment: np.ndarray,
    *,
    truth: np.ndarray | None = None,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
    ax: Axes | None = None,
    colour_bar: bool = True,
    distance_range: tuple[float, float] | None = None,
) -> Axes:
    """Draw the distances of all sounds to all videos, with the assignment marked.

    Args:
        distance: float [N, M], no unit; pairs that are not allowed are inf and stay blank.
        assignment: int [N], the video of each sound, or -1 for none (marked to the left of the matrix).
        truth: int [N], the right video of each sound, or -1; then right answers are circles, wrong ones
            crosses, and a small diamond marks the video that a wrong answer missed.
        names: (names of the N sounds, names of the M videos) for the ticks; numbers if None.
        ax: axes to draw on; a new figure if None.
        colour_bar: whether to explain the colour beside the axes.
        distance_range: darkest and brightest distance; those of the data if None.

    Returns:
        The axes.
    """
    distance, assignment = np.asarray(distance, dtype=float), np.asarray(assignment, dtype=int)
    ax = _axes_or_new(ax, (6.8, 6))
    low, high = distance_range or _finite_range(distance)
    shown = np.where(np.isfinite(distance), distance, np.nan)
    image = ax.imshow(shown, cmap=DISTANCE_COLOUR_MAP, interpolation="nearest", vmin=low, vmax=high)
    if colour_bar:
        ax.figure.colorbar(image, ax=ax, label="distance of the embeddings (no unit)")
    _mark_assignment(ax, assignment, None if truth is None else np.asarray(truth, dtype=int), distance.shape)
    _name_cells(ax, names, distance.shape)
    return ax


def _finite_range(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def _mark_assignment(
    ax: Axes, assignment: np.ndarray, truth: np.ndarray | None, shape: tuple[int, int]
) -> None:
    """Circles for right, crosses for wrong, diamonds for what was missed; -1 has a column of its own, left."""
    rows, no_video = np.arange(len(assignment)), -_gap(shape)
    size = float(np.clip(160 / max(*shape, 1), 5, 11))
    right = np.ones(len(rows), dtype=bool) if truth is None else assignment == truth
    groups = [(assignment, right, "o", size, "none", "assigned" if truth is None else "right")]
    if truth is not None:
        groups.append((assignment, ~right, "x", size, "none", "wrong"))
        groups.append((truth, ~right, "d", 0.6 * size, "black", "would be right"))
    style = {"color": "black", "markeredgewidth": 1.5, "path_effects": HALO, "clip_on": False}
    for answers, chosen, marker, markersize, face, label in groups:
        if chosen.any():
            places = np.where(answers < 0, no_video, answers)[chosen], rows[chosen]
            ax.plot(*places, marker, markersize=markersize, markerfacecolor=face, label=label, **style)
    if (assignment < 0).any() or (truth is not None and (truth < 0).any()):
        ax.set_xlim(no_video - 0.5 * _gap(shape), shape[1] - 0.5)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)


def _gap(shape: tuple[int, int]) -> float:
    """How far left of column 0 the answer -1 stands: wide enough that its label does not touch the next."""
    return max(1.0, shape[1] / 16)


def _name_cells(ax: Axes, names: tuple[Sequence[str], Sequence[str]] | None, shape: tuple[int, int]) -> None:
    """Names or numbers of sounds (down) and videos (across), and of the column on the left for no video."""
    if names is None:
        ax.set(xlabel="video (number)", ylabel="sound (number)")
        rows, columns = (range(0, size, max(1, -(-size // 10))) for size in shape)
        row_names, column_names = list(map(str, rows)), list(map(str, columns))
    else:
        ax.set(xlabel="video", ylabel="sound")
        (row_names, column_names), (rows, columns) = map(list, names), map(range, shape)
    if ax.get_xlim()[0] < -1:
        columns, column_names = [-_gap(shape), *columns], ["no video" if names else "−1", *column_names]
    ax.set_xticks(list(columns), column_names, rotation=90 if names else 0)
    ax.set_yticks(list(rows), row_names)


def plot_class_heatmaps(
    groups: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray | None]], *, columns: int = 5
) -> np.ndarray:
    """Draw one small distance heatmap for each class, on a common colour scale.

    Args:
        groups: class name -> (distance [N, M], assignment [N], truth [N] or None), as for one heatmap.
        columns: heatmaps in a row.

    Returns:
        The axes, [len(groups)].
    """
    axes = _grid(len(groups), columns, cell_inch=(1.9, 2.0))
    used = axes[: len(groups)]
    everything = [distance.ravel() for distance, _, _ in groups.values()]
    distance_range = _finite_range(np.concatenate(everything) if everything else np.empty(0))
    image, explained = None, {}
    for ax, (name, (distance, assignment, truth)) in zip(used, groups.items(), strict=True):
        ax.set_title(name, fontsize="small")
        if np.size(distance) == 0:
            ax.text(0.5, 0.5, "no clips", ha="center", va="center", transform=ax.transAxes)
        else:
            plot_distance_heatmap(
                distance, assignment, truth=truth, ax=ax, colour_bar=False, distance_range=distance_range
            )
            ax.set_aspect("auto")
            image = ax.images[-1]
            explained |= dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
        _bare(ax)
    if image is not None:
        _explain_grid(axes, image, explained)
    return used


def _bare(ax: Axes) -> None:
    ax.set(xlabel="", ylabel="", xticks=[], yticks=[])
    if ax.get_legend() is not None:
        ax.get_legend().remove()


def _explain_grid(axes: np.ndarray, image, handles: Mapping[str, object]) -> None:
    """One colour bar, one legend and one pair of axis names for the whole grid of heatmaps."""
    figure = axes[0].figure
    figure.colorbar(image, ax=list(axes), label="distance (no unit)")
    figure.supxlabel("video", fontsize="medium")
    figure.supylabel("sound", fontsize="medium")
    if handles:
        figure.legend(handles.values(), handles.keys(), loc="outside upper center", ncols=3, frameon=False)


def plot_confusion(counts: np.ndarray, class_names: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix: the number of clips in each cell, the share of the true class as its colour.

    Args:
        counts: int [classes, classes], true class down, answered class to the right.
        class_names: names in the order of the rows.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = _axes_or_new(ax, (7.2, 6))
    counts = np.asarray(counts)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    sns.heatmap(
        share,
        annot=np.where(counts > 0, counts.astype(int).astype(str), ""),
        fmt="",
        cmap="cividis",
        vmin=0,
        vmax=1,
        square=True,
        xticklabels=class_names,
        yticklabels=class_names,
        cbar_kws={"label": "share of the true class"},
        ax=ax,
    )
    ax.set(xlabel="answered class (number of clips)", ylabel="true class")
    ax.set_xticklabels(ax.get_xticklabels(), rotation=40, ha="right", rotation_mode="anchor")
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
    ax = _axes_or_new(ax, (6.5, 0.9 + 0.45 * len(scores)))
    rows = np.arange(len(scores))
    middle, low, high = np.array(list(scores.values()), dtype=float).reshape(-1, 3).T
    reach = np.abs(np.stack([middle - low, high - middle]))
    ax.errorbar(middle, rows, xerr=reach, fmt="o", color=BLUE, capsize=4, label="accuracy and interval")
    if chance is not None:
        guess = [chance[name] if isinstance(chance, Mapping) else chance for name in scores]
        ax.plot(guess, rows, "|", color=VERMILION, markersize=18, markeredgewidth=2.5, label="chance")
    ax.set_yticks(rows, list(scores))
    ax.set(xlabel="accuracy (share of right answers)", xlim=(-0.02, 1.02), ylim=(len(scores) - 0.5, -0.5))
    ax.grid(axis="x", alpha=0.4)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    return ax


# The simulator beside the recordings


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
    axes = _grid(len(travel), 5, cell_inch=(2.3, 2.1)) if axes is None else np.asarray(axes)
    used = axes[: len(travel)]
    for ax, (name, (simulated, real)) in zip(used, travel.items(), strict=True):
        for values, colour, style, label in (
            (simulated, BLUE, "-", "simulated"),
            (real, ORANGE, "--", "recorded"),
        ):
            share = np.linspace(0, 1, len(values))
            ax.plot(values, share, color=colour, linestyle=style, linewidth=2, label=label)
        ax.set_title(name, fontsize="small")
        ax.set(xlim=(0, 500), ylim=(0, 1), xticks=[0, 200, 400], yticks=[0, 0.5, 1])
        ax.grid(alpha=0.3)
    if len(used):
        _name_grid(
            used, "travel from first to last centroid (px)", "share of clips that travel at most so far"
        )
        handles, labels = used[0].get_legend_handles_labels()
        used[0].figure.legend(handles, labels, loc="outside upper center", ncols=2, frameon=False)
    return used


def _name_grid(axes: np.ndarray, x_name: str, y_name: str) -> None:
    axes[0].figure.supxlabel(x_name, fontsize="medium")
    axes[0].figure.supylabel(y_name, fontsize="medium")


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
    axes = _grid(len(places), 5, cell_inch=(2.1, 2.5)) if axes is None else np.asarray(axes)
    used = axes[: len(places)]
    edges_px = np.linspace(0, size_px, 17)  # corners and walls begin on an edge
    counts = [
        np.histogram2d(*points.T[::-1], bins=edges_px)[0] for points, _ in places.values()
    ]  # rows are y
    shares = [count / max(count.sum(), 1) for count in counts]
    top = max((share.max() for share in shares), default=1.0) ** 0.5
    for ax, (name, (_, words)), share in zip(used, places.items(), shares, strict=True):
        extent = (0, size_px, size_px, 0)
        ax.imshow(np.sqrt(share), cmap=DISTANCE_COLOUR_MAP, vmin=0, vmax=top, extent=extent)
        for at_px in (corner_px, size_px - corner_px):
            ax.axhline(at_px, color="white", linewidth=0.6, alpha=0.6)
            ax.axvline(at_px, color="white", linewidth=0.6, alpha=0.6)
        ax.set_title(name, fontsize="small")
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(words, fontsize="small")
    if len(used):
        label = "share of clips in a cell"
        bar = used[0].figure.colorbar(used[0].images[0], ax=list(axes), label=label, shrink=0.7)
        ticks = np.linspace(0, top, 5)
        bar.set_ticks(ticks, labels=[f"{tick**2:.2f}" for tick in ticks])
    return used


def plot_sound_of_classes(
    sounds: Mapping[str, tuple[np.ndarray, np.ndarray]],
    times_s: np.ndarray,
    frequencies_hz: np.ndarray,
    *,
    level_range_db: tuple[float, float] = (-100.0, -20.0),
    max_frequency_hz: float = 8000.0,
    axes: np.ndarray | None = None,
) -> np.ndarray:
    """Draw one clip of every class: its spectrogram, and below it the level over time.

    Args:
        sounds: class name -> (spectrogram of one channel [frequencies, times] in dB, envelope [steps] in dB over the
            same time).
        times_s: middle of each column of a spectrogram [times], s.
        frequencies_hz: frequency of each row [frequencies], Hz.
        level_range_db: darkest and brightest level, and the range of the envelopes.
        max_frequency_hz: upper edge of the spectrograms.
        axes: [2 * rows, columns] with rows * columns at least the number of classes; a new figure if None.

    Returns:
        The axes of the spectrograms, [len(sounds)].
    """
    columns, rows = 2, -(-len(sounds) // 2)
    if axes is None:
        heights = {"gridspec_kw": {"height_ratios": [2.2, 1] * rows}, "sharex": True}
        axes = _new_axes(2 * rows, columns, size_inch=(11, 2.9 * rows), **heights)
    pictures, envelopes = axes[0::2].ravel(), axes[1::2].ravel()
    for ax in (*pictures[len(sounds) :], *envelopes[len(sounds) :]):
        ax.set_axis_off()
    for picture, below, (name, (level_db, envelope_db)) in zip(
        pictures, envelopes, sounds.items(), strict=False
    ):
        options = {"level_range_db": level_range_db, "ax": picture}
        plot_spectrogram_channel(level_db, times_s, frequencies_hz, **options)
        picture.set_title(name, fontsize="medium", loc="left")
        picture.set(ylim=(0, max_frequency_hz / 1000), xlabel="")
        step_s = (times_s[-1] + times_s[0]) / len(envelope_db)
        below.plot((np.arange(len(envelope_db)) + 0.5) * step_s, envelope_db, color=BLUE, linewidth=0.9)
        below.set(ylim=level_range_db, ylabel="level (dB)", xlabel="time (s)")
        below.grid(alpha=0.3)
    if len(sounds):
        pictures[0].figure.colorbar(pictures[0].images[0], ax=axes, label="level (dB)", shrink=0.5)
    return pictures[: len(sounds)]


def plot_level_histogram(
    counts: Sequence[float],
    edges_db: Sequence[float],
    *,
    ours: tuple[float, float],
    theirs: tuple[float, float],
    ax: Axes | None = None,
) -> Axes:
    """Draw how often the cells of a spectrogram have each level, with mean and spread of simulation and recordings.

    Args:
        counts: [bins] cells in each bin.
        edges_db: [bins + 1] edges of the bins, dB.
        ours: mean and standard deviation of these cells, dB.
        theirs: the same of the recordings, dB.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = _axes_or_new(ax, (7, 3.4))
    share = np.asarray(counts, dtype=float) / max(np.sum(counts), 1)
    ax.stairs(np.maximum(share, 1e-7), edges_db, fill=True, color=BLUE, alpha=0.4, baseline=1e-7)
    for height, (name, (mean_db, sd_db), colour, marker) in zip(
        (0.3, 0.08), (("simulated", ours, BLUE, "o"), ("recorded", theirs, ORANGE, "s")), strict=True
    ):
        label = f"{name}: mean {mean_db:.1f} dB, deviation {sd_db:.1f} dB".replace("-", "−")
        reach = [[min(sd_db, mean_db - edges_db[0])], [sd_db]]
        ax.errorbar(mean_db, height, xerr=reach, fmt=marker, color=colour, capsize=5, label=label)
    ax.set(yscale="log", ylim=(1e-6, 1.5), xlim=(edges_db[0] - 1, edges_db[-1]))
    ax.set(xlabel="level of a mel cell (dB below the loudest)", ylabel="share of cells")
    ax.legend(frameon=False)
    return ax


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
        axes = _new_axes(len(strips), count, size_inch=(1.55 * count + 0.4, 1.75 * len(strips) + 0.1))
    for row, (name, (frames, masks, times_s)) in zip(axes, strips.items(), strict=True):
        plot_frames(frames, masks, times_s, count=count, axes=row[: len(masks)])
        for ax in row[len(masks) :]:
            ax.set_axis_off()
        row[0].set_ylabel(name, fontsize="small")
    return axes
