"""The tilting tray: rigid-body physics of one object during one session, by MuJoCo.

A 30 cm tray on two hinges tilts at random; the object slides, rolls and tumbles in it. The tray itself moves (no
rotated gravity), so that fast tilts throw and press the object as they should. What sound and camera need is
recorded a thousand times a second. The motion is chaotic: two versions of the engine agree in statistics only.

Source: Todorov, Erez, Tassa, "MuJoCo: a physics engine for model-based control", IROS 2012 (contact model).
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import mujoco
import numpy as np
from mujoco import rollout
from scipy.optimize import brentq
from scipy.spatial.transform import Rotation

from labutils.clips import WALLS
from labutils.simulate.objects import ImpactObject, Part

TRAY_WIDTH_M = 0.30
WALL_HEIGHT_M = 0.09  # of the walls that are seen and heard
GRAVITY_M_S2 = 9.81
RATE_HZ = 1000
STEP_S = 0.0005
STEPS_PER_SAMPLE = 2
SETTLE_S = 1.0

_WALL_CENTRES_M = {"bottom": (0, -0.16), "left": (-0.16, 0), "top": (0, 0.16), "right": (0.16, 0)}
_FENCE_HEIGHT_M = 0.20  # of the walls in the simulation: nothing may leave
_WALL_FRICTION_MAX = 0.3  # rough walls lift a convex body that slides along them
_FLOOR_CONTACT_S, _FLOOR_RESTITUTION = 0.014, 0.3  # a soft floor, or a sliding body chatters
_CHUNK_SAMPLES = 2000  # bounds the memory of the raw sensor record


@dataclass(frozen=True)
class Motion:
    """Everything that sound and camera need of one session, in the frame of the tray.

    The frame: origin at the middle of the floor, x to the right of the picture, y up in the picture, z towards the
    camera. Walls are ordered as the microphones: bottom (y = -0.15), left (x = -0.15), top, right.
    """

    rate_hz: float  # samples a second, 1000
    position_m: np.ndarray  # (n, 3) origin of the object's frame
    quaternion: np.ndarray  # (n, 4) its orientation, w x y z
    velocity_m_s: np.ndarray  # (n, 3)
    spin_rad_s: np.ndarray  # (n, 3)
    wall_impulse_n_s: np.ndarray  # (n, 4) normal impulse handed to each wall during the sample
    wall_point_m: np.ndarray  # (n, 4, 3) where; nan without contact
    floor_impulse_n_s: np.ndarray  # (n,) normal impulse handed to the floor during the sample
    tilt_rad: np.ndarray  # (n, 2) tilt about x and about y
    tilt_rate_rad_s: np.ndarray  # (n, 2)


@dataclass(frozen=True)
class TiltHabit:
    """How the arm tilts: about one axis or the other, by a random angle of either sign, in smooth moves with pauses.

    One axis at a time and the other one level, because displacements of the real clips lie along the axes of the tray.
    """

    tilt_rad: tuple[float, float] = (math.radians(8), math.radians(30))  # size of an angle, uniform
    move_s: tuple[float, float] = (0.3, 0.8)  # duration of a move, uniform
    pause_s: tuple[float, float] = (0.45, 1.35)  # rest between two moves, uniform


def simulate_session(obj: ImpactObject, *, duration_s: float, seed: int) -> Motion:
    """Tilt the tray at random for a while with one object in it.

    The class name is mixed into the seed, so that equal seeds do not give equal tilts in two classes. An object that
    left the tray (never seen, the walls are high) makes the session start again with other random numbers.

    Args:
        obj: the object; its mass, friction and restitution differ by a few per cent between sessions.
        duration_s: length in seconds, after the object has settled.
        seed: same object, duration and seed, same motion.

    Returns:
        Motion of `round(duration_s * 1000)` samples.

    Raises:
        RuntimeError: the object left the tray in five attempts.
    """
    for attempt in range(5):
        rng = np.random.default_rng([seed, zlib.crc32(obj.name.encode()), attempt])
        own = perturb_object(obj, rng)
        model = mujoco.MjModel.from_xml_string(tray_xml(own))
        state = spawn_state(model, own, rng)
        settling = np.zeros((round(SETTLE_S / STEP_S), 2))
        tilts = np.concatenate([settling, random_tilts(duration_s, rng)])
        motion = record(model, state, tilts, skip=round(SETTLE_S * RATE_HZ))
        if is_inside(motion):
            return motion
    raise RuntimeError(f"{obj.name} left the tray in five attempts with seed {seed}")


def simulate_tilts(
    obj: ImpactObject,
    tilts: np.ndarray,
    position_m: Sequence[float],
    velocity_m_s: Sequence[float] = (0.0, 0.0, 0.0),
) -> Motion:
    """Tilt the tray as given, with an object that starts at a given position, upright as it was built.

    Args:
        obj: the object, exactly as it is.
        tilts: [steps, 2] wanted angles about x and y in radians, one row per 0.5 ms step.
        position_m: (3,) where its origin starts.
        velocity_m_s: (3,) how it starts.

    Returns:
        Motion of `len(tilts) // 2` samples.
    """
    model = mujoco.MjModel.from_xml_string(tray_xml(obj))
    data = mujoco.MjData(model)
    data.qpos[2:5], data.qvel[2:5] = position_m, velocity_m_s
    return record(model, full_state(model, data), tilts)


def perturb_object(obj: ImpactObject, rng: np.random.Generator) -> ImpactObject:
    """Return the object as it is in one session: mass +- 2 %, friction 8 %, restitution 6 %, rolling 25 %."""
    mass, friction, restitution, rolling = rng.standard_normal(4)
    return replace(
        obj,
        mass_kg=obj.mass_kg * (1 + 0.02 * mass),
        friction=obj.friction * (1 + 0.08 * friction),
        restitution=float(np.clip(obj.restitution * (1 + 0.06 * restitution), 0.15, 0.95)),
        rolling_m=obj.rolling_m * math.exp(0.25 * rolling),
    )


def random_tilts(duration_s: float, rng: np.random.Generator, habit: TiltHabit | None = None) -> np.ndarray:
    """Draw the two tilt angles of an arm that goes from one random target to the next, with pauses.

    Args:
        duration_s: length in seconds.
        rng: the source of randomness.
        habit: sizes and durations of the moves.

    Returns:
        [steps, 2] angles about x and y in radians, one row per 0.5 ms step; level at the start.
    """
    habit = habit or TiltHabit()
    steps = round(duration_s / STEP_S)
    pieces, here, length = [], np.zeros(2), 0
    while length < steps:
        there = np.zeros(2)
        there[rng.integers(2)] = rng.uniform(*habit.tilt_rad) * rng.choice([-1, 1])
        move = minimum_jerk(here, there, round(rng.uniform(*habit.move_s) / STEP_S))
        pause = np.tile(there, (round(rng.uniform(*habit.pause_s) / STEP_S), 1))
        pieces += [move, pause]
        here, length = there, length + len(move) + len(pause)
    return np.concatenate(pieces)[:steps]


def minimum_jerk(start: np.ndarray, end: np.ndarray, steps: int) -> np.ndarray:
    """Move from start to end as a hand does: x(s) = 10 s^3 - 15 s^4 + 6 s^5.

    Source: Flash and Hogan, "The coordination of arm movements", J. Neuroscience 1985, equation 8.
    """
    s = (np.arange(1, steps + 1) / steps)[:, None]
    return start + (end - start) * (10 * s**3 - 15 * s**4 + 6 * s**5)


def direct_solref(restitution: float, contact_s: float, impedance: float = 0.95) -> str:
    """Turn a restitution and a contact time into MuJoCo's direct stiffness and damping of a contact.

    A damped spring that cannot pull lets go before it is slack. With damping ratio sin(a), the body leaves after
    T = (pi - 2 a) / (w cos(a)), with restitution e = exp(-(pi - 2 a) tan(a)); e is above exp(-2) = 0.135.

    Source: Schwager and Poeschel, "Coefficient of restitution and linear-dashpot model revisited", Granular Matter
    9, 2007, equations 16-19; MuJoCo documentation, "Solver parameters", direct format of solref.
    """
    angle = brentq(lambda a: (math.pi - 2 * a) * math.tan(a) + math.log(restitution), 0, math.pi / 2 - 1e-9)
    omega = (math.pi - 2 * angle) / (contact_s * math.cos(angle))
    stiffness, damping = omega**2, 2 * math.sin(angle) * omega
    return f"{-stiffness * impedance**2:.9g} {-damping * impedance:.9g}"


def tray_xml(obj: ImpactObject) -> str:
    """Describe tray, arm and object in MuJoCo's own language (MJCF)."""
    return f"""
<mujoco model="tray">
  <option timestep="{STEP_S}" integrator="implicitfast" cone="elliptic" impratio="5"
          tolerance="1e-9" iterations="50"/>
  <compiler autolimits="true"/>
  <default><geom contype="0" conaffinity="0"/></default>
  <worldbody>
    <body name="tray">
      <joint name="tilt_x" type="hinge" axis="1 0 0" armature="5"/>
      <joint name="tilt_y" type="hinge" axis="0 1 0" armature="5"/>
      <geom name="base" type="box" size=".02 .02 .005" pos="0 0 -.05" mass="2"/>
      <body name="floor">
        <geom name="floor" type="box" size=".19 .19 .02" pos="0 0 -.02" mass=".5"/>
        <site name="floor" type="box" size=".3 .3 .1"/>
      </body>
      {"".join(_wall_xml(wall) for wall in WALLS)}
    </body>
    <body name="object">
      <freejoint/>
      {"".join(_part_xml(obj, i) for i in range(len(obj.parts)))}
    </body>
  </worldbody>
  <contact>{"".join(_pairs_xml(obj, i) for i in range(len(obj.parts)))}</contact>
  <actuator>
    <position joint="tilt_x" kp="2e5" dampratio="1"/>
    <position joint="tilt_y" kp="2e5" dampratio="1"/>
  </actuator>
  <sensor>{_sensors_xml()}</sensor>
</mujoco>"""


