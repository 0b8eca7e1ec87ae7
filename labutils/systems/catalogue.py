"""The systems that can be trained, by name, and how settings become a trained system in a folder."""

import dataclasses
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from labutils.clips import data_set_fingerprint, simulated_as
from labutils.errors import LabError
from labutils.progress import acquire_watching, noted_share, progress_bar
from labutils.storage import expect_writable_folder, sweep_leftovers
from labutils.systems import contact, contact_training, model_files, report, report_training
from labutils.systems.interface import ImpactSystem

RECIPES = {"contact": contact.CONTACT, "report": report.REPORT, "report-fast": report.FAST}
"""The lab's own system; the course report's at its own size (an hour or two); the report's in minutes."""

SHIPPED = Path(__file__).parents[1] / "trained"
"""The lab's own system, trained on the preset `lab`, as it comes with the lab."""
COPIED = "came_with_the_lab"  # marks a copy of it in the card

_TRAIN = {contact.ContactSettings: contact_training.train, report.ReportSettings: report_training.train}


def train(settings: Any, data: Path, *, models: Path, progress: bool = True) -> ImpactSystem:
    """Train the system that the settings belong to and keep it in a folder; an interrupted training goes on.

    Args:
        settings: one of `RECIPES`, or changed with `dataclasses.replace`.
        data: folder with `train/`.
        models: folder for the trained system.
        progress: show progress bars.

    Raises:
        LabError: if the data cannot be used, the folder cannot be written to, or another training writes to it.
    """
    expect_writable_folder(models)
    with _alone(models, wait=False):
        return _train(settings, data, models, progress)


def _train(settings: Any, data: Path, models: Path, progress: bool) -> ImpactSystem:
    start_s = time.monotonic()
    for folder in (models, models / ".checkpoints", models / ".features"):
        sweep_leftovers(folder)
    system = _TRAIN[type(settings)](
        data,
        settings,
        checkpoints=models / ".checkpoints",
        cache=models / ".features",
        progress=progress,
    )
    system.metadata["seconds"] = round(time.monotonic() - start_s)  # of the last start, if it was interrupted
    model_files.save(system, models)
    shutil.rmtree(models / ".checkpoints", ignore_errors=True)
    return system


@contextmanager
def _alone(models: Path, *, wait: bool, progress: bool = True) -> Iterator[bool]:
    """Hold the lock of a folder of networks; the lock dies with its process, and its file goes with the training.

    Args:
        models: the folder.
        wait: until another training has ended, or refuse at once.
        progress: while waiting, show how far the other one is.

    Yields:
        Whether another training was waited for.

    Raises:
        LabError: if another training holds it and `wait` is False.
    """
    is_new = not models.exists()
    models.mkdir(parents=True, exist_ok=True)
    lock, waited = FileLock(models / ".training.lock"), False
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        if not wait:
            raise LabError(
                f"{models}: another training writes there: expected to be alone; wait for its end or take another folder."
            ) from error
        _wait_for(lock, models, progress)
        waited = True
    try:
        yield waited
    finally:
        with suppress(OSError):  # Windows keeps it until it is released
            Path(lock.lock_file).unlink()
        lock.release()
        if is_new and not any(models.iterdir()):
            models.rmdir()


def _wait_for(lock: FileLock, models: Path, progress: bool) -> None:
    """Acquire the lock as soon as the training that holds it ends; show how far that one is."""
    with progress_bar(total=1.0, desc=f"another process trains {models.name}", progress=progress) as bar:
        acquire_watching(lock, bar, lambda: noted_share(models / ".checkpoints"))
        bar.skip(1 - bar.n)


def load_or_train(settings: Any, data: Path, *, models: Path, progress: bool = True) -> ImpactSystem:
    """The system that a folder holds; if there is none yet, or it is damaged, it is trained first and kept there.

    While another process trains it, this one waits. Arguments as of `train`.

    On the clips of the preset `lab` the lab's own system need not be trained: the one that comes with the lab is taken.

    Raises:
        LabError: if the folder holds a system that was trained with other settings or on other data, or cannot be read.
    """
    system = _load_whole(models)
    if system is None:
        expect_writable_folder(models)
        with _alone(models, wait=True, progress=progress) as waited:
            system = _load_whole(models) if waited else None
            if system is None:
                return _make(settings, data, models, progress)
    _expect_settings(models, system.settings, settings)
    _expect_data(models, system.metadata.get("data_set"), data_set_fingerprint(data))
    return system


def _load_whole(models: Path) -> ImpactSystem | None:
    """The system of a folder; None if there is none, a damaged one, or an old copy of what comes with the lab."""
    if not model_files.is_trained(models):
        return None
    try:
        return model_files.load(models)
    except model_files.DamagedModels as error:
        logging.getLogger(__name__).warning("%s (it is trained anew)", error)
    except model_files.OtherVersion:
        metadata = model_files.read_card(models).get("metadata")
        if not (isinstance(metadata, dict) and metadata.get(COPIED)):
            raise
        words = (
            "%s: a copy from another version of the lab; the system that comes with this one takes its place"
        )
        logging.getLogger(__name__).warning(words, models)
    return None


def _make(settings: Any, data: Path, models: Path, progress: bool) -> ImpactSystem:
    """Put a system into a folder that holds none: the one that comes with the lab if it is asked for, else a trained one."""
    system = _shipped(settings, data)
    if system is None:
        return _train(settings, data, models, progress)
    system.metadata |= {"data_set": data_set_fingerprint(data), COPIED: True}
    model_files.save(system, models)
    return system


def _shipped(settings: Any, data: Path) -> ImpactSystem | None:
    """The system that comes with the lab; None if it has other settings, or learned from another preset or seed."""
    simulated = simulated_as(data)
    if simulated is None or not model_files.is_trained(SHIPPED):
        return None
    system = model_files.load(SHIPPED)
    is_asked_for = system.settings == settings and system.metadata.get("simulated") == simulated
    return system if is_asked_for else None


def _expect_settings(models: Path, found: Any, expected: Any) -> None:
    if found == expected:
        return
    (found_kind, is_now), (kind, wanted) = (
        (type(s).__name__, dataclasses.asdict(s)) for s in (found, expected)
    )
    others = [
        f"{name} is {is_now.get(name)!r}, expected {wanted[name]!r}"
        for name in wanted
        if is_now.get(name) != wanted[name]
    ]
    differences = "; ".join(others) if found_kind == kind else f"{found_kind}, expected {kind}"
    raise LabError(
        f"{models}: trained with other settings ({differences}); delete the folder to train again, or use these networks "
        "with labutils.system.load."
    )


def _expect_data(models: Path, found: str | None, expected: str | None) -> None:
    if found and expected and found != expected:
        raise LabError(
            f"{models}: trained on other data (fingerprint {found[:8]}, expected {expected[:8]}); delete the folder to "
            "train again, or use these networks with labutils.system.load."
        )
