"""The tilting tray: rigid-body physics of one object during one session, by MuJoCo."""

from dataclasses import dataclass

import numpy as np

TRAY_WIDTH_M = 0.30
WALLS = ("bottom", "left", "top", "right")


@dataclass(frozen=True)
class Motion:
    """Everything that sound and camera need of one session, in the frame of the tray.

    The frame: origin at the middle of the floor, x to the right of the picture, y up in the picture, z towards the camera.
    Walls are ordered as the microphones: bottom (y = -0.15), left (x = -0.15), top (y = +0.15), right (x = +0.15).
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
