"""What every method is asked, a test group, and what it gives back, an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from labutils.clips import Clip, audio_clips, find_dataset, read_truth, video_clips
from labutils.matching import UNMATCHED
from labutils.systems.tasks import video_number

COMPLETE_TASK = "task2"
INCOMPLETE_TASK = "task3"
TASKS = (COMPLETE_TASK, INCOMPLETE_TASK)


@dataclass(frozen=True)
class TestGroup:
    """N sounds and M videos of one test, with what is right.

    Attributes:
        data: folder of the data set.
        task: "task2" (every sound has a video) or "task3".
        name: of the group's folder, such as "3".
        sounds, videos: N and M clips.
        truth: int [N], index of each sound's video, -1 for none.
        sound_class, video_class: int [N], [M], the true classes.
    """

    __test__: ClassVar[bool] = False  # no test for pytest to collect

    data: Path
    task: str
    name: str
    sounds: tuple[Clip, ...]
    videos: tuple[Clip, ...]
    truth: np.ndarray
    sound_class: np.ndarray
    video_class: np.ndarray

    def lots(self, seed: int) -> np.random.Generator:
        """Random numbers for this group, the same ones each time."""
        return np.random.default_rng([seed, *f"{self.data.name} {self.task} {self.name}".encode()])


@dataclass(frozen=True)
class Answer:
    """What a method says of a group.

    Attributes:
        assignment: int [N], index of each sound's video, -1 for none.
        scores: float [N, M], higher = belongs together; None if the method has no score.
    """

    assignment: np.ndarray
    scores: np.ndarray | None


class Matcher(Protocol):
    """A method, trained if it needs training."""

    def answer(self, group: TestGroup) -> Answer:
        """Match the sounds of a group with its videos; truth and classes of the group are not for it to see."""


def read_groups(data: Path, task: str) -> list[TestGroup]:
    """All groups of a task, in the order of their numbers.

    Raises:
        ClipError: if the test folders or their truth are missing.
    """
    truths = read_truth(data, task)
    return [_read_group(data, task, name, truths[name]) for name in sorted(truths, key=int)]


def read_all_groups(folders: Sequence[Path]) -> list[TestGroup]:
    """All groups of both tasks in some data sets."""
    return [group for data in folders for task in TASKS for group in read_groups(data, task)]


def true_pairs(groups: Sequence[TestGroup]) -> tuple[list[Clip], list[Clip], np.ndarray]:
    """All clips of which both halves are in a group: P sounds, their P videos, their true classes int [P]."""
    sounds, videos, labels = [], [], []
    for group in groups:
        for sound in np.flatnonzero(group.truth != UNMATCHED):
            sounds.append(group.sounds[sound])
            videos.append(group.videos[group.truth[sound]])
            labels.append(group.sound_class[sound])
    return sounds, videos, np.array(labels)


def _read_group(data: Path, task: str, name: str, truth: dict) -> TestGroup:
    folder = find_dataset(data) / task / "test" / name
    sounds, videos = audio_clips(folder), video_clips(folder)
    index = {video_number(video): place for place, video in enumerate(videos)} | {UNMATCHED: UNMATCHED}
    return TestGroup(
        data,
        task,
        name,
        tuple(sounds),
        tuple(videos),
        np.array([index[truth["matches"][sound.name]] for sound in sounds]),
        np.array([truth["audio_class"][sound.name] for sound in sounds]),
        np.array([truth["video_class"][video.name] for video in videos]),
    )
