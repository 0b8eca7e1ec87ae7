"""`evaluate`: answer all test groups of a data set and compare with its truth."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from labutils.commands.options import (
    add_command,
    add_data,
    add_models,
    data_of,
    expect_outputs,
    give,
    say,
    shows_progress,
    system_of,
)
from labutils.errors import LabError
from labutils.places import features_folder
from labutils.storage import write_json, write_whole


def add(commands) -> None:
    """Add the command."""
    text = "Answer all test groups of a data set and compare with its truth."
    command = add_command(commands, "evaluate", text, run)
    add_data(command)
    add_models(command, "networks that `train` wrote")
    command.add_argument("--out", type=Path, help="a JSON file for the scores as well")
    command.add_argument(
        "--report",
        type=Path,
        metavar="PAGE.html",
        help="a page as well: scores, confusions, heatmaps of pair scores, curves, errors to hear; one file",
    )
    command.add_argument(
        "--study",
        type=Path,
        help="the file of a `sweep`, whose figures go into the page (needs the extra `scale`)",
    )


def run(options: argparse.Namespace) -> None:
    """Evaluate it."""
    expect_outputs(options.out, options.report)
    from labutils.clips import data_set_fingerprint, read_truth

    data = data_of(options)
    read_truth(data, "task1")  # what is wrong with the data is said before what is wrong with the networks
    from labutils.systems import model_files, runs, tasks

    study = _read_study(options)
    system, models = system_of(options)
    groups = tasks.answer_tests(system, data, cache=features_folder(models), progress=shows_progress(options))
    scores = tasks.score_groups(groups)
    is_own_data = system.metadata.get("data_set") == data_set_fingerprint(data)
    if is_own_data and os.access(models / model_files.CARD, os.W_OK):
        runs.keep_scores(models, scores)
    rows = [vars(score) for score in scores]
    if options.out is not None:
        write_json(options.out, rows)
    give(options, rows, score_table(scores))
    if options.report is not None:
        facts = {"networks": str(models), "data": str(data)}
        _write_report(options.report, system, groups, facts, study)
        say(options, f"the page is in {options.report}")


def score_table(scores: Sequence) -> str:
    """Write scores as a table of text, a line a group."""
    lines = [f"{'task':<7}{'group':<7}{'sounds':>7}{'accuracy':>10}   95 % interval   chance"]
    lines += [
        f"{s.task:<7}{s.group:<7}{s.sounds:>7}{s.accuracy:>10.3f}   {s.low:.3f} - {s.high:.3f}   {s.chance:.3f}"
        for s in scores
    ]
    return "\n".join(lines)


def _read_study(options: argparse.Namespace):
    if options.study is None:
        return None
    if options.report is None:
        raise LabError("--study is for the page: expected --report PAGE.html with it.")
    from labutils.systems.study import read_study

    return read_study(options.study)


def _write_report(out: Path, system, groups, facts: dict[str, str], study) -> None:
    import matplotlib

    matplotlib.use("Agg")  # drawing needs no screen
    from labutils.systems.score_page import score_page, training_in_words
    from labutils.systems.study import study_section

    sections = [] if study is None else [study_section(study)]
    write_whole(out, score_page(system, groups, facts | training_in_words(system), sections))
