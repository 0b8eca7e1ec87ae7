"""Figures of sound: waveforms, spectrograms, and the levels that simulated and recorded clips reach.

Notebook: 01_spectrograms.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from labutils.clips import WALLS
from labutils.plots.heatmap import draw_heatmap, finite_range, outer_edges
from labutils.plots.style import BLUE, ORANGE, SOUND_COLOUR_MAP, WALL_LOOKS, axes_or_new, new_axes

SHOWN_DB = 60  # below the loudest moment of a clip; what is softer is at the bottom of its strip
MEL_TICKS_KHZ, FEW_TICKS_KHZ = (0.5, 1, 2, 4, 8), (0.5, 2, 8)
SMALLEST_SHARE = 1e-7  # drawn for an empty bin, because a logarithmic axis has no 0


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
        axes = new_axes(len(WALLS), size_inch=(8, 5), sharex=True, sharey=True)[:, 0]
    time_s = np.arange(len(audio)) / sample_rate_hz
    for ax, wall, signal in zip(axes, WALLS, audio.T, strict=True):
        ax.plot(time_s, signal, color=BLUE, linewidth=0.6)
        ax.set_title(wall, fontsize="medium", loc="left")
        ax.set_xlim(0, max(len(audio), 1) / sample_rate_hz)
    axes[-1].set_xlabel("time (s)")
    axes[0].figure.supylabel("amplitude (full scale = 1)", fontsize="medium")
    return np.asarray(axes)


def plot_hits_in_sound(
    audio: np.ndarray,
    sample_rate_hz: float,
    hit_times_s: np.ndarray,
    hit_walls: np.ndarray,
    *,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw the four microphones below each other, a line through all at every hit, and a marker at the wall that was hit.

    Args:
        audio: float [samples, 4], in [-1, 1]; columns bottom, left, top, right.
        sample_rate_hz: samples a second.
        hit_times_s: time of each hit [hits], s.
        hit_walls: index of the wall of each hit [hits], in the order of the columns.
        axes: four axes to draw on; a new figure if None.

    Returns:
        The four axes, [4].
    """
    axes = plot_waveform(audio, sample_rate_hz, axes=axes)
    for time_s, wall in zip(hit_times_s, hit_walls, strict=True):
        _mark_hit(axes, time_s, wall)
    for ax, wall in zip(axes, WALLS, strict=True):
        ax.set_title(f"{wall} wall", fontsize="medium", loc="left")
    return axes


def _mark_hit(axes: np.ndarray, time_s: float, wall: int) -> None:
    colour, line_style, marker = WALL_LOOKS[WALLS[wall]]
    for ax in axes:
        ax.axvline(time_s, color=colour, linestyle=line_style, linewidth=1.2, zorder=1)
    seconds_and_height = axes[wall].get_xaxis_transform()  # x in seconds, y from 0 to 1 over the height
    look = {"color": colour, "markersize": 9, "markeredgecolor": "white"}
    axes[wall].plot(time_s, 0.88, marker, transform=seconds_and_height, **look)


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
    ax = axes_or_new(ax, (7, 3.5))
    left, right = outer_edges(times_s)
    bottom, top = outer_edges(np.asarray(frequencies_hz) / 1000)
    place = {"extent": (left, right, bottom, top), "origin": "lower", "aspect": "auto"}
    image = draw_heatmap(ax, level_db, colour_map=SOUND_COLOUR_MAP, value_range=level_range_db, **place)
    start = 0 if abs(left) < 0.05 * right else left  # the first window begins at 0, whatever its middle
    ax.set(xlabel="time (s)", ylabel="frequency (kHz)", xlim=(start, right), ylim=(max(bottom, 0), top))
    if make_bar:
        ax.figure.colorbar(image, ax=ax, label="level (dB)")
    return ax


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
        axes = new_axes(2, 2, size_inch=(9, 5.5), sharex=True, sharey=True)
    options = {"level_range_db": finite_range(spectrogram)}
    for ax, wall, level_db in zip(axes.flat, WALLS, spectrogram, strict=True):
        plot_spectrogram_channel(level_db, times_s, frequencies_hz, ax=ax, **options)
        ax.set_title(wall)
        if max_frequency_hz is not None:
            ax.set_ylim(0, max_frequency_hz / 1000)
        ax.label_outer()
    first = axes.flat[0]
    first.figure.colorbar(first.images[-1], ax=list(axes.flat), label="level (dB re full scale)")
    return axes


