"""`report`: the page that holds a data set beside the recordings."""

import argparse
from pathlib import Path

from labutils.commands.options import add_command, add_data, data_of, expect_outputs, give, shows_progress


def add(commands) -> None:
    """Add the command."""
    command = add_command(commands, "report", "Write a page that shows how good something is.", run)
    command.add_argument(
        "about",
        choices=("simulator",),
        help="simulator: every figure of a data set beside what is known of the recordings, with pictures",
    )
    add_data(command)
    command.add_argument(
        "--out", type=Path, default=Path("report.html"), help="the HTML file (default: report.html)"
    )


def run(options: argparse.Namespace) -> None:
    """Write it."""
    expect_outputs(options.out)
    from labutils.clips import find_dataset

    data = data_of(options)
    find_dataset(data)
    import matplotlib

    matplotlib.use("Agg")  # drawing needs no screen
    from labutils.validation.findings import verdict_line
    from labutils.validation.page import write_page

    findings = write_page(data, options.out, progress=shows_progress(options))
    verdict = verdict_line(findings.comparisons)
    give(options, {"verdict": verdict, "page": options.out}, f"{verdict}; the page is in {options.out}")
