"""The files that students hand in, read with distrust: what is wrong with one is one sentence, and no file stops the rest.

A student hands in either one file, as `python -m labutils predict all` writes it,

    {"task1": {"audio_0000.flac": 3, ...}, "task2": {"0": {"audio_0000.flac": 17, ...}, ...}, "task3": {"0": {...}, ...}}

called `NAME.json` or `NAME/answers.json`; or a folder `NAME/` with a file for every folder of sounds, as `predict task1`,
`task2` and `task3` write them: `task1.json`, `task2_0.json`, `task2_1.json`, ...
"""

import json
import re
import stat
from pathlib import Path
from typing import Any

from labutils.errors import LabError, printable

Answers = dict[str, int]
Submission = dict[tuple[str, str], Answers]
"""(task, group) -> answers; the group of task 1 is "all"."""

MAX_BYTES = 4 * 2**20
MOST_ANSWERS = 10_000
TASKS = ("task1", "task2", "task3")
_FILE_NAME = re.compile(r"task1|(task[23])_(\d{1,3})")


def find_submissions(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """List what was handed in.

    Args:
        folder: of files `NAME.json` and folders `NAME/`.

    Returns:
        {name of the student: file or folder}, by name, and a sentence for everything else that lies there.

    Raises:
        LabError: if there is no such folder.
    """
    if not folder.is_dir():
        found = "is no folder" if folder.exists() else "does not exist"
        raise LabError(f"{folder} {found}: expected a folder of answers, NAME.json or NAME/answers.json.")
    handed_in, problems = {}, []
    for path in sorted(folder.iterdir()):
        name = path.name if path.is_dir() else path.stem
        if path.name.startswith("."):
            continue
        if path.is_symlink():
            problems.append(f"{shown(path)}: is a link, expected a file or a folder; links are not followed.")
        elif not path.is_dir() and path.suffix.lower() != ".json":
            problems.append(f"{shown(path)}: is no JSON file, expected NAME.json or a folder NAME.")
        elif name in handed_in:
            problems.append(f"{shown(path)}: is handed in twice, as a file and as a folder; one is not read.")
        else:
            handed_in[name] = path
    return handed_in, problems


def read_submission(path: Path) -> Submission:
    """Read what one student handed in.

    Raises:
        LabError: in one sentence, if a file is missing, is not what it should be, or is a trap.
    """
    if not path.is_dir():
        return _split(path, _read_json(path))
    if (path / "answers.json").exists() or (path / "answers.json").is_symlink():
        return read_submission(path / "answers.json")
    found: Submission = {}
    for file in sorted(path.glob("*.json")):
        match = _FILE_NAME.fullmatch(file.stem)
        if not match:
            raise LabError(
                f"{shown(file)}: expected answers.json, or task1.json, task2_0.json, task3_0.json and so on; rename it."
            )
        key = (match[1], str(int(match[2]))) if match[1] else ("task1", "all")
        found[key] = _check_answers(file, _read_json(file))
    if not found:
        raise LabError(f"{shown(path)}: holds no answers, expected answers.json in it.")
    return found


def _split(path: Path, content: dict) -> Submission:
    """The groups of a file that holds all tasks."""
    unknown = [key for key in content if key not in TASKS]
    if unknown and all(isinstance(value, int) for value in content.values()):
        raise LabError(
            f"{shown(path)}: holds the answers to one folder and does not say which; expected the file of `predict all`, "
            "or a folder with task1.json, task2_0.json and so on."
        )
    if unknown:
        raise LabError(f"{shown(path)}: {_quoted(unknown[0])} is no task, expected task1, task2 and task3.")
    found: Submission = {}
    for task, own in content.items():
        if not isinstance(own, dict):
            raise LabError(f"{shown(path)}: {task} is a {type(own).__name__}, expected an object of answers.")
        groups = {"all": own} if task == "task1" else own
        for group, answers in groups.items():
            if not isinstance(answers, dict):
                wanted = 'expected groups, {"0": {"audio_0000.flac": 17, ...}, ...}'
                raise LabError(f"{shown(path)}: {task} holds {_quoted(group)} without answers, {wanted}.")
            found[task, group] = _check_answers(path, answers)
    return found


def _check_answers(path: Path, answers: dict) -> Answers:
    if len(answers) > MOST_ANSWERS:
        raise LabError(f"{shown(path)}: holds {len(answers)} answers, expected at most {MOST_ANSWERS}.")
    for name, value in answers.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise LabError(
                f"{shown(path)}: the answer to {_quoted(name)} is {_quoted(value)}, expected a whole number."
            )
    return answers


def _read_json(path: Path) -> dict:
    try:
        content = json.loads(
            _read_bytes(path), parse_constant=_refuse_constant, object_pairs_hook=_refuse_doubles
        )
    except (ValueError, RecursionError) as error:
        if isinstance(error, LabError):
            raise
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise LabError(f"{shown(path)}: is no JSON that can be read ({printable(reason)}).") from error
    if not isinstance(content, dict):
        raise LabError(f"{shown(path)}: holds a {type(content).__name__}, expected a JSON object.")
    return content


def _read_bytes(path: Path) -> bytes:
    """The content of a plain file of sensible size; what is no plain file, as a pipe, is not even opened."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a link" if stat.S_ISLNK(status.st_mode) else "no plain file"
            raise LabError(f"{shown(path)}: is {kind}, expected a file of answers.")
        if status.st_size > MAX_BYTES:
            size = status.st_size / 2**20
            raise LabError(f"{shown(path)}: has {size:.0f} MiB, expected at most {MAX_BYTES >> 20} MiB.")
        return path.read_bytes()
    except OSError as error:
        raise LabError(f"{shown(path)}: cannot be read ({error.strerror}).") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"it holds {name}, which is no answer")


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for index, name in enumerate(names) if name in names[:index])
        raise ValueError(f"it holds {_quoted(double)} twice")
    return content


def shown(path: Path) -> str:
    """A path that can be printed anywhere: odd characters are escaped, a terminal obeys none of them."""
    return printable(str(path))


def _quoted(value: Any) -> str:
    """A value of a file, short and harmless."""
    text = json.dumps(value) if isinstance(value, str) else f"{value!r:.60}"
    return printable(text if len(text) <= 60 else text[:57] + "...")
