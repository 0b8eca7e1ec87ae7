"""The ten objects: their shapes, masses and contact properties.

Shapes follow the object names of the Tilt-Bot data (Gandhi et al., RSS 2020) and common household dimensions. Several sizes,
and sliding and rolling friction, were fitted to rest, travel and ends of the clips in the recordings. Masses and restitution
are assumptions, plausible for the material. See data_README.md.
"""

from dataclasses import dataclass
from typing import Literal

Shape = Literal["box", "cylinder", "sphere", "ellipsoid"]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Part:
    """One rigid piece of an object, in the object's own frame (metres).

    `half_size_m` is (x, y, z) for a box or an ellipsoid, (radius, half length) for a cylinder, (radius,) for a
    sphere; `axis` is the direction of a cylinder's axis.
    """

    shape: Shape
    half_size_m: tuple[float, ...]
    colour: Colour
    centre_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    axis: Literal["x", "y", "z"] = "x"


@dataclass(frozen=True)
class ImpactObject:
    """What physics, sound and camera need to know of one object.

    `friction` is sliding friction on the floor, `rolling_m` MuJoCo's rolling friction length, `restitution` the
    ratio of speeds after and before a hit, `contact_time_s` the (softened) duration of a contact in the simulation
    and `pulse_time_s` the real one at 0.5 m/s, which shapes the sound. `material` names the stiffness and damping
    that `modes.py` turns into the object's own ring. `slide_gain`, `roll_gain`, `micro_hits` and `rattle` scale the
    noises that rigid bodies alone do not make.
    """

    name: str
    parts: tuple[Part, ...]
    mass_kg: float
    friction: float
    rolling_m: float
    restitution: float
    contact_time_s: float
    pulse_time_s: float
    material: str
    slide_gain: float
    roll_gain: float
    micro_hits: int
    rattle: float = 0.0


def _box(x, y, z, colour, centre=(0.0, 0.0, 0.0)) -> Part:
    return Part("box", (x / 2, y / 2, z / 2), colour, centre)


OBJECTS: tuple[ImpactObject, ...] = (
    ImpactObject(
        name="061_foam_brick",
        parts=(_box(0.077, 0.052, 0.051, (170, 60, 50)),),
        mass_kg=0.028,
        friction=0.45,
        rolling_m=0.0015,
        restitution=0.35,
        contact_time_s=0.014,
        pulse_time_s=0.0045,
        material="foam",
        slide_gain=2.2,
        roll_gain=0.2,
        micro_hits=0,
    ),
    ImpactObject(
        name="green_basketball",
        parts=(Part("sphere", (0.061,), (50, 150, 70)),),
        mass_kg=0.115,
        friction=0.60,
        rolling_m=0.003,
        restitution=0.66,
        contact_time_s=0.009,
        pulse_time_s=0.0075,
        material="rubber shell",
        slide_gain=0.5,
        roll_gain=1.2,
        micro_hits=0,
    ),
    ImpactObject(
        name="salt_cylinder",
        parts=(Part("cylinder", (0.029, 0.045), (40, 70, 150)),),
        mass_kg=0.300,
        friction=0.38,
        rolling_m=0.0020,
        restitution=0.22,
        contact_time_s=0.006,
        pulse_time_s=0.0021,
        material="cardboard",
        slide_gain=1.0,
        roll_gain=1.0,
        micro_hits=1,
        rattle=0.3,
    ),
    ImpactObject(
        name="shiny_toy_gun",
        parts=(
            _box(0.158, 0.029, 0.048, (150, 155, 165)),
            _box(0.037, 0.025, 0.070, (60, 60, 65), (-0.055, 0.0, -0.053)),
        ),
        mass_kg=0.110,
        friction=0.32,
        rolling_m=0.0008,
        restitution=0.45,
        contact_time_s=0.005,
        pulse_time_s=0.0010,
        material="hard plastic",
        slide_gain=0.8,
        roll_gain=0.5,
        micro_hits=3,
        rattle=0.25,
    ),
    ImpactObject(
        name="stanley_screwdriver",
        parts=(
            _box(0.104, 0.034, 0.034, (225, 190, 30), (-0.050, 0.0, 0.0)),
            Part("cylinder", (0.0032, 0.050), (92, 95, 102), (0.052, 0.0, 0.0)),
        ),
        mass_kg=0.095,
        friction=0.51,
        rolling_m=0.005,
        restitution=0.50,
        contact_time_s=0.004,
        pulse_time_s=0.0010,
        material="steel",
        slide_gain=0.7,
        roll_gain=1.0,
        micro_hits=1,
    ),
    ImpactObject(
        name="strawberry",
        parts=(Part("ellipsoid", (0.024, 0.024, 0.029), (205, 35, 50)),),
        mass_kg=0.018,
        friction=0.42,
        rolling_m=0.012,
        restitution=0.55,
        contact_time_s=0.006,
        pulse_time_s=0.0014,
        material="soft plastic shell",
        slide_gain=0.6,
        roll_gain=0.8,
        micro_hits=0,
    ),
    ImpactObject(
        name="toothpaste_box",
        parts=(_box(0.190, 0.050, 0.038, (200, 205, 220)),),
        mass_kg=0.165,
        friction=0.24,
        rolling_m=0.0015,
        restitution=0.25,
        contact_time_s=0.006,
        pulse_time_s=0.0026,
        material="cardboard",
        slide_gain=1.3,
        roll_gain=0.2,
        micro_hits=3,
        rattle=0.45,
    ),
    ImpactObject(
        name="toy_elephant",
        parts=(
            Part("ellipsoid", (0.050, 0.033, 0.031), (110, 125, 160)),
            Part("sphere", (0.024,), (110, 125, 160), (0.055, 0.0, 0.014)),
            Part("sphere", (0.013,), (95, 105, 140), (0.029, 0.019, -0.037)),
            Part("sphere", (0.013,), (95, 105, 140), (0.029, -0.019, -0.037)),
            Part("sphere", (0.013,), (95, 105, 140), (-0.029, 0.019, -0.037)),
            Part("sphere", (0.013,), (95, 105, 140), (-0.029, -0.019, -0.037)),
        ),
        mass_kg=0.120,
        friction=0.70,
        rolling_m=0.0015,
        restitution=0.40,
        contact_time_s=0.007,
        pulse_time_s=0.0032,
        material="soft plastic",
        slide_gain=1.0,
        roll_gain=0.5,
        micro_hits=2,
    ),
    ImpactObject(
        name="whiteboard_spray",
        parts=(
            Part("cylinder", (0.029, 0.060), (235, 235, 240)),
            Part("cylinder", (0.012, 0.010), (30, 90, 170), (0.070, 0.0, 0.0)),
        ),
        mass_kg=0.260,
        friction=0.32,
        rolling_m=0.001,
        restitution=0.40,
        contact_time_s=0.005,
        pulse_time_s=0.0023,
        material="tin can",
        slide_gain=0.7,
        roll_gain=1.0,
        micro_hits=1,
        rattle=0.15,
    ),
    ImpactObject(
        name="yellow_block",
        parts=(_box(0.043, 0.043, 0.043, (235, 200, 50)),),
        mass_kg=0.050,
        friction=0.3,
        rolling_m=0.0015,
        restitution=0.45,
        contact_time_s=0.004,
        pulse_time_s=0.0009,
        material="wood",
        slide_gain=1.0,
        roll_gain=0.3,
        micro_hits=3,
    ),
)
