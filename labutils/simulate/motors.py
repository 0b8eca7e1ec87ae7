"""The hum of the arm's motors, as the walls carry it."""

import math

import numpy as np
from scipy import signal

from labutils.simulate.rig import GAIN, Rig, amplitude_ratio
from labutils.simulate.tray import Motion


def motor_hum(motion: Motion, rig: Rig, rate_hz: float, samples: int, rng: np.random.Generator) -> np.ndarray:
    """Return the motors as the walls carry them, [4, samples] in m/s of a wall: on while the arm moves, else silent.

    Three bands near 500, 1600 and 3400 Hz are harmonics of one shaft, which runs at the same speed in every move. Gears make
    level and phase fluctuate, so that neither axis nor direction nor size of a tilt can be read from them.

    Args:
        motion: from `simulate_session`.
        rig: level and gains of the motors.
        rate_hz: sample rate of the answer.
        samples: its length.
        rng: the source of randomness.
    """
    rate = np.abs(motion.tilt_rate_rad_s).max(axis=1)
    smooth = np.hanning(150) / np.hanning(150).sum()  # motors do not start at once
    running = np.convolve(rate > 0.02, smooth, "same")
    shaft_hz = 500 * (0.95 + 0.05 * running + 0.03 * ornstein_uhlenbeck(len(rate), motion.rate_hz, 0.2, rng))
    running *= amplitude_ratio(3 * ornstein_uhlenbeck(len(rate), motion.rate_hz, 0.3, rng))
    at = np.arange(samples) * (motion.rate_hz / rate_hz)
    index = np.arange(len(rate))
    turns = np.cumsum(np.interp(at, index, shaft_hz)) / rate_hz
    hum = np.zeros(samples)
    for harmonic, level in ((1.0, 0.8), (3.2, 0.5), (6.8, 0.3)):
        in_phase, quadrature = (ornstein_uhlenbeck(len(rate), motion.rate_hz, 0.008, rng) for _ in range(2))
        angle = 2 * math.pi * harmonic * turns
        hum += level * (1 + 0.4 * np.interp(at, index, in_phase)) * np.cos(angle)
        hum += level * 0.4 * np.interp(at, index, quadrature) * np.sin(angle)
    hum *= rig.motor_level / GAIN * np.interp(at, index, running)
    return np.multiply.outer(np.asarray(rig.motor_gain), hum).astype(np.float32)


def ornstein_uhlenbeck(samples: int, rate_hz: float, time_s: float, rng: np.random.Generator) -> np.ndarray:
    """Return an Ornstein-Uhlenbeck process, [samples]: a random walk pulled back to zero within `time_s`, mean square 1."""
    pole = math.exp(-1 / (time_s * rate_hz))
    steps = rng.standard_normal(samples) * math.sqrt(1 - pole**2)
    steps[:1] /= math.sqrt(1 - pole**2)
    return signal.lfilter([1], [1, -pole], steps)
