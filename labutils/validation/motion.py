"""Statistics of the motion: how far objects travel in a clip, where they rest and end, and whether clips continue.

The recordings are known by the first and last centroid of all 2249 training clips. The same figures are taken from a
simulated data set. They can be taken from recordings too, in the same way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from labutils.centroid import centroid
from labutils.clips import CLASS_NAMES, MASK_SIZE, Clip
from labutils.validation.comparison import Comparison, near_number, real_statistics, shown

QUANTILES = tuple(np.linspace(0, 1, 41).tolist())  # of the travel: enough for a distance of distributions
COARSE_QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
STILL_PX = 15.0  # a clip in which the centroid travels less is one of an object that stayed
CORNER_PX = 110.0  # a centroid this near to two walls ends in a corner, near to one along a wall
CONTINUED_PX = (10.0, 30.0)  # a clip that begins this near to the last one's end continues it
MOVED_PX = 40.0  # a coordinate that changes by more has moved
NEAR_TRAVEL = 0.25  # travel distributions nearer than this are alike
_JUDGED_SHARES = {
    "still": "travel below 15 px",
    "corner": "ends in a corner",
    "wall": "ends along one wall",
    "middle": "ends in the middle",
}
_SHOWN_SHARES = {
    "continued_10_px": "continues the clip before (< 10 px)",
    "moved_neither": "neither x nor y moved > 40 px",
    "moved_both": "both x and y did",
}


@dataclass(frozen=True)
class Endpoints:
    """First and last centroid of clips of one class, in mask pixels (x right, y down), by rising clip id."""

    clip_id: np.ndarray  # (N,) int; neighbouring clips differ by one
    first_px: np.ndarray  # (N, 2)
    last_px: np.ndarray  # (N, 2)


@dataclass(frozen=True)
class MotionStatistics:
    """How the objects of one class move; the same definitions serve recordings and simulation. Shares are 0-1.

    Travel is the distance from the first to the last centroid of a clip: it hides what went and came back. Of the pairs of
    neighbouring clips, those continue that begin less than 10 or 30 px from where the last one ended; nan without pairs.
    """

    clips: int
    travel_px: tuple[float, ...]  # at QUANTILES
    still: float  # share of clips that travel less than 15 px
    nearest_wall_px: tuple[float, ...]  # last centroid to the nearest edge of the mask, at COARSE_QUANTILES
    corner: float  # ends within 110 px of two walls
    wall: float  # of one wall
    middle: float  # of none
    neighbours: int  # pairs of clips with ids that follow each other
    continued_10_px: float
    continued_30_px: float
    moved_neither: float  # share of clips in which neither coordinate changed by more than 40 px
    moved_x: float  # only x did
    moved_y: float
    moved_both: float


def endpoints(clip_id: Iterable[int], paths_px: Iterable[np.ndarray]) -> Endpoints:
    """Take the first and the last centroid of every clip.

    Args:
        clip_id: [N] numbers of the clips; those of neighbouring clips differ by one.
        paths_px: N paths [T, 2] in mask pixels; unknown centroids are nan.
    """
    ids, ends = np.asarray(list(clip_id), dtype=int), []
    for path in paths_px:
        known = path[np.isfinite(path).all(axis=1)]
        ends.append((known[0], known[-1]) if len(known) else np.full((2, 2), np.nan))
    # (N, 2, 2) -> 2 x (N, 2)
    first_px, last_px = np.asarray(ends, dtype=float).reshape(-1, 2, 2).swapaxes(0, 1)
    kept = np.flatnonzero(np.isfinite(first_px).all(axis=1))
    order = kept[np.argsort(ids[kept], kind="stable")]
    return Endpoints(ids[order], first_px[order], last_px[order])


def centroids_px(masks: np.ndarray) -> np.ndarray:
    """Return the centroid of every mask in pixels, nan for an empty one, [T, H, W] -> [T, 2]."""
    return MASK_SIZE * np.array([centroid(mask) for mask in masks])


def clip_number(clip: Clip, index: int) -> int:
    """Return the id in the name of a training clip; without one, a number that has no neighbours.

    Args:
        clip: a training clip.
        index: of the clip in its data set.
    """
    word = clip.name.rpartition("/")[2]
    return int(word) if word.isdecimal() else -2 * index - 2


def motion_statistics(ends: Endpoints) -> MotionStatistics:
    """Describe how the objects of one class move.

    Args:
        ends: of at least one clip.
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


