"""The end of making a data set: clips are moved to their folders, truth and manifest are added."""

import hashlib
import os
import shutil
import time
from pathlib import Path

from labutils.simulate.data_folder import session_folder
from labutils.simulate.objects import OBJECTS
from labutils.simulate.plan import Plan, Take
from labutils.simulate.version import FROZEN, SIMULATOR_VERSION
from labutils.storage import write_json


def assemble(plan: Plan, staging: Path, out: Path) -> None:
    """Move all clips to their folders, add truth and manifest, and put the data set in place by one rename.

    Args:
        plan: of the data set.
        staging: the hidden folder with all recorded sessions.
        out: where `dataset/` appears.
    """
    dataset = staging / "dataset"
    for session in plan.sessions:
        for path in (path for take in session.takes for path in _paths(take, plan.audio_format)):
            if not (dataset / path).exists():  # else it was moved before a kill
                (dataset / path).parent.mkdir(parents=True, exist_ok=True)
                os.rename(session_folder(staging, session) / path, dataset / path)
    for task, truth in plan.truth.items():
        (dataset / task).mkdir(parents=True, exist_ok=True)
        _set_one_time(dataset / task / "test")
        write_json(dataset / task / "truth.json", truth)
    write_json(dataset / "manifest.json", _manifest(plan, staging))
    os.rename(dataset, out / "dataset")
    shutil.rmtree(staging, ignore_errors=True)


def _set_one_time(folder: Path) -> None:
    """Give a folder and all in it the same time: a sound and its video were written one after the other."""
    now_ns = time.time_ns()
    for path in [folder, *folder.rglob("*")] if folder.exists() else ():
        os.utime(path, ns=(now_ns, now_ns))


def _paths(take: Take, audio_format: str) -> list[str]:
    """Return what is moved for a clip: its folder in training; in the tests the sound and the video, which lie apart."""
    if take.audio and take.video and take.audio.startswith(f"{take.video}/"):
        return [take.video]
    return [path for path in (take.audio and f"{take.audio}.{audio_format}", take.video) if path]


def _manifest(plan: Plan, staging: Path) -> dict:
    prints = [(session_folder(staging, session) / "fingerprint").read_text() for session in plan.sessions]
    groups = [plan.preset.group_size] * plan.preset.groups
    return {
        "simulator_version": SIMULATOR_VERSION,
        "simulator_frozen": FROZEN,
        "preset": plan.preset.name,
        "seed": plan.seed,
        "audio_format": plan.audio_format,
        "counts": {
            "train": {
                OBJECTS[label].name: clips * plan.preset.has_training
                for label, clips in enumerate(plan.preset.train)
            },
            "task1": plan.preset.task1,
            "task2": groups,
            "task3": groups,
        },
        "sessions": plan.train_ids,
        "fingerprint": hashlib.sha256("".join(prints).encode()).hexdigest(),
    }
