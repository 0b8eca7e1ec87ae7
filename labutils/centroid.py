"""From masks to the path of the object over the tray.

Notebook: 03_centroids_and_contrastive_mlp.
"""

from dataclasses import dataclass

import numpy as np

from labutils.clips import ClipError

VECTOR_FRAMES = 35


@dataclass(frozen=True)
class Trajectory:
    """Where the object was: `position` [T, 2] in tray widths (x right, y down), `time_s` [T], `seen` bool [T].

    Frames without an object (`seen` is False) carry an interpolated position, never a zero.
    """

    position: np.ndarray
    time_s: np.ndarray
    seen: np.ndarray

    @property
    def length(self) -> float:
        """How far the object went, in tray widths."""
        return float(np.linalg.norm(np.diff(self.position, axis=0), axis=1).sum())


def centroid(mask: np.ndarray) -> np.ndarray:
    """Mean position of the pixels of the object.

    Args:
        mask: bool [H, W].

    Returns:
        float [2]: x and y as shares of width and height; nan for an empty mask.

    Notebook: 03_centroids_and_contrastive_mlp.
    """
    height, width = mask.shape
    columns, rows = mask.sum(axis=0), mask.sum(axis=1)
    total = columns.sum()
    if total == 0:
        return np.full(2, np.nan)
    x = columns @ (np.arange(width) + 0.5) / total
    y = rows @ (np.arange(height) + 0.5) / total
    return np.array([x / width, y / height])


def trajectory(masks: np.ndarray, time_s: np.ndarray, *, name: str = "the video") -> Trajectory:
    """Centroid of every mask; gaps are filled by straight lines in time.

    Args:
        masks: bool [T, H, W].
        time_s: seconds [T].
        name: what an error message calls the video.

    Raises:
        ClipError: if not one mask shows anything.
    """
    position = np.array([centroid(mask) for mask in masks])
    seen = ~np.isnan(position[:, 0])
    if not seen.any():
        raise ClipError(
            f"{name}: all {len(masks)} masks are empty, expected an object in at least one; check the mask folder."
        )
    for axis in range(2):
        position[:, axis] = np.interp(time_s, time_s[seen], position[seen, axis])
    return Trajectory(position, np.asarray(time_s, dtype=float), seen)


def trajectory_vector(path: Trajectory, *, length: int = VECTOR_FRAMES) -> np.ndarray:
    """The 35 x 2 numbers that the trajectory network sees, one after the other.

    A shorter path stays at its last place, a longer one is cut. (Mended: the report padded by wrapping around to the start
    of the path, which makes an object that stopped jump back.)

    Args:
        path: the trajectory; T frames.
        length: frames in the vector.

    Returns:
        float32 [2 * length]: x0, y0, x1, y1, ... in tray widths.

    Source: the course report, MLP 70-15-10-10.
    Notebook: 03_centroids_and_contrastive_mlp.
    """
    kept = path.position[:length]
    padded = np.concatenate([kept, np.repeat(kept[-1:], length - len(kept), axis=0)])  # (T, 2) -> (length, 2)
    return padded.astype(np.float32).ravel()
