"""Finding contacts in a recording, from the sound alone, as the makers of the recordings did."""

import numpy as np

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.hits import find_onsets

_STEP_S = 0.004  # of the envelope
_PAST_STEPS, _GAP_STEPS = 23, 2  # a contact stands above the past, which ends just before it
_PEAK_STEPS = 6


def find_contacts(
    audio: np.ndarray, *, rise_db: float = 8.0, loud_db: float = 26.0, gap_s: float = 0.15
) -> np.ndarray:
    """Return when the object hit something, from the sound alone: sudden peaks of the envelope.

    The envelope is the loudest channel's level in steps of 4 ms. A contact begins where it stands `rise_db` above
    everything from 100 to 8 ms before, and `loud_db` above the recording's usual level (hum and hiss swell and beat, but
    not that fast). Its peak is the loudest step of the next 24 ms.

    Args:
        audio: [samples, 4] at 44.1 kHz.
        rise_db: how far a contact stands above what comes before.
        loud_db: how far it stands above the usual level, so that clips are mostly silence beside their hits.
        gap_s: what rises within this time after a contact belongs to it.

    Returns:
        [contacts] times of the peaks in seconds, rising.

    Source: Gandhi, Gupta, Pinto, "Swoosh! Rattle! Thump!", RSS 2020, section III (clips cut around audio peaks).
    """
    step = round(_STEP_S * SAMPLE_RATE_HZ)
    frames = audio[: len(audio) // step * step].reshape(-1, step, audio.shape[1])
    level_db = 10 * np.log10(np.square(frames).mean(axis=1).max(axis=1) + 1e-12)
    first = _PAST_STEPS + _GAP_STEPS  # the first step with a whole past
    if len(level_db) <= first:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(level_db[:-_GAP_STEPS], _PAST_STEPS)
    past_db = windows.max(axis=1)[: len(level_db) - first]
    usual_db = np.median(level_db) + loud_db - rise_db
    rising = level_db[first:] > np.maximum(past_db, usual_db) + rise_db
    starts = first + np.array(find_onsets(rising, 0, round(gap_s / _STEP_S)), dtype=int)
    peaks = [start + level_db[start : start + _PEAK_STEPS].argmax() for start in starts]
    return (np.array(peaks, dtype=float) + 0.5) * step / SAMPLE_RATE_HZ
