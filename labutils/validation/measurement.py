"""A whole data set, measured once and set against the recordings: motion, sound and masks."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from labutils.clips import CLASS_NAMES, train_clips
from labutils.progress import progress_bar
from labutils.validation.comparison import Comparison
from labutils.validation.masks import MaskStatistics, compare_masks, describe_masks, mask_statistics
from labutils.validation.motion import (
    Endpoints,
    MotionStatistics,
    centroids_px,
    clip_number,
    compare_motion,
    endpoints,
    motion_statistics,
    real_motion,
)
from labutils.validation.sound import SoundStatistics, compare_sound, describe_sound, sound_statistics


@dataclass(frozen=True)
class Measurement:
    """Everything that is measured of the training clips of a data set; keys are class names, in their order."""

    ends: dict[str, Endpoints]
    motion: dict[str, MotionStatistics]
    sound: dict[str, SoundStatistics]
    all_sound: SoundStatistics
    masks: dict[str, MaskStatistics]
    all_masks: MaskStatistics


def measure_dataset(data: str | Path, *, progress: bool = True) -> Measurement:
    """Read all training clips of a data set, simulated or recorded, once, and measure them.

    Args:
        data: folder of the data set.
        progress: whether to show a progress bar.

    Raises:
        ClipError: if there are no clips, or one cannot be used.
    """
    numbers, paths_px, sounds, videos = (defaultdict(list) for _ in range(4))
    clips = progress_bar(train_clips(data), desc="measuring clips", unit="clip", progress=progress)
    for index, clip in enumerate(clips):
        name, masks = CLASS_NAMES[clip.label], clip.masks()
        numbers[name].append(clip_number(clip, index))
        paths_px[name].append(centroids_px(masks))
        sounds[name].append(describe_sound(clip.audio()))
        videos[name].append(describe_masks(masks))
    ends = {name: endpoints(numbers[name], paths_px[name]) for name in numbers}
    return Measurement(
        ends,
        {name: motion_statistics(ends[name]) for name in ends},
        {name: sound_statistics(own) for name, own in sounds.items()},
        sound_statistics([sound for own in sounds.values() for sound in own]),
        {name: mask_statistics(own) for name, own in videos.items()},
        mask_statistics([video for own in videos.values() for video in own]),
    )


def compare_dataset(measured: Measurement) -> list[Comparison]:
    """Set a measured data set against the recordings: motion, sound, masks."""
    return [
        *compare_motion(measured.motion, real_motion()),
        *compare_sound(measured.sound, measured.all_sound),
        *compare_masks(measured.masks, measured.all_masks),
    ]