def _wall_xml(wall: str) -> str:
    x, y = _WALL_CENTRES_M[wall]
    half = (0.01, 0.17) if x else (0.17, 0.01)
    size = f"{half[0]} {half[1]} {_FENCE_HEIGHT_M / 2}"
    return f"""
      <body name="{wall}" pos="{x} {y} {_FENCE_HEIGHT_M / 2}">
        <geom name="{wall}" type="box" size="{size}" mass=".1"/>
        <site name="{wall}" type="box" size=".4 .4 .3"/>
      </body>"""


def part_volume_m3(part: Part) -> float:
    """Return the volume of one part."""
    half = part.half_size_m
    if part.shape == "box":
        return 8 * math.prod(half)
    if part.shape == "cylinder":
        return 2 * math.pi * half[0] ** 2 * half[1]
    radii = half if part.shape == "ellipsoid" else 3 * half
    return 4 / 3 * math.pi * math.prod(radii)


def _part_xml(obj: ImpactObject, index: int) -> str:
    part = obj.parts[index]
    share = part_volume_m3(part) / sum(part_volume_m3(p) for p in obj.parts)
    turn = {"x": ' euler="0 90 0"', "y": ' euler="90 0 0"', "z": ""}[part.axis]
    size, centre = " ".join(map(str, part.half_size_m)), " ".join(map(str, part.centre_m))
    return (
        f'<geom name="part{index}" type="{part.shape}" size="{size}" pos="{centre}" '
        f'mass="{obj.mass_kg * share}"'
        f"{turn if part.shape == 'cylinder' else ''}/>"
    )


