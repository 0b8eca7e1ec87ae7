"""Clocks of sound and camera apart: the pictures of the test groups come later or earlier than the sound."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from matchers.groups import TestGroup

from conditions.sweep import Sweep, points_of_changed_clips
from labutils.clips import Clip

OFFSETS_MS = (-400.0, -200.0, -100.0, -50.0, 0.0, 50.0, 100.0, 200.0, 400.0)


@dataclass(frozen=True)
class LateClip(Clip):
    """A clip whose pictures carry wrong times.

    Attributes:
        late_ms: how much later than the truth, in milliseconds.
    """

    late_ms: float = 0.0

    def frame_times_s(self) -> np.ndarray:
        """The wrong times of the pictures; float64 [T], s."""
        return super().frame_times_s() + self.late_ms / 1000


def late(group: TestGroup, late_ms: float) -> TestGroup:
    """The group with all pictures later by the same time."""
    return replace(group, videos=tuple(LateClip(**vars(clip), late_ms=late_ms) for clip in group.videos))


OFFSET = Sweep(
    label="pictures later than the sound (ms)",
    values=lambda setting: OFFSETS_MS,
    points=partial(points_of_changed_clips, late, "video_cache"),
    methods=("ours", "ours without lags", "physics"),
)
