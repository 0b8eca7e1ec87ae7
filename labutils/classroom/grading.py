"""Grades: what students answered, held against the truth that was withheld from them."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from labutils import evaluation
from labutils.classroom.answer_files import (
    TASKS,
    Submission,
    find_submissions,
    read_submission,
    shown,
)
from labutils.classroom.hand_out import truth_file
from labutils.clip_files import read_json
from labutils.clips import CLASS_NAMES, find_dataset, read_truth
from labutils.errors import LabError

# {"task1": {sound: class}, "task2": {group: {"matches": ..., "audio_class": ...}}, "task3": ...}
Truth = dict[str, dict]


@dataclass(frozen=True)
class Grade:
    """How good the answers of one student to one task are, all groups together; each share with its 95 % interval.

    Attributes:
        student, task: who and what.
        sounds, answered: how many sounds there are, and how many of them were answered; the others count as wrong.
        accuracy: share of right answers, -1 included, as the course counts it.
        precision, recall, f1: of the matches in tasks 2 and 3; in task 1 the means over the classes.
        without_skill: accuracy of the best answer that knows nothing.
    """

    student: str
    task: str
    sounds: int
    answered: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    precision: float
    precision_low: float
    precision_high: float
    recall: float
    recall_low: float
    recall_high: float
    f1: float
    f1_low: float
    f1_high: float
    without_skill: float


def grade_folder(folder: Path, truth: Path) -> tuple[list[Grade], list[str]]:
    """Grade everything that was handed in.

    Args:
        folder: of `NAME.json` and `NAME/answers.json`.
        truth: the folder that `hand_out` made, or one data set with its truth if all students answered the same.

    Returns:
        Three grades a student, and a sentence for every file that could not be graded or holds something odd.

    Raises:
        LabError: if there is no folder, or no truth at all.
    """
    if not (truth / "truth").is_dir():
        find_dataset(truth)
    handed_in, problems = find_submissions(folder)
    grades = []
    for name, path in handed_in.items():
        try:
            submission, known = read_submission(path), read_truth_of(name, truth)
            problems += odd_answers(path, submission, known)
            grades += grade_student(name, submission, known)
        except LabError as error:
            problems.append(str(error))
    return grades, problems


def read_truth_of(student: str, truth: Path) -> Truth:
    """Read the truth of one student's data.

    Raises:
        LabError: if there is none.
    """
    if not (truth / "truth").is_dir():
        return {task: read_truth(truth, task) for task in TASKS}
    path = truth_file(truth, student)
    if not path.is_file():
        raise LabError(
            f"{shown(Path(student))}: no data were handed out under this name, expected one of "
            f"{', '.join(sorted(file.stem for file in path.parent.glob('*.json')))}; rename the answers."
        )
    return read_json(path)


def odd_answers(path: Path, submission: Submission, truth: Truth) -> Iterable[str]:
    """Sentences on answers that nobody asked for, and on groups that were not answered."""
    asked = _groups(truth)
    for task, group in submission.keys() - asked.keys():
        yield f"{shown(path)}: {task} has no group {group!r:.20}; these answers do not count."
    for key, (known, _) in asked.items():
        answers = submission.get(key)
        place = " ".join(key).removesuffix(" all")
        if answers is None:
            yield f"{shown(path)}: no answers to {place}; they count as wrong."
        elif unknown := len(answers.keys() - known.keys()):
            yield f"{shown(path)}: {unknown} of the sounds answered in {place} are not in it; they do not count."


def grade_student(student: str, submission: Submission, truth: Truth) -> list[Grade]:
    """Grade the answers of one student; a task that was not answered is graded as wrong."""
    grades = []
    for task in TASKS:
        groups = {key: known for key, known in _groups(truth).items() if key[0] == task}
        answers, wanted, cells, chances = {}, {}, [], []
        for (_, group), (known, labels) in groups.items():
            own = submission.get((task, group), {})
            answers |= {f"{group} {name}": own[name] for name in known if name in own}
            wanted |= {f"{group} {name}": value for name, value in known.items()}
            cells += [f"{group} {labels.get(name, name)}" for name in known]
            chances.append(evaluation.chance_of_matching(known, _possible_answers(truth, task, group)))
        grades.append(_grade(student, task, answers, wanted, cells, float(np.mean(chances))))
    return grades


def _possible_answers(truth: Truth, task: str, group: str) -> int:
    """How many classes or videos there are; of a truth that tells no classes, the videos that belong to a sound."""
    if task == "task1":
        return len(CLASS_NAMES)
    own = truth[task][group]
    return len(own["video_class"]) or max(1, len(set(own["matches"].values()) - {-1}))


def _groups(truth: Truth) -> dict[tuple[str, str], tuple[dict, dict]]:
    """(task, group) -> (right answers, class of every sound)."""
    found = {("task1", "all"): (truth["task1"], truth["task1"])}
    for task in ("task2", "task3"):
        found |= {(task, group): (own["matches"], own["audio_class"]) for group, own in truth[task].items()}
    return found


def _grade(
    student: str, task: str, answers: dict, wanted: dict, cells: Sequence[str], chance: float
) -> Grade:
    right = evaluation.right_answers(answers, wanted)
    if task == "task1":
        interval = evaluation.wilson_interval(int(right.sum()), len(right))
        others = evaluation.class_score_intervals(answers, wanted, len(CLASS_NAMES))
    else:
        interval = evaluation.cluster_interval(right, cells)
        others = evaluation.match_score_intervals(answers, wanted, cells)
    numbers = [float(right.mean()), *interval, *(number for three in others.values() for number in three)]
    return Grade(student, task, len(wanted), len(answers), *numbers, chance)


def grade_table(grades: Sequence[Grade]) -> str:
    """Write grades as a table of text, a line a student and task."""
    names = [shown(Path(grade.student)) for grade in grades]
    width = max(map(len, ["student", *names])) + 2
    lines = [
        f"{'student':<{width}}task   answered  {'accuracy':<20}{'precision':<20}{'recall':<20}{'F1':<20}"
    ]
    for name, grade in zip(names, grades, strict=True):
        numbers = asdict(grade)
        shares = "".join(
            f"{numbers[word]:.2f} [{numbers[word + '_low']:.2f} - {numbers[word + '_high']:.2f}]  "
            for word in ("accuracy", "precision", "recall", "f1")
        )
        answered = f"{grade.answered}/{grade.sounds}"
        lines.append(f"{name:<{width}}{grade.task:<7}{answered:<10}{shares}".rstrip())
    return "\n".join(lines)


def grade_csv(grades: Sequence[Grade]) -> str:
    """Write grades as CSV, one line a student and task, for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Grade.__dataclass_fields__)
    for grade in grades:
        student, *others = asdict(grade).values()
        writer.writerow([_harmless(student), *(_rounded(value) for value in others)])
    return out.getvalue()


def _rounded(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


def _harmless(name: str) -> str:
    """A name that a spreadsheet does not take for a formula."""
    name = shown(Path(name))
    return f"'{name}" if name[:1] in "=+-@" else name