def _pairs_xml(obj: ImpactObject, index: int) -> str:
    is_round = obj.parts[index].shape != "box"  # only what is round rolls and spins on one point
    dimensions = 6 if is_round else 3
    lines = []
    for other in ("floor", *WALLS):
        if other == "floor":
            friction, solref = obj.friction, direct_solref(_FLOOR_RESTITUTION, _FLOOR_CONTACT_S)
        else:
            friction = min(obj.friction, _WALL_FRICTION_MAX)
            solref = direct_solref(obj.restitution, obj.contact_time_s)
        lines.append(
            f'<pair geom1="part{index}" geom2="{other}" condim="{dimensions}" solimp=".95 .95 .001" '
            f'solref="{solref}" solreffriction="-0.0001 -40" '
            f'friction="{friction} {friction} .003 {obj.rolling_m} {obj.rolling_m}"/>'
        )
    return "".join(lines)


def _sensors_xml() -> str:
    frame = 'objtype="xbody" objname="object" reftype="xbody" refname="tray"'
    poses = [f"<{kind} {frame}/>" for kind in ("framepos", "framequat", "framelinvel", "frameangvel")]
    tilts = [
        f'<{kind} joint="{axis}"/>' for kind in ("jointpos", "jointvel") for axis in ("tilt_x", "tilt_y")
    ]
    forces = [f'<touch site="{surface}"/>' for surface in (*WALLS, "floor")]
    points = [f'<contact body1="{wall}" reduce="netforce" num="1" data="pos"/>' for wall in WALLS]
    return "".join(poses + tilts + forces + points)


def spawn_state(model: mujoco.MjModel, obj: ImpactObject, rng: np.random.Generator) -> np.ndarray:
    """Put the object into the level tray: anywhere, any heading, 2 mm above the floor.

    Returns:
        The full MuJoCo state to start from.
    """
    heading = rng.uniform(0, 2 * math.pi)
    quaternion = np.array([math.cos(heading / 2), 0, 0, math.sin(heading / 2)])
    corners = part_corners_m(obj) @ _turn(heading).T
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = TRAY_WIDTH_M / 2 - 0.002
    position_m = rng.uniform(-room - low[:2], room - high[:2])
    data = mujoco.MjData(model)
    data.qpos[2:] = [*position_m, 0.002 - low[2], *quaternion]
    return full_state(model, data)