def plot_microphones(
    level_db: np.ndarray,
    length_s: float,
    *,
    contact_times_s: Sequence[float] = (),
    contact_walls: Sequence[int] = (),
    walls: Sequence[int] = range(len(WALLS)),
    frequency_hz: np.ndarray | None = None,
    level_range_db: tuple[float, float] | None = None,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw what each microphone hears over time, a strip each: its level as an area, or its spectrogram.

    Args:
        level_db: float [4, T] of the whole sound, or [4, F, T] of its frequency bands, dB; evenly spread over the time.
        length_s: of the sound, s.
        contact_times_s: when a wall is hit [hits], s; marked in the strip of that wall, in the only strip if there is one.
        contact_walls: index of the wall of each [hits]; its marker points at it.
        walls: indices of the microphones to draw.
        frequency_hz: centres of the bands [F], Hz; needed for a spectrogram.
        level_range_db: lowest and highest level; 60 dB below the loudest moment if None.
        axes: one for each microphone to draw on; a new figure if None.

    Returns:
        The axes, [len(walls)].
    """
    if axes is None:
        axes = new_axes(len(walls), size_inch=(6, 1 + 0.8 * len(walls)), sharex=True, sharey=True)[:, 0]
    top_db = float(level_db.max())
    level_range_db = level_range_db or (top_db - SHOWN_DB, max(top_db, top_db - SHOWN_DB + 1))
    contacts = list(zip(contact_times_s, contact_walls, strict=True))
    ticks_khz = FEW_TICKS_KHZ if len(walls) > 1 else MEL_TICKS_KHZ
    for ax, wall in zip(axes, walls, strict=True):
        if level_db.ndim == 2:
            _draw_level(ax, level_db[wall], length_s, level_range_db)
        else:
            scale = {"level_range_db": level_range_db, "ticks_khz": ticks_khz}
            plot_mel_bands(level_db[wall], length_s, frequency_hz, **scale, ax=ax)
        _mark_contacts(ax, [contact for contact in contacts if len(walls) == 1 or contact[1] == wall])
        ax.set(xlim=(0, length_s), xlabel="")
        ax.label_outer()
    axes[-1].set_xlabel("time (s)")
    return np.asarray(axes)


def _mark_contacts(ax: Axes, contacts: Sequence[tuple[float, int]]) -> None:
    """A triangle at the top of a strip for each (time in s, wall), in the colour of the wall; it points at the wall."""
    for wall, (colour, _, marker) in enumerate(WALL_LOOKS.values()):
        own_s = [time_s for time_s, hit in contacts if hit == wall]
        strip = ax.get_xaxis_transform()  # x in seconds, y from 0 to 1 over the height
        look = {"color": colour, "markersize": 9, "markeredgecolor": "white", "linestyle": ""}
        ax.plot(own_s, np.full(len(own_s), 0.82), marker, transform=strip, **look)


def _draw_level(ax: Axes, level_db: np.ndarray, length_s: float, level_range_db: tuple[float, float]) -> None:
    time_s = (np.arange(len(level_db)) + 0.5) / len(level_db) * length_s
    ax.fill_between(
        time_s, level_range_db[0], np.maximum(level_db, level_range_db[0]), color=BLUE, linewidth=0
    )
    ax.set(ylim=(level_range_db[0], level_range_db[1] + 0.35 * SHOWN_DB), ylabel="level (dB)")


def plot_mel_bands(
    level_db: np.ndarray,
    length_s: float,
    frequency_hz: np.ndarray,
    *,
    level_range_db: tuple[float, float] | None = None,
    ticks_khz: Sequence[float] = MEL_TICKS_KHZ,
    ax: Axes | None = None,
) -> Axes:
    """Draw the spectrogram of one microphone in mel bands, which are drawn equally high.

    Args:
        level_db: float [F, T], dB; evenly spread over the time.
        length_s: of the sound, s.
        frequency_hz: centres of the bands [F], Hz, rising.
        level_range_db: darkest and brightest level; those of the data if None.
        ticks_khz: frequencies to name at the axis.
        ax: axes to draw on; a new figure with a colour bar if None.

    Returns:
        The axes; the image is `ax.images[-1]`.
    """
    make_bar = ax is None
    ax = axes_or_new(ax, (7, 3.5))
    place = {"extent": (0, length_s, 0, len(level_db)), "origin": "lower", "aspect": "auto"}
    image = draw_heatmap(ax, level_db, colour_map=SOUND_COLOUR_MAP, value_range=level_range_db, **place)
    inside = [khz for khz in ticks_khz if frequency_hz[0] <= 1000 * khz <= frequency_hz[-1]]
    rows = np.interp(1000 * np.array(inside), frequency_hz, np.arange(len(frequency_hz)) + 0.5)
    ax.set_yticks(rows, [f"{khz:g}" for khz in inside])
    ax.set(xlabel="time (s)", ylabel="mel bands (kHz)")
    if make_bar:
        ax.figure.colorbar(image, ax=ax, label="level (dB)")
    return ax


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
    axes = _axes_of_sounds(len(sounds)) if axes is None else axes
    pictures, envelopes = axes[0::2].ravel(), axes[1::2].ravel()
    for ax in (*pictures[len(sounds) :], *envelopes[len(sounds) :]):
        ax.set_axis_off()
    pictures, envelopes = pictures[: len(sounds)], envelopes[: len(sounds)]
    end_s = times_s[-1] + times_s[0]
    for picture, below, (name, (level_db, envelope_db)) in zip(
        pictures, envelopes, sounds.items(), strict=True
    ):
        plot_spectrogram_channel(level_db, times_s, frequencies_hz, level_range_db=level_range_db, ax=picture)
        picture.set_title(name, fontsize="medium", loc="left")
        picture.set(ylim=(0, max_frequency_hz / 1000), xlabel="")
        _draw_envelope(below, envelope_db, end_s, level_range_db)
    if len(sounds):
        pictures[0].figure.colorbar(pictures[0].images[0], ax=axes, label="level (dB)", shrink=0.5)
    return pictures


def _axes_of_sounds(count: int) -> np.ndarray:
    """Two columns of spectrograms, each with a lower axes for the envelope below it."""
    rows = -(-count // 2)
    heights = {"height_ratios": [2.2, 1] * rows}
    return new_axes(2 * rows, 2, size_inch=(11, 2.9 * rows), sharex=True, gridspec_kw=heights)


def _draw_envelope(
    ax: Axes, envelope_db: np.ndarray, end_s: float, level_range_db: tuple[float, float]
) -> None:
    time_s = (np.arange(len(envelope_db)) + 0.5) * end_s / len(envelope_db)
    ax.plot(time_s, envelope_db, color=BLUE, linewidth=0.9)
    ax.set(ylim=level_range_db, ylabel="level (dB)", xlabel="time (s)")
    ax.grid(alpha=0.3)


def plot_level_histogram(
    counts: Sequence[float],
    edges_db: Sequence[float],
    *,
    ours: tuple[float, float],
    theirs: tuple[float, float],
    ax: Axes | None = None,
) -> Axes:
    """Draw how often the cells of a spectrogram have each level, with mean and std of simulation and recordings.

    Args:
        counts: [bins] cells in each bin.
        edges_db: [bins + 1] edges of the bins, dB.
        ours: mean and standard deviation of these cells, dB.
        theirs: the same of the recordings, dB.
        ax: axes to draw on; a new figure if None.

    Returns:
        The axes.
    """
    ax = axes_or_new(ax, (7, 3.4))
    share = np.asarray(counts, dtype=float) / max(np.sum(counts), 1)
    drawn = np.maximum(share, SMALLEST_SHARE)
    ax.stairs(drawn, edges_db, fill=True, color=BLUE, alpha=0.4, baseline=SMALLEST_SHARE)
    low_db = edges_db[0]
    _draw_mean_and_std(ax, "simulated", ours, 0.3, low_db, {"color": BLUE, "fmt": "o"})
    _draw_mean_and_std(ax, "recorded", theirs, 0.08, low_db, {"color": ORANGE, "fmt": "s"})
    ax.set(yscale="log", ylim=(1e-6, 1.5), xlim=(low_db - 1, edges_db[-1]))
    ax.set(xlabel="level of a mel cell (dB below the loudest)", ylabel="share of cells")
    ax.legend(frameon=False)
    return ax


def _draw_mean_and_std(
    ax: Axes, name: str, moments_db: tuple[float, float], height: float, low_db: float, look: dict
) -> None:
    """A marker at the mean with a bar of one std to each side, at most down to the lowest level."""
    mean_db, std_db = moments_db
    label = f"{name}: mean {mean_db:.1f} dB, std {std_db:.1f} dB".replace("-", "−")
    reach = [[min(std_db, mean_db - low_db)], [std_db]]
    ax.errorbar(mean_db, height, xerr=reach, capsize=5, label=label, **look)
