"""How tray and object answer a hit: walls and floor coupled through their joints, in the frequency domain.

A wall that is hit bends, shakes the floor through its foot, and the floor shakes the other walls. The object rings on the
floor. All of this is linear: a force at a point is multiplied by the tray's response from that point to the four
microphones.

Source: van den Doel and Pai, "The sounds of physical shapes", Presence 7(4), 1998 (modal synthesis of contact sounds).
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import fft

from labutils.simulate.hits import Hit
from labutils.simulate.modes import (
    MATERIALS,
    Modes,
    Plate,
    floor_plate,
    floor_shape,
    floor_slope,
    t60_s,
    wall_plate,
    wall_shape,
)
from labutils.simulate.rig import Rig
from labutils.simulate.tray import TRAY_WIDTH_M, WALL_HEIGHT_M

FOOT_DEPTH_M = 0.03  # a glued foot gives way: the wall bends as if clamped this far below the floor
MICROPHONE_HEIGHT_M = 0.05

_LOWEST_CONTACT_M = 0.015  # a body never presses a wall along a line at its very foot
_CORNER_M = 0.03  # a wall's end, stiff with its neighbour, bends as if pushed this far from the corner
_FOOT = 1.2  # how well a wall's foot passes its turning to the floor and back, 1 if rigid
_FOOT_HZ = 1500.0  # above this the foot is too soft to pass it


@dataclass(frozen=True)
class Tray:
    """The floor and the four equal walls of one day, with their losses and what the microphones read."""

    floor: Plate
    wall: Plate
    floor_t60_s: np.ndarray  # (F,)
    wall_t60_s: np.ndarray  # (W,)
    wall_read: np.ndarray  # (4, W) deflection of a wall's modes at its microphone
    floor_read: np.ndarray  # (4, F) motion of a wall at its microphone per motion of a floor mode


def build_tray(rig: Rig) -> Tray:
    """Return the tray of a day."""
    plywood = MATERIALS["plywood"]
    floor = floor_plate(TRAY_WIDTH_M, rig.floor_thickness_m, plywood, 5000)
    wall = wall_plate(TRAY_WIDTH_M, WALL_HEIGHT_M + FOOT_DEPTH_M, rig.wall_thickness_m, plywood, 7000)
    offsets = rig.microphone_offset_m
    return Tray(
        floor,
        wall,
        t60_s(floor.frequency_hz, rig.loss_factor),
        t60_s(wall.frequency_hz, rig.loss_factor),
        np.stack([wall_shape(wall, offset, MICROPHONE_HEIGHT_M + FOOT_DEPTH_M) for offset in offsets]),
        np.stack([foot(floor, k, offset, MICROPHONE_HEIGHT_M) for k, offset in enumerate(offsets)]),
    )


def foot(floor: Plate, wall: int, along_m: float, height_m: float) -> np.ndarray:
    """Return how far a wall moves at a height with every mode of the floor, whose edge turns it: slope times lever -> (F,).

    The lever is the height above the line where the wall is held, below the floor. By reciprocity the same numbers say
    how strongly a push at that height drives the floor.
    """
    softness = _FOOT / np.sqrt(1 + (floor.frequency_hz / _FOOT_HZ) ** 2)
    return softness * (height_m + FOOT_DEPTH_M) * floor_slope(floor, wall, along_m)


def perturb_modes(modes: Modes, rng: np.random.Generator) -> Modes:
    """Return the modes of one session: frequencies 0.8 % together and 0.4 % each, decay times 12 %."""
    frequency_hz, t60 = _perturb(modes.frequency_hz, modes.t60_s, rng)
    return replace(modes, frequency_hz=frequency_hz, t60_s=t60)


def perturb_tray(tray: Tray, rng: np.random.Generator) -> Tray:
    """Return the tray of one session: its joints are never quite the same twice."""
    floor_hz, floor_t60 = _perturb(tray.floor.frequency_hz, tray.floor_t60_s, rng)
    wall_hz, wall_t60 = _perturb(tray.wall.frequency_hz, tray.wall_t60_s, rng)
    return replace(
        tray,
        floor=replace(tray.floor, frequency_hz=floor_hz),
        wall=replace(tray.wall, frequency_hz=wall_hz),
        floor_t60_s=floor_t60,
        wall_t60_s=wall_t60,
    )


def _perturb(
    frequency_hz: np.ndarray, t60: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    common, each = 0.008 * rng.standard_normal(), 0.004 * rng.standard_normal(len(frequency_hz))
    return frequency_hz * (1 + common + each), t60 * np.exp(0.12 * rng.standard_normal(len(t60)))


@dataclass(frozen=True)
class Response:
    """The tray and the object in the frequency domain: one spectrum a mode, as long as a ring."""

    tray: Tray
    rate_hz: float
    samples: int
    wall: np.ndarray  # (W, bins) complex64
    floor: np.ndarray  # (F, bins) complex64
    ring: np.ndarray  # (K, bins) complex64 of the object
    ring_hz: np.ndarray  # (K,) its frequencies


def mode_responses(tray: Tray, own: Modes, rate_hz: float, samples: int) -> Response:
    """Return the spectra of the modes of the tray and of an object at a sample rate."""
    return Response(
        tray,
        rate_hz,
        samples,
        mode_spectra(tray.wall.frequency_hz, tray.wall_t60_s, rate_hz, samples),
        mode_spectra(tray.floor.frequency_hz, tray.floor_t60_s, rate_hz, samples),
        mode_spectra(own.frequency_hz, own.t60_s, rate_hz, samples) * own.gain[:, None].astype(np.float32),
        own.frequency_hz,
    )


def mode_spectra(frequency_hz: np.ndarray, t60: np.ndarray, rate_hz: float, samples: int) -> np.ndarray:
    """Return the discrete Fourier transform of exp(-6.91 t / T60) cos(2 pi f t) / rate, for every mode.

    A decaying exponential is a geometric series, so its transform is known: (1 - q^N) / (1 - q e^(-jw)). The first sample
    counts half, as in the trapezoidal rule. Modes above half the sample rate are left out (zeros).

    Args:
        frequency_hz: (K,).
        t60: (K,) seconds.
        rate_hz: sample rate.
        samples: N, length of the transform.

    Returns:
        [K, N // 2 + 1] complex64.
    """
    turn = np.exp(-2j * math.pi * np.arange(samples // 2 + 1) / samples)
    spectra = np.zeros((len(frequency_hz), len(turn)), np.complex64)
    for k in np.flatnonzero(frequency_hz < rate_hz / 2):
        pole = np.exp((-math.log(1000) / t60[k] + 2j * math.pi * frequency_hz[k]) / rate_hz)
        there, back = ((1 - q**samples) / (1 - q * turn) for q in (pole, pole.conjugate()))
        spectra[k] = (there + back - 1) / (2 * rate_hz)
    return spectra


def impact_response(response: Response, hit: Hit, force: np.ndarray, ring_weights: np.ndarray) -> np.ndarray:
    """Return the ring of tray and object after a hit against a wall, [4, samples] float32.

    Args:
        response: of tray and object.
        hit: where.
        force: [n] newtons over time, shorter than the ring.
        ring_weights: (K,) how strongly each mode of the object shakes the floor, in N/s per N of the contact force.
    """
    tray = response.tray
    height = float(np.clip(hit.point_m[2], _LOWEST_CONTACT_M, WALL_HEIGHT_M))
    end = TRAY_WIDTH_M / 2 - _CORNER_M
    along = float(np.clip(hit.point_m[0] if hit.wall in (0, 2) else hit.point_m[1], -end, end))
    into_wall = wall_shape(tray.wall, along, height + FOOT_DEPTH_M) * (8 / tray.wall.mass_kg)
    into_floor = foot(tray.floor, hit.wall, along, height) * (4 / tray.floor.mass_kg)
    spectrum = mix(tray.floor_read * into_floor, response.floor)
    spectrum[hit.wall] += mix(tray.wall_read[hit.wall : hit.wall + 1] * into_wall, response.wall)[0]
    ring = mix(ring_weights[None], response.ring)[0]
    spectrum += floor_transfer(response, hit.position_m) * ring
    spectrum *= fft.rfft(force.astype(np.float32), response.samples)
    return fft.irfft(spectrum, response.samples, axis=1)


def floor_transfer(response: Response, position_m: np.ndarray) -> np.ndarray:
    """Return the response of the four microphones to a push on the floor below a position, [4, bins] complex64."""
    tray = response.tray
    into_floor = floor_shape(tray.floor, *position_m[:2]) * (4 / tray.floor.mass_kg)
    return mix(tray.floor_read * into_floor, response.floor)


def mix(weights: np.ndarray, spectra: np.ndarray) -> np.ndarray:
    """Return real weights times complex spectra, (R, K) x (K, bins) -> (R, bins), at half the cost of a complex product."""
    return (weights.astype(np.float32) @ spectra.view(np.float32)).view(np.complex64)
