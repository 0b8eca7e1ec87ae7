"""The systems that can be trained, by name, and how settings become a trained system in a folder."""

import dataclasses
import time
from pathlib import Path
from typing import Any

from labutils.clips import data_set_fingerprint
from labutils.errors import LabError
from labutils.systems import contact, contact_training, model_files, report
from labutils.systems.interface import ImpactSystem

RECIPES = {"contact": contact.CONTACT, "report": report.REPORT, "report-fast": report.FAST}
"""The lab's own system; the course report's at its own size (an hour or two); the report's in minutes."""

_TRAIN = {contact.ContactSettings: contact_training.train, report.ReportSettings: report.train}


def train(settings: Any, data: Path, *, models: Path, progress: bool = True) -> ImpactSystem:
    """Train the system that the settings belong to and keep it in a folder; an interrupted training goes on.

    Args:
        settings: one of `RECIPES`, or changed with `dataclasses.replace`.
        data: folder with `train/`.
        models: folder for the trained system.
        progress: show progress bars.

    Raises:
        LabError: if the data cannot be used.
    """
    start_s = time.monotonic()
    system = _TRAIN[type(settings)](
        data,
        settings,
        checkpoints=models / ".checkpoints",
        cache=models / ".features",
        progress=progress,
    )
    system.metadata["seconds"] = round(time.monotonic() - start_s)  # of the last start, if it was interrupted
    model_files.save(system, models)
    return system


def load_or_train(settings: Any, data: Path, *, models: Path, progress: bool = True) -> ImpactSystem:
    """The system that a folder holds; if there is none yet, it is trained first and kept there. Arguments as of `train`.

    Raises:
        LabError: if the folder holds a system that was trained with other settings or on other data, or cannot be read.
    """
    if not model_files.is_trained(models):
        return train(settings, data, models=models, progress=progress)
    system = model_files.load(models)
    _expect_settings(models, system.settings, settings)
    _expect_data(models, system.metadata.get("data_set"), data_set_fingerprint(data))
    return system


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
