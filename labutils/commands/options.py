"""What the commands share: options with their checks, where data and networks lie, and how results are given."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labutils.places import link_shared_models
from labutils.storage import expect_writable

Run = Callable[[argparse.Namespace], None]


def add_command(commands, name: str, text: str, run: Run) -> argparse.ArgumentParser:
    """Add a command with the options that every command has.

    Args:
        commands: what `add_subparsers` returned.
        name: of the command.
        text: what it does.
        run: does it.
    """
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    command.add_argument(
        "--quiet", action="store_true", help="no progress, no remarks: only results and errors"
    )
    command.add_argument("--json", action="store_true", help="print the result as JSON, and nothing else")
    return command


def whole_number(least: int) -> Callable[[str], int]:
    """An option that is a whole number from `least` on."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} on, found {text!r}")
        return number

    return read


def share(text: str) -> float:
    """An option that is a number between 0 and 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"expected a number between 0 and 1, found {text!r}")
    return number


def add_seed(command: argparse.ArgumentParser, text: str) -> None:
    """Add `--seed`; 0 if it is not given."""
    command.add_argument("--seed", type=whole_number(0), default=0, help=f"{text} (default: 0)")


def add_data(command: argparse.ArgumentParser) -> None:
    """Add `--data`, which is None if it is not given: see `data_of`."""
    command.add_argument(
        "--data",
        type=Path,
        help="folder of clips: simulated, the course's, or your own (default: LAB_DATA, else the lab's data/lab)",
    )


def add_models(command: argparse.ArgumentParser, text: str) -> None:
    """Add `--models`, which is None if it is not given: see `models_of`."""
    command.add_argument("--models", type=Path, help=f"{text} (default: the lab's models/lab)")


def data_of(options: argparse.Namespace) -> Path:
    """The folder of clips that was named, or that of the lab."""
    from labutils.lab import find_lab  # loads numpy, which a command that explains itself does not need

    return options.data or find_lab()[0].data


def models_of(options: argparse.Namespace) -> Path:
    """The folder of networks that was named, or that of the lab, with links to networks that others trained for it."""
    if options.models:
        return options.models
    from labutils.lab import find_lab

    lab = find_lab()[0]
    link_shared_models(lab.name)
    return lab.models


def system_of(options: argparse.Namespace):
    """The system to ask, and its folder: the trained one, or, in a lab where none was trained, the one that came with it."""
    from labutils.systems import model_files, tasks

    models = models_of(options)
    is_default = options.models is None and models.name == "lab"
    return model_files.load(tasks.default_models() if is_default else models), models


def expect_outputs(*files: Path | None) -> None:
    """Refuse, before any work is done, a result to which nothing could be written; None is a result that nobody wants."""
    for file in files:
        if file is not None:
            expect_writable(file)


def say(options: argparse.Namespace, sentence: str) -> None:
    """Remark something on standard output; not if only results are wanted."""
    if not (options.quiet or options.json):
        print(sentence)


def give(options: argparse.Namespace, result: Any, text: str) -> None:
    """Print a result: as JSON if that is wanted, else as text."""
    print(json.dumps(result, indent=1, default=str) if options.json else text)


def shows_progress(options: argparse.Namespace) -> bool:
    """Whether progress is shown: on standard error, so never in the way of results."""
    return not options.quiet


def warn(sentence: str) -> None:
    """Say on standard error what went wrong with a part of the work."""
    print(f"warning: {sentence}", file=sys.stderr)
