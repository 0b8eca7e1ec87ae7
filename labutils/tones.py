"""Which tones a sound is made of: long windows and narrow bands, so that the modes of an object are told apart.

A window of 23 ms, as the ResNet sees it, tells when something happened, and has a frequency every 43 Hz. This one lasts
93 ms and has one every 11 Hz, but hardly tells when. A class is a matter of tones, a path a matter of time.

Source: Fletcher and Rossing, "The physics of musical instruments", chapter 3 (modes of plates and bodies).
"""

from functools import cache

import librosa
import numpy as np

from labutils.clips import SAMPLE_RATE_HZ, fit_length
from labutils.spectrogram import CLIP_SAMPLES

WINDOW = 4096
HOP_LENGTH = 1024
BANDS = 128
LOWEST_HZ, HIGHEST_HZ = 60.0, 20_000.0
FLOOR = 1e-12
QUANTILES = (0.5, 0.8, 0.9, 0.95, 0.98, 1.0)
AFTER_ONSET = (0, 1, 2, 4, 7, 11)
"""Frames after the onset, 23 ms each."""
ONSET_REACH = 9
NUMBERS = BANDS * (len(QUANTILES) + len(AFTER_ONSET))


def tone_levels(audio: np.ndarray) -> np.ndarray:
    """Mean power of the microphones in 128 bands, each 4.6 % wide, of every frame.

    The window falls softly to zero at both ends (Hann): a loud tone does not leak into the bands of soft ones.

    Args:
        audio: float [samples, 4] at 44.1 kHz; padded with silence or cut to 4 s.

    Returns:
        float32 [128, 173], in dB: 0 dB is a full-scale sine where a band is one frequency wide, the floor is -120 dB.
    """
    channels = np.ascontiguousarray(fit_length(audio, CLIP_SAMPLES).T, dtype=np.float32)
    power = sum(_power(channel) for channel in channels) / len(channels)  # (2049, 173)
    return 10 * np.log10(_band_weights() @ power + FLOOR).astype(np.float32)


def _power(channel: np.ndarray) -> np.ndarray:
    """Squares of the amplitudes of every frequency and frame; [samples] -> [2049, 173]."""
    transform = librosa.stft(channel, n_fft=WINDOW, hop_length=HOP_LENGTH, window="hann")
    return (transform.real**2 + transform.imag**2) / (
        WINDOW / 4
    ) ** 2  # np.abs would take as long as the transform


@cache
def _band_weights() -> np.ndarray:
    """How much each frequency counts in each band, float32 [128, 2049]; a band without a frequency has the nearest one."""
    frequencies_hz = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE_HZ)
    edges_hz = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1)
    below, above = edges_hz[:-1, None], edges_hz[1:, None]
    weights = (frequencies_hz >= below) & (frequencies_hz < above)
    nearest = np.abs(frequencies_hz - np.sqrt(below * above)).argmin(axis=1)
    weights[~weights.any(axis=1), nearest[~weights.any(axis=1)]] = True
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def tone_numbers(levels: np.ndarray) -> np.ndarray:
    """What the discriminant sees: how loud each band becomes, and how the hit in the middle of the clip rings on.

    Clips are cut around a contact; the frame with the most power within 0.2 s of the middle is taken as its onset.

    Args:
        levels: float [128, 173] in dB, from `tone_levels`.

    Returns:
        float32 [128 * 12]: six quantiles of each band over the clip, then its levels at six moments from the onset on.
    """
    middle = levels.shape[1] // 2
    near = slice(middle - ONSET_REACH, middle + ONSET_REACH + 1)
    onset = near.start + (10 ** (levels[:, near] / 10)).sum(axis=0).argmax()
    moments = onset + np.array(AFTER_ONSET)
    parts = np.quantile(levels, QUANTILES, axis=1), levels[:, moments].T
    return np.concatenate(parts).astype(np.float32).ravel()
