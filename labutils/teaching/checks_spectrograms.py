"""The checks of notebook 1: the loudest wall, the window, one column of the STFT, its shape, decibels and their mean.

Notebook: 01_spectrograms.
"""

import numpy as np

from labutils.clips import WALLS
from labutils.spectrogram import decibels
from labutils.teaching.check import Check


def _hits() -> list[tuple]:
    """Three sounds [samples, 4]: a hit that swings down, a short hit beside a long hum, and the other walls."""
    rng = np.random.default_rng(1)
    down, short, last = (0.01 * rng.standard_normal((400, 4)) for _ in range(3))
    down[100, 1], down[100, 2] = -0.9, 0.5
    short[200, 3], short[:, 0] = 0.8, 0.3
    last[50, 2], last[51, 0] = 0.4, -0.7
    return [(down,), (short,), (last,)]


check_loudest_wall = Check(
    right=lambda audio: WALLS[np.abs(audio).max(axis=0).argmax()],
    cases=_hits,
    mistakes={
        "A sound swings up and down, and you look at its highest value only: take the absolute value first.": (
            lambda audio: WALLS[audio.max(axis=0).argmax()]
        ),
        "You compare averages: there a long soft hum beats a short hit. Compare the highest peaks.": (
            lambda audio: WALLS[np.abs(audio).mean(axis=0).argmax()]
        ),
        "That is the number of the column. Its name is asked: WALLS[number].": (
            lambda audio: int(np.abs(audio).max(axis=0).argmax())
        ),
        "That is the softest microphone: argmax, not argmin.": (
            lambda audio: WALLS[np.abs(audio).max(axis=0).argmin()]
        ),
    },
    praise="The wall with the highest peak, up or down.",
)


def _tukey(n_fft: int, slope: int) -> np.ndarray:
    to_edge = np.minimum(np.arange(n_fft), n_fft - np.arange(n_fft))
    return np.where(to_edge < slope, 0.5 - 0.5 * np.cos(np.pi * to_edge / slope), 1.0)


def _one_sided(n_fft: int, slope: int) -> np.ndarray:
    n = np.arange(n_fft)
    return np.where(n < slope, 0.5 - 0.5 * np.cos(np.pi * n / slope), 1.0)


def _symmetric(n_fft: int, slope: int) -> np.ndarray:
    to_edge = np.minimum(np.arange(n_fft), n_fft - 1 - np.arange(n_fft))
    return np.where(to_edge < slope, 0.5 - 0.5 * np.cos(np.pi * to_edge / slope), 1.0)


def _whole_turn(n_fft: int, slope: int) -> np.ndarray:
    to_edge = np.minimum(np.arange(n_fft), n_fft - np.arange(n_fft))
    return np.where(to_edge < slope, 0.5 - 0.5 * np.cos(2 * np.pi * to_edge / slope), 1.0)


def _linear(n_fft: int, slope: int) -> np.ndarray:
    to_edge = np.minimum(np.arange(n_fft), n_fft - np.arange(n_fft))
    return np.minimum(to_edge / slope, 1.0)


check_window = Check(
    right=_tukey,
    cases=lambda: [(16, 4), (1024, 128)],
    mistakes={
        "Only the beginning of your window slopes: e is the distance to the nearer end, min(n, N - n).": _one_sided,
        "Your window mirrors at N - 1. Here sample n is N - n away from the end, so that two overlapping windows add up "
        "to 1.": _symmetric,
        "Your slope goes up and down again: the cosine makes half a turn, π e / S, not 2 π e / S.": _whole_turn,
        "Your slopes are straight lines: the slope is a piece of a cosine.": _linear,
        "Your window reaches 2: is the factor 1/2 there, before the 1 and before the cosine?": (
            lambda n_fft, slope: np.where(_tukey(n_fft, slope) < 1, 2 * _tukey(n_fft, slope), 1.0)
        ),
        "Your slopes fall towards the middle: minus the cosine, not plus.": (
            lambda n_fft, slope: np.where(_tukey(n_fft, slope) < 1, 1 - _tukey(n_fft, slope), 1.0)
        ),
        "Your window has no flat middle: where e is S or more, it is 1.": (
            lambda n_fft, slope: (
                0.5 - 0.5 * np.cos(np.pi * np.minimum(np.arange(n_fft), n_fft - np.arange(n_fft)) / slope)
            )
        ),
    },
    praise="Flat in the middle, and two neighbours add up to 1 where they overlap.",
)


def _column(x: np.ndarray, window: np.ndarray, hop: int, t: int) -> np.ndarray:
    return np.abs(np.fft.rfft(window * x[t * hop : t * hop + len(window)])) / window.sum()


def _pieces() -> list[tuple]:
    x = np.random.default_rng(2).standard_normal(200)
    return [(x, _tukey(32, 8), 24, 0), (x, _tukey(32, 8), 24, 3), (x, np.hanning(16), 5, 7)]


