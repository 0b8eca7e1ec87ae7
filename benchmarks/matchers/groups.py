"""The questions and the answers of the benchmark: a test group with its truth, and what a method makes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from labutils.clips import Clip, audio_clips, find_dataset, read_truth, video_clips
from labutils.systems.tasks import video_number


@dataclass(frozen=True)
class TestGroup:
    """One test group.

    Attributes:
        data: folder of the data set.
        task: "task2" or "task3".
        name: of the group in its task.
        sounds, videos: N and M clips.
        truth: int [N], the index of each sound's video, -1 for none.
        sound_class, video_class: int [N] and [M], from `truth.json`: only for oracles and for the analysis of errors.
    """

    __test__: ClassVar[bool] = False  # not a test for pytest to collect

    data: Path
    task: str
    name: str
    sounds: tuple[Clip, ...]
    videos: tuple[Clip, ...]
    truth: np.ndarray
    sound_class: np.ndarray
    video_class: np.ndarray


@dataclass(frozen=True)
class Answer:
    """What a method makes of a group.

    Attributes:
        assignment: int [N], the index of each sound's video, -1 for none.
        scores: float [N, M], higher = belongs together; None if the method has none.
    """

    assignment: np.ndarray
    scores: np.ndarray | None


class Matcher(Protocol):
    """A method that was trained, if it needs training."""

    def answer(self, group: TestGroup) -> Answer:
        """Match the sounds of a group with its videos."""


def read_groups(data: Path, task: str) -> list[TestGroup]:
    """Read all test groups of "task2" or "task3".

    Raises:
        ClipError: if a folder or the truth is missing.
    """
    folder = find_dataset(data) / task / "test"
    truth = read_truth(data, task)
    return [_read_group(Path(data), task, name, folder / name, truth[name]) for name in truth]


def _read_group(data: Path, task: str, name: str, folder: Path, truth: dict) -> TestGroup:
    sounds, videos = tuple(audio_clips(folder)), tuple(video_clips(folder))
    index = {video_number(video): place for place, video in enumerate(videos)}
    return TestGroup(
        data,
        task,
        name,
        sounds,
        videos,
        np.array([index.get(truth["matches"][sound.name], -1) for sound in sounds]),
        np.array([truth["audio_class"][sound.name] for sound in sounds]),
        np.array([truth["video_class"][video.name] for video in videos]),
    )
