"""The class of a sound (task 1), by how far its object truly moved.

    python benchmarks/sound_classes.py --models models/course --out benchmarks/results/course data/course

Writes `sound_classes.csv`, a row for each range of movement. The sessions are simulated once more and kept, to know the true
movement, because the sounds of task 1 have no film.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from matchers.true_events import true_events
from system_options import parse_system_options

from labutils.clips import find_dataset, read_truth
from labutils.evaluation import wilson_interval
from labutils.storage import write_whole
from labutils.systems import model_files
from labutils.systems.interface import ImpactSystem
from labutils.systems.tasks import answer_task1

EDGES_CM = (0.0, 1.0, 5.0, np.inf)


def class_table(reach_cm: np.ndarray, right: np.ndarray) -> pd.DataFrame:
    """One row for each range of movement and one for all: sounds, share of right classes, Wilson's interval of 95 %.

    Args:
        reach_cm: largest distance of every object from where it began, [N].
        right: whether its sound was given the right class, bool [N].
    """
    ranges = list(pairwise(EDGES_CM))
    parts = [(low, high, right[(low <= reach_cm) & (reach_cm < high)]) for low, high in ranges]
    parts.append((EDGES_CM[0], EDGES_CM[-1], right))
    rows = []
    for low, high, own in parts:
        interval = wilson_interval(int(own.sum()), len(own)) if len(own) else (np.nan, np.nan)
        share = own.mean() if len(own) else np.nan
        rows.append((low, high, len(own), share, *interval))
    return pd.DataFrame(rows, columns=["from (cm)", "to (cm)", "sounds", "accuracy", "low", "high"])


def asked(system: ImpactSystem, data: Path, kept: Path) -> tuple[np.ndarray, np.ndarray]:
    """True movement of the object behind every sound of task 1 in cm, and whether its class is right; [N], bool [N]."""
    root = find_dataset(data)
    truth, folder = read_truth(root, "task1"), root / "task1" / "test"
    answers = answer_task1(system, folder, cache=kept, progress=False)
    events = true_events([(folder / name).with_suffix("") for name in truth], kept)
    return np.array([event.reach_cm for event in events]), np.array([answers[n] == truth[n] for n in truth])


def main() -> None:
    """Print the table and write it."""
    options = parse_system_options(__doc__)
    system = model_files.load(options.models)
    answered = [asked(system, data, options.kept) for data in options.data]
    table = class_table(*map(np.concatenate, zip(*answered, strict=True)))
    write_whole(options.out / "sound_classes.csv", table.to_csv(index=False))
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
