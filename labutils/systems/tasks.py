"""The three tasks of the course: folders in, the course's dictionaries out, and how many answers are right.

Only the interface of a system is used here: every system answers the same way.

Notebook: 04_hungarian_matching.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labutils import evaluation, matching
from labutils.clips import CLASS_NAMES, Clip, audio_clips, find_dataset, read_truth, video_clips
from labutils.errors import ClipError
from labutils.systems import catalogue, model_files
from labutils.systems.interface import ImpactSystem

DEFAULT_MODELS = Path(__file__).parents[2] / "models" / "lab"


def default_models() -> Path:
    """Where the lab's own system is: `models/lab` if it was trained here, else what came with the lab."""
    return DEFAULT_MODELS if model_files.is_trained(DEFAULT_MODELS) else catalogue.SHIPPED


def video_number(video: Clip) -> int:
    """23 of "video_0023".

    Raises:
        ClipError: if the name does not end in a number.
    """
    number = video.name.rpartition("_")[2]
    if not number.isdecimal():
        raise ClipError(
            f"{video.video_path}: has no number to answer with, expected a name like video_0023; rename it."
        )
    return int(number)


def name_answers(assignment: np.ndarray, sounds: Sequence[Clip], videos: Sequence[Clip]) -> dict[str, int]:
    """File name of each sound -> number of its video, -1 for none: the course's dictionary.

    Args:
        assignment: int [N], the index of each sound's video, -1 for none.
        sounds: N clips.
        videos: M clips.
    """
    numbers = [*map(video_number, videos), matching.UNMATCHED]  # index -1 is the last
    return {sound.name: numbers[index] for sound, index in zip(sounds, assignment, strict=True)}


def answer_task1(system: ImpactSystem, folder: Path, **options) -> dict[str, int]:
    """{"audio_0000.pkl": class number} of every sound in a folder; `options` are cache and progress of the features."""
    sounds = audio_clips(folder)
    classes = system.classify(system.sound_features(sounds, **options)).argmax(axis=1)
    return {sound.name: int(label) for sound, label in zip(sounds, classes, strict=True)}


def match_folder(
    system: ImpactSystem, folder: Path, *, complete: bool, precision: float | None = None, **options
) -> tuple[matching.Matching, dict[str, int]]:
    """Match one group folder.

    Args:
        system: which answers.
        folder: with `audio_0000.flac`, ... and `video_0000/`, ...
        complete: True for task 2, False for task 3.
        precision: answer only where a match is so often right; None answers everything.
        options: cache and progress of the features.

    Returns:
        The matching, and its answers {"audio_0000.pkl": video number or -1}.

    Raises:
        LabError: if the folder cannot be read, or the system does not know how sure it is.
    """
    sounds, videos = audio_clips(folder), video_clips(folder)
    found = system.match(
        system.sound_features(sounds, **options), system.video_features(videos, **options), complete=complete
    )
    if precision is not None:
        found = system.keep_sure(found, precision)
    return found, name_answers(found.assignment, sounds, videos)


def test_task1(root_path: str | Path, models: Path | None = None) -> dict[str, int]:
    """Task 1 in the form of the course: {"audio_0000.pkl": class number}.

    Args:
        root_path: folder of sounds.
        models: folder that `python -m labutils train` wrote; default: `default_models`.
    """
    return answer_task1(model_files.load(models or default_models()), Path(root_path), progress=False)


def test_task2(root_path: str | Path, models: Path | None = None) -> dict[str, int]:
    """Task 2 in the form of the course: {"audio_0000.pkl": video number}, every sound with a video."""
    system = model_files.load(models or default_models())
    return match_folder(system, Path(root_path), complete=True, progress=False)[1]


def test_task3(root_path: str | Path, models: Path | None = None) -> dict[str, int]:
    """Task 3 in the form of the course: {"audio_0000.pkl": video number}, -1 for a sound without a video."""
    system = model_files.load(models or default_models())
    return match_folder(system, Path(root_path), complete=False, progress=False)[1]


for _task in (test_task1, test_task2, test_task3):
    _task.__test__ = False  # named by the course; not tests for pytest to collect


@dataclass(frozen=True)
class Score:
    """Accuracy of one task on one group ("all": every group together), with a 95 % interval and what no skill reaches."""

    task: str
    group: str
    sounds: int
    accuracy: float
    low: float
    high: float
    chance: float


def evaluate(system: ImpactSystem, data: Path, **options) -> list[Score]:
    """Answer every test group of a data set and compare with its truth; `options` are cache and progress of the features.

    Intervals: Wilson's for task 1; for tasks 2 and 3 whole (group, class) cells are drawn, see `cluster_interval`.

    Raises:
        ClipError: if a test folder or a truth file is missing.
    """
    root = find_dataset(data)
    truth = read_truth(data, "task1")
    right = evaluation.right_answers(answer_task1(system, root / "task1" / "test", **options), truth)
    interval = evaluation.wilson_interval(int(right.sum()), len(right))
    scores = [Score("task1", "all", len(right), float(right.mean()), *interval, 1 / len(CLASS_NAMES))]
    for task in ("task2", "task3"):
        scores += _evaluate_matching(system, root, task, **options)
    return scores


def _evaluate_matching(system: ImpactSystem, root: Path, task: str, **options) -> list[Score]:
    groups = {}
    for group, truth in read_truth(root, task).items():
        answers = match_folder(system, root / task / "test" / group, complete=task == "task2", **options)[1]
        right = evaluation.right_answers(answers, truth["matches"])
        cells = np.array([f"{group} {truth['audio_class'][name]}" for name in truth["matches"]])
        groups[group] = (
            right,
            cells,
            evaluation.chance_of_matching(truth["matches"], len(truth["video_class"])),
        )
    rights, cells, chances = zip(*groups.values(), strict=True)
    groups["all"] = np.concatenate(rights), np.concatenate(cells), np.mean(chances)
    return [_score(task, group, *found) for group, found in groups.items()]


def _score(task: str, group: str, right: np.ndarray, cells: np.ndarray, chance: float) -> Score:
    interval = evaluation.cluster_interval(right, cells)
    return Score(task, group, len(right), float(right.mean()), *interval, float(chance))