def travel_distance(ours: MotionStatistics, theirs: MotionStatistics) -> float:
    """Return the Kolmogorov-Smirnov distance of two travel distributions, 0 (equal) to 1 (no overlap).

    Both are known by 41 quantiles, which blurs the distance by 0.025 at most.
    """
    return float(stats.ks_2samp(ours.travel_px, theirs.travel_px, method="asymp").statistic)


def pooled_continuity(table: Mapping[str, MotionStatistics], attribute: str = "continued_10_px") -> float:
    """Return the share of neighbouring clips that continue, over all classes; nan if there are no neighbours."""
    rows = [row for row in table.values() if row.neighbours]
    total = sum(row.neighbours for row in rows)
    return sum(row.neighbours * getattr(row, attribute) for row in rows) / total if total else float("nan")


def middle_quantile(quantiles: tuple[float, ...]) -> float:
    """Return the median, the middle one of an odd number of quantiles."""
    return quantiles[len(quantiles) // 2]


def real_motion() -> dict[str, MotionStatistics]:
    """Return how the objects of the recordings move, class name -> statistics."""
    table = real_statistics()["motion"]["classes"]
    figures = {
        name: {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        for name, row in table.items()
    }
    return {name: MotionStatistics(**row) for name, row in figures.items()}


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
    names = [name for name in CLASS_NAMES if name in simulated]
    rows = [row for name in names for row in _compare_class(name, simulated[name], real[name])]
    return [*rows, *_compare_over_classes(simulated, real)]


def _compare_class(name: str, ours: MotionStatistics, theirs: MotionStatistics) -> list[Comparison]:
    subject = f"{name}: distance of the travel distributions (see all classes)"
    judged = [
        near_number("motion", f"{name}: share, {words}", getattr(ours, kind), getattr(theirs, kind), 0.10)
        for kind, words in _JUDGED_SHARES.items()
    ]
    rest = [
        shown("motion", f"{name}: share, {words}", getattr(ours, kind), getattr(theirs, kind))
        for kind, words in _SHOWN_SHARES.items()
    ]
    return [
        _compare_travel(name, ours, theirs),
        shown("motion", subject, travel_distance(ours, theirs), "0"),
        _compare_wall_distance(name, ours, theirs),
        *judged,
        *rest,
    ]


def _compare_travel(name: str, ours: MotionStatistics, theirs: MotionStatistics) -> Comparison:
    travel_px, real_px = middle_quantile(ours.travel_px), middle_quantile(theirs.travel_px)
    subject, reach_px = f"{name}: median travel (px)", max(0.25 * real_px, 15)
    return near_number("motion", subject, travel_px, real_px, reach_px, words="25 % or 15 px", digits=0)


def _compare_wall_distance(name: str, ours: MotionStatistics, theirs: MotionStatistics) -> Comparison:
    wall_px, real_px = middle_quantile(ours.nearest_wall_px), middle_quantile(theirs.nearest_wall_px)
    subject = f"{name}: last centroid to nearest wall, median (px)"
    return near_number("motion", subject, wall_px, real_px, 12, digits=0)


def _compare_over_classes(
    simulated: Mapping[str, MotionStatistics], real: Mapping[str, MotionStatistics]
) -> list[Comparison]:
    distances = [travel_distance(row, real[name]) for name, row in simulated.items()]
    near, of = sum(distance < NEAR_TRAVEL for distance in distances), len(distances)
    ours, theirs = (pooled_continuity(table, "continued_10_px") for table in (simulated, real))
    wide = [pooled_continuity(table, "continued_30_px") for table in (simulated, real)]
    travel = f"all classes: travel distributions nearer than {NEAR_TRAVEL}"
    subject = "all classes: share, continues the clip before"
    return [
        Comparison("motion", travel, f"{near} of {of}", "all", "at least 8 of 10", near >= 0.8 * of),
        near_number("motion", f"{subject} (< 10 px)", ours, theirs, 0.10),
        shown("motion", f"{subject} (< 30 px)", *wide),
    ]
