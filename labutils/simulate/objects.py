"""The ten objects: their shapes, masses and contact properties.

Sizes follow the object names of the Tilt-Bot data (Gandhi et al., RSS 2020) and common household dimensions;
masses, friction and restitution are assumptions, chosen to be plausible for the material. See data_README.md.
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
        "061_foam_brick",
        (_box(0.077, 0.052, 0.051, (170, 60, 50)),),
        0.028,
        0.36,
        0.0015,
        0.35,
        0.014,
        0.0036,
        "foam",
        2.2,
        0.2,
        0,
    ),
    ImpactObject(
        "green_basketball",
        (Part("sphere", (0.055,), (50, 150, 70)),),
        0.115,
        0.60,
        0.0010,
        0.72,
        0.009,
        0.0075,
        "rubber shell",
        0.5,
        1.2,
        0,
    ),
    ImpactObject(
        "salt_cylinder",
        (Part("cylinder", (0.0415, 0.0675), (40, 70, 150)),),
        0.480,
        0.42,
        0.0020,
        0.22,
        0.006,
        0.0030,
        "cardboard",
        1.0,
        1.0,
        1,
        0.3,
    ),
    ImpactObject(
        "shiny_toy_gun",
        (
            _box(0.170, 0.024, 0.036, (150, 155, 165), (0.0, 0.0, 0.0)),
            _box(0.034, 0.022, 0.070, (60, 60, 65), (-0.060, 0.0, -0.045)),
        ),
        0.110,
        0.28,
        0.0008,
        0.45,
        0.005,
        0.0010,
        "hard plastic",
        0.8,
        0.5,
        3,
        0.25,
    ),
    ImpactObject(
        "stanley_screwdriver",
        (
            Part("cylinder", (0.016, 0.052), (225, 190, 30), (-0.050, 0.0, 0.0)),
            Part("cylinder", (0.0032, 0.050), (140, 140, 145), (0.052, 0.0, 0.0)),
        ),
        0.095,
        0.45,
        0.005,
        0.50,
        0.004,
        0.0010,
        "steel",
        0.7,
        1.0,
        1,
    ),
    ImpactObject(
        "strawberry",
        (Part("ellipsoid", (0.022, 0.022, 0.027), (205, 35, 50)),),
        0.018,
        0.4,
        0.003,
        0.55,
        0.006,
        0.0014,
        "soft plastic shell",
        0.6,
        0.8,
        0,
    ),
    ImpactObject(
        "toothpaste_box",
        (_box(0.190, 0.050, 0.038, (215, 220, 235)),),
        0.165,
        0.3,
        0.0015,
        0.25,
        0.006,
        0.0026,
        "cardboard",
        1.3,
        0.2,
        3,
        0.45,
    ),
    ImpactObject(
        "toy_elephant",
        (
            Part("ellipsoid", (0.042, 0.028, 0.026), (110, 125, 160)),
            Part("sphere", (0.020,), (110, 125, 160), (0.046, 0.0, 0.012)),
            Part("sphere", (0.011,), (95, 105, 140), (0.024, 0.016, -0.031)),
            Part("sphere", (0.011,), (95, 105, 140), (0.024, -0.016, -0.031)),
            Part("sphere", (0.011,), (95, 105, 140), (-0.024, 0.016, -0.031)),
            Part("sphere", (0.011,), (95, 105, 140), (-0.024, -0.016, -0.031)),
        ),
        0.085,
        0.58,
        0.0015,
        0.40,
        0.007,
        0.0032,
        "soft plastic",
        1.0,
        0.5,
        2,
    ),
    ImpactObject(
        "whiteboard_spray",
        (
            Part("cylinder", (0.025, 0.060), (235, 235, 240)),
            Part("cylinder", (0.012, 0.010), (30, 90, 170), (0.070, 0.0, 0.0)),
        ),
        0.260,
        0.32,
        0.001,
        0.40,
        0.005,
        0.0020,
        "tin can",
        0.7,
        1.0,
        1,
        0.15,
    ),
    ImpactObject(
        "yellow_block",
        (_box(0.060, 0.060, 0.060, (235, 200, 50)),),
        0.130,
        0.3,
        0.0015,
        0.45,
        0.004,
        0.0011,
        "wood",
        1.0,
        0.3,
        3,
    ),
)
