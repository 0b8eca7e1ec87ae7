"""The shape of the object in its masks: how large, how long, how round; and the class of a video from it.

Background subtraction loses parts of an object whose colour is like the wood: holes, or half of it. Areas suffer from that;
the distance between the outermost pixels, in whatever direction, hardly does. So the class is told from *extents* (Feret
diameters) and second moments.
"""

import numpy as np

from labutils.clips import CLASS_NAMES
from labutils.errors import ClipError
from labutils.linear_discriminant import LinearDiscriminant

DIRECTIONS = 18
QUANTILES = (0.1, 0.5, 0.9)
SHAPE_NUMBERS = 8 * len(QUANTILES)
_SHRINKAGE = 0.05
_ANGLES = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
_AXES = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)])


def moments(masks: np.ndarray, *, name: str = "the video") -> np.ndarray:
    """Where the object is and how far it spreads, in every mask.

    Args:
        masks: bool [T, H, W].
        name: what an error message calls the video.

    Returns:
        float [T, 6]: centroid x and y, variances xx and yy, covariance xy, square root of the area; in shares of the width
        (x right, y down). nan where a mask is empty.

    Raises:
        ClipError: if not one mask shows anything.
    """
    side = masks.shape[-1]
    pixels = masks.astype(np.float32)
    place = ((np.arange(side) + 0.5) / side).astype(np.float32)
    columns, rows = pixels.sum(axis=1), pixels.sum(axis=2)  # (T, H, W) -> (T, W), (T, H)
    area = columns.sum(axis=1)
    if not area.any():
        raise ClipError(
            f"{name}: all {len(masks)} masks are empty, expected an object in at least one; check the mask folder."
        )
    weight = np.where(area > 0, area, np.nan)
    x, y = columns @ place / weight, rows @ place / weight
    xx, yy = columns @ place**2 / weight - x**2, rows @ place**2 / weight - y**2
    xy = (pixels @ place * place).sum(axis=1) / weight - x * y
    return np.stack([x, y, xx, yy, xy, np.sqrt(weight) / side], axis=1)


def reach(movement: np.ndarray) -> np.ndarray:
    """The largest distance at which an object is seen from where it began; float [M, 6, T], `moments` -> [M] in widths."""
    place = movement[:, :2]
    return np.linalg.norm(place - place[:, :, :1], axis=1).max(axis=1)


def extents(mask: np.ndarray) -> np.ndarray:
    """Distance between the outermost pixels of the object along 18 directions; bool [H, W] -> float [18], in widths.

    A mask without pixels gives nan.

    Source: Feret, "La grosseur des grains", 1930.
    """
    (rows,) = np.nonzero(mask.any(axis=1))
    if len(rows) == 0:
        return np.full(DIRECTIONS, np.nan)
    left = mask[rows].argmax(axis=1)
    right = mask.shape[1] - mask[rows, ::-1].argmax(axis=1)
    outline = np.concatenate([np.stack([left, rows], axis=1), np.stack([right, rows], axis=1)])  # (P, 2)
    along = outline @ _AXES  # (P, 2) -> (P, 18)
    return np.ptp(along, axis=0) / mask.shape[1]


def shape_numbers(masks: np.ndarray, moments_of_masks: np.ndarray) -> np.ndarray:
    """What the class of a video is told from: quantiles over the frames of eight lengths.

    Args:
        masks: bool [T, H, W]; empty ones are left out.
        moments_of_masks: [T, 6], from `moments`.

    Returns:
        float32 [24]: quantiles .1, .5 and .9 of the long and the short axis of the second moments, the logarithm of their
        ratio, the largest and the smallest extent, the extent across the largest, their mean, the logarithm of their ratio.
    """
    seen = ~np.isnan(moments_of_masks[:, 0])
    long, short = _axes(moments_of_masks[seen])
    extent = np.stack([extents(mask) for mask in masks[seen]])  # (T, 18)
    largest, smallest = extent.max(axis=1), extent.min(axis=1)
    across = np.take_along_axis(
        extent, (extent.argmax(axis=1)[:, None] + DIRECTIONS // 2) % DIRECTIONS, axis=1
    )[:, 0]
    elongation = np.log(largest / np.maximum(smallest, 1 / masks.shape[-1]))
    lengths = [long, short, np.log(long / short), largest, smallest, across, extent.mean(axis=1), elongation]
    return np.quantile(np.stack(lengths, axis=1), QUANTILES, axis=0).astype(np.float32).ravel()


def _axes(moments_of_masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviations along the long and the short axis of every mask; [T, 6] -> [T], [T]."""
    _, _, xx, yy, xy, _ = moments_of_masks.T
    difference = np.sqrt((xx - yy) ** 2 + 4 * xy**2)
    long, short = (np.sqrt(np.maximum((xx + yy + sign * difference) / 2, 2e-6)) for sign in (1, -1))
    return long, short


def fit_shape_classifier(numbers: np.ndarray, labels: np.ndarray) -> LinearDiscriminant:
    """A linear discriminant on shapes; [N, 24], int [N]."""
    return LinearDiscriminant.fit(numbers, labels, classes=len(CLASS_NAMES), shrinkage=_SHRINKAGE)
