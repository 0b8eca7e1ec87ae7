"""The pictures of a film: the tray on the left, the four microphones with a moving cursor on the right.

The microphones are drawn once, by matplotlib; the cursor, the path and the walls that light up are drawn into every picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from labutils.clips import SAMPLE_RATE_HZ, WALLS
from labutils.films.scene import Scene
from labutils.plots import BLUE, VERMILION, plot_microphones
from labutils.plots.style import WALL_LOOKS
from labutils.spectrogram import mel_frequencies_hz, mel_levels, spectrogram

RATE_HZ = 15  # the camera takes six pictures a second; the cursor moves more smoothly
TRAY_PX = 288  # with its walls; both sides of a film are so high
RIM_PX = 60  # below them, where a browser lays its controls over the film
BORDER_PX = 12
SHEET_PX = 352
LIGHT_S = 0.2  # how long a wall that was hit stays lit
LEVEL_STEP_S = 0.01
HIGHEST_BAND_HZ = 10_000  # of a spectrogram; little is heard above
_DPI = 100
_WALL_GREY = 150
_BORDERS = {  # rows and columns of each wall
    "bottom": (slice(-BORDER_PX, None), slice(None)),
    "left": (slice(None), slice(None, BORDER_PX)),
    "top": (slice(None, BORDER_PX), slice(None)),
    "right": (slice(None), slice(-BORDER_PX, None)),
}


@dataclass(frozen=True)
class Contacts:
    """When which wall is hit: seconds [hits], and numbers of walls [hits]."""

    times_s: Sequence[float] = ()
    walls: Sequence[int] = ()

    def lit_at(self, time_s: float) -> set[int]:
        """The walls that were hit not longer ago than they stay lit."""
        pairs = zip(self.times_s, self.walls, strict=True)
        return {int(wall) for hit_s, wall in pairs if 0 <= time_s - hit_s < LIGHT_S}


@dataclass(frozen=True)
class Sheet:
    """The microphones as one picture, uint8 [height, width, 3]; columns of the first and last moment, row of the axis."""

    picture: np.ndarray
    first_px: float
    last_px: float
    axis_px: int

    def at(self, share: float) -> np.ndarray:
        """The picture with the cursor where `share` of the time has passed."""
        picture = self.picture.copy()
        column = round(self.first_px + share * (self.last_px - self.first_px))
        picture[: self.axis_px, column - 2 : column + 3] = 255
        picture[: self.axis_px, column - 1 : column + 2] = _rgb(VERMILION)
        return picture


def frame_times(length_s: float) -> np.ndarray:
    """The middle of every picture of a film; [pictures], s."""
    return (np.arange(round(length_s * RATE_HZ)) + 0.5) / RATE_HZ


def draw_tray(scene: Scene, contacts: Contacts) -> Iterator[np.ndarray]:
    """The tray at every moment, uint8 [288, 288, 3]: the nearest picture, the path so far, and walls that light up."""
    inner = TRAY_PX - 2 * BORDER_PX
    small = [_resized(picture, inner) for picture in scene.pictures]
    times_s = frame_times(scene.length_s)
    path = [tuple(place) for place in scene.place_at(times_s) * inner]
    for number, time_s in enumerate(times_s):
        picture = Image.fromarray(small[int(np.abs(scene.times_s - time_s).argmin())])
        pen = ImageDraw.Draw(picture)
        pen.line(path[: number + 1], fill=_rgb(BLUE), width=3)
        _mark(pen, path[number])
        tray = np.full((TRAY_PX, TRAY_PX, 3), _WALL_GREY, dtype=np.uint8)
        for wall in contacts.lit_at(time_s):
            tray[_BORDERS[WALLS[wall]]] = _rgb(WALL_LOOKS[WALLS[wall]][0])
        tray[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX] = picture
        yield tray


def _resized(picture: np.ndarray, size_px: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((size_px, size_px), Image.Resampling.BOX))


def with_rim(picture: np.ndarray) -> np.ndarray:
    """A picture with an empty rim below it; uint8 [288, width, 3] -> [348, width, 3]."""
    return np.pad(picture, ((0, RIM_PX), (0, 0), (0, 0)), constant_values=255)


def draw_sheet(
    audio: np.ndarray,
    contacts: Contacts,
    length_s: float,
    *,
    microphone: int | None = None,
    spectrograms: bool = False,
    level_range_db: tuple[float, float] | None = None,
) -> Sheet:
    """What the microphones hear, with the contacts marked.

    Args:
        audio: float [samples, 4].
        contacts: marked at their walls.
        length_s: of the film; the sound is as long.
        microphone: draw this one alone; all four if None.
        spectrograms: draw the spectrogram of each microphone in mel bands, not its level.
        level_range_db: lowest and highest level; 60 dB below the loudest moment if None.
    """
    walls = range(len(WALLS)) if microphone is None else [microphone]
    bands_hz = mel_frequencies_hz()
    bands_hz = bands_hz[bands_hz <= HIGHEST_BAND_HZ]
    scale = {"frequency_hz": bands_hz, "level_range_db": level_range_db}
    levels = mel_levels(spectrogram(audio))[:, : len(bands_hz)] if spectrograms else level_db(audio)
    figure = Figure(figsize=(SHEET_PX / _DPI, TRAY_PX / _DPI), dpi=_DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots(len(walls), sharex=True, sharey=True, squeeze=False)[:, 0]
    figure.subplots_adjust(left=0.19, right=0.97, bottom=0.15, top=0.98, hspace=0.1)
    marks = {"contact_times_s": contacts.times_s, "contact_walls": contacts.walls}
    plot_microphones(levels, length_s, walls=walls, axes=axes, **scale, **marks)
    _label_small(figure, axes, walls, "mel bands (kHz)" if spectrograms else "level (dB)")
    canvas.draw()
    picture = np.array(canvas.buffer_rgba())[..., :3]
    box = axes[-1].get_position()
    return Sheet(picture, box.x0 * SHEET_PX, box.x1 * SHEET_PX, round((1 - box.y0) * TRAY_PX))


def level_db(audio: np.ndarray) -> np.ndarray:
    """Level of each microphone in steps of 10 ms, dB of full scale; [samples, 4] -> [4, steps]."""
    step = round(LEVEL_STEP_S * SAMPLE_RATE_HZ)
    pieces = audio[: len(audio) // step * step].reshape(-1, step, audio.shape[1])
    return 20 * np.log10(np.sqrt((pieces.astype(float) ** 2).mean(axis=1)) + 1e-5).T


def _label_small(figure: Figure, axes: np.ndarray, walls: Sequence[int], quantity: str) -> None:
    """Names and numbers that fit into a small picture, left of the strips: inside, a name would hide what is marked."""
    for ax, wall in zip(axes, walls, strict=True):
        ax.tick_params(labelsize=6.5, length=2, pad=1)
        ax.set_ylabel(WALLS[wall], fontsize=8)
        ax.yaxis.set_label_coords(-0.11, 0.5)
    axes[-1].xaxis.label.set_fontsize(8)
    figure.supylabel(quantity, fontsize=8, x=0.015)


def _mark(pen: ImageDraw.ImageDraw, place: tuple[float, float]) -> None:
    """A ring at the middle of the object."""
    x, y = place
    pen.ellipse((x - 5, y - 5, x + 5, y + 5), outline=(255, 255, 255), width=4)
    pen.ellipse((x - 4, y - 4, x + 4, y + 4), outline=_rgb(BLUE), width=2)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(round(255 * part) for part in to_rgb(colour))
