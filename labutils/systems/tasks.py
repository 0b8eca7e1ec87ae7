"""The three tasks of the course: folders in, the course's dictionaries out, and how many answers are right.

Only the interface of a system is used here: every system answers the same way.

Notebook: 04_hungarian_matching.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labutils import evaluation, matching
from labutils.clips import (
    CLASS_NAMES,
    Clip,
    audio_clips,
    find_dataset,
    inner_folder,
    number_of_video,
    read_truth,
    video_clips,
)
from labutils.errors import ClipError
from labutils.systems import model_files
from labutils.systems.interface import ImpactSystem

DEFAULT_MODELS = Path(__file__).parents[2] / "models" / "lab"


def video_number(video: Clip) -> int:
    """23 of "video_0023".

    Raises:
        ClipError: if the name is no video's.
    """
    return number_of_video(video.name, video.video_path)


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
        models: folder that `python -m labutils train` wrote; default: the lab's own, `models/lab`.
    """
    return answer_task1(model_files.load(models or DEFAULT_MODELS), Path(root_path), progress=False)


def test_task2(root_path: str | Path, models: Path | None = None) -> dict[str, int]:
    """Task 2 in the form of the course: {"audio_0000.pkl": video number}, every sound with a video."""
    system = model_files.load(models or DEFAULT_MODELS)
    return match_folder(system, Path(root_path), complete=True, progress=False)[1]


def test_task3(root_path: str | Path, models: Path | None = None) -> dict[str, int]:
    """Task 3 in the form of the course: {"audio_0000.pkl": video number}, -1 for a sound without a video."""
    system = model_files.load(models or DEFAULT_MODELS)
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
        ClipError: if a test folder or a truth file is missing, or they do not belong together.
    """
    root = find_dataset(data)
    truth, folder = read_truth(data, "task1"), inner_folder(root, "task1", "test")
    answers = answers_by_truth(answer_task1(system, folder, **options), truth, folder)
    right = evaluation.right_answers(answers, truth)
    interval = evaluation.wilson_interval(int(right.sum()), len(right))
    scores = [Score("task1", "all", len(right), float(right.mean()), *interval, 1 / len(CLASS_NAMES))]
    for task in ("task2", "task3"):
        scores += _evaluate_matching(system, root, task, **options)
    return scores


def _evaluate_matching(system: ImpactSystem, root: Path, task: str, **options) -> list[Score]:
    groups = {}
    for group, truth in read_truth(root, task).items():
        folder, matches = inner_folder(root, task, "test", group), truth["matches"]
        answers = match_folder(system, folder, complete=task == "task2", **options)[1]
        right = evaluation.right_answers(answers_by_truth(answers, matches, folder), matches)
        videos = {video_number(video) for video in video_clips(folder)}
        _expect_videos(set(matches.values()) - videos - {matching.UNMATCHED}, folder)
        cells = np.array([f"{group} {truth['audio_class'].get(name, name)}" for name in matches])
        groups[group] = right, cells, evaluation.chance_of_matching(matches, len(videos))
    rights, cells, chances = zip(*groups.values(), strict=True)
    groups["all"] = np.concatenate(rights), np.concatenate(cells), np.mean(chances)
    return [_score(task, group, *found) for group, found in groups.items()]


def answers_by_truth(answers: Mapping[str, int], truth: Mapping[str, int], folder: Path) -> dict[str, int]:
    """The answers under the names that the truth has; what could not be compared is said, and never counted as wrong.

    Args:
        answers: {file name: answer}.
        truth: {file name: right answer}; sounds that were converted have another suffix there.
        folder: of the sounds.

    Raises:
        ClipError: if a sound of the truth is not there.
    """
    stems = {_without_suffix(name): answer for name, answer in answers.items()}
    missing = [name for name in truth if _without_suffix(name) not in stems]
    if missing:
        raise ClipError(
            f"{folder} lacks {len(missing)} of the {len(truth)} sounds of truth.json, {missing[0]} for one: expected all; "
            "complete the data set, or delete their answers."
        )
    told = logging.getLogger(__name__)
    converted = [name for name in truth if name not in answers]
    if converted:
        told.warning(
            "%s: the suffixes are not those of truth.json (%s): compared without them.", folder, converted[0]
        )
    known = set(map(_without_suffix, truth))
    others = [name for name in answers if _without_suffix(name) not in known]
    if others:
        told.warning(
            "%s: %d sounds are not in truth.json and are not scored, %s among them.",
            folder,
            len(others),
            others[0],
        )
    return {name: stems[_without_suffix(name)] for name in truth}


def _without_suffix(name: str) -> str:
    return name.rpartition(".")[0] or name


def _expect_videos(missing: set[int], folder: Path) -> None:
    if missing:
        raise ClipError(
            f"{folder} lacks {len(missing)} of the videos of truth.json, number {min(missing)} among them: expected all; "
            "complete the data set."
        )


def _score(task: str, group: str, right: np.ndarray, cells: np.ndarray, chance: float) -> Score:
    interval = evaluation.cluster_interval(right, cells)
    return Score(task, group, len(right), float(right.mean()), *interval, float(chance))
