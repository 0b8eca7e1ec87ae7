"""The command line: `python -m labutils simulate | train | predict | evaluate | report`, each with `--help`."""

import argparse
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path

from labutils.cores import usable_cores
from labutils.errors import LabError
from labutils.storage import expect_writable, write_json

DATA, MODELS = Path("data/lab"), Path("models/lab")
DEFAULTS = argparse.ArgumentDefaultsHelpFormatter


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if it went well, 1 with one sentence on stderr if it did not, 130 after Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(
            stream, "reconfigure"
        ):  # a path in letters that the terminal does not have is printed all the same
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        if getattr(options, "out", None) and options.run is not _simulate:
            expect_writable(options.out)
        options.run(options)
        sys.stdout.flush()
    except (LabError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; start the same command again to go on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m labutils", description="The Impact Lab on the command line."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (_add_simulate, _add_train, _add_predict, _add_evaluate, _add_report):
        add(commands)
    return parser


def _command(commands, name: str, text: str, run) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text, formatter_class=DEFAULTS)
    command.set_defaults(run=run)
    return command


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {number}")
    return number


def _share(text: str) -> float:
    share = float(text)
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"expected a number between 0 and 1, found {text}")
    return share


def _seed(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"expected 0 or more, found {number}")
    return number


def _add_data(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data", type=Path, default=DATA, help="folder of clips: simulated, the course's, or your own"
    )


def _add_models(command: argparse.ArgumentParser, text: str) -> None:
    command.add_argument("--models", type=Path, default=MODELS, help=text)


def _add_simulate(commands) -> None:
    command = _command(
        commands, "simulate", "Make a data set: sounds and videos of objects in a tilting tray.", _simulate
    )
    command.add_argument(
        "--preset",
        choices=("tiny", "lab", "course", "lab-tests"),
        default="lab",
        help="how much: tiny (seconds, to try things), lab (minutes, for the notebooks), course (as many clips as the "
        "real data), lab-tests (the test clips of lab alone)",
    )
    command.add_argument("--seed", type=_seed, default=0, help="the same seed makes the same files")
    command.add_argument(
        "--audio-format",
        choices=("flac", "pkl"),
        default="flac",
        help="flac can be played; pkl is the course's format, for exchange with other solutions",
    )
    command.add_argument("--out", type=Path, default=DATA, help="where the data set goes")
    command.add_argument(
        "--workers", type=_count, default=usable_cores(), help="processes that work at the same time"
    )


def _simulate(options) -> None:
    from labutils.simulate.generate import generate

    generate(
        options.out, options.preset, options.seed, audio_format=options.audio_format, workers=options.workers
    )
    print(f"the data set is in {options.out}")


def _add_train(commands) -> None:
    command = _command(
        commands,
        "train",
        "Train a system: contact (the lab's own), or the course report's at its full size or in minutes.",
        _train,
    )
    command.add_argument(
        "--system", choices=("contact", "report", "report-fast"), default="contact", help="what to train"
    )
    _add_data(command)
    _add_models(command, "where the trained networks go")
    command.add_argument(
        "--seed", type=_seed, default=0, help="the same seed trains the same networks on the same machine"
    )
    command.add_argument(
        "--bfloat16",
        action="store_true",
        help="train the report's networks with 8 bits of precision: two to three times as fast on a processor with AMX, "
        "slower on others",
    )


def _train(options) -> None:
    from labutils.systems import catalogue

    settings = replace(catalogue.RECIPES[options.system], seed=options.seed)
    if options.bfloat16 and options.system == "contact":
        raise LabError(
            "--bfloat16 is for the report's networks: expected --system report or report-fast with it."
        )
    if options.bfloat16:
        settings = settings.in_bfloat16()
    catalogue.train(settings, options.data, models=options.models)
    print(f"the trained networks are in {options.models}")


def _add_predict(commands) -> None:
    command = _command(commands, "predict", "Answer a folder of test clips.", _predict)
    command.add_argument(
        "task",
        choices=("task1", "task2", "task3"),
        help="task1: the class of every sound; task2: the video of every sound; task3: the same, -1 where there is none",
    )
    command.add_argument("folder", type=Path, help="the sounds of task 1, or one group of task 2 or 3")
    _add_models(command, "networks that `train` wrote")
    command.add_argument(
        "--precision",
        type=_share,
        help="answer only where a match is so often right, for example 0.95; the other sounds get -1",
    )
    command.add_argument("--out", type=Path, help="a JSON file for the answers; default: print them")


def _predict(options) -> None:
    from labutils.systems import model_files, tasks

    system = model_files.load(options.models)
    if options.task == "task1":
        answers = tasks.answer_task1(system, options.folder, progress=False)
    else:
        complete = options.task == "task2"
        answers = tasks.match_folder(
            system, options.folder, complete=complete, precision=options.precision, progress=False
        )[1]
    if options.out is None:
        print(json.dumps(answers, indent=1))
        return
    write_json(options.out, answers)
    print(f"the answers are in {options.out}")


def _add_evaluate(commands) -> None:
    command = _command(
        commands, "evaluate", "Answer all test groups of a data set and compare with its truth.", _evaluate
    )
    _add_data(command)
    _add_models(command, "networks that `train` wrote")
    command.add_argument("--out", type=Path, help="a JSON file for the scores as well")


def _evaluate(options) -> None:
    from labutils.systems import model_files, tasks

    system = model_files.load(options.models)
    scores = tasks.evaluate(system, options.data, cache=options.models / ".features")
    print(f"{'task':<7}{'group':<7}{'sounds':>7}{'accuracy':>10}   95 % interval   chance")
    for s in scores:
        print(
            f"{s.task:<7}{s.group:<7}{s.sounds:>7}{s.accuracy:>10.3f}   {s.low:.3f} - {s.high:.3f}   {s.chance:.3f}"
        )
    if options.out is not None:
        write_json(options.out, [vars(s) for s in scores])


def _add_report(commands) -> None:
    command = _command(commands, "report", "Write a page that shows how good something is.", _report)
    command.add_argument(
        "about",
        choices=("simulator",),
        help="simulator: every figure of a data set beside what is known of the recordings, with pictures",
    )
    _add_data(command)
    command.add_argument("--out", type=Path, default=Path("report.html"), help="the HTML file")


def _report(options) -> None:
    import matplotlib

    matplotlib.use("Agg")  # drawing needs no screen
    from labutils.validation.findings import verdict_line
    from labutils.validation.page import write_page

    findings = write_page(options.data, options.out)
    print(f"{verdict_line(findings.comparisons)}; the page is in {options.out}")


if __name__ == "__main__":
    sys.exit(main())
