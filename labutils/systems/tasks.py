"""The three tasks of the course: folders in, the course's dictionaries out, and how many answers are right.

Only the interface of a system is used here: every system answers the same way.

Notebook: 04_hungarian_matching.
"""

import logging
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import delayed, parallel_config

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
from labutils.cluster import is_on_cluster
from labutils.errors import ClipError
from labutils.places import trained_models
from labutils.processes import processes
from labutils.progress import progress_bar
from labutils.systems import catalogue, model_files
from labutils.systems.interface import ImpactSystem


def default_models() -> Path:
    """Where the lab's own system is: the one that was trained here if there is one, else what came with the lab."""
    trained = trained_models("lab")
    return trained if model_files.is_trained(trained) else catalogue.SHIPPED


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


def answer_folder(
    system: ImpactSystem, task: str, folder: Path, *, precision: float | None = None
) -> dict[str, int]:
    """The course's dictionary for one folder: the sounds of "task1", or a group of "task2" or "task3"."""
    if task == "task1":
        return answer_task1(system, folder, progress=False)
    return match_folder(system, folder, complete=task == "task2", precision=precision, progress=False)[1]


def answer_all(system: ImpactSystem, data: Path, *, precision: float | None = None) -> dict[str, dict]:
    """Every test group of a data set: {"task1": answers, "task2": {"0": answers, ...}, "task3": {...}}.

    This is the form in which `python -m labutils teach grade` wants them; the truth is not needed.
    """
    root = find_dataset(data)
    answers: dict[str, dict] = {"task1": answer_folder(system, "task1", inner_folder(root, "task1", "test"))}
    for task in ("task2", "task3"):
        groups = sorted(path for path in inner_folder(root, task, "test").iterdir() if path.name.isdecimal())
        answers[task] = {
            group.name: answer_folder(system, task, group, precision=precision) for group in groups
        }
    return answers


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


@dataclass(frozen=True)
class AnsweredGroup:
    """One test group with what a system answered to it.

    Attributes:
        task: "task1", "task2" or "task3".
        group: name of its folder; "all" in task 1, which has one.
        answers, truth: file name of each sound of the truth -> class in task 1, number of its video or -1 in the others.
        audio_class: file name of each sound -> its true class; empty if the truth tells no classes.
        chance: share of right answers that no skill reaches.
        sounds, videos: the clips; task 1 has no videos.
        found: the matching with its pair scores; None in task 1.
    """

    task: str
    group: str
    answers: dict[str, int]
    truth: dict[str, int]
    audio_class: dict[str, int]
    chance: float
    sounds: list[Clip]
    videos: list[Clip]
    found: matching.Matching | None

    @property
    def right(self) -> np.ndarray:
        """Which sounds were answered rightly; bool [N], in the order of the truth."""
        return evaluation.right_answers(self.answers, self.truth)

    @property
    def cells(self) -> list[str]:
        """Group and class of every sound, [N]: errors in one cell hang together; without a class, a sound hangs alone."""
        return [f"{self.group} {self.audio_class.get(name, name)}" for name in self.truth]


def answer_tests(system: ImpactSystem, data: Path, **options) -> list[AnsweredGroup]:
    """Answer every test group of a data set; `options` are cache and progress of the features.

    Raises:
        ClipError: if a test folder or a truth file is missing, or they do not belong together.
    """
    root = find_dataset(data)
    sounds = _answer_sounds(system, root, **options)
    asked = [
        (task, group, known, inner_folder(root, task, "test", group))
        for task in ("task2", "task3")
        for group, known in read_truth(root, task).items()
    ]
    matched = _match_folders(system, [(folder, task == "task2") for task, *_, folder in asked], **options)
    return [sounds, *(_compare(*group, *found) for group, found in zip(asked, matched, strict=True))]


def _match_folders(system: ImpactSystem, asked: Sequence[tuple[Path, bool]], **options) -> Iterator[tuple]:
    """`match_folder` of many, one after the other or on the cluster; `asked` has folders, and whether each is complete."""
    if not is_on_cluster():
        for folder, complete in asked:
            yield match_folder(system, folder, complete=complete, **options)
        return
    sent = pickle.dumps(system)  # the way of dask with networks fails for recurrent ones
    calls = (delayed(_match_elsewhere)(sent, folder, complete, options) for folder, complete in asked)
    matched = processes(1, return_as="generator")(calls)
    progress = options.get("progress", True)
    yield from progress_bar(matched, total=len(asked), desc="groups", unit="group", progress=progress)


