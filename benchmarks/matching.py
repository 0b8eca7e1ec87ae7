"""Compare methods that match sounds with videos, all trained on the same clips and asked about the same test groups.

    python -m labutils simulate
    for seed in 1 2 3 4; do python -m labutils simulate --preset lab-tests --seed $seed --out data/lab$seed; done
    python benchmarks/matching.py --train data/lab --tests data/lab data/lab1 data/lab2 data/lab3 data/lab4

Writes `rows.csv` (one row for each method, seed and group), `summary.csv` (means with intervals over groups, and paired
differences to ours) and `methods.png`. A run that was interrupted takes up where it stopped. `benchmarks/sweeps.py` asks how
some of the methods fare when a condition changes.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import pandas as pd
from matchers import course_report, heard, oracle, ours, physics, regression, simple, twins
from matchers.groups import COMPLETE_TASK, INCOMPLETE_TASK, TASKS, Matcher, TestGroup, read_all_groups
from score_table import SCORES, WHICH, RowFile, score, summarise
from tqdm.auto import tqdm

from labutils.clip_files import read_json
from labutils.clips import data_set_fingerprint, train_clips
from labutils.errors import LabError
from labutils.plots import plot_scores
from labutils.plots.style import new_axes
from labutils.storage import write_json, write_whole

TASK_NAMES = {COMPLETE_TASK: "task 2: every sound has a video", INCOMPLETE_TASK: "task 3: its video or none"}
WITHOUT_SKILL = ("chance", "no partner")
SHOWN = "{desc}: {percentage:3.0f}%|{bar}| {elapsed} < {remaining} {postfix}"


@dataclass(frozen=True)
class Method:
    """One line of the comparison.

    Args:
        make: (folder of training clips, seed, folder for features and weights) -> a trained matcher.
        sentence: what it is.
        seeded: True if another seed gives another matcher.
        training_ms: of one core for each training clip, about; the progress bar counts with it.
        answering_s: of one core for each group, about, features included.
    """

    make: Callable[[Path, int, Path], Matcher]
    sentence: str
    seeded: bool = True
    training_ms: float = 10.0
    answering_s: float = 0.2


METHODS = {
    "chance": Method(simple.chance, "a random assignment", training_ms=0),
    "no partner": Method(simple.no_partner, "-1 for every sound", False, training_ms=0),
    "class": Method(simple.class_only, "the class term alone", training_ms=500, answering_s=4),
    "contacts": Method(physics.contacts_only, "contacts seen against contacts heard, and class"),
    "contacts and loudness": Method(
        physics.contacts_and_loudness, "the same, and loudness against speed, and class"
    ),
    "physics": Method(physics.physics, "the same, and which wall is loud, and class"),
    "physics without class": Method(
        physics.physics_without_class, "the three scores of physics alone", False, 3
    ),
    "report": Method(course_report.report_system, "the course report's system, its own size", False, 0, 20),
    "report, fast": Method(
        course_report.report_fast, "the same on a downsampled spectrogram", training_ms=800, answering_s=3
    ),
    "regression": Method(
        regression.regression,
        "sound to end place and direction, split by class",
        training_ms=150,
        answering_s=2,
    ),
    "heard path": Method(heard.heard_path, "log-likelihood of the seen path, and class", answering_s=2),
    "ours": Method(ours.ours, "maps, heard path, reach, class, calibration, one solve", training_ms=75),
    "ours without heard path": Method(ours.without_path, "contact maps, reach of the film, class"),
    "ours without reach": Method(ours.without_reach, "it is not told how far the object moves in a film"),
    "ours without sharing": Method(
        ours.without_sharing, "weights of their own for every wall", training_ms=75
    ),
    "ours without lags": Method(ours.without_lags, "sound and picture in the very same step", training_ms=75),
    "ours without shift": Method(ours.without_shift, "no common shift in time in training", training_ms=75),
    "ours without normalisation": Method(ours.without_normalisation, "maps of any length", training_ms=75),
    "ours without class": Method(ours.without_class, "contact maps, heard path, reach of the film"),
    "ours without calibration": Method(ours.without_calibration, "scores added as they are"),
    "ours without one solve": Method(ours.without_one_solve, "a hard split by class, then the rest"),
    "camera oracle": Method(
        oracle.camera_oracle, "true contacts as six pictures a second show them, true classes", False, 600, 70
    ),
    "camera oracle and ours": Method(oracle.camera_oracle_and_ours, "the same and the scores of ours"),
    "oracle": Method(oracle.oracle, "true contacts and classes of both sides", False),
    "oracle and ours": Method(oracle.oracle_and_ours, "the same and the scores of ours"),
    "all but twins": Method(
        twins.all_but_twins,
        "the truth, but objects that move less than 1 cm in one place by lot",
        training_ms=0,
        answering_s=20,
    ),
    "all but motionless": Method(
        twins.all_but_motionless, "the same with less than 2 mm", training_ms=0, answering_s=1
    ),
}


def main() -> None:
    """Run what is missing, then write summary and figure."""
    options = parse_options()
    try:
        names = options.methods or methods_that_can_run(options.train)
        run(options.train, options.tests, names, options.seeds, kept=options.kept, out=options.out)
    except LabError as error:
        sys.exit(str(error))


def parse_options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    lines = "\n".join(f"  {name:<24}{method.sentence}" for name, method in METHODS.items())
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog=f"methods:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--train", type=Path, default=Path("data/lab"), help="data set to train on")
    parser.add_argument(
        "--tests", type=Path, nargs="+", default=[Path("data/lab")], help="data sets to test on"
    )
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS, metavar="METHOD", help="default: all that can run"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the training")
    parser.add_argument("--kept", type=Path, default=Path("models/benchmark"), help="features and weights")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/lab"), help="tables and figures")
    return parser.parse_args(words)


def methods_that_can_run(train: Path) -> list[str]:
    """All methods; without the report's own size, which trains for an hour, if that has not been done."""
    names = list(METHODS)
    if not course_report.is_report_trained(train):
        names.remove("report")
        tqdm.write(f"without 'report': {course_report.REPORT} holds none trained on {train}")
    return names


