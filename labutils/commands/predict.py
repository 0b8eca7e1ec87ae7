"""`predict`: answer test clips."""

import argparse
import json
from pathlib import Path

from labutils.commands.options import add_command, add_models, expect_outputs, say, share, system_of
from labutils.storage import write_json


def add(commands) -> None:
    """Add the command."""
    command = add_command(commands, "predict", "Answer a folder of test clips.", run)
    command.add_argument(
        "task",
        choices=("task1", "task2", "task3", "all"),
        help="task1: the class of every sound; task2: the video of every sound; task3: the same, -1 where there is none; "
        "all: every test group of a data set, as one file",
    )
    command.add_argument(
        "folder", type=Path, help="the sounds of task 1, one group of task 2 or 3, or for all a data set"
    )
    add_models(command, "networks that `train` wrote")
    command.add_argument(
        "--precision",
        type=share,
        help="answer only where a match is so often right, for example 0.95; the other sounds get -1 (default: answer all)",
    )
    command.add_argument("--out", type=Path, help="a JSON file for the answers (default: print them)")


def run(options: argparse.Namespace) -> None:
    """Answer it."""
    expect_outputs(options.out)
    from labutils.clips import audio_clips, find_dataset

    look = find_dataset if options.task == "all" else audio_clips
    look(options.folder)  # what is wrong with the clips is said before what is wrong with the networks
    from labutils.systems import tasks

    system, _ = system_of(options)
    if options.task == "all":
        answers = tasks.answer_all(system, options.folder, precision=options.precision)
    else:
        answers = tasks.answer_folder(system, options.task, options.folder, precision=options.precision)
    if options.out is None:
        print(json.dumps(answers, indent=1))
        return
    write_json(options.out, answers)
    say(options, f"the answers are in {options.out}")