def _match_elsewhere(sent: bytes, folder: Path, complete: bool, options: dict) -> tuple:
    """One folder in another process, which has one thread and gives nothing to others."""
    with parallel_config(backend="sequential"):
        return match_folder(pickle.loads(sent), folder, complete=complete, **(options | {"progress": False}))


def _answer_sounds(system: ImpactSystem, root: Path, **options) -> AnsweredGroup:
    truth, folder = read_truth(root, "task1"), inner_folder(root, "task1", "test")
    answers = answer_task1(system, folder, **options)
    names = names_in_folder(truth, answers, folder)
    own = {names[name]: label for name, label in truth.items()}
    answers, chance = {name: answers[name] for name in own}, 1 / len(CLASS_NAMES)
    return AnsweredGroup("task1", "all", answers, own, own, chance, audio_clips(folder), [], None)


def _compare(
    task: str, group: str, known: dict, folder: Path, found: matching.Matching, answers: dict[str, int]
) -> AnsweredGroup:
    """A matched group beside its truth."""
    sounds, videos = audio_clips(folder), video_clips(folder)
    names = names_in_folder(known["matches"], answers, folder)
    truth = {names[name]: number for name, number in known["matches"].items()}
    _expect_videos(set(truth.values()) - set(map(video_number, videos)) - {matching.UNMATCHED}, folder)
    labels = {names[name]: label for name, label in known["audio_class"].items() if name in names}
    answers, chance = (
        {name: answers[name] for name in truth},
        evaluation.chance_of_matching(truth, len(videos)),
    )
    return AnsweredGroup(task, group, answers, truth, labels, chance, sounds, videos, found)


def names_in_folder(asked: Iterable[str], found: Iterable[str], folder: Path) -> dict[str, str]:
    """The name that each sound of the truth has in its folder; what cannot be compared is said, and never counted as wrong.

    Args:
        asked: names in `truth.json`; sounds that were converted have another suffix there.
        found: names in the folder.
        folder: of the sounds.

    Raises:
        ClipError: if a sound of the truth is not there.
    """
    asked, by_stem = list(asked), {_without_suffix(name): name for name in found}
    missing = [name for name in asked if _without_suffix(name) not in by_stem]
    if missing:
        raise ClipError(
            f"{folder} lacks {len(missing)} of the {len(asked)} sounds of truth.json, {missing[0]} for one: expected all; "
            "complete the data set, or delete their answers."
        )
    names = {name: by_stem[_without_suffix(name)] for name in asked}
    told = logging.getLogger(__name__)
    converted = [name for name, own in names.items() if name != own]
    if converted:
        told.warning(
            "%s: the suffixes are not those of truth.json (%s): compared without them.", folder, converted[0]
        )
    others = sorted(set(by_stem.values()) - set(names.values()))
    if others:
        told.warning(
            "%s: %d sounds are not in truth.json and are not scored, %s among them.",
            folder,
            len(others),
            others[0],
        )
    return names


def _without_suffix(name: str) -> str:
    return name.rpartition(".")[0] or name


def _expect_videos(missing: set[int], folder: Path) -> None:
    if missing:
        raise ClipError(
            f"{folder} lacks {len(missing)} of the videos of truth.json, number {min(missing)} among them: expected all; "
            "complete the data set."
        )


def evaluate(system: ImpactSystem, data: Path, **options) -> list[Score]:
    """Answer every test group of a data set and compare with its truth; `options` are cache and progress of the features.

    Raises:
        ClipError: if a test folder or a truth file is missing.
    """
    return score_groups(answer_tests(system, data, **options))


def score_groups(groups: Sequence[AnsweredGroup]) -> list[Score]:
    """Score every group, and the groups of tasks 2 and 3 together.

    Intervals: Wilson's for task 1; for tasks 2 and 3 whole (group, class) cells are drawn, see `cluster_interval`.
    """
    scores = []
    for task in ("task1", "task2", "task3"):
        own = [group for group in groups if group.task == task]
        scores += [_score(task, one.group, [one]) for one in own]
        scores += [_score(task, "all", own)] if task != "task1" else []
    return scores


def _score(task: str, name: str, groups: Sequence[AnsweredGroup]) -> Score:
    right = np.concatenate([group.right for group in groups])
    chance = float(np.mean([group.chance for group in groups]))
    if task == "task1":
        interval = evaluation.wilson_interval(int(right.sum()), len(right))
    else:
        interval = evaluation.cluster_interval(right, [cell for group in groups for cell in group.cells])
    return Score(task, name, len(right), float(right.mean()), *interval, chance)
