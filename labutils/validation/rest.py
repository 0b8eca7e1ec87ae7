"""When arm and object are at rest in a simulated session, and how loud the session is then."""

import math

import numpy as np

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.tray import Motion

ENVELOPE_STEP_S = 0.004


def envelope_db(audio: np.ndarray, step_s: float = ENVELOPE_STEP_S) -> np.ndarray:
    """Return the level of all channels together in steps, [samples, 4] -> [steps] in dB."""
    steps = int(len(audio) / SAMPLE_RATE_HZ / step_s)
    edges = np.rint(np.arange(steps + 1) * step_s * SAMPLE_RATE_HZ).astype(int)
    power = np.add.reduceat(np.square(audio, dtype=np.float64).mean(axis=1), edges[:-1])
    return 10 * np.log10(power / np.diff(edges) + 1e-14)


def all_at_rest(motion: Motion) -> np.ndarray:
    """Tell when neither the arm nor the object has moved for 0.4 s; bool [n], n samples at `rate_hz`."""
    return _for_some_time(arm_still(motion) & object_still(motion), motion.rate_hz)


def only_arm_moves(motion: Motion) -> np.ndarray:
    """Tell when the arm has moved for 0.4 s while the object lay still; bool [n]."""
    return _for_some_time(~arm_still(motion) & object_still(motion), motion.rate_hz)


def arm_still(motion: Motion) -> np.ndarray:
    """Tell when the tray turns by less than 0.01 rad/s; bool [n]."""
    return np.abs(motion.tilt_rate_rad_s).max(axis=1) < 0.01


def object_still(motion: Motion) -> np.ndarray:
    """Tell when the object moves by less than 5 mm/s and turns by less than 0.2 rad/s; bool [n]."""
    slow = np.linalg.norm(motion.velocity_m_s, axis=1) < 0.005
    return slow & (np.linalg.norm(motion.spin_rad_s, axis=1) < 0.2)


def _for_some_time(state: np.ndarray, rate_hz: float, time_s: float = 0.4) -> np.ndarray:
    window = round(time_s * rate_hz)
    held = np.convolve(state, np.ones(window), "full")[: len(state)]
    return held >= window - 0.5


def median_where(level_db: np.ndarray, state: np.ndarray, step_s: float) -> float:
    """Return the median of a level over the moments in which a state holds; nan without any.

    Args:
        level_db: [steps].
        state: bool [n], one a millisecond.
        step_s: of the level.
    """
    at = np.minimum((np.arange(len(level_db)) + 0.5) * step_s * 1000, len(state) - 1).astype(int)
    return float(np.median(level_db[state[at]])) if state[at].any() else math.nan


def rest_level_db(level_db: np.ndarray, motion: Motion) -> float:
    """Return the median of an envelope at rest, or its quietest twentieth if something always moves."""
    rest_db = median_where(level_db, all_at_rest(motion), ENVELOPE_STEP_S)
    return float(np.quantile(level_db, 0.05)) if math.isnan(rest_db) else rest_db
