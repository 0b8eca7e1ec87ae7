"""`train`: train a system on a data set."""

import argparse
from dataclasses import replace

from labutils.commands.options import (
    add_command,
    add_data,
    add_models,
    add_seed,
    data_of,
    give,
    models_of,
    shows_progress,
)
from labutils.errors import LabError


def add(commands) -> None:
    """Add the command."""
    text = "Train a system: contact (the lab's own), or the course report's at its full size or in minutes."
    command = add_command(commands, "train", text, run)
    command.add_argument(
        "--system",
        choices=("contact", "report", "report-fast"),
        default="contact",
        help="what to train (default: contact)",
    )
    add_data(command)
    add_models(command, "where the trained networks go")
    add_seed(command, "the same seed trains the same networks on the same machine")
    command.add_argument(
        "--bfloat16",
        action="store_true",
        help="train the report's networks with 8 bits of precision: two to three times as fast on a processor with AMX, "
        "slower on others",
    )


def run(options: argparse.Namespace) -> None:
    """Train it."""
    if options.bfloat16 and options.system == "contact":
        raise LabError(
            "--bfloat16 is for the report's networks: expected --system report or report-fast with it."
        )
    from labutils.clips import find_dataset

    data, models = data_of(options), models_of(options)
    find_dataset(data)  # says what is wrong before the libraries are loaded
    from labutils.systems import catalogue

    settings = replace(catalogue.RECIPES[options.system], seed=options.seed)
    if options.bfloat16:
        settings = settings.in_bfloat16()
    catalogue.train(settings, data, models=models, progress=shows_progress(options))
    if not options.quiet:
        give(options, {"models": models}, f"the trained networks are in {models}")
