"""Truth and manifest of a data set: JSON files, held against the shape that the lab expects before anything uses them."""

import re
from pathlib import Path

from labutils.clip_files import read_json
from labutils.errors import ClipError

_CLASSES = 10
_OF_SIMULATOR = {"simulator_version": int, "seed": int, "preset": str, "fingerprint": str}
_PLAIN_NAME = re.compile(r"[^/\\:\x00]+")


def read_truth_file(path: Path, task: str) -> dict:
    """Read the right answers to a task.

    Args:
        path: of `truth.json`.
        task: "task1", "task2" or "task3".

    Returns:
        Task 1: {sound: class}. Tasks 2 and 3: {group: {"matches": {sound: video or -1}, "audio_class": {sound: class},
        "video_class": {video: class}}}; the classes are empty if the file has the form of the course's answers,
        {group: {sound: video or -1}}.

    Raises:
        ClipError: if the file is of another shape.
    """
    content = read_json(path)
    if task == "task1":
        return _answers(content, path, "", highest=_CLASSES - 1, lowest=0)
    if not content:
        raise ClipError(
            f"{path} is empty: expected groups with their answers, like {{'0': {{'audio_0000.flac': 5}}}}."
        )
    return {_group_name(group, path): _group_truth(truth, path, group) for group, truth in content.items()}


def _group_name(group: str, path: Path) -> str:
    if group.startswith(".") or not _PLAIN_NAME.fullmatch(group):
        raise ClipError(f"{path} names a group {group!r}: expected the name of a folder beside it, like '0'.")
    return group


def _group_truth(truth: object, path: Path, group: str) -> dict:
    if isinstance(truth, dict) and "matches" not in truth:
        truth = {"matches": truth}
    if not isinstance(truth, dict):
        raise ClipError(
            f"{path} holds for group {group} a {type(truth).__name__}: expected answers, {{sound: video}}."
        )
    label, highest = f" of group {group}", _CLASSES - 1
    return {
        "matches": _answers(truth["matches"], path, label, highest=10**9, lowest=-1),
        "audio_class": _answers(
            truth.get("audio_class", {}), path, label, highest=highest, lowest=0, empty=True
        ),
        "video_class": _answers(
            truth.get("video_class", {}), path, label, highest=highest, lowest=0, empty=True
        ),
    }


def _answers(
    content: object, path: Path, label: str, *, highest: int, lowest: int, empty: bool = False
) -> dict:
    if not isinstance(content, dict) or not (content or empty):
        found = "nothing" if content == {} else f"a {type(content).__name__}"
        raise ClipError(
            f"{path} holds {found} for the answers{label}: expected names and numbers, like 'audio_0000.flac': 5."
        )
    for name, value in content.items():
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise ClipError(
                f"{path} answers {name}{label} with {str(value)[:40]!r}: expected a whole number from {lowest} to {highest}."
            )
    return content


def read_manifest_file(path: Path) -> dict:
    """Read how a simulated set was made.

    Raises:
        ClipError: if an entry that the lab uses is of another kind, or the sessions are no ranges of ids for each class.
    """
    content = read_json(path)
    wanted = _OF_SIMULATOR if "simulator_version" in content else {"fingerprint": str | None}
    for name, kind in wanted.items():
        if not isinstance(content.get(name), kind) or isinstance(content.get(name), bool):
            raise ClipError(
                f"{path} has the {name} {str(content.get(name))[:40]!r}: expected another kind; simulate the set again."
            )
    sessions = content.get("sessions", {})
    ranges = list(sessions.values()) if isinstance(sessions, dict) else [None]
    if not all(isinstance(part, list) and all(map(_is_range, part)) for part in ranges):
        raise ClipError(
            f"{path} has sessions that are no ranges of ids: expected {{class: [[first, last]]}}; simulate the set again."
        )
    return content


def _is_range(part: object) -> bool:
    return isinstance(part, list) and len(part) == 2 and all(type(end) is int for end in part)
