"""`prepare`: make all that the notebooks wait for, so that nobody has to wait."""

import argparse
import os
from contextlib import suppress

from labutils.commands.options import add_command, give, shows_progress


def add(commands) -> None:
    """Add the command."""
    text = (
        "Make the data of the notebooks, train the networks that they ask, and run the notebooks that train others once: "
        "what is there stays, what was interrupted goes on. LAB_PRESET, LAB_SEED and LAB_DATA name the data."
    )
    add_command(commands, "prepare", text, run)


def run(options: argparse.Namespace) -> None:
    """Prepare the lab, behind all other work of this machine."""
    from labutils.lab import make_missing_data, train_missing_networks

    with suppress(AttributeError, OSError):  # not on Windows
        os.nice(10)
    lab = make_missing_data(progress=shows_progress(options))
    train_missing_networks(lab, progress=shows_progress(options))
    from labutils.teaching.rehearsal import rehearse_missing  # it draws, and comes last

    rehearse_missing(lab.name, progress=shows_progress(options))
    if not options.quiet:
        found = {"data": lab.data, "models": lab.models}
        give(
            options,
            found,
            f"the notebooks have their data ({lab.data}) and their networks ({lab.models.parent})",
        )
