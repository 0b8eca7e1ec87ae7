"""How far the objects of the test clips move, who lies still beside a twin, and what six pictures a second show of contacts.

    python benchmarks/movement.py data/lab data/lab1 data/lab2 data/lab3

Writes two tables, a row for each class: `movement.csv`, from what the camera sees, and `camera.csv`, from what truly
happened (the sessions are simulated once more and kept).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matchers.groups import TestGroup, read_all_groups
from matchers.oracle import contacts_in_pictures
from matchers.stillness import STILL_CM, are_twins, reach_cm
from matchers.true_events import Event, events_of_videos

from labutils.clips import CLASS_NAMES
from labutils.storage import write_whole
from labutils.systems.contact import video_features

ALL = "all"


def movement_of(group: TestGroup, cache: Path) -> pd.DataFrame:
    """Class, reach and whether it lies beside a twin of every video in a group."""
    videos = video_features(group.videos, cache=cache, progress=False)
    beside = are_twins(videos, group.video_class).any(axis=1)
    return pd.DataFrame({"class": group.video_class, "reach_cm": reach_cm(videos), "beside a twin": beside})


def movement_table(clips: pd.DataFrame) -> pd.DataFrame:
    """One row for each class and one for all: clips, median reach, shares that hardly move, share beside a twin."""
    return _by_class(clips, _movement_row)


def _movement_row(clips: pd.DataFrame) -> dict:
    reach = clips["reach_cm"]
    return {
        "clips": len(clips),
        "median reach (cm)": reach.median(),
        f"below {STILL_CM:.0f} cm": (reach < STILL_CM).mean(),
        "below 2 cm": (reach < 2).mean(),
        "still beside a still twin": clips["beside a twin"].mean(),
    }


def contacts_of(events: Sequence[Event]) -> pd.DataFrame:
    """Every true contact: class, change of speed, and how far in time the nearest one is that the pictures show.

    A contact is lost, and its distance infinite, if the pictures show none with the same wall in the gap it lies in.
    """
    tables = [_contacts_of(event) for event in events if len(event.time_s)]
    return pd.concat(tables, ignore_index=True)


def _contacts_of(event: Event) -> pd.DataFrame:
    shown = contacts_in_pictures(event)
    edges_s = np.concatenate([[-np.inf], event.frame_time_s, [np.inf]])
    gap = np.searchsorted(edges_s, event.time_s)[:, None]
    away_s = np.abs(event.time_s[:, None] - shown.time_s)  # (true contacts, shown contacts)
    in_gap = (edges_s[gap - 1] <= shown.time_s) & (shown.time_s <= edges_s[gap])
    away_s = np.where(in_gap & (event.wall[:, None] == shown.wall), away_s, np.inf)
    nearest_s = away_s.min(axis=1, initial=np.inf)
    return pd.DataFrame({"class": event.label, "speed change": event.speed_change, "error_s": nearest_s})


def camera_table(contacts: pd.DataFrame) -> pd.DataFrame:
    """One row for each class and one for all: contacts, share lost, share of the strong ones lost, error of the time."""
    return _by_class(contacts, _camera_row)


def _camera_row(contacts: pd.DataFrame) -> dict:
    lost, strong = np.isinf(contacts["error_s"]), contacts["speed change"] > 0.2
    return {
        "contacts": len(contacts),
        "lost": lost.mean(),
        "lost of those above 0.2 m/s": lost[strong].mean(),
        "time error, median (ms)": 1000 * contacts["error_s"][~lost].median(),
        "time error, rms (ms)": 1000 * np.sqrt(np.square(contacts["error_s"][~lost]).mean()),
    }


def _by_class(table: pd.DataFrame, row) -> pd.DataFrame:
    parts = [(CLASS_NAMES[label], part) for label, part in table.groupby("class")] + [(ALL, table)]
    return pd.DataFrame([{"class": name, **row(part)} for name, part in parts])


def main() -> None:
    """Print both tables and write them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kept", type=Path, default=Path("models/benchmark/features"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/lab"))
    parser.add_argument("data", type=Path, nargs="+")
    options = parser.parse_args()
    groups = read_all_groups(options.data)
    events = [event for group in groups for event in events_of_videos(group.videos, options.kept)]
    tables = {
        "movement": movement_table(pd.concat([movement_of(group, options.kept) for group in groups])),
        "camera": camera_table(contacts_of(events)),
    }
    for name, table in tables.items():
        write_whole(options.out / f"{name}.csv", table.to_csv(index=False))
        print(table.round(3).to_string(index=False), end="\n\n")


if __name__ == "__main__":
    main()
