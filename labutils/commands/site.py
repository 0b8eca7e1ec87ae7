"""`site`: the notebooks as static pages."""

import argparse
from pathlib import Path

from labutils.commands.options import add_command, give, shows_progress, warn
from labutils.places import ROOT
from labutils.storage import expect_writable_folder


def add(commands) -> None:
    """Add the command."""
    text = "Write the notebooks, with their stored outputs, as static pages for a course's web space."
    command = add_command(commands, "site", text, run)
    command.add_argument("--out", type=Path, required=True, help="a new or empty folder for the pages")
    command.add_argument(
        "--notebooks",
        type=Path,
        default=ROOT / "notebooks",
        help="folder of executed notebooks (default: the lab's notebooks/)",
    )
    command.add_argument(
        "--without-solutions",
        action="store_true",
        help="leave the solutions of exercises and quizzes out (default: fold them away)",
    )


def run(options: argparse.Namespace) -> None:
    """Write them."""
    expect_writable_folder(options.out)
    from labutils.reading_edition.site import write_site

    pages, problems = write_site(
        options.notebooks,
        options.out,
        solutions=not options.without_solutions,
        progress=shows_progress(options),
    )
    for problem in problems:
        warn(problem)
    if not options.quiet:
        give(options, {"pages": pages}, f"{len(pages)} pages; begin with {pages[0]}")
