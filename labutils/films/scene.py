"""What a film shows of the tray: its pictures, when they were taken, and where the object was."""

from dataclasses import dataclass

import numpy as np

from labutils.centroid import trajectory
from labutils.clips import CLIP_S, MASK_CROP, Clip

OUTLINE = (222, 143, 5)  # the orange of the figures
EDGE = (60, 40, 0)  # inside it, for some objects are as bright as the orange
_OUTLINE_PX = 3


@dataclass(frozen=True)
class Scene:
    """The tray from above.

    Attributes:
        pictures: uint8 [T, H, W, 3], the square of the tray; those of a clip with its mask outlined.
        times_s: when each was taken [T], s.
        position: centroids [T, 2] in tray widths, x right, y down.
        length_s: of the film, s.
    """

    pictures: np.ndarray
    times_s: np.ndarray
    position: np.ndarray
    length_s: float = CLIP_S

    @classmethod
    def of_clip(cls, clip: Clip) -> "Scene":
        """Read the video of a clip; where it has masks only, they are its pictures.

        Raises:
            ClipError: if it has no masks, none of them shows anything, or a picture cannot be used.
        """
        masks, times_s = clip.masks(), clip.frame_times_s()
        has_frames = (clip.video_path / "rgb").is_dir()
        return cls.of_frames(clip.frames() if has_frames else None, masks, times_s, name=clip.name)

    @classmethod
    def of_frames(
        cls,
        frames: np.ndarray | None,
        masks: np.ndarray,
        times_s: np.ndarray,
        *,
        length_s: float = CLIP_S,
        name: str = "the video",
    ) -> "Scene":
        """Take the tray out of pictures of the camera.

        Args:
            frames: uint8 [T, 480, 640, 3]; the masks themselves are shown if None.
            masks: bool [T, 440, 440].
            times_s: when each was taken [T], s.
            length_s: of the film, s.
            name: what an error message calls the video.
        """
        path = trajectory(masks, times_s, name=name)
        white = np.repeat(masks[..., None].astype(np.uint8) * 255, 3, axis=-1)
        pictures = (white if frames is None else frames[:, *MASK_CROP]).copy()
        outline = _outlines(masks)
        pictures[_outlines(masks & ~outline)] = EDGE
        pictures[outline] = OUTLINE
        return cls(pictures, path.time_s, path.position, length_s)

    def place_at(self, time_s: float | np.ndarray) -> np.ndarray:
        """Where the object was, on a straight line between its places in two pictures; [..., 2] in tray widths."""
        return np.stack([np.interp(time_s, self.times_s, axis) for axis in self.position.T], axis=-1)


def _outlines(masks: np.ndarray) -> np.ndarray:
    """The outermost pixels of each mask; bool [T, H, W]."""
    inside = masks.copy()
    for axis in (1, 2):
        for step in (-_OUTLINE_PX, _OUTLINE_PX):
            inside &= np.roll(masks, step, axis=axis)
    return masks & ~inside
