"""No shortcut: when nothing is seen to move, sounds are matched with videos of their class and place at chance.

    python benchmarks/still_twins.py --models models/lab data/lab data/lab1 data/lab2 data/lab3

Two clips are twins if an object of one class lies still in both, within 1 cm of the same place. Whoever matches the sounds
of twins with their videos better than by lot knows small movements, which is fair, or something that is neither movement
nor place, such as the recording day, which is a shortcut. So the question is asked three times: with the videos as they
are, with the object frozen at its mean place and shape, and with time running backward in the videos. Only a shortcut
outlives the last two.

All test clips of some data sets are pooled, and each pair of twins is one question: do the two true pairs score higher than
the two swapped ones? Pairs that share a clip, also through other pairs, are drawn together in the bootstrap of the interval.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from matchers.groups import read_all_groups, true_pairs
from matchers.stillness import are_twins
from scipy.sparse.csgraph import connected_components

from labutils.evaluation import cluster_interval
from labutils.storage import write_whole
from labutils.systems import model_files
from labutils.systems.contact import ContactSystem, Videos

CHANCE = 0.5


@dataclass(frozen=True)
class TwinCheck:
    """How often the true pairs of two twins scored higher than the swapped ones.

    Attributes:
        clips, pairs: how many still clips have a twin, and how many pairs they make.
        share_right: 1 if always, `CHANCE` if by lot.
        interval: 95 %, by a bootstrap over groups of pairs that share clips.
    """

    clips: int
    pairs: int
    share_right: float
    interval: tuple[float, float]


def check_twins(scores: np.ndarray, twins: np.ndarray) -> TwinCheck:
    """Ask each pair of twins.

    Args:
        scores: [n, n] of every sound and every video, true pairs on the diagonal.
        twins: bool [n, n], from `are_twins`.
    """
    one, other = np.nonzero(np.triu(twins))
    true = scores[one, one] + scores[other, other]
    swapped = scores[one, other] + scores[other, one]
    right = np.where(true == swapped, CHANCE, true > swapped)
    _, component = connected_components(twins, directed=False)
    interval = cluster_interval(right, component[one])
    return TwinCheck(int(twins.any(axis=1).sum()), len(one), float(right.mean()), interval)


def freeze(videos: Videos) -> Videos:
    """Every object at its mean place, with its mean shape, all the time."""
    mean = videos.movement.mean(axis=2, keepdims=True)
    return replace(videos, movement=np.repeat(mean, videos.movement.shape[2], axis=2))


def reverse(videos: Videos) -> Videos:
    """Every movement backward in time."""
    return replace(videos, movement=videos.movement[:, :, ::-1].copy())


def check_system(system: ContactSystem, data: list[Path], cache: Path) -> dict[str, TwinCheck]:
    """Ask the lab's system about the videos as they are, frozen, and backward."""
    clips, seen, labels = true_pairs(read_all_groups(data))
    options = {"cache": cache, "progress": False}
    sounds, videos = system.sound_features(clips, **options), system.video_features(seen, **options)
    twins = are_twins(videos, labels)
    variants = {"as they are": videos, "frozen": freeze(videos), "backward": reverse(videos)}
    return {name: check_twins(system.pair_scores(sounds, own), twins) for name, own in variants.items()}


def main() -> None:
    """Print the answers and write them to a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=Path, default=Path("models/lab"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/lab/still_twins.csv"))
    parser.add_argument("data", type=Path, nargs="+")
    options = parser.parse_args()
    found = check_system(model_files.load(options.models), options.data, options.models / ".features")
    rows = [
        {"videos": name, **vars(check), "low": check.interval[0], "high": check.interval[1], "chance": CHANCE}
        for name, check in found.items()
    ]
    table = pd.DataFrame(rows).drop(columns="interval")
    write_whole(options.out, table.to_csv(index=False))
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
