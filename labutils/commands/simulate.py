"""`simulate`: make a data set."""

import argparse
from pathlib import Path

from labutils.commands.options import add_command, add_seed, give, shows_progress, whole_number
from labutils.cores import usable_cores
from labutils.places import data_set_name, home


def add(commands) -> None:
    """Add the command."""
    text = "Make a data set: sounds and videos of objects in a tilting tray."
    command = add_command(commands, "simulate", text, run)
    command.add_argument(
        "--preset",
        choices=("tiny", "lab", "course", "lab-tests"),
        default="lab",
        help="how much: tiny (seconds, to try things), lab (minutes, for the notebooks), course (as many clips as the "
        "real data), lab-tests (the test clips of lab alone) (default: lab)",
    )
    add_seed(command, "the same seed makes the same files")
    command.add_argument(
        "--audio-format",
        choices=("flac", "pkl"),
        default="flac",
        help="flac can be played; pkl is the course's format, for exchange with other solutions (default: flac)",
    )
    command.add_argument(
        "--out", type=Path, help="where the data set goes (default: data/ and the preset in the lab's folder)"
    )
    command.add_argument(
        "--workers",
        type=whole_number(1),
        default=usable_cores(),
        help="processes that work at the same time (default: one a processor)",
    )


def run(options: argparse.Namespace) -> None:
    """Make it."""
    from labutils.simulate.generate import generate

    out = options.out or home() / "data" / data_set_name(options.preset, options.seed)
    generate(
        out,
        options.preset,
        options.seed,
        audio_format=options.audio_format,
        workers=options.workers,
        progress=shows_progress(options),
    )
    if not options.quiet:
        give(options, {"data": out}, f"the data set is in {out}")
