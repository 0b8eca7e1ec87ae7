"""`runs`: list trained networks and compare them."""

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from labutils.commands.options import add_command, give, warn
from labutils.errors import LabError
from labutils.places import home, shared_models

_TASKS = ("task1", "task2", "task3")


def add(commands) -> None:
    """Add the command."""
    text = (
        "List trained networks: system, seed, data, time and scores, and the settings in which they differ."
    )
    command = add_command(commands, "runs", text, run)
    command.add_argument(
        "folders",
        nargs="*",
        type=Path,
        help="folders of networks, or folders of such folders (default: the lab's models/)",
    )


def run(options: argparse.Namespace) -> None:
    """List them."""
    for folder in options.folders:
        if not folder.is_dir():
            raise LabError(f"{folder} is no folder: expected trained networks, or a folder of such folders.")
    from labutils.systems.runs import differing_settings, find_runs

    folders = options.folders or [path for path in (home() / "models", shared_models()) if path]
    runs, problems = find_runs(folders)
    for problem in problems:
        warn(problem)
    if not runs:
        where = ", ".join(map(str, folders))
        raise LabError(f"{where}: no trained networks here; train some: python -m labutils train.")
    different = differing_settings(runs)
    give(options, [_as_dict(run) for run in runs], run_table(runs, different))


def run_table(runs: Sequence, different: dict[str, list]) -> str:
    """Write runs as a table of text, and below it the settings in which they differ."""
    from labutils.progress import duration_in_words  # loads tqdm, which `--help` does not need

    names = [str(run.folder) for run in runs]
    width = max(map(len, ["networks", *names])) + 2
    lines = [
        f"{'networks':<{width}}{'system':<9}{'seed':>5}{'clips':>7}  {'data':<10}{'time':>10}  task1  task2  task3"
    ]
    for name, run in zip(names, runs, strict=True):
        seconds, data = run.metadata.get("seconds"), run.metadata.get("data_set")
        took = duration_in_words(seconds) if isinstance(seconds, int | float) else "?"
        scores = [run.accuracy(task) for task in _TASKS]
        shown = "".join(f"  {score.accuracy:.3f}" if score else "    -  " for score in scores)
        clips, seed = run.metadata.get("training_clips", "?"), run.settings.get("seed", "?")
        lines.append(
            f"{name:<{width}}{run.system:<9}{seed!s:>5}{clips!s:>7}  {str(data or 'recorded')[:8]:<10}{took:>10}{shown}"
        )
    if not all(run.scores for run in runs):
        lines.append(
            "-: not evaluated on the data of the training; python -m labutils evaluate --models FOLDER"
        )
    if different:
        lines += ["", "settings in which they differ, in the order of the lines above:"]
        lines += [f"  {name}: {', '.join(map(_shown, values))}" for name, values in different.items()]
    return "\n".join(lines)


def _shown(value: object) -> str:
    return "none" if value is None else str(value)


def _as_dict(run) -> dict:
    return {
        **vars(run),
        "folder": str(run.folder),
        "scores": [dataclasses.asdict(score) for score in run.scores],
    }
