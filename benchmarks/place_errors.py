"""How well a sound tells where its object ended: errors of the regression system, beside those of the mean place.

    python benchmarks/place_errors.py --train data/lab --seeds 3 data/lab data/lab1 data/lab2 data/lab3

The networks are those of `benchmarks/matching.py`, taken from the same folder if they were trained there.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from matchers.groups import TestGroup, read_all_groups
from matchers.regression import Errors, RegressionMatcher, end_and_direction, regression
from matchers.training_set import read_training_set

from labutils.storage import write_whole
from labutils.systems.contact import sound_features, video_features
from labutils.training import outputs


def heard_and_seen(found: RegressionMatcher, group: TestGroup) -> np.ndarray:
    """End place and direction as the network hears them and as the camera sees them, of true pairs; [2, n, 4]."""
    kept = {"cache": found.cache, "progress": False}
    matched = group.truth >= 0
    heard = outputs(found.network, sound_features(group.sounds, **kept).levels)
    seen = end_and_direction(video_features(group.videos, **kept))
    return np.stack([heard[matched], seen[group.truth[matched]]])


def error_rows(found: RegressionMatcher, groups: list[TestGroup], mean: np.ndarray, seed: int) -> list[dict]:
    """Errors on the held-out training sessions and on the test groups."""
    heard, seen = np.concatenate([heard_and_seen(found, group) for group in groups], axis=1)
    on_tests = Errors.of(heard, seen, mean)
    rows = {"held-out training sessions": found.errors, "test groups": on_tests}
    return [{"seed": seed, "clips": name, **vars(errors)} for name, errors in rows.items()]


def main() -> None:
    """Print the errors and write them to a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--train", type=Path, default=Path("data/lab"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--kept", type=Path, default=Path("models/benchmark"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/lab/place_errors.csv"))
    parser.add_argument("data", type=Path, nargs="+")
    options = parser.parse_args()
    groups = read_all_groups(options.data)
    rows = []
    for seed in range(options.seeds):
        training = read_training_set(options.train, seed, options.kept)
        mean = end_and_direction(training.videos).mean(axis=0)
        rows += error_rows(regression(options.train, seed, options.kept), groups, mean, seed)
    table = pd.DataFrame(rows)
    write_whole(options.out, table.to_csv(index=False))
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
