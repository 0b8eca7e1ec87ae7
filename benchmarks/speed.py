"""What the lab costs: time and memory of its parts, each beside a yardstick that was measured in the same run.

    python benchmarks/speed.py --data data/lab             # the short form
    python benchmarks/speed.py --data data/lab --long      # larger groups, more clips, the simulator's page: by hand

Ratios hold on other machines too, seconds do not. All is measured in one process with one thread.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from costs.group import group_costs
from costs.growth import matching_costs, pass_and_pair_costs
from costs.row import Row, table
from costs.starts import starts
from costs.training_memory import memory_rows
from simulator import expect_one_thread, time_stages

from labutils.clips import audio_clips, find_dataset, inner_folder, video_clips
from labutils.simulate.objects import OBJECTS
from labutils.systems import catalogue, model_files
from labutils.validation.page import write_page


def tables(data: Path, *, long: bool) -> dict[str, tuple[str, Callable[[], list[Row]]]]:
    """Every table by its name: its title, and how it is measured.

    Args:
        data: a data set with test groups.
        long: larger sizes, and what takes minutes.
    """
    system = model_files.load(catalogue.SHIPPED)
    folder = inner_folder(find_dataset(data), "task2", "test", "0")
    sounds, videos = audio_clips(folder), video_clips(folder)
    size = f"{len(sounds)} sounds and {len(videos)} videos"

    def passes() -> list[Row]:
        heard, seen = (
            system.sound_features(sounds, progress=False),
            system.video_features(videos, progress=False),
        )
        return pass_and_pair_costs(system.parts, heard, seen, [10, 50, 200, 1000] if long else [50, 400])

    def memory() -> list[Row]:
        return memory_rows([200, 800, 2249, 15_000] if long else [200, 400])

    found = {
        "starts": ("Starting a process", lambda: starts(10 if long else 5)),
        "group": (f"A group: {size}", lambda: group_costs(system, folder, 5 if long else 2)),
        "passes": ("N passes against N x N pairs", passes),
        "matching": ("Matching N against N", lambda: matching_costs(system.matcher, [50, 1000, 5000])),
        "simulate": ("Simulating a clip", lambda: simulation(3 if long else 1)),
        "memory": ("Training, one process: peak memory, processor time", memory),
    }
    return found | ({"page": ("report simulator", lambda: [page(data)])} if long else {})


def simulation(clips: int) -> list[Row]:
    """Processor time of a simulated clip, stage by stage; `clips` of every object are made."""
    stages_s, total_s = time_stages(clips)
    count = clips * len(OBJECTS)
    stages_s |= {"other": total_s - sum(stages_s.values()), "all": total_s}
    return [
        Row(stage, spent_s / count, {"the whole": spent_s / total_s}) for stage, spent_s in stages_s.items()
    ]


def page(data: Path) -> Row:
    """Time of `python -m labutils report simulator`."""
    with tempfile.TemporaryDirectory() as folder:
        start_s = time.perf_counter()
        write_page(data, Path(folder) / "page.html", progress=False)
        return Row("the whole page", time.perf_counter() - start_s)


def main() -> None:
    """Measure and print every table, or some."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("data/lab"), help="a data set (default: data/lab)")
    parser.add_argument("--long", action="store_true", help="larger sizes: half an hour")
    parser.add_argument("--only", nargs="+", metavar="TABLE", help="some tables, by name")
    options = parser.parse_args()
    expect_one_thread()
    named = tables(options.data, long=options.long)
    if unknown := set(options.only or ()) - set(named):
        parser.error(f"no table {', '.join(sorted(unknown))}: expected some of {', '.join(named)}")
    for name in options.only or named:
        title, measure = named[name]
        print(table(title, measure()) + "\n", flush=True)


if __name__ == "__main__":
    main()