def full_state(model: mujoco.MjModel, data: mujoco.MjData) -> np.ndarray:
    """Return the state of tray and object as `record` starts from it."""
    state = np.empty(mujoco.mj_stateSize(model, mujoco.mjtState.mjSTATE_FULLPHYSICS))
    mujoco.mj_getState(model, data, state, mujoco.mjtState.mjSTATE_FULLPHYSICS)
    return state


def part_corners_m(obj: ImpactObject) -> np.ndarray:
    """Return the corners of the boxes around all parts, (8 parts, 3), in the object's frame."""
    signs = np.stack(np.meshgrid(*[[-1, 1]] * 3), axis=-1).reshape(8, 3)
    return np.concatenate([np.array(part.centre_m) + signs * part_box_m(part) for part in obj.parts])


def part_box_m(part: Part) -> np.ndarray:
    """Return the half sizes (3,) of the box around one part."""
    if part.shape == "sphere":
        return np.full(3, part.half_size_m[0])
    if part.shape == "cylinder":
        radius, half_length = part.half_size_m
        return np.array([half_length if axis == part.axis else radius for axis in "xyz"])
    return np.array(part.half_size_m)


def _turn(angle: float) -> np.ndarray:
    # scipy's Rotation rounds the last bit differently, and chaos makes other sessions of it.
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def record(model: mujoco.MjModel, state: np.ndarray, tilts: np.ndarray, *, skip: int = 0) -> Motion:
    """Run the physics along given tilts and keep a thousand samples a second.

    Args:
        model: from `tray_xml`.
        state: from `spawn_state`.
        tilts: [steps, 2] wanted angles in radians, one row per 0.5 ms step.
        skip: samples left out at the start.

    Returns:
        Motion of `len(tilts) // 2 - skip` samples.
    """
    data, chunks = mujoco.MjData(model), []
    per_chunk = _CHUNK_SAMPLES * STEPS_PER_SAMPLE
    with rollout.Rollout(nthread=0) as run:
        for start in range(0, len(tilts) // STEPS_PER_SAMPLE * STEPS_PER_SAMPLE, per_chunk):
            control = tilts[None, start : start + per_chunk]
            warm = data.qacc_warmstart[None].copy() if start else None
            states, sensors = run.rollout(model, data, state[None], control, initial_warmstart=warm)
            state = states[0, -1]
            chunks.append(_downsample(sensors[0]))
    samples = np.concatenate(chunks)[skip:]
    return _to_motion(samples)


def _downsample(sensors: np.ndarray) -> np.ndarray:
    """Sum the forces over a sample, (steps, 34) -> (samples, 34); the rest is that of its first step."""
    pairs = sensors[: len(sensors) // STEPS_PER_SAMPLE * STEPS_PER_SAMPLE].reshape(-1, STEPS_PER_SAMPLE, 34)
    samples = pairs[:, 0].copy()
    samples[:, 17:22] = pairs[:, :, 17:22].sum(axis=1) * STEP_S
    late = pairs[:, 0, 17:21] == 0  # a wall touched in the second step only: its point is known from then
    for wall in range(4):
        point = slice(22 + 3 * wall, 25 + 3 * wall)
        samples[late[:, wall], point] = pairs[late[:, wall], 1, point]
    return samples


def _to_motion(samples: np.ndarray) -> Motion:
    tilt, impulse = samples[:, 13:15], samples[:, 17:21]
    # (n, 2) -> (n, 3, 3): the tray turns about x, then about its own y
    rotations = Rotation.from_euler("XY", tilt).as_matrix()
    points = np.einsum("nji,nwj->nwi", rotations, samples[:, 22:34].reshape(-1, 4, 3))
    return Motion(
        rate_hz=RATE_HZ,
        position_m=samples[:, 0:3],
        quaternion=samples[:, 3:7],
        velocity_m_s=samples[:, 7:10],
        spin_rad_s=samples[:, 10:13],
        wall_impulse_n_s=impulse,
        wall_point_m=np.where(impulse[:, :, None] > 0, points, np.nan),
        floor_impulse_n_s=samples[:, 21],
        tilt_rad=tilt,
        tilt_rate_rad_s=samples[:, 15:17],
    )


def is_inside(motion: Motion) -> bool:
    """Tell whether the object's middle stayed between the walls and below their tops."""
    sideways = np.abs(motion.position_m[:, :2]).max() < TRAY_WIDTH_M / 2
    return bool(
        sideways and motion.position_m[:, 2].min() > -0.01 and motion.position_m[:, 2].max() < _FENCE_HEIGHT_M
    )
