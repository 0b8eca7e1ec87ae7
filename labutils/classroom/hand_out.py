"""Data of their own for every student or group, without the truth of their tests, which the teacher keeps.

The folder that is made is the teacher's:

    course/students/NAME/dataset/   what NAME gets: clips, and no truth
    course/truth/NAME.json          the truth of these clips
    course/secret.txt               with a name, it gives the seed; who knows it can make the truth again

The simulator is public and so are the names, so a seed that follows from the name alone would give the truth away. What is
handed out names no seed, and its files are written in the order of their names, so that no time stamp tells a pair.
"""

import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from labutils.clip_files import read_json
from labutils.clips import read_manifest
from labutils.errors import LabError
from labutils.places import seed_of
from labutils.storage import write_json, write_whole

_HANDED_OUT_FACTS = ("preset", "audio_format", "counts", "sessions")
_TIME_S = 1_600_000_000  # of every file that is handed out
_FORBIDDEN = '<>:"/\\|?*'


def hand_out(
    names: Sequence[str],
    course: Path,
    *,
    preset: str = "lab-tests",
    audio_format: str = "flac",
    workers: int | None = None,
    progress: bool = True,
) -> dict[str, Path]:
    """Make the data of every student that has none yet; an interrupted run goes on where it was.

    Args:
        names: of the students or groups; they name folders.
        course: the teacher's folder.
        preset: how much each gets: "lab-tests" has test clips alone, "lab" has training clips too.
        audio_format: "flac" or "pkl".
        workers: processes at the same time.
        progress: show progress bars.

    Returns:
        {name: the folder to hand out}.

    Raises:
        LabError: if a name cannot name a folder, or two names cannot be told apart.
    """
    check_names(names)
    secret = _secret(course)
    folders = {}
    for name in names:
        folders[name] = course / "students" / name
        if not (folders[name].is_dir() and truth_file(course, name).is_file()):
            making = course / ".making" / name
            options = {"audio_format": audio_format, "workers": workers, "progress": progress}
            _make_data(making, preset, seed_of(name, secret), options)
            write_json(truth_file(course, name), _collect_truth(making / "dataset"))
            _copy_without_truth(making / "dataset", folders[name])
            shutil.rmtree(making)
    shutil.rmtree(course / ".making", ignore_errors=True)
    return folders


def truth_file(course: Path, name: str) -> Path:
    """Where the teacher keeps the truth of a student's data."""
    return course / "truth" / f"{name}.json"


def check_names(names: Sequence[str]) -> None:
    """Refuse names that cannot name a folder on every system, or that a system takes for the same.

    Raises:
        LabError: with the first name that is refused.
    """
    if not names:
        raise LabError("No names were given: expected the names of students or groups.")
    seen = set()
    for name in names:
        is_odd = name != name.strip() or name.startswith(".") or name.endswith(".") or not 0 < len(name) <= 80
        if is_odd or not name.isprintable() or any(c in _FORBIDDEN for c in name):
            raise LabError(
                f"{name!r} cannot name a folder: expected 1 to 80 letters, none of {_FORBIDDEN}, no dot at the ends."
            )
        if name.casefold() in seen:
            raise LabError(f"{name!r} is there twice (capitals do not count): add something to one of them.")
        seen.add(name.casefold())


def _secret(course: Path) -> str:
    """The teacher's secret, drawn when it is first needed; only its owner may read it, and the truth."""
    path = course / "secret.txt"
    if not path.is_file():
        (course / "truth").mkdir(parents=True, exist_ok=True)
        os.chmod(course / "truth", 0o700)
        write_whole(path, secrets.token_hex(16) + "\n")
        os.chmod(path, 0o600)
    return path.read_text(encoding="utf-8").strip()


def _make_data(out: Path, preset: str, seed: int, options: dict) -> None:
    from labutils.simulate.generate import generate  # only what simulates loads the physics engine

    out.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(out.parent, 0o700)
    generate(out, preset, seed, **options)


def _collect_truth(dataset: Path) -> dict:
    return {task: read_json(dataset / task / "truth.json") for task in ("task1", "task2", "task3")}


def _copy_without_truth(dataset: Path, folder: Path) -> None:
    """Copy a data set without truth and seed, file by file in the order of their names, all with the same time."""
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    for path in sorted(dataset.rglob("*")):
        target = aside / "dataset" / path.relative_to(dataset)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif path.name not in ("truth.json", "manifest.json"):
            shutil.copyfile(path, target)
    manifest = read_manifest(dataset) or {}
    write_json(aside / "dataset" / "manifest.json", {key: manifest[key] for key in _HANDED_OUT_FACTS})
    for path in sorted(aside.rglob("*")):
        os.utime(path, (_TIME_S, _TIME_S))
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(aside, folder)
