"""The rig of one recording day: tray, microphones and motors with their tolerances."""

import math
from dataclasses import dataclass

import numpy as np

from labutils.simulate.modes import MATERIALS

GAIN = 0.16  # full scale per m/s of a wall; the same for every class


@dataclass(frozen=True)
class Rig:
    """Tray, microphones and motors of one recording day; the defaults are the perfectly symmetric rig."""

    floor_thickness_m: float = 0.006
    wall_thickness_m: float = 0.004
    loss_factor: float = MATERIALS["plywood"].loss_factor
    microphone_gain: tuple[float, ...] = (1.0,) * 4
    microphone_delay_s: tuple[float, ...] = (0.0,) * 4
    microphone_offset_m: tuple[float, ...] = (0.0,) * 4  # along the wall, from its middle
    motor_level: float = 1.6e-4  # root mean square while the arm moves, 1 = full scale
    motor_gain: tuple[float, ...] = (1.0,) * 4
    noise_level: float = 2.4e-5  # root mean square of each microphone's own noise
    hum_level: float = 1.2e-5  # amplitude of the mains' fundamental

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Rig":
        """Draw a recording day: boards 3 %, losses 15 %, microphones 2 dB, motors 2 dB, noise 1.5 dB.

        Args:
            rng: the source of randomness.
        """
        nominal = cls()
        return cls(
            floor_thickness_m=nominal.floor_thickness_m * (1 + 0.03 * rng.standard_normal()),
            wall_thickness_m=nominal.wall_thickness_m * (1 + 0.03 * rng.standard_normal()),
            loss_factor=nominal.loss_factor * math.exp(0.15 * rng.standard_normal()),
            microphone_gain=tuple(amplitude_ratio(2 * rng.standard_normal(4))),
            microphone_delay_s=tuple(rng.uniform(0, 1e-4, 4)),
            microphone_offset_m=tuple(0.004 * rng.standard_normal(4)),
            motor_level=nominal.motor_level * amplitude_ratio(2 * rng.standard_normal()),
            motor_gain=tuple(amplitude_ratio(2 * rng.standard_normal(4))),
            noise_level=nominal.noise_level * amplitude_ratio(1.5 * rng.standard_normal()),
            hum_level=nominal.hum_level * amplitude_ratio(3 * rng.standard_normal()),
        )


def amplitude_ratio(level_db: float | np.ndarray) -> float | np.ndarray:
    """Return the ratio of amplitudes that a level in decibels stands for, 10^(L / 20)."""
    return 10 ** (np.asarray(level_db) / 20)
