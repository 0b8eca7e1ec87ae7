"""Trained systems side by side: what their cards say of settings, data and time, and what they scored."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labutils.errors import LabError
from labutils.storage import write_json
from labutils.systems.model_files import CARD, read_card
from labutils.systems.tasks import Score

SCORES = "scores.json"


@dataclass(frozen=True)
class Run:
    """One trained system, as its card describes it.

    Attributes:
        folder: where it lies.
        system: which system it is.
        settings: {"maps.epochs": 40, ...}: names with dots for settings inside settings.
        metadata: of the training: data_set, training_clips, seconds, ...
        scores: of the last evaluation; empty if it was never evaluated.
    """

    folder: Path
    system: str
    settings: dict[str, Any]
    metadata: dict[str, Any]
    scores: list[Score]

    def accuracy(self, task: str) -> Score | None:
        """The score of a task over all its groups; None if it was not evaluated."""
        return next((score for score in self.scores if (score.task, score.group) == (task, "all")), None)


def find_runs(folders: Iterable[Path]) -> tuple[list[Run], list[str]]:
    """Find every trained system in some folders, and in the folders directly in them.

    Returns:
        The runs, and a sentence for every card that cannot be read.
    """
    runs, problems = [], []
    cards = dict.fromkeys(card for folder in folders for card in _cards_in(Path(folder)))
    for card in cards:
        try:
            runs.append(_read_run(card.parent))
        except LabError as error:
            problems.append(str(error))
    return runs, problems


def keep_scores(folder: Path, scores: Sequence[Score]) -> None:
    """Keep the scores of an evaluation beside the networks that earned them."""
    checksum = read_card(folder).get("checksum")
    write_json(folder / SCORES, {"checksum": checksum, "scores": [vars(score) for score in scores]})


def differing_settings(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """The settings in which some runs differ: name -> the value of each run, None where a run has no such setting.

    What only some of them have, because they are other systems, is no difference by itself.
    """
    names = dict.fromkeys(name for run in runs for name in run.settings)
    known = {name: [run.settings[name] for run in runs if name in run.settings] for name in names}
    differ = [name for name, values in known.items() if any(value != values[0] for value in values)]
    return {name: [run.settings.get(name) for run in runs] for name in differ}


def _cards_in(folder: Path) -> list[Path]:
    own = [folder / CARD] if (folder / CARD).is_file() else []
    return [*own, *sorted(folder.glob(f"*/{CARD}"))]


def _read_run(folder: Path) -> Run:
    card = read_card(folder)
    metadata = card.get("metadata")
    return Run(
        folder,
        str(card.get("system")),
        dict(_flatten(card.get("settings"))),
        metadata if isinstance(metadata, dict) else {},
        _read_scores(folder, card.get("checksum")),
    )


def _flatten(settings: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in settings.items() if isinstance(settings, dict) else ():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _read_scores(folder: Path, checksum: Any) -> list[Score]:
    """The kept scores; none if they belong to other networks or cannot be read, for they can be made anew."""
    fields = {field.name for field in dataclasses.fields(Score)}
    try:
        kept = json.loads((folder / SCORES).read_bytes())
        if kept["checksum"] != checksum:
            return []
        return [Score(**{name: row[name] for name in fields}) for row in kept["scores"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
