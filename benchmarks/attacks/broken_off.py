"""Broken off at a file operation: killed, or told that the disk is full; then done again, to the same bytes."""

import errno
import shutil
import time
from pathlib import Path

import numpy as np

from attacks.actions import Action, FileOperations, contents, in_fork, kill_this_process
from attacks.outcome import Outcome, answer_or_sentence


def kills(actions: list[Action], folder: Path, most: int) -> Outcome:
    """kill -9 at file operations (`most` for each action), then the same again: same bytes, nothing left over."""
    outcome = Outcome("kill -9 at a file operation")
    for action in actions:
        whole, operations = _undisturbed(action, folder)
        moments = np.unique(np.linspace(1, operations, min(most, operations)).round().astype(int))
        for moment in moments.tolist():
            start_s = time.perf_counter()
            place = _prepared(action, folder)
            in_fork(lambda a=action, p=place, m=moment: _disturbed(a, p, m, kill_this_process))
            outcome.count(f"{action.name} at {moment} of {operations}", _done_again(action, place, whole))
            outcome.worst_s = max(outcome.worst_s, time.perf_counter() - start_s)
    return outcome


def full_disk(actions: list[Action], folder: Path, most: int) -> Outcome:
    """The disk is full at a file operation: an answer or one sentence; with room again, the same bytes."""
    outcome = Outcome("disk full")
    for action in actions:
        whole, operations = _undisturbed(action, folder)
        for moment in np.unique(
            np.linspace(1, operations, min(most, operations)).round().astype(int)
        ).tolist():
            place = _prepared(action, folder)
            status, said = in_fork(
                lambda a=action, p=place, m=moment: answer_or_sentence(lambda: _disturbed(a, p, m, _no_room))
            )
            trouble = said or ("died" if status else "") or _done_again(action, place, whole)
            outcome.count(f"{action.name} at {moment} of {operations}", trouble)
    return outcome


def _no_room() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _prepared(action: Action, folder: Path) -> Path:
    place = folder / action.name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    action.prepare(place)
    return place


def _undisturbed(action: Action, folder: Path) -> tuple[dict[str, str], int]:
    """What the action leaves, and how many file operations it takes."""
    place = _prepared(action, folder)

    def count() -> int:
        operations = FileOperations(place)
        action.do(place)
        return operations.done

    status, said = in_fork(count)
    if status:
        raise RuntimeError(f"{action.name} fails undisturbed: {said}")
    return contents(place), int(said)


def _disturbed(action: Action, place: Path, moment: int, then) -> None:
    FileOperations(place, moment, then)
    action.do(place)


def _done_again(action: Action, place: Path, whole: dict[str, str]) -> str:
    """What is wrong after the action was done again; empty if nothing."""
    for step in (action.keeps_working, action.do):
        status, said = in_fork(lambda s=step: s(place))
        if status:
            return said or "died"
    found = contents(place)
    left = sorted(set(found) - set(whole))
    differing = sorted(path for path in whole if found.get(path) != whole[path])
    return f"left over: {left[:3]}" * bool(left) or f"other bytes: {differing[:3]}" * bool(differing)
