"""From four channels of sound to four pictures of it: the short-time Fourier transform.

Notebook: 01_spectrograms.
"""

from functools import cache

import librosa
import numpy as np
from scipy.signal import get_window

from labutils.clips import CLIP_S, SAMPLE_RATE_HZ, fit_length

N_FFT = 1024
OVERLAP = N_FFT // 8
HOP_LENGTH = N_FFT - OVERLAP
CLIP_SAMPLES = int(CLIP_S * SAMPLE_RATE_HZ)
FLOOR_DB = -100.0
ROWS_OF_A_TONE = 1.375  # width of the Tukey window's main lobe at half its height
MEL_BANDS = 64


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
    """The picture that the ResNet sees: 513 frequencies x 196 frames x 4 microphones.

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


def resolution_hz(n_fft: int = N_FFT) -> float:
    """Distance from which two tones of equal strength are two lines and not one; a little more than the step of the rows.

    Source: Harris 1978, table 1: a window resolves tones that lie as far apart as its main lobe is wide at -6 dB.
    """
    return ROWS_OF_A_TONE * SAMPLE_RATE_HZ / n_fft


def frame_times_s(
    n_fft: int = N_FFT, hop_length: int = HOP_LENGTH, samples: int = CLIP_SAMPLES
) -> np.ndarray:
    """Middle of every window, in seconds from the start of the clip; [frames]."""
    frames = 1 + (samples - n_fft) // hop_length
    return (n_fft / 2 + hop_length * np.arange(frames)) / SAMPLE_RATE_HZ


def downsample(spectrograms: np.ndarray, factor: tuple[int, int]) -> np.ndarray:
    """Mean power over blocks of `factor` = (frequencies, frames); what does not fill a block is dropped.

    The mean is taken of powers, not of decibels, so that a click of one frame is not drowned by the silence beside it.

    Args:
        spectrograms: float [..., F, T], in dB.
        factor: block size; (1, 1) changes nothing, (8, 4) makes 513 x 196 into 64 x 49.

    Returns:
        float32 [..., F // factor[0], T // factor[1]], in dB.
    """
    if factor == (1, 1):
        return spectrograms.astype(np.float32)
    rows, columns = (size // block for size, block in zip(spectrograms.shape[-2:], factor, strict=True))
    power = 10 ** (spectrograms[..., : rows * factor[0], : columns * factor[1]].astype(np.float32) / 10)
    # (..., F, T) -> (..., rows, block, columns, block) -> (..., rows, columns)
    blocks = power.reshape(*power.shape[:-2], rows, factor[0], columns, factor[1])
    return 10 * np.log10(blocks.mean(axis=(-3, -1)))


def mel_levels(spectrogram: np.ndarray) -> np.ndarray:
    """Mean power in 64 mel bands, narrow at the bottom and wide at the top, of every frame.

    Args:
        spectrogram: float [4, 513, T], in dB.

    Returns:
        float32 [4, 64, T], in dB.

    Source: Slaney's mel scale, `librosa.filters.mel`.
    """
    power = 10 ** (spectrogram.astype(np.float32) / 10)
    return 10 * np.log10(_mel_weights() @ power)  # (64, 513) @ (4, 513, T) -> (4, 64, T)


def mel_frequencies_hz() -> np.ndarray:
    """Centre of every mel band, in Hz; [64]."""
    return librosa.mel_frequencies(MEL_BANDS + 2, fmin=0, fmax=SAMPLE_RATE_HZ / 2)[1:-1]


@cache
def _mel_weights() -> np.ndarray:
    """How much each frequency counts in each mel band, float32 [64, 513]; the weights of a band add up to 1."""
    weights = librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=N_FFT, n_mels=MEL_BANDS, norm=None)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def paired_levels(levels: np.ndarray) -> np.ndarray:
    """Mel levels of two frames together: what the networks hear of a clip.

    Args:
        levels: float [4, 64, T], in dB, from `mel_levels`.

    Returns:
        float16 [4, 64, T // 2], in dB; 196 frames become 98 steps of 41 ms.
    """
    return downsample(levels, (1, 2)).astype(np.float16)


def step_levels(levels: np.ndarray) -> np.ndarray:
    """Peak and mean power of eight coarse bands in steps of 81 ms: what contact maps are drawn from.

    Args:
        levels: float [4, 64, T], in dB, from `mel_levels`.

    Returns:
        float32 [4, 16, T // 4]: eight peaks, then eight means, in dB.
    """
    power = 10 ** (levels / 10)
    coarse = power.reshape(len(power), 8, -1, power.shape[-1]).mean(axis=2)  # (4, 64, T) -> (4, 8, T)
    steps = coarse[..., : coarse.shape[-1] // 4 * 4].reshape(*coarse.shape[:2], -1, 4)  # -> (4, 8, T / 4, 4)
    return 10 * np.log10(np.concatenate([steps.max(axis=-1), steps.mean(axis=-1)], axis=1)).astype(np.float32)
