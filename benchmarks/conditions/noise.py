"""White noise over the sounds of the test groups."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from matchers.groups import TestGroup

from conditions.sweep import Sweep, points_of_changed_clips
from labutils.clips import Clip

RATIOS_DB = (40.0, 30.0, 20.0, 10.0, 0.0, -10.0)


@dataclass(frozen=True)
class NoisyClip(Clip):
    """A clip whose sound is heard through white noise, the same at all four microphones in strength.

    Attributes:
        ratio_db: power of the sound over power of the noise, means over the clip and the microphones.
    """

    ratio_db: float = 0.0

    def audio(self) -> np.ndarray:
        """The sound with its noise, the same each time and wherever the data set lies; float32 [samples, 4]."""
        clean = super().audio()
        place = "/".join(self.audio_path.parts[-4:])
        rng = np.random.default_rng(list(place.encode()))
        strength = np.sqrt(np.mean(clean.astype(float) ** 2) * 10 ** (-self.ratio_db / 10))
        return clean + strength.astype(np.float32) * rng.standard_normal(clean.shape, dtype=np.float32)


def noisy(group: TestGroup, ratio_db: float) -> TestGroup:
    """The group with noise over every sound."""
    return replace(group, sounds=tuple(NoisyClip(**vars(clip), ratio_db=ratio_db) for clip in group.sounds))


NOISE = Sweep(
    label="sound over added noise (dB)",
    values=lambda setting: RATIOS_DB,
    points=partial(points_of_changed_clips, noisy, "sound_cache"),
    methods=("ours", "ours without class", "physics"),
)
