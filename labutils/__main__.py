"""The command line: `python -m labutils simulate | train | predict | evaluate | report`, each with `--help`."""

import argparse
import json
import logging
import os
import sys
from pathlib import Path

from labutils.clips import ClipError

DATA, MODELS = Path("data/lab"), Path("models/lab")
DEFAULTS = argparse.ArgumentDefaultsHelpFormatter


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if it went well, 1 with one sentence on stderr if it did not, 130 after Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (ClipError, OSError) as error:
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
        choices=("tiny", "lab", "course"),
        default="lab",
        help="how much: tiny (seconds, to try things), lab (minutes, for the notebooks), "
        "course (as many clips as the real data)",
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
        "--workers", type=_count, default=os.cpu_count(), help="processes that work at the same time"
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
        "Train the report's system: two classifiers and a pair of towers per class.",
        _train,
    )
    _add_data(command)
    _add_models(command, "where the trained networks go")
    command.add_argument(
        "--seed", type=_seed, default=0, help="the same seed trains the same networks on the same machine"
    )
    command.add_argument(
        "--keep-out",
        action="store_true",
        help="keep one session of each class out of the classifiers too, and print how well they do on it",
    )
    base = command.add_mutually_exclusive_group()
    base.add_argument(
        "--quick", action="store_true", help="shallow networks, few epochs: to see that all works"
    )
    base.add_argument(
        "--report",
        action="store_true",
        help="the report's own settings, weak places included; slow, because its spectrograms are not shrunk",
    )
    group = command.add_argument_group("settings", "What is not named stays as labutils.system has it.")
    for option, explanation, kind in _SETTINGS:
        group.add_argument(option, default=argparse.SUPPRESS, help=explanation, **kind)


_SETTINGS = (
    (
        "--shrink",
        "blocks (frequencies, moments) of the 513 x 196 spectrogram that become one number",
        {"type": _count, "nargs": 2, "metavar": ("F", "T")},
    ),
    ("--voters", "audio classifiers that answer together", {"type": _count}),
    (
        "--mel-voters",
        "every second audio classifier sees mel bands",
        {"action": argparse.BooleanOptionalAction},
    ),
    (
        "--linear-voter",
        "a linear discriminant analysis answers beside the networks",
        {"action": argparse.BooleanOptionalAction},
    ),
    ("--epochs", "epochs of each audio classifier", {"type": _count}),
    ("--shared-epochs", "epochs of the towers of all classes that come first; 0: none", {"type": _seed}),
    ("--tower-epochs", "epochs of each pair of towers", {"type": _count}),
    ("--batch", "clips in a batch of the towers", {"type": _count}),
    ("--loss", "contrastive loss: the report's or Hadsell's", {"choices": ("weighted", "plain")}),
    ("--margin", "margin m of the contrastive loss", {"type": float}),
    ("--weight", "lambda of the weighted loss: how much true pairs count", {"type": float}),
    ("--normalise", "embeddings of length 1", {"action": argparse.BooleanOptionalAction}),
    ("--pairs", "true pairs (and as many others) per clip and epoch", {"type": _count}),
    (
        "--audio-pool",
        "pool of the audio tower: width is the report's, frequency keeps the time axis",
        {"choices": ("width", "frequency")},
    ),
    (
        "--tower-blocks",
        "blocks in each of the three stages of the audio tower",
        {"type": _count, "nargs": 3, "metavar": "N"},
    ),
    (
        "--tower-planes",
        "channels of the three stages of the audio tower",
        {"type": _count, "nargs": 3, "metavar": "N"},
    ),
    (
        "--video",
        "MLP on centroids (the report's), MLP on their motion, or the 3-D CNN on masks",
        {"choices": ("centroids", "motion", "masks")},
    ),
    (
        "--vary",
        "show sounds and videos through the symmetries of the tray",
        {"action": argparse.BooleanOptionalAction},
    ),
)
"""Options of `train` that change one setting of `Settings`, `QUICK` or `REPORT`: name, help, kind."""


def _train(options) -> None:
    from labutils.system import train

    matcher = train(
        options.data,
        _settings(options),
        checkpoints=options.models / ".checkpoints",
        cache=options.models / ".features",
    )
    matcher.save(options.models)
    for name, share in matcher.facts["validation_accuracy"].items():
        print(f"{name}: {share:.1%} of the clips of the kept-out sessions")
    print(f"the trained networks are in {options.models}")


def _settings(options):
    from dataclasses import replace

    from labutils.system import QUICK, REPORT, Settings

    base = QUICK if options.quick else REPORT if options.report else Settings()
    audio, frames = _chosen(options, vary="vary", epochs="epochs"), _chosen(options, vary="vary")
    towers = _chosen(
        options,
        shared_epochs="shared_epochs",
        tower_epochs="epochs",
        batch="batch_size",
        loss="loss",
        margin="margin",
        weight="weight",
        normalise="normalise",
        pairs="pairs_per_clip",
        audio_pool="audio_pool",
        tower_blocks="blocks",
        tower_planes="planes",
        video="video",
        vary="vary",
    )
    return replace(
        base,
        seed=options.seed,
        **_chosen(
            options, shrink="shrink", voters="voters", mel_voters="mel_voters", linear_voter="linear_voter"
        ),
        audio=replace(base.audio, **audio),
        frames=replace(base.frames, **frames),
        towers=replace(base.towers, **towers),
        all_sessions=base.all_sessions and not options.keep_out,
    )


def _chosen(options, **fields: str) -> dict:
    """{field: value} of the options that were given."""
    given = {option: tuple(v) if isinstance(v, list) else v for option, v in vars(options).items()}
    return {field: given[option] for option, field in fields.items() if option in given}


def _add_predict(commands) -> None:
    command = _command(commands, "predict", "Answer a folder of test clips.", _predict)
    command.add_argument(
        "task",
        choices=("task1", "task2", "task3"),
        help="task1: the class of every sound; task2: the video of every sound; task3: the same, -1 where there is none",
    )
    command.add_argument("folder", type=Path, help="the sounds of task 1, or one group of task 2 or 3")
    _add_models(command, "networks that `train` wrote")
    command.add_argument("--out", type=Path, help="a JSON file for the answers; default: print them")


def _predict(options) -> None:
    from labutils import system

    answer = {"task1": system.test_task1, "task2": system.test_task2, "task3": system.test_task3}[
        options.task
    ]
    answers = answer(options.folder, options.models)
    if options.out is None:
        print(json.dumps(answers, indent=1))
        return
    _write_json(options.out, answers)
    print(f"the answers are in {options.out}")


def _write_json(path: Path, content: dict | list) -> None:
    """Write a whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".partial")
    try:
        aside.write_text(json.dumps(content, indent=1) + "\n")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _add_evaluate(commands) -> None:
    command = _command(
        commands, "evaluate", "Answer all test groups of a data set and compare with its truth.", _evaluate
    )
    _add_data(command)
    _add_models(command, "networks that `train` wrote")
    command.add_argument("--out", type=Path, help="a JSON file for the scores as well")


def _evaluate(options) -> None:
    from labutils.system import ImpactMatcher, evaluate

    scores = evaluate(ImpactMatcher.load(options.models), options.data, cache=options.models / ".features")
    print(f"{'task':<7}{'group':<7}{'sounds':>7}{'accuracy':>10}   95 % interval   chance")
    for s in scores:
        print(
            f"{s.task:<7}{s.group:<7}{s.sounds:>7}{s.accuracy:>10.3f}   {s.low:.3f} - {s.high:.3f}   {s.chance:.3f}"
        )
    if options.out is not None:
        _write_json(options.out, [vars(s) for s in scores])


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
