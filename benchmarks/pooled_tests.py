"""Score a trained system on the test groups of several data sets, pooled.

    python -m labutils simulate --preset lab-tests --seed 1 --out data/lab1      # and so on for 2 and 3
    python benchmarks/pooled_tests.py --models models/lab data/lab data/lab1 data/lab2 data/lab3

Groups are what differs from day to day, so the intervals of tasks 2 and 3 are over groups (Student's t); that of task 1 is
Wilson's over sounds.
"""

import argparse
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from labutils import evaluation
from labutils.clips import find_dataset, read_truth
from labutils.systems import model_files
from labutils.systems.interface import ImpactSystem
from labutils.systems.tasks import answer_task1, match_folder


def main() -> None:
    """Print one line a task."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, default=Path("models/lab"))
    parser.add_argument("data", type=Path, nargs="+")
    options = parser.parse_args()
    system = model_files.load(options.models)
    print(f"{options.models} ({system.name}) on {', '.join(map(str, options.data))}")
    print(score_task1(system, options.data, options.models / ".features"))
    for task in ("task2", "task3"):
        print(score_matching(system, options.data, task, options.models / ".features"))


def score_task1(system: ImpactSystem, data: list[Path], cache: Path) -> str:
    """Accuracy over all sounds of task 1."""
    right = []
    for folder in data:
        truth = read_truth(folder, "task1")
        answers = answer_task1(system, find_dataset(folder) / "task1" / "test", cache=cache, progress=False)
        right.append(evaluation.right_answers(answers, truth))
    right = np.concatenate(right)
    low, high = evaluation.wilson_interval(int(right.sum()), len(right))
    return f"task1  {len(right)} sounds   accuracy {right.mean():.3f} [{low:.3f} - {high:.3f}]"


def score_matching(system: ImpactSystem, data: list[Path], task: str, cache: Path) -> str:
    """Mean over all groups of accuracy, precision, recall and F1, with the interval of the accuracy over groups."""
    groups = [(folder, group) for folder in data for group in read_truth(folder, task)]
    rows = []
    for folder, group in tqdm(groups, desc=task, leave=False):
        truth = read_truth(folder, task)[group]["matches"]
        where = find_dataset(folder) / task / "test" / group
        answers = match_folder(system, where, complete=task == "task2", cache=cache, progress=False)[1]
        rows.append([evaluation.accuracy(answers, truth), *evaluation.match_scores(answers, truth).values()])
    each = [row[0] for row in rows]
    accuracy, low, high = evaluation.mean_interval(each)
    precision, recall, f1 = np.mean(rows, axis=0)[1:]
    return (
        f"{task}  {len(rows)} groups   accuracy {accuracy:.3f} [{low:.3f} - {min(high, 1):.3f}]   "
        f"precision {precision:.3f}   recall {recall:.3f}   F1 {f1:.3f}   each {np.round(each, 2).tolist()}"
    )


if __name__ == "__main__":
    main()
