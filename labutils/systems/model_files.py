"""Trained systems on disk: weights (safetensors) and a card (JSON), written whole and read with distrust.

The card names the system, its settings, what it was trained on and its curves; a checksum ties it to its weights.
"""

import contextlib
import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from labutils.errors import LabError
from labutils.kept_networks import checked_curves
from labutils.storage import write_json, write_whole
from labutils.systems.contact import ContactSystem
from labutils.systems.interface import ImpactSystem
from labutils.systems.report import ReportSystem
from labutils.training import History

WEIGHTS, CARD, NEXT_CARD = "model.safetensors", "card.json", ".next-card.json"
SYSTEMS: dict[str, type[ImpactSystem]] = {system.name: system for system in (ContactSystem, ReportSystem)}
_LARGEST = 4096  # of a number in the settings, and of a layer: networks of the lab are a hundred wide
_MISFITS = (
    TypeError,
    KeyError,
    ValueError,
    RuntimeError,
    AttributeError,
    IndexError,
    ArithmeticError,
    MemoryError,
    SafetensorError,
)


class DamagedModels(LabError):
    """The files of a trained system are there and not whole: a kill, a full disk or a foreign hand; train again."""


class OtherVersion(LabError):
    """The files of a trained system are whole, and this version of the lab builds other networks."""


def save(system: ImpactSystem, folder: Path) -> None:
    """Write a trained system to a folder: its weights and the card that describes them.

    A kill leaves the old system or the new one: the new card waits beside the old one until its weights are there.
    """
    arrays = {name: torch.as_tensor(array).contiguous() for name, array in system.state().items()}
    weights, settings = save_tensors(arrays), dataclasses.asdict(system.settings)
    card = {
        "system": system.name,
        "settings": settings,
        "checksum": _checksum(system.name, settings, weights),
        "metadata": system.metadata,
        "histories": {name: history.curves for name, history in system.histories.items()},
    }
    write_json(folder / NEXT_CARD, card)
    write_whole(folder / WEIGHTS, weights)
    os.replace(folder / NEXT_CARD, folder / CARD)


def load(folder: str | Path) -> ImpactSystem:
    """Read what `save` wrote.

    Raises:
        LabError: if a file is missing, is not readable, does not belong to the other or is from another version.
    """
    folder = Path(folder)
    weights = _read(folder / WEIGHTS)
    card = _card_of(folder, weights)
    name, settings = card.get("system"), card.get("settings")
    try:
        _expect_plausible(settings)
        arrays = load_tensors(weights)
        _expect_numbers(arrays)
        system = SYSTEMS[name].from_state(settings, arrays)
        system.histories = {key: History(checked_curves(curves)) for key, curves in card["histories"].items()}
        system.metadata = _checked_metadata(card["metadata"])
    except _MISFITS as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise OtherVersion(
            f"{folder / CARD}: from another version of the lab ({reason}); {_advice(folder)}"
        ) from error
    return system


def _card_of(folder: Path, weights: bytes) -> dict:
    """The card that describes the weights; after a kill it may be the one that was to be the next."""
    if (folder / NEXT_CARD).exists():
        with contextlib.suppress(DamagedModels):  # then the old one counts
            card = _read_card(folder / NEXT_CARD)
            if card.get("checksum") == _checksum(card.get("system"), card.get("settings"), weights):
                return card
    card = _read_card(folder / CARD)
    if card.get("system") not in SYSTEMS:
        raise LabError(
            f"{folder / CARD}: describes the system {card.get('system')!r}, expected one of {', '.join(SYSTEMS)}; "
            f"{_advice(folder)}"
        )
    if card.get("checksum") != _checksum(card["system"], card.get("settings"), weights):
        raise DamagedModels(
            f"{folder / WEIGHTS}: its content is not what {CARD} describes; {_advice(folder)}"
        )
    return card


def _expect_plausible(settings: object, name: str = "settings") -> None:
    """Refuse settings that no training has: they would fill the memory or fail in the middle of an answer."""
    if isinstance(settings, dict | list):
        for key, value in settings.items() if isinstance(settings, dict) else enumerate(settings):
            _expect_plausible(value, f"{name} {key}".removeprefix("settings "))
    elif isinstance(settings, int | float) and not isinstance(settings, bool):
        if not math.isfinite(settings) or settings < 0 or (settings > _LARGEST and name != "seed"):
            raise ValueError(f"{name} is {settings}")
        if name.endswith("missing_rate") and settings >= 1:
            raise ValueError(f"{name} is {settings}")
    elif not isinstance(settings, str | bool | None):
        raise ValueError(f"{name} is a {type(settings).__name__}")


def _expect_numbers(arrays: Mapping[str, torch.Tensor]) -> None:
    for name, array in arrays.items():
        if array.is_floating_point() and array.isnan().any():
            raise ValueError(f"{name} holds NaN")


def _checked_metadata(metadata: object) -> dict:
    if not isinstance(metadata, dict) or not isinstance(metadata.get("data_set"), str | None):
        raise TypeError("no metadata")
    return metadata


def is_trained(folder: Path) -> bool:
    """Tell whether a folder holds a trained system, whole or not."""
    return any((folder / name).exists() for name in (CARD, WEIGHTS, NEXT_CARD))


def _checksum(name: str, settings: object, weights: bytes) -> str:
    """Ties the weights to the settings that give them their meaning."""
    described = json.dumps([name, settings], sort_keys=True)
    return hashlib.sha256(described.encode() + weights).hexdigest()


def _advice(folder: Path) -> str:
    return f"train again: python -m labutils train --models {folder}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        if is_trained(path.parent):
            raise DamagedModels(f"{path}: is missing beside the other; {_advice(path.parent)}") from error
        raise LabError(
            f"{path}: no trained networks here; train them: python -m labutils train --models {path.parent}"
        ) from error
    except OSError as error:
        raise LabError(
            f"{path}: is there and cannot be read ({error.strerror}): expected one you may read; check its permissions."
        ) from error


def read_card(folder: Path) -> dict:
    """Read the card of a folder: system, settings, metadata, curves.

    Raises:
        LabError: if it is missing or is no card.
    """
    return _read_card(folder / CARD)


def _read_card(path: Path) -> dict:
    try:
        card = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        if isinstance(error, LabError):
            raise
        raise DamagedModels(f"{path}: not readable as JSON ({error}); {_advice(path.parent)}") from error
    if not isinstance(card, dict):
        raise DamagedModels(f"{path}: holds a {type(card).__name__}, no card; {_advice(path.parent)}")
    return card
