"""How methods that match sounds with videos fare when one condition changes.

    python benchmarks/sweeps.py --tests data/lab data/lab1 data/lab2 data/lab3 data/lab4 --sweeps noise offset

Writes, for each sweep, `<sweep>_rows.csv` (one row for each method, seed, value and group), `<sweep>.csv` (means with
intervals over groups) and `<sweep>.png`. A run that was interrupted takes up where it stopped.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import pandas as pd
from conditions.group_size import GROUP_SIZE
from conditions.noise import NOISE
from conditions.offset import OFFSET
from conditions.reach import REACH
from conditions.sweep import METHODS, SCORES, WHICH, Setting, Sweep, summarise_sweep
from conditions.training_clips import TRAINING_CLIPS
from matchers.groups import TASKS
from matching import TASK_NAMES, check_card
from score_table import RowFile
from tqdm.auto import tqdm

from labutils.errors import LabError
from labutils.plots import plot_sweep
from labutils.plots.style import new_axes
from labutils.storage import write_whole

SWEEPS = {
    "group_size": GROUP_SIZE,
    "noise": NOISE,
    "offset": OFFSET,
    "reach": REACH,
    "training_clips": TRAINING_CLIPS,
}


def main() -> None:
    """Run what is missing of the sweeps, and write their tables and figures."""
    options = parse_options()
    setting = Setting(options.train, options.tests, options.kept)
    try:
        check_card(options.out, options.train, options.tests)
        for name in options.sweeps:
            run(name, setting, options.seeds, options.out)
    except LabError as error:
        sys.exit(str(error))


def parse_options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", type=Path, default=Path("data/lab"), help="data set to train on")
    parser.add_argument(
        "--tests", type=Path, nargs="+", default=[Path("data/lab")], help="data sets to test on"
    )
    parser.add_argument("--sweeps", nargs="+", choices=SWEEPS, default=list(SWEEPS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the training")
    parser.add_argument("--kept", type=Path, default=Path("models/benchmark"), help="features and weights")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/lab"), help="tables and figures")
    return parser.parse_args(words)


def run(name: str, setting: Setting, seeds: Sequence[int], out: Path) -> pd.DataFrame:
    """Run one sweep, but for the points that are in `out` already; return its summary.

    Raises:
        LabError: if the data cannot be read.
    """
    sweep = SWEEPS[name]
    rows, values = RowFile(out / f"{name}_rows.csv", WHICH, SCORES), sweep.values(setting)
    work = [(method, seed) for method in sweep.methods for seed in seeds]
    with tqdm(total=len(work) * len(values), desc=name, unit="point") as bar:
        for method, seed in work:
            bar.set_postfix_str(f"{method}, seed {seed}")
            missing = [value for value in values if not rows.holds(method, seed, f"{value:g}")]
            bar.update(len(values) - len(missing))
            if missing:
                for value, found in sweep.points(setting, METHODS[method], seed, missing):
                    rows.add([((method, seed, f"{value:g}", *which), scores) for which, scores in found])
                    bar.update()
    summary = summarise_sweep(rows.frame())
    write_whole(out / f"{name}.csv", summary.to_csv(index=False, float_format="%.4f"))
    draw(summary, sweep, out / f"{name}.png")
    return summary


def draw(summary: pd.DataFrame, sweep: Sweep, path: Path) -> None:
    """Draw the accuracies, one picture for each task."""
    axes = new_axes(1, len(TASKS), size_inch=(12, 4.5))[0]
    values = sorted(summary["condition"].unique())
    for ax, task in zip(axes, TASKS, strict=True):
        curves = {}
        for method in sweep.methods:
            own = summary[(summary["task"] == task) & (summary["method"] == method)].set_index("condition")
            columns = ("accuracy", "accuracy low", "accuracy high")
            curves[method] = tuple(own[column].reindex(values) for column in columns)
        of_task = summary[summary["task"] == task].groupby("condition")["without skill"]
        chance = of_task.mean().reindex(values)  # the same for every method
        plot_sweep(values, curves, label=sweep.label, chance=chance, logarithmic=sweep.logarithmic, ax=ax)
        ax.set_title(TASK_NAMES[task], pad=30)
    axes[0].figure.savefig(path, dpi=120)
    matplotlib.pyplot.close(axes[0].figure)


if __name__ == "__main__":
    matplotlib.use("Agg")
    main()