check_stft_column = Check(
    right=_column,
    cases=_pieces,
    mistakes={
        "The window is missing: multiply the piece of sound by it before you transform.": (
            lambda x, w, hop, t: np.abs(np.fft.rfft(x[t * hop : t * hop + len(w)])) / w.sum()
        ),
        "Column t starts at sample t · H, not at sample t.": lambda x, w, hop, t: (
            np.abs(np.fft.rfft(w * x[t : t + len(w)])) / w.sum()
        ),
        "The division by the sum of the window is missing: the numbers would grow with the window.": (
            lambda x, w, hop, t: w.sum() * _column(x, w, hop, t)
        ),
        "You divide by N. Divide by the sum of the window, which is less than N.": lambda x, w, hop, t: (
            w.sum() / len(w) * _column(x, w, hop, t)
        ),
        "These are powers: take the magnitude |X|, not its square.": lambda x, w, hop, t: (
            np.abs(np.fft.rfft(w * x[t * hop : t * hop + len(w)])) ** 2 / w.sum()
        ),
        "np.fft.fft gives all N frequencies, and the upper half only mirrors the lower: take np.fft.rfft.": (
            lambda x, w, hop, t: np.abs(np.fft.fft(w * x[t * hop : t * hop + len(w)])) / w.sum()
        ),
        "These numbers are complex: take their magnitude with np.abs.": lambda x, w, hop, t: (
            np.fft.rfft(w * x[t * hop : t * hop + len(w)]) / w.sum()
        ),
    },
    praise="One column of the spectrogram: N/2 + 1 magnitudes.",
)

check_shape = Check(
    right=lambda samples, n_fft, hop: (n_fft // 2 + 1, 1 + (samples - n_fft) // hop),
    cases=lambda: [(176400, 1024, 896), (44100, 256, 64), (1000, 1000, 10)],
    mistakes={
        "The order is (rows, columns): frequencies first.": lambda samples, n_fft, hop: (
            1 + (samples - n_fft) // hop,
            n_fft // 2 + 1,
        ),
        "From 0 to N/2 there are N/2 + 1 frequencies: count both ends.": lambda samples, n_fft, hop: (
            n_fft // 2,
            1 + (samples - n_fft) // hop,
        ),
        "N samples give N/2 + 1 frequencies, because the upper half mirrors the lower.": (
            lambda samples, n_fft, hop: (n_fft, 1 + (samples - n_fft) // hop)
        ),
        "The window at sample 0 is a column too: add 1 to the number of steps.": (
            lambda samples, n_fft, hop: (n_fft // 2 + 1, (samples - n_fft) // hop)
        ),
        "Your last windows hang over the end of the sound: only samples - N of them can be a start.": (
            lambda samples, n_fft, hop: (n_fft // 2 + 1, 1 + samples // hop)
        ),
        "Your last windows hang over the end of the sound: a window starts at most at samples - N.": (
            lambda samples, n_fft, hop: (n_fft // 2 + 1, samples // hop)
        ),
    },
    praise="Rows depend on the window alone, columns mostly on the hop.",
)

check_decibels = Check(
    right=decibels,
    cases=lambda: [(np.array([0.5, 0.05, 0.1, 0.3]),), (np.array([0.0, 1e-9, 2e-5, 0.5]),)],
    mistakes={
        "10 · log10 is for powers. A magnitude needs 20 · log10.": lambda m: (
            10 * np.log10(np.maximum(2 * m, 1e-10))
        ),
        "You are 6 dB too low: the 2 of the formula is missing. Half of a sine stands at a negative frequency.": (
            lambda m: 20 * np.log10(np.maximum(m, 1e-5))
        ),
        "That is the natural logarithm: decibels take log10.": lambda m: 20 * np.log(np.maximum(2 * m, 1e-5)),
        "Silence gives minus infinity: nothing may be lower than the floor of -100 dB.": lambda m: (
            20 * np.log10(np.where(m > 0, 2 * m, 0))
        ),
        "A small number added before the logarithm also moves soft levels: take the larger of level and floor.": (
            lambda m: 20 * np.log10(2 * m + 1e-5)
        ),
        "Your floor is at 0 dB: it is -100 dB.": lambda m: np.maximum(decibels(m), 0.0),
    },
    praise="A tenth of the amplitude is 20 dB less, and silence stops at the floor.",
)

check_mean_level = Check(
    right=lambda levels_db: 10 * np.log10(np.mean(10 ** (np.asarray(levels_db) / 10))),
    cases=lambda: [(np.array([0.0, -100.0, -100.0, -100.0]),), (np.array([-20.0, -40.0]),)],
    mistakes={
        "You average the decibels: the click drowns in the silence beside it. Average the powers 10^(L/10).": np.mean,
        "You average amplitudes, 10^(L/20). Average powers, 10^(L/10).": lambda level: (
            20 * np.log10(np.mean(10 ** (level / 20)))
        ),
        "You add the powers up: divide by their number.": lambda level: (
            10 * np.log10(np.sum(10 ** (level / 10)))
        ),
        "These are powers: back to decibels with 10 · log10.": lambda level: np.mean(10 ** (level / 10)),
        "That is the loudest of them, not their mean.": np.max,
    },
    praise="Averaging powers keeps the click.",
)
