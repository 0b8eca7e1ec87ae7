"""The noise of an object that slides or rolls on the rough floor."""

import math

import numpy as np
from scipy import fft, signal

from labutils.simulate.impact_response import Response, floor_transfer, mix
from labutils.simulate.objects import ImpactObject
from labutils.simulate.tray import GRAVITY_M_S2, Motion

_HOLD_N_S_M = 1.0  # how firmly an object that slides or rolls holds the floor
_FRICTION = 0.125  # share of the normal force that the floor's roughness, some micrometres, turns into sound at 0.5 m/s


def friction_noise(
    motion: Motion, obj: ImpactObject, response: Response, rng: np.random.Generator
) -> np.ndarray:
    """Return the noise of sliding and rolling on the floor, [4, samples] at the rate of the response.

    The rough floor pushes with F = g N min(v / 0.5, 2) xi(s): N the normal force, v the speed of slip or of roll with its
    own gain, xi a surface profile read at the length s of the path. Every tenth of a second the force is sent through
    the floor from where the object is then.

    Args:
        motion: from `simulate_session`.
        obj: the object that moved.
        response: of tray and object, at the slow rate.
        rng: the source of randomness.
    """
    samples = math.ceil(len(motion.position_m) / motion.rate_hz * response.rate_hz)
    force, hop = friction_force(motion, obj, response.rate_hz, rng), round(0.1 * response.rate_hz)
    window = signal.get_window("hann", 2 * hop)
    noise = np.zeros((4, samples + 2 * hop + response.samples), np.float32)
    force = np.pad(force, (hop, 2 * hop))  # the first window opens before the session
    ring = 1 + mix(np.full((1, len(response.ring)), _HOLD_N_S_M / obj.mass_kg), response.ring)[0]
    for start in range(0, samples + hop, hop):
        piece = force[start : start + 2 * hop] * window
        if not piece.any():
            continue
        at = min(round(start / response.rate_hz * motion.rate_hz), len(motion.position_m) - 1)
        spectrum = floor_transfer(response, motion.position_m[at]) * ring
        spectrum *= fft.rfft(piece.astype(np.float32), response.samples)
        noise[:, start : start + response.samples] += fft.irfft(spectrum, response.samples, axis=1)
    return noise[:, hop : hop + samples]


def friction_force(motion: Motion, obj: ImpactObject, rate_hz: float, rng: np.random.Generator) -> np.ndarray:
    """Return the force with which the rough floor shakes the object, [samples] in newtons."""
    velocity, spin, height = motion.velocity_m_s, motion.spin_rad_s, motion.position_m[:, 2]
    slip = np.hypot(velocity[:, 0] - spin[:, 1] * height, velocity[:, 1] + spin[:, 0] * height)
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    roll = np.maximum(speed - slip, 0)
    drive = obj.slide_gain * np.minimum(slip / 0.5, 2) + obj.roll_gain * np.minimum(roll / 0.5, 2)
    strength = _FRICTION * drive * normal_force(motion, obj)
    strength[drive < 0.01] = 0
    path_m = np.cumsum(np.maximum(speed, slip)) / motion.rate_hz
    at = np.arange(math.ceil(len(path_m) / motion.rate_hz * rate_hz)) * (motion.rate_hz / rate_hz)
    samples = np.arange(len(path_m))
    profile = floor_profile(path_m[-1], rng)
    texture = np.interp(np.interp(at, samples, path_m), np.arange(len(profile)) * 1e-4, profile)
    return np.interp(at, samples, strength) * texture


def normal_force(motion: Motion, obj: ImpactObject) -> np.ndarray:
    """Return the force on the floor without its chatter: a low-pass of 30 ms, at most three times the weight."""
    pole = math.exp(-1 / (0.030 * motion.rate_hz))
    smooth = signal.lfilter([1 - pole], [1, -pole], motion.floor_impulse_n_s * motion.rate_hz)
    return np.clip(smooth, 0, 3 * GRAVITY_M_S2 * obj.mass_kg)


def floor_profile(length_m: float, rng: np.random.Generator) -> np.ndarray:
    """Return the height of the floor every 0.1 mm along a path, wavelengths of 0.4 to 10 mm, mean square 1."""
    band = signal.butter(1, [0.1, 2.5], "bandpass", fs=10, output="sos")  # cycles and samples a millimetre
    profile = signal.sosfilt(band, rng.standard_normal(math.ceil(length_m / 1e-4) + 2))
    return profile / max(profile.std(), 1e-9)
