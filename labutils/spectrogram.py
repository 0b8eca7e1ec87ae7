"""From four channels of sound to four pictures of it: the short-time Fourier transform.

Notebook: 01_spectrograms.
"""

from typing import Literal

import librosa
import numpy as np
from scipy.signal import get_window

from labutils.clips import CLIP_S, SAMPLE_RATE_HZ, fit_length

N_FFT = 1024
OVERLAP = N_FFT // 8
HOP_LENGTH = N_FFT - OVERLAP
CLIP_SAMPLES = int(CLIP_S * SAMPLE_RATE_HZ)
FLOOR_DB = -100.0
Scale = Literal["even", "mel"]


def magnitude(audio: np.ndarray, *, n_fft: int = N_FFT, hop_length: int = HOP_LENGTH) -> np.ndarray:
    """Magnitude of the short-time Fourier transform of every channel.

    The window is flat with tapered ends (Tukey, as long as the overlap), so that a click is heard wherever it falls. The
    result equals `scipy.signal.spectrogram(audio.T, nperseg=n_fft, detrend=False, scaling="spectrum", mode="magnitude")`.

    Args:
        audio: float [samples, channels], in units of full scale.
        n_fft: window length in samples.
        hop_length: step between windows in samples.

    Returns:
        float [channels, 1 + n_fft // 2, frames]; a sine of amplitude 1 reaches 0.5.

    Notebook: 01_spectrograms.
    """
    window = get_window(("tukey", 0.25), n_fft)
    transform = librosa.stft(audio.T, n_fft=n_fft, hop_length=hop_length, window=window, center=False)
    return np.abs(transform) / window.sum()


def decibels(magnitudes: np.ndarray, *, floor_db: float = FLOOR_DB) -> np.ndarray:
    """Level in dB; 0 dB is a sine of amplitude 1, and nothing is quieter than `floor_db`."""
    floor = 10 ** (floor_db / 20)
    return 20 * np.log10(np.maximum(2 * magnitudes, floor))


def spectrogram(audio: np.ndarray) -> np.ndarray:
    """The picture that the ResNet sees: 513 frequencies x 196 moments x 4 microphones.

    Args:
        audio: float [samples, 4] at 44.1 kHz; padded with silence or cut to 4 s.

    Returns:
        float32 [4, 513, 196], in dB: 0 dB is a full-scale sine, the floor is -100 dB.

    Source: the course report; `scipy.signal.spectrogram(x, 44100, nperseg=1024)` has the same shape.
    Notebook: 01_spectrograms.
    """
    # (176400, 4) -> (4, 513, 196)
    return decibels(magnitude(fit_length(audio, CLIP_SAMPLES))).astype(np.float32)


def frequencies_hz(n_fft: int = N_FFT) -> np.ndarray:
    """Centre of every frequency row, in Hz; [1 + n_fft // 2]."""
    return np.fft.rfftfreq(n_fft, 1 / SAMPLE_RATE_HZ)


def frame_times_s(
    n_fft: int = N_FFT, hop_length: int = HOP_LENGTH, samples: int = CLIP_SAMPLES
) -> np.ndarray:
    """Middle of every window, in seconds from the start of the clip; [frames]."""
    frames = 1 + (samples - n_fft) // hop_length
    return (n_fft / 2 + hop_length * np.arange(frames)) / SAMPLE_RATE_HZ


def shrink(spectrograms: np.ndarray, factor: tuple[int, int], *, scale: Scale = "even") -> np.ndarray:
    """Mean power over blocks of `factor` = (frequencies, moments); what does not fill a block is dropped.

    The mean is taken of powers, not of decibels, so that a click of one moment is not drowned by the silence beside it.

    Args:
        spectrograms: float [..., F, T], in dB.
        factor: block size; (1, 1) changes nothing, (8, 2) makes 513 x 196 into 64 x 98.
        scale: "even" makes all bands equally wide; "mel" makes as many, narrow at the bottom and wide at the top, see
            `mel_edges`.

    Returns:
        float32 [..., F // factor[0], T // factor[1]], in dB.
    """
    if factor == (1, 1):
        return spectrograms.astype(np.float32)
    rows, columns = (size // block for size, block in zip(spectrograms.shape[-2:], factor, strict=True))
    edges = mel_edges(rows, spectrograms.shape[-2]) if scale == "mel" else factor[0] * np.arange(rows + 1)
    power = 10 ** (spectrograms[..., : edges[-1], : columns * factor[1]].astype(np.float32) / 10)
    # (..., F, T) -> (..., F, columns, block) -> (..., F, columns) -> (..., rows, columns)
    power = power.reshape(*power.shape[:-1], columns, factor[1]).mean(axis=-1)
    return 10 * np.log10(np.add.reduceat(power, edges[:-1], axis=-2) / np.diff(edges)[:, None])


def close_up(spectrogram: np.ndarray, factor: tuple[int, int]) -> np.ndarray:
    """The hit in the middle of a clip, moment by moment: where blocks of 81 ms blur a click, steps of 20 ms show its decay.

    Clips are cut around a contact; the moment with the most power within 0.2 s of the middle becomes the middle column.

    Args:
        spectrogram: float [channels, F, T], in dB, of one clip.
        factor: as of `shrink`, whose picture has as many columns and twice as many bands.

    Returns:
        float32 [channels, F // (2 factor[0]), T // factor[1]], mel bands in dB, one column a moment.
    """
    fine = shrink(spectrogram, (2 * factor[0], 1), scale="mel")
    moments, columns = fine.shape[-1], fine.shape[-1] // factor[1]
    reach = round(0.2 * SAMPLE_RATE_HZ / HOP_LENGTH)
    first = moments // 2 - reach
    power = (10 ** (fine[..., first : first + 2 * reach + 1] / 10)).sum(axis=(0, 1))
    around = first + power.argmax() + np.arange(columns) - columns // 2
    return fine[..., np.clip(around, 0, moments - 1)]


def mel_edges(bands: int, frequencies: int) -> np.ndarray:
    """Rows of a spectrogram at which mel bands begin, and where the last one ends; int [bands + 1].

    The bands are equally wide on the mel scale, and nowhere narrower than one row: 64 of them take single rows, 43 Hz apart,
    at the bottom, where 64 even ones are 345 Hz wide.

    Args:
        bands: how many.
        frequencies: F, rows of the spectrogram, from 0 Hz to half the sample rate.

    Source: O'Shaughnessy, "Speech communication", 1987: mel = 2595 log10(1 + f / 700 Hz).
    """
    edges_hz = librosa.mel_frequencies(bands + 1, fmin=0, fmax=SAMPLE_RATE_HZ / 2, htk=True)
    rows = np.round(edges_hz / edges_hz[-1] * frequencies).astype(int)
    return np.maximum(rows, np.arange(bands + 1))
