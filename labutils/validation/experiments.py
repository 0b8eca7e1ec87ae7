"""Bodies, trays and taps for small experiments in the simulator."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from labutils.simulate.objects import OBJECTS, ImpactObject, Part
from labutils.simulate.rig import Rig
from labutils.simulate.sound import synthesise
from labutils.simulate.tray import STEP_S, Motion, simulate_tilts

BY_NAME = {obj.name: obj for obj in OBJECTS}
BLOCK, BALL, FOAM = (BY_NAME[name] for name in ("yellow_block", "green_basketball", "061_foam_brick"))
SCREWDRIVER = BY_NAME["stanley_screwdriver"]
SILENT = Rig(motor_level=0.0, noise_level=0.0, hum_level=0.0)
OUTWARD = np.array([(0, -1), (-1, 0), (0, 1), (1, 0)])  # of the walls bottom, left, top, right
RADIUS_M, EDGE_M = 0.05, 0.06  # of the bodies of the experiments


def smooth_ball(obj: ImpactObject = BALL) -> ImpactObject:
    """A ball of 5 cm radius without friction, that hits the walls as the given object does."""
    ball = (Part("sphere", (RADIUS_M,), (0, 0, 0)),)
    return dataclasses.replace(obj, parts=ball, friction=1e-4, rolling_m=1e-6)


def rolling_body(shape: str) -> ImpactObject:
    """A sphere, or a cylinder that lies along x, of 5 cm radius, that rolls without resistance and never slips."""
    size = (RADIUS_M,) if shape == "sphere" else (RADIUS_M, 0.04)
    return dataclasses.replace(BALL, parts=(Part(shape, size, (0, 0, 0)),), friction=0.8, rolling_m=1e-6)


def cube(friction: float) -> ImpactObject:
    """A wooden cube of 6 cm with a given friction."""
    return dataclasses.replace(BLOCK, parts=(Part("box", (EDGE_M / 2,) * 3, (0, 0, 0)),), friction=friction)


def move(
    obj: ImpactObject,
    tilt_x_rad: np.ndarray,
    position_m: Sequence[float],
    velocity_m_s: Sequence[float] = (0, 0, 0),
) -> Motion:
    """Move an object over a tray that tilts about x.

    Args:
        obj: the object.
        tilt_x_rad: [steps] wanted angles, one a step of 0.5 ms.
        position_m: (3,) where the object starts.
        velocity_m_s: (3,) how it starts.
    """
    tilts = np.stack([tilt_x_rad, np.zeros_like(tilt_x_rad)], axis=1)
    return simulate_tilts(obj, tilts, position_m, velocity_m_s)


def level(duration_s: float) -> np.ndarray:
    """Return the tilts of a level tray."""
    return np.zeros(round(duration_s / STEP_S))


def ramp_and_hold(angle_rad: float, hold_s: float, ramp_s: float = 0.5) -> np.ndarray:
    """Return tilts that rise evenly and then stay."""
    rise = np.linspace(0, angle_rad, round(ramp_s / STEP_S))
    return np.concatenate([rise, np.full(round(hold_s / STEP_S), angle_rad)])


def still(duration_s: float) -> Motion:
    """Return an object at rest in the middle of a level tray, too light to press on the floor."""
    n = round(1000 * duration_s)
    return Motion(
        rate_hz=1000.0,
        position_m=np.zeros((n, 3)),
        quaternion=np.tile([1.0, 0, 0, 0], (n, 1)),
        velocity_m_s=np.zeros((n, 3)),
        spin_rad_s=np.zeros((n, 3)),
        wall_impulse_n_s=np.zeros((n, 4)),
        wall_point_m=np.full((n, 4, 3), np.nan),
        floor_impulse_n_s=np.zeros(n),
        tilt_rad=np.zeros((n, 2)),
        tilt_rate_rad_s=np.zeros((n, 2)),
    )


def tapped(duration_s: float, taps: list, speed_m_s: float = 0.5, mass_kg: float = BLOCK.mass_kg) -> Motion:
    """Return taps (time, wall, distance along the wall): each a push of 5 ms by an object near that wall, 3 cm up."""
    motion = still(duration_s)
    for time_s, wall, along_m in taps:
        start = round(1000 * time_s)
        contact = slice(start, start + 5)
        point = 0.15 * OUTWARD[wall] + along_m * np.abs(OUTWARD[wall][::-1])
        motion.wall_impulse_n_s[contact, wall] = mass_kg * speed_m_s / 5
        motion.wall_point_m[contact, wall] = (*point, 0.03)
        motion.position_m[contact] = (*(0.8 * point), 0.03)
    return motion


def listen(motion: Motion, obj: ImpactObject = BLOCK, rig: Rig = SILENT, seed: int = 1) -> np.ndarray:
    """Return the sound of a motion on a rig without noise and motors, float32 [samples, 4]."""
    return synthesise(motion, obj, rig, np.random.default_rng(seed))


def one_pulse(obj: ImpactObject) -> ImpactObject:
    """Return the object without micro-hits and rattle, so that a tap is one pulse."""
    return dataclasses.replace(obj, micro_hits=0, rattle=0.0)
