"""Statistics of the masks: how large and how noisy they are, and how many there are in a clip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from labutils.simulate.recording import draw_frame_times_s
from labutils.validation.comparison import Comparison, in_band, near_number, real_statistics, shown

_EVERY = 3  # specks and holes are counted in every third mask: neighbours hardly differ


@dataclass(frozen=True)
class ClipMasks:
    """What the masks of one clip tell; specks and holes are those of every third mask that is not empty."""

    frames: int
    area: np.ndarray  # (T,) share of the mask that is set
    specks: np.ndarray  # (M,) connected pieces beside the largest one
    speck_share: np.ndarray  # (M,) their share of the pixels that are set
    holes: np.ndarray  # (M,) pieces of background enclosed by the object


@dataclass(frozen=True)
class MaskStatistics:
    """The masks of the clips of one class, or of all; shares are 0-1."""

    clips: int
    frames: float  # mean number a clip
    fewest_frames: int
    most_frames: int
    area: tuple[float, float, float]  # share of the mask that is set, where it is not empty: 10, 50, 90 %
    empty: float  # share of empty masks
    specks: float  # mean number in a mask
    with_specks: float  # share of masks with one or more
    speck_share: float  # mean share of the set pixels that lie in specks
    with_holes: float  # share of masks with a hole


def describe_masks(masks: np.ndarray) -> ClipMasks:
    """Measure the masks of one clip.

    Args:
        masks: bool [T, 440, 440].
    """
    area = masks.mean(axis=(1, 2))
    flaws = [mask_flaws(mask) for mask in masks[::_EVERY] if mask.any()]
    specks, speck_share, holes = np.array(flaws, dtype=float).reshape(-1, 3).T
    return ClipMasks(len(masks), area, specks, speck_share, holes)


def mask_flaws(mask: np.ndarray) -> tuple[int, float, int]:
    """Count what plain background subtraction got wrong: specks, their share of the pixels, and holes.

    Pieces that touch at a corner only are two.

    Args:
        mask: bool [H, W], not empty.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    # A rim of background joins all that lies around the object.
    cut = np.pad(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 1)
    pieces, count = ndimage.label(cut)
    sizes = np.bincount(pieces.ravel())[1:]
    _, backgrounds = ndimage.label(~cut)
    return count - 1, float(1 - sizes.max() / sizes.sum()), backgrounds - 1


def mask_statistics(clips: Sequence[ClipMasks]) -> MaskStatistics:
    """Describe the masks of at least one clip."""
    frames = [clip.frames for clip in clips]
    area = np.concatenate([clip.area for clip in clips])
    specks, speck_share, holes = (
        np.concatenate([getattr(clip, kind) for clip in clips]) for kind in ("specks", "speck_share", "holes")
    )
    seen = area[area > 0]
    return MaskStatistics(
        len(clips),
        float(np.mean(frames)),
        min(frames),
        max(frames),
        tuple(np.quantile(seen, (0.1, 0.5, 0.9)).tolist()) if len(seen) else (0.0, 0.0, 0.0),
        float((area == 0).mean()),
        *(
            float(values.mean()) if len(values) else 0.0
            for values in (specks, specks > 0, speck_share, holes > 0)
        ),
    )


def compare_masks(by_class: Mapping[str, MaskStatistics], whole: MaskStatistics) -> list[Comparison]:
    """Set the masks of a data set against what is known of the recordings.

    Args:
        by_class: class name -> statistics.
        whole: of all clips together.
    """
    real = real_statistics()
    frames, most = real["frames"]["mean"]["value"], real["frames"]["most"]["value"]
    empty = real["picture"]["empty_masks"]["value"]
    flaws, specks = "“sometimes”", "specks a mask, mean; their share of the pixels"
    return [
        near_number("masks", "frames a clip, mean", whole.frames, frames, 1, digits=1),
        in_band("masks", "frames a clip, most", whole.most_frames, f"31 to {most}", 25, most, digits=0),
        shown("masks", "frames a clip, fewest", whole.fewest_frames, "not known", digits=0),
        near_number("masks", "masks that are empty, share", whole.empty, empty, 0, digits=4),
        in_band("masks", "masks with a speck, share", whole.with_specks, flaws, 0.02, 0.6),
        shown("masks", specks, f"{whole.specks:.1f}; {100 * whole.speck_share:.1f} %", "not known"),
        in_band("masks", "masks with a hole, share", whole.with_holes, flaws, 0.01, 0.5),
        *(row for name, statistics in by_class.items() for row in _show_class(name, statistics)),
    ]


def compare_frame_times(seed: int, *, clips: int = 300) -> list[Comparison]:
    """Draw when pictures are taken, as the generator does: a clip on disk does not tell which are missing.

    Args:
        seed: of the random numbers.
        clips: how many are drawn.
    """
    rng = np.random.default_rng(seed)
    steps_s = [np.diff(draw_frame_times_s(rng)) for _ in range(clips)]
    gaps = np.concatenate([step_s > 1.5 * np.median(step_s) for step_s in steps_s])
    theirs = real_statistics()["frames"]["rate_hz"]["value"]
    rate_hz = float(np.median([1 / np.median(step_s) for step_s in steps_s]))
    subject = "missing frames: share of steps longer than 1.5 usual ones"
    return [
        near_number("masks", "frames a second, median", rate_hz, theirs, 0.6, digits=1),
        shown("masks", subject, float(gaps.mean()), "not known"),
    ]


def _show_class(name: str, row: MaskStatistics) -> list[Comparison]:
    area = " / ".join(f"{100 * share:.1f}" for share in row.area)
    return [
        shown("masks", f"{name}: % of the mask that is set, at 10 / 50 / 90 %", area, ""),
        shown("masks", f"{name}: specks a mask, mean", row.specks, "", digits=1),
        shown("masks", f"{name}: masks with a hole, share", row.with_holes, ""),
        shown("masks", f"{name}: empty masks, share", row.empty, "", digits=3),
    ]
