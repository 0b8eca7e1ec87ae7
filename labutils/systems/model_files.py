"""Trained systems on disk: weights (safetensors) and a card (JSON), written whole and read with distrust.

The card names the system, its settings, what it was trained on and its curves; a checksum ties it to its weights.
"""

import dataclasses
import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from labutils.errors import LabError
from labutils.storage import write_json, write_whole
from labutils.systems.contact import ContactSystem
from labutils.systems.interface import ImpactSystem
from labutils.systems.report import ReportSystem
from labutils.training import History

WEIGHTS, CARD = "model.safetensors", "card.json"
SYSTEMS: dict[str, type[ImpactSystem]] = {system.name: system for system in (ContactSystem, ReportSystem)}
_MISFITS = (TypeError, KeyError, ValueError, RuntimeError, AttributeError, SafetensorError)


def save(system: ImpactSystem, folder: Path) -> None:
    """Write a trained system to a folder: its weights, then the card that describes them."""
    arrays = {name: torch.as_tensor(array).contiguous() for name, array in system.state().items()}
    weights, settings = save_tensors(arrays), dataclasses.asdict(system.settings)
    card = {
        "system": system.name,
        "settings": settings,
        "checksum": _checksum(system.name, settings, weights),
        "metadata": system.metadata,
        "histories": {name: history.curves for name, history in system.histories.items()},
    }
    write_whole(folder / WEIGHTS, weights)
    write_json(folder / CARD, card)


def load(folder: str | Path) -> ImpactSystem:
    """Read what `save` wrote.

    Raises:
        LabError: if a file is missing, is not readable or does not belong to the other.
    """
    folder = Path(folder)
    card, weights = read_card(folder), _read(folder / WEIGHTS)
    name, settings = card.get("system"), card.get("settings")
    if name not in SYSTEMS:
        raise LabError(
            f"{folder / CARD}: describes the system {name!r}, expected one of {', '.join(SYSTEMS)}; {_advice(folder)}"
        )
    if card.get("checksum") != _checksum(name, settings, weights):
        raise LabError(f"{folder / WEIGHTS}: its content is not what {CARD} describes; {_advice(folder)}")
    try:
        system = SYSTEMS[name].from_state(settings, load_tensors(weights))
        system.histories = {name: History(curves) for name, curves in card["histories"].items()}
        system.metadata = dict(card["metadata"])
    except _MISFITS as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise LabError(
            f"{folder / CARD}: from another version of the lab ({reason}); {_advice(folder)}"
        ) from error
    return system


def is_trained(folder: Path) -> bool:
    """Tell whether a folder holds a trained system."""
    return (folder / CARD).exists()


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
        raise LabError(
            f"{path}: no trained networks here; train them: python -m labutils train --models {path.parent}"
        ) from error


def read_card(folder: Path) -> dict:
    """Read the card of a folder: system, settings, metadata, curves.

    Raises:
        LabError: if it is missing or is no card.
    """
    path = folder / CARD
    try:
        card = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        if isinstance(error, LabError):
            raise
        raise LabError(f"{path}: not readable as JSON ({error}); {_advice(folder)}") from error
    if not isinstance(card, dict):
        raise LabError(f"{path}: holds a {type(card).__name__}, no card; {_advice(folder)}")
    return card
