"""How near simulated clips come to the recordings: statistics of a data set, and of the recordings, side by side.

The recordings are not here. What is known of them is a small table, `real_statistics.json`, computed from published first
and last centroids of all 2249 training clips, and from what documents, pictures and public solutions tell of their sound.
This module makes the statistics of the motion and measures whole data sets; the sound is in `hearing`, the picture in
`seeing`. The figures of `compare` hold for recordings too: whoever has them can measure them in the same way.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from labutils.centroid import centroid
from labutils.clips import CLASS_NAMES, MASK_SIZE, Clip, train_clips
from labutils.simulate.comparison import Comparison, near_number, real_statistics, shown
from labutils.simulate.hearing import SoundStatistics, compare_clips, describe_sound, sound_statistics
from labutils.simulate.seeing import PictureStatistics, compare_pictures, describe_masks, picture_statistics

QUANTILES = tuple(np.linspace(0, 1, 41).tolist())  # of the travel: enough for a distance of distributions
COARSE_QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
STILL_PX = 15.0  # a clip in which the centroid travels less is one of an object that stayed
CORNER_PX = 110.0  # a centroid this near to two walls ends in a corner, near to one along a wall
CONTINUED_PX = (10.0, 30.0)  # a clip that begins this near to the last one's end continues it
MOVED_PX = 40.0  # a coordinate that changes by more has moved


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
    clips = tqdm(train_clips(data), desc="reading masks", unit="clip", disable=not progress)
    return _gather([(clip, number, centroids_px(clip.masks())) for number, clip in enumerate(clips)])


def _gather(rows: Iterable[tuple[Clip, int, np.ndarray]]) -> dict[str, Endpoints]:
    """Sort clips, with position and path, by class."""
    numbers, paths_px = defaultdict(list), defaultdict(list)
    for clip, position, path_px in rows:
        name = CLASS_NAMES[clip.label]
        numbers[name].append(clip_number(clip, position))
        paths_px[name].append(path_px)
    return {name: endpoints(numbers[name], paths_px[name]) for name in numbers}


def centroids_px(masks: np.ndarray) -> np.ndarray:
    """Return the centroid of every mask in pixels, nan for an empty one, [T, H, W] -> [T, 2]."""
    return MASK_SIZE * np.array([centroid(mask) for mask in masks])


def clip_number(clip: Clip, position: int) -> int:
    """Return the id in the name of a training clip; without one, a number that has no neighbours."""
    word = clip.name.rpartition("/")[2]
    return int(word) if word.isdecimal() else -2 * position - 2


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
    travel_px, real_px = median(ours.travel_px), median(theirs.travel_px)
    reach_px, words = max(0.25 * real_px, 15), "25 % or 15 px"
    distance = ks_distance(ours.travel_px, theirs.travel_px)
    wall_px, real_wall_px = median(ours.nearest_wall_px), median(theirs.nearest_wall_px)
    rows = [
        near_number(
            "motion", f"{name}: median travel (px)", travel_px, real_px, reach_px, words=words, digits=0
        ),
        shown("motion", f"{name}: distance of the travel distributions (see all classes)", distance, "0"),
        near_number(
            "motion",
            f"{name}: last centroid to nearest wall, median (px)",
            wall_px,
            real_wall_px,
            12,
            digits=0,
        ),
    ]
    judged = {
        "still": "travel below 15 px",
        "corner": "ends in a corner",
        "wall": "ends along one wall",
        "middle": "ends in the middle",
    }
    rest = {
        "continued_10_px": "continues the clip before (< 10 px)",
        "moved_neither": "neither x nor y moved > 40 px",
        "moved_both": "both x and y did",
    }
    for kind, what in judged.items():
        subject = f"{name}: share, {what}"
        rows.append(near_number("motion", subject, getattr(ours, kind), getattr(theirs, kind), 0.10))
    for kind, what in rest.items():
        rows.append(shown("motion", f"{name}: share, {what}", getattr(ours, kind), getattr(theirs, kind)))
    return rows


def _compare_over_classes(
    simulated: Mapping[str, MotionStatistics], real: Mapping[str, MotionStatistics]
) -> list[Comparison]:
    distances = [ks_distance(row.travel_px, real[name].travel_px) for name, row in simulated.items()]
    near, of = sum(distance < 0.25 for distance in distances), len(distances)
    ours, theirs = (pooled_continuity(table, "continued_10_px") for table in (simulated, real))
    wide = [pooled_continuity(table, "continued_30_px") for table in (simulated, real)]
    subject = "all classes: share, continues the clip before"
    return [
        Comparison(
            "motion",
            "all classes: travel distributions nearer than 0.25",
            f"{near} of {of}",
            "all",
            "at least 8 of 10",
            near >= 0.8 * of,
        ),
        near_number("motion", f"{subject} (< 10 px)", ours, theirs, 0.10),
        shown("motion", f"{subject} (< 30 px)", *wide),
    ]


def pooled_continuity(table: Mapping[str, MotionStatistics], attribute: str = "continued_10_px") -> float:
    """Return the share of neighbouring clips that continue, over all classes; nan if there are no neighbours."""
    rows = [row for row in table.values() if row.neighbours]
    total = sum(row.neighbours for row in rows)
    return sum(row.neighbours * getattr(row, attribute) for row in rows) / total if total else float("nan")


def median(quantiles: tuple[float, ...]) -> float:
    """Return the middle one of an odd number of quantiles."""
    return quantiles[len(quantiles) // 2]


# A whole data set


@dataclass(frozen=True)
class Measurement:
    """Everything that is measured of the training clips of a data set; keys are class names, in their order."""

    ends: dict[str, Endpoints]
    motion: dict[str, MotionStatistics]
    sound: dict[str, SoundStatistics]
    all_sound: SoundStatistics
    picture: dict[str, PictureStatistics]
    all_pictures: PictureStatistics


def measure(data: str | Path, *, progress: bool = True) -> Measurement:
    """Read all training clips of a data set, simulated or recorded, once, and measure them.

    Args:
        data: folder of the data set.
        progress: whether to show a progress bar.

    Raises:
        ClipError: if there are no clips, or one cannot be used.
    """
    rows, sounds, pictures = [], defaultdict(list), defaultdict(list)
    clips = tqdm(train_clips(data), desc="measuring clips", unit="clip", disable=not progress)
    for position, clip in enumerate(clips):
        name, masks = CLASS_NAMES[clip.label], clip.masks()
        rows.append((clip, position, centroids_px(masks)))
        sounds[name].append(describe_sound(clip.audio()))
        pictures[name].append(describe_masks(masks))
    ends = _gather(rows)
    return Measurement(
        ends,
        {name: motion_statistics(ends[name]) for name in ends},
        {name: sound_statistics(own) for name, own in sounds.items()},
        sound_statistics([sound for own in sounds.values() for sound in own]),
        {name: picture_statistics(own) for name, own in pictures.items()},
        picture_statistics([picture for own in pictures.values() for picture in own]),
    )


def compare(measured: Measurement) -> list[Comparison]:
    """Set a measured data set against the recordings: motion, sound, picture."""
    return [
        *compare_motion(measured.motion, real_motion()),
        *compare_clips(measured.sound, measured.all_sound),
        *compare_pictures(measured.picture, measured.all_pictures),
    ]