def run(
    train: Path, tests: Sequence[Path], names: Iterable[str], seeds: Sequence[int], *, kept: Path, out: Path
) -> pd.DataFrame:
    """Answer every group by every method and seed, but for what is in `out` already.

    Args:
        train: data set to train on.
        tests: data sets with test groups.
        names: of methods.
        seeds: of the training; a method that has no seed gets the first.
        kept: folder for features and weights.
        out: folder for tables and figure.

    Returns:
        The summary.

    Raises:
        LabError: if the data cannot be read, or the rows in `out` were made with other data.
    """
    check_card(out, train, tests)
    groups = read_all_groups(tests)
    rows = RowFile(out / "rows.csv", WHICH, SCORES)
    work = [
        (name, seed, missing)
        for name in names
        for seed in (seeds if METHODS[name].seeded else seeds[:1])
        if (missing := [group for group in groups if not rows.holds(*key(name, seed, group))])
    ]
    clips = len(train_clips(train))
    costs = [(METHODS[name].training_ms * clips / 1000, METHODS[name].answering_s) for name, _, _ in work]
    total = sum(
        learn + each * len(missing) for (learn, each), (_, _, missing) in zip(costs, work, strict=True)
    )
    with tqdm(total=total, bar_format=SHOWN, desc="matching") as bar:
        for (name, seed, missing), (learn, each) in zip(work, costs, strict=True):
            bar.set_postfix_str(f"{name}, seed {seed}")
            matcher = METHODS[name].make(train, seed, kept)
            bar.update(learn)
            for group in missing:
                scores = score(matcher.answer(group), group)
                rows.add([(key(name, seed, group), [scores[column] for column in SCORES])])
                bar.update(min(each, bar.total - bar.n))  # sums of floats end a hair beside the total
            write_results(rows.frame(), out)
    return write_results(rows.frame(), out)


def key(name: str, seed: int, group: TestGroup) -> tuple:
    """What tells one row from another, `score_table.WHICH`."""
    return name, seed, group.data.name, group.task, group.name


def check_card(out: Path, train: Path, tests: Sequence[Path]) -> None:
    """Note on what the rows were made; refuse to mix them with rows of other data."""
    names = [folder.name for folder in tests]
    if len(set(names)) < len(names):
        raise LabError(f"two test folders have one name ({', '.join(names)}): expected different ones.")
    prints = {folder.name: data_set_fingerprint(folder) for folder in tests}
    found = {"train": data_set_fingerprint(train), "tests": prints}
    path = out / "card.json"
    if path.exists():
        before = read_json(path)
        same_tests = all(prints.get(name, known) == known for name, known in before["tests"].items())
        if before["train"] != found["train"] or not same_tests:
            raise LabError(
                f"{out}: its rows were made with other data; name another folder or delete this one."
            )
        found["tests"] = before["tests"] | prints
    write_json(path, found)


def write_results(rows: pd.DataFrame, out: Path) -> pd.DataFrame:
    """Write `summary.csv` and `methods.png`; return the summary."""
    order = list(METHODS)
    summary = summarise(rows.sort_values("method", key=lambda names: names.map(order.index), kind="stable"))
    write_whole(out / "summary.csv", summary.to_csv(index=False, float_format="%.4f"))
    draw(summary, out / "methods.png")
    return summary


def draw(summary: pd.DataFrame, path: Path) -> None:
    """Draw the accuracies of all methods, one picture for each task."""
    most = summary.groupby("task").size().max()
    axes = new_axes(1, len(TASKS), size_inch=(12, 1.2 + 0.36 * most))[0]
    for ax, task in zip(axes, TASKS, strict=True):
        own = summary[summary["task"] == task].set_index("method")
        columns = ["accuracy", "accuracy low", "accuracy high"]
        chance = own["accuracy"].reindex(WITHOUT_SKILL).max()  # nan, which is not drawn, if neither was run
        plot_scores({name: tuple(own.loc[name, columns]) for name in own.index}, chance=chance, ax=ax)
        ax.set_title(TASK_NAMES[task], pad=30)
    axes[0].figure.savefig(path, dpi=120)
    matplotlib.pyplot.close(axes[0].figure)


if __name__ == "__main__":
    matplotlib.use("Agg")
    main()
