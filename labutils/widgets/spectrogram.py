"""The panel of notebook 1 that cuts a sound into windows.

Notebook: 01_spectrograms.
"""

from html import escape

import numpy as np

from labutils import spectrogram
from labutils.clips import SAMPLE_RATE_HZ, WALLS
from labutils.plots import plot_spectrogram_channel
from labutils.plots.heatmap import add_colour_bar
from labutils.widgets.controls import choice, decimal_number, whole_number
from labutils.widgets.panel import FormulaPanel
from labutils.widgets.pictures import new_figure, show_figure


def spectrogram_panel(audio: np.ndarray) -> FormulaPanel:
    """The spectrogram of one microphone with free window, hop and floor.

    Args:
        audio: float [samples, 4] at 44.1 kHz.

    Returns:
        A panel with the settings n_fft, hop_length, floor_db, channel and highest_khz.

    Notebook: 01_spectrograms.
    """
    sound = np.asarray(audio, dtype=np.float32)
    controls = [
        choice("n_fft", "window n_fft (samples)", 1024, [2**k for k in range(6, 14)]),
        whole_number("hop_length", "hop length (samples)", spectrogram.HOP_LENGTH, 64, 4096, step=32),
        decimal_number("floor_db", "floor (dB)", spectrogram.FLOOR_DB, -140, -20, step=5),
        choice("channel", "microphone", 0, [(wall, number) for number, wall in enumerate(WALLS)]),
        decimal_number("highest_khz", "top of the picture (kHz)", 8, 0.5, SAMPLE_RATE_HZ / 2000, step=0.5),
    ]
    return FormulaPanel(lambda settings: draw_spectrogram(sound, **settings), controls, title="Spectrogram")


def draw_spectrogram(
    audio: np.ndarray, *, n_fft: int, hop_length: int, floor_db: float, channel: int, highest_khz: float
) -> str:
    """Draw the picture of `spectrogram_panel`, and say how finely it tells times and frequencies apart.

    Raises:
        ValueError: if the sound is shorter than the window.
    """
    if len(audio) < n_fft:
        raise ValueError(
            f"The sound has {len(audio)} samples, the window needs {n_fft}: choose a smaller n_fft."
        )
    magnitude = spectrogram.magnitude(audio[:, [channel]], n_fft=n_fft, hop_length=hop_length)[0]  # (F, T)
    level_db = spectrogram.decibels(magnitude, floor_db=floor_db)
    words = describe_resolution(n_fft, hop_length, level_db.shape)
    frequency_hz = spectrogram.frequencies_hz(n_fft)
    shown = frequency_hz <= 1000 * highest_khz + SAMPLE_RATE_HZ / n_fft
    figure = new_figure(7.5, 3.2, layout="constrained")
    ax = plot_spectrogram_channel(
        level_db[shown],
        spectrogram.frame_times_s(n_fft, hop_length, len(audio)),
        frequency_hz[shown],
        level_range_db=(floor_db, max(float(level_db.max()), floor_db + 1)),
        ax=figure.subplots(),
    )
    ax.set(xlim=(0, len(audio) / SAMPLE_RATE_HZ), ylim=(0, highest_khz))
    add_colour_bar(ax, ax.images[-1], "level (dB)")
    picture = show_figure(figure, f"Spectrogram. {words}")
    return f"{picture}<p>{escape(words)}<br>0 dB is a sine of full scale.</p>"


def describe_resolution(n_fft: int, hop_length: int, shape: tuple[int, int]) -> str:
    """Return the steps and the resolution in time and frequency of a spectrogram [frequencies, times], in words."""
    window_ms, hop_ms = (1000 * samples / SAMPLE_RATE_HZ for samples in (n_fft, hop_length))
    words = (
        f"A window of {n_fft} samples lasts {window_ms:.1f} ms. The rows are {SAMPLE_RATE_HZ / n_fft:.1f} Hz apart; two "
        f"equal tones are seen as two when they are about {spectrogram.resolution_hz(n_fft):.1f} Hz apart or more. "
        f"A new column every {hop_ms:.1f} ms; {shape[0]} x {shape[1]} values."
    )
    return words + (
        " The hop is longer than the window: some of the sound is never looked at." * (hop_length > n_fft)
    )
