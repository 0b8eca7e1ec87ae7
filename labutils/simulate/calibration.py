"""How near simulated clips come to the recordings: statistics of a data set, and of the recordings, side by side.

The recordings are not here. What is known of them is a small table, `real_statistics.json`, computed from published first
and last centroids of all 2249 training clips, and from what documents, pictures and public solutions tell of their sound.
This module makes the statistics of the motion and sets every figure against its counterpart; those of the sound are in
`hearing`, those of the picture in `seeing`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from labutils.centroid import centroid
from labutils.clips import CLASS_NAMES, MASK_SIZE, Clip, train_clips

QUANTILES = tuple(np.linspace(0, 1, 41).tolist())  # of the travel: enough for a distance of distributions
COARSE_QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
STILL_PX = 15.0  # a clip in which the centroid travels less is one of an object that stayed
CORNER_PX = 110.0  # a centroid this near to two walls ends in a corner, near to one along a wall
CONTINUED_PX = (10.0, 30.0)  # a clip that begins this near to the last one's end continues it
MOVED_PX = 40.0  # a coordinate that changes by more has moved


@dataclass(frozen=True)
class Comparison:
    """One figure of the simulation beside that of the recordings, or beside what physics asks.

    `passed` is None where the recordings are known in words only, or where a figure is shown without being judged.
    """

    section: str
    subject: str
    simulated: str
    real: str
    target: str
    passed: bool | None


@dataclass(frozen=True)
class Endpoints:
    """First and last centroid of clips of one class, in mask pixels (x right, y down), by rising clip id."""

    clip_id: np.ndarray  # (N,) int; neighbouring clips differ by one
    first_px: np.ndarray  # (N, 2)
    last_px: np.ndarray  # (N, 2)


@dataclass(frozen=True)
class MotionStatistics:
    """How the objects of one class move; the same definitions serve recordings and simulation. Shares are 0-1.

    Travel is the distance from the first to the last centroid of a clip: it hides what went and came back.
    """

    clips: int
    travel_px: tuple[float, ...]  # at QUANTILES
    still: float  # share of clips that travel less than 15 px
    nearest_wall_px: tuple[float, ...]  # last centroid to the nearest edge of the mask, at COARSE_QUANTILES
    corner: float  # ends within 110 px of two walls
    wall: float  # of one wall
    middle: float  # of none
    neighbours: int  # pairs of clips with ids that follow each other
    continued_10_px: (
        float  # share of those that begin less than 10 px from where the last ended; nan if there are none
    )
    continued_30_px: float
    moved_neither: float  # share of clips in which neither coordinate changed by more than 40 px
    moved_x: float  # only x did
    moved_y: float
    moved_both: float


# Motion: the figures


def endpoints(clip_id: Iterable[int], paths_px: Iterable[np.ndarray]) -> Endpoints:
    """Take first and last place of every clip.

    Args:
        clip_id: [N] numbers of the clips; those of neighbouring clips differ by one.
        paths_px: N paths [T, 2] in mask pixels; places that are not known are nan.
    """
    ids, ends = np.asarray(list(clip_id), dtype=int), []
    for path in paths_px:
        known = path[np.isfinite(path).all(axis=1)]
        ends.append((known[0], known[-1]) if len(known) else np.full((2, 2), np.nan))
    first_px, last_px = (
        np.asarray(ends, dtype=float).reshape(-1, 2, 2).swapaxes(0, 1)
    )  # (N, 2, 2) -> 2 x (N, 2)
    kept = np.flatnonzero(np.isfinite(first_px).all(axis=1))
    order = kept[np.argsort(ids[kept], kind="stable")]
    return Endpoints(ids[order], first_px[order], last_px[order])


def motion_statistics(ends: Endpoints) -> MotionStatistics:
    """Describe how the objects of one class move.

    Args:
        ends: at least one clip.
    """
    change_px = np.abs(ends.last_px - ends.first_px)
    travel_px, moved = np.hypot(*change_px.T), change_px > MOVED_PX
    to_wall_px = np.minimum(ends.last_px, MASK_SIZE - ends.last_px)  # (N, 2): along x, along y
    near = (to_wall_px < CORNER_PX).sum(axis=1)
    jump_px = jumps_px(ends)
    continued = [float((jump_px < limit).mean()) if len(jump_px) else float("nan") for limit in CONTINUED_PX]
    return MotionStatistics(
        len(travel_px),
        _rounded(np.quantile(travel_px, QUANTILES)),
        float((travel_px < STILL_PX).mean()),
        _rounded(np.quantile(to_wall_px.min(axis=1), COARSE_QUANTILES)),
        *(float((near == walls).mean()) for walls in (2, 1, 0)),
        len(jump_px),
        *continued,
        float((~moved).all(axis=1).mean()),
        float((moved[:, 0] & ~moved[:, 1]).mean()),
        float((~moved[:, 0] & moved[:, 1]).mean()),
        float(moved.all(axis=1).mean()),
    )


def jumps_px(ends: Endpoints) -> np.ndarray:
    """Return how far each clip begins from where the one before it ended, for ids that follow each other; [pairs]."""
    follows = np.flatnonzero(np.diff(ends.clip_id) == 1)
    return np.hypot(*(ends.first_px[follows + 1] - ends.last_px[follows]).T)


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(np.round(values, 1).tolist())


def ks_distance(quantiles: Iterable[float], others: Iterable[float]) -> float:
    """Largest difference of two distributions that are known at evenly spaced quantiles (Kolmogorov-Smirnov).

    Args:
        quantiles: values at evenly spaced probabilities from 0 to 1, rising.
        others: the same of the other distribution; or a sorted sample, which is the same thing, with more of them.

    Returns:
        0 (equal) to 1 (no overlap); a table of 41 quantiles blurs it by 0.025 at most.
    """
    tables = []
    for values in (np.asarray(list(quantiles), dtype=float), np.asarray(list(others), dtype=float)):
        tables.append((values + 1e-9 * np.arange(len(values)), np.linspace(0, 1, len(values))))
    at = np.concatenate([values for values, _ in tables])
    shares = [np.interp(at, values, share, left=0.0, right=1.0) for values, share in tables]
    return float(np.abs(shares[0] - shares[1]).max())


# Motion: where the figures come from


def read_endpoints(data: str | Path, *, progress: bool = True) -> dict[str, Endpoints]:
    """Read the masks of all training clips, simulated or recorded, and take first and last centroid of each.

    Args:
        data: folder of the data set.
        progress: whether to show a progress bar.

    Returns:
        Class name -> endpoints.

    Raises:
        ClipError: if there are no clips, or one cannot be used.
    """
    numbers, paths_px = defaultdict(list), defaultdict(list)
    for position, clip in enumerate(
        tqdm(train_clips(data), desc="reading masks", unit="clip", disable=not progress)
    ):
        name = CLASS_NAMES[clip.label]
        numbers[name].append(clip_number(clip, position))
        paths_px[name].append(MASK_SIZE * np.array([centroid(mask) for mask in clip.masks()]))
    return {name: endpoints(numbers[name], paths_px[name]) for name in numbers}


def clip_number(clip: Clip, position: int) -> int:
    """Return the id in the name of a training clip; without one, a number that has no neighbours."""
    word = clip.name.rpartition("/")[2]
    return int(word) if word.isdecimal() else -2 * position - 2


@cache
def real_statistics() -> dict:
    """Return the table of the recordings, with its sources and the definition of every figure."""
    text = resources.files("labutils.simulate").joinpath("real_statistics.json").read_text(encoding="utf-8")
    return json.loads(text)


def real_motion() -> dict[str, MotionStatistics]:
    """Return how the objects of the recordings move, class name -> statistics."""
    table = real_statistics()["motion"]["classes"]
    figures = {
        name: {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        for name, row in table.items()
    }
    return {name: MotionStatistics(**row) for name, row in figures.items()}


# Motion: side by side


def compare_motion(
    simulated: Mapping[str, MotionStatistics], real: Mapping[str, MotionStatistics]
) -> list[Comparison]:
    """Set the motion of every class against that of the recordings.

    Targets: median travel within 25 % or 15 px, share of clips at rest and of ends within 0.10, distance of the travel
    distributions below 0.25 for at least eight classes, distance to the nearest wall within 12 px, continuity of
    neighbouring clips 0.63 within 0.10.

    Args:
        simulated: class name -> statistics.
        real: the same of the recordings.
    """
    rows = [
        row
        for name in CLASS_NAMES
        if name in simulated
        for row in _compare_class(name, simulated[name], real[name])
    ]
    return [*rows, *_compare_over_classes(simulated, real)]


def _compare_class(name: str, ours: MotionStatistics, theirs: MotionStatistics) -> list[Comparison]:
    travel, real_travel = median(ours.travel_px), median(theirs.travel_px)
    reach = max(0.25 * real_travel, 15)
    distance = ks_distance(ours.travel_px, theirs.travel_px)
    return [
        near_number(
            "motion", f"{name}: median travel (px)", travel, real_travel, reach, "25 % or 15 px", digits=0
        ),
        near_number("motion", f"{name}: share that travels < 15 px", ours.still, theirs.still, 0.10),
        Comparison(
            "motion",
            f"{name}: distance of the travel distributions",
            f"{distance:.2f}",
            "0",
            "see all classes",
            None,
        ),
        *(
            near_number(
                "motion", f"{name}: share that ends {place}", getattr(ours, kind), getattr(theirs, kind), 0.10
            )
            for kind, place in (
                ("corner", "in a corner"),
                ("wall", "along one wall"),
                ("middle", "in the middle"),
            )
        ),
        near_number(
            "motion",
            f"{name}: last centroid to the nearest wall, median (px)",
            median(ours.nearest_wall_px),
            median(theirs.nearest_wall_px),
            12,
            digits=0,
        ),
        *(
            Comparison("motion", f"{name}: {words}", f"{a:.2f}", f"{b:.2f}", "shown only", None)
            for words, a, b in (
                ("neighbouring clips that continue (< 10 px)", ours.continued_10_px, theirs.continued_10_px),
                ("share in which neither x nor y moved > 40 px", ours.moved_neither, theirs.moved_neither),
                ("share in which both did", ours.moved_both, theirs.moved_both),
            )
        ),
    ]


def _compare_over_classes(
    simulated: Mapping[str, MotionStatistics], real: Mapping[str, MotionStatistics]
) -> list[Comparison]:
    distances = {n: ks_distance(row.travel_px, real[n].travel_px) for n, row in simulated.items()}
    near = sum(distance < 0.25 for distance in distances.values())
    rows = [
        Comparison(
            "motion",
            "classes whose travel distribution is nearer than 0.25",
            f"{near} of {len(distances)}",
            "10 of 10",
            "at least 8 of 10",
            near >= 0.8 * len(distances),
        )
    ]
    for attribute, limit, reach in (("continued_10_px", 10, 0.10), ("continued_30_px", 30, None)):
        ours, theirs = (pooled_continuity(table, attribute) for table in (simulated, real))
        subject = f"all classes: neighbouring clips that continue (< {limit} px)"
        if reach is None or np.isnan(ours):
            rows.append(Comparison("motion", subject, f"{ours:.2f}", f"{theirs:.2f}", "shown only", None))
        else:
            rows.append(near_number("motion", subject, ours, theirs, reach))
    return rows


def pooled_continuity(table: Mapping[str, MotionStatistics], attribute: str = "continued_10_px") -> float:
    """Return the share of neighbouring clips that continue, over all classes; nan if there are no neighbours."""
    rows = [row for row in table.values() if row.neighbours]
    total = sum(row.neighbours for row in rows)
    return sum(row.neighbours * getattr(row, attribute) for row in rows) / total if total else float("nan")


def median(quantiles: tuple[float, ...]) -> float:
    """Return the middle one of an odd number of quantiles."""
    return quantiles[len(quantiles) // 2]


def near_number(
    section: str, subject: str, ours: float, theirs: float, reach: float, words: str = "", *, digits: int = 2
) -> Comparison:
    """Compare two numbers that may differ by `reach`."""
    target = f"within {words or f'{reach:g}'}"
    return Comparison(
        section,
        subject,
        f"{ours:.{digits}f}",
        f"{theirs:.{digits}f}",
        target,
        bool(abs(ours - theirs) <= reach + 1e-9),
    )


def in_band(
    section: str, subject: str, ours: float, real: str, low: float, high: float, *, digits: int = 2
) -> Comparison:
    """Judge a number by a band, where the recordings give a range or words."""
    target = f"{low:g} to {high:g}"
    return Comparison(section, subject, f"{ours:.{digits}f}", real, target, bool(low <= ours <= high))
