"""A whole data set, measured once and set against the recordings: motion, sound and masks."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joblib import delayed

from labutils.clips import CLASS_NAMES, Clip, train_clips
from labutils.processes import processes
from labutils.progress import counted
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


def measure_dataset(data: str | Path, *, bar: Any = None, workers: int = 1) -> Measurement:
    """Read all training clips of a data set, simulated or recorded, once, and measure them.

    Args:
        data: folder of the data set.
        bar: moved on by one for every clip; None shows nothing.
        workers: processes at the same time.

    Raises:
        ClipError: if there are no clips, or one cannot be used.
    """
    numbers, paths_px, sounds, videos = (defaultdict(list) for _ in range(4))
    clips = train_clips(data)
    described = processes(workers, return_as="generator")(delayed(_describe)(clip) for clip in clips)
    of_clip = zip(clips, counted(described, bar), strict=True)
    for index, (clip, (path_px, sound, video)) in enumerate(of_clip):
        name = CLASS_NAMES[clip.label]
        numbers[name].append(clip_number(clip, index))
        paths_px[name].append(path_px)
        sounds[name].append(sound)
        videos[name].append(video)
    ends = {name: endpoints(numbers[name], paths_px[name]) for name in numbers}
    return Measurement(
        ends,
        {name: motion_statistics(ends[name]) for name in ends},
        {name: sound_statistics(own) for name, own in sounds.items()},
        sound_statistics([sound for own in sounds.values() for sound in own]),
        {name: mask_statistics(own) for name, own in videos.items()},
        mask_statistics([video for own in videos.values() for video in own]),
    )


def _describe(clip: Clip) -> tuple:
    """Centroids, sound and masks of one clip."""
    masks = clip.masks()
    return centroids_px(masks), describe_sound(clip.audio()), describe_masks(masks)


def compare_dataset(measured: Measurement) -> list[Comparison]:
    """Set a measured data set against the recordings: motion, sound, masks."""
    return [
        *compare_motion(measured.motion, real_motion()),
        *compare_sound(measured.sound, measured.all_sound),
        *compare_masks(measured.masks, measured.all_masks),
    ]
