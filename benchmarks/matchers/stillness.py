"""How far an object is seen to move, and still objects of one class that lie in one place: nothing seen tells them apart."""

import numpy as np

from labutils.clips import MASK_SIZE
from labutils.mask_shape import reach
from labutils.simulate.camera import FLOOR_PX_PER_M
from labutils.systems.contact import Videos

STILL_CM = 1.0
TWIN_CM = 1.0
_CM_PER_WIDTH = 100 * MASK_SIZE / FLOOR_PX_PER_M


def reach_cm(videos: Videos) -> np.ndarray:
    """How far the objects are seen to move; [M] in cm of the floor."""
    return _CM_PER_WIDTH * reach(videos.movement)


def are_twins(videos: Videos, labels: np.ndarray) -> np.ndarray:
    """Whether two clips show still objects of one class within 1 cm of each other; bool [M, M], no clip is its own twin.

    Args:
        videos: M videos.
        labels: their true classes, int [M].
    """
    still = reach_cm(videos) < STILL_CM
    middle = videos.movement[:, :2].mean(axis=2)  # (M, 2)
    near = _CM_PER_WIDTH * np.linalg.norm(middle[:, None] - middle[None], axis=2) < TWIN_CM
    twins = near & (labels[:, None] == labels) & still[:, None] & still
    np.fill_diagonal(twins, False)
    return twins
