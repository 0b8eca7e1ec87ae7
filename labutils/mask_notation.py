"""Which pixels of a clip's masks are the object, however a tool wrote it: decided once, over the whole clip.

The layout has 0 and 255. Other tools write 0 and 1, a class number, a colour, an index of a palette, a transparent
background, or soft edges. Two values leave nothing to guess; what is doubtful is refused with the values found.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from labutils.errors import ClipError

_FEW = 8  # more different levels than these are soft edges or the noise of a JPEG
_MOSTLY = 0.5  # of the tray: no object of the course covers so much of it
_SOFT_WHITE = 64  # a mask with soft edges is at least so bright; darker ones are class numbers
_COLOUR, _TRANSPARENCY, _CLEAR = 1 << 24, 1 << 32, 255 << 32


def mask_codes(picture: Image.Image) -> np.ndarray:
    """A number for the level or colour of every pixel; [H, W].

    Greys are their level: 0 is black, 255 white in 8 bits. Colours are above all greys, and what lets the background through
    is above all colours. One bit is 0 and 255.
    """
    if picture.mode == "L" and "transparency" not in picture.info:
        return np.asarray(picture)
    if picture.mode == "1":
        return np.asarray(picture.convert("L"))
    if picture.mode.startswith("I"):  # 16 bits and more
        return np.asarray(picture).astype(np.int64)
    red, green, blue, alpha = np.moveaxis(np.asarray(picture.convert("RGBA")).astype(np.int64), -1, 0)
    if picture.mode == "P" and not any(picture.getpalette()):  # indices without colours
        return np.asarray(picture)
    colour = (red << 16) + (green << 8) + blue + _COLOUR
    return np.where((red == green) & (green == blue), red, colour) + (255 - alpha) * _TRANSPARENCY


def object_masks(codes: Sequence[np.ndarray], name: object) -> np.ndarray:
    """Tell the object from the background.

    Args:
        codes: T of what `mask_codes` gives, [H, W] each.
        name: what an error message calls the clip.

    Returns:
        bool [T, H, W], True on the object; a mask may be empty.

    Raises:
        ClipError: if the values can mean several things, or what they mean covers most of the tray in most frames.
    """
    counts = _count_values(codes)
    if max(counts) >= _TRANSPARENCY:
        codes = _without_transparency(codes, counts)
        counts = _count_values(codes)
    values = sorted(counts)
    if len(values) <= 2:
        background = _background(values, counts)
        masks = np.stack([picture != background for picture in codes])
    elif len(values) <= _FEW:
        raise ClipError(
            f"{name} holds masks with {len(values)} values ({_names(values)}): expected two, background and object; "
            "write 255 on the object and 0 elsewhere."
        )
    else:
        masks = _soft_masks(codes, counts, name)
    if np.median([np.count_nonzero(mask) for mask in masks]) > _MOSTLY * masks[0].size:
        raise ClipError(
            f"{name} holds masks in which the object covers most of the tray (values found: {_names(values)}): expected 0, "
            "black, around the object; turn black and white over."
        )
    return masks


def _count_values(codes: Sequence[np.ndarray]) -> dict[int, int]:
    """How many pixels of the whole clip have each value."""
    total: dict[int, int] = {}
    for picture in codes:
        black, white = np.count_nonzero(picture == 0), np.count_nonzero(picture == 255)
        if black + white == picture.size:  # what nearly all masks are, counted four times as fast
            pairs = [(value, number) for value, number in ((0, black), (255, white)) if number]
        elif picture.dtype == np.uint8:
            count = np.bincount(picture.ravel(), minlength=256)
            found = np.flatnonzero(count)
            pairs = zip(found.tolist(), count[found].tolist(), strict=True)
        else:
            pairs = zip(*(part.tolist() for part in np.unique(picture, return_counts=True)), strict=True)
        for value, number in pairs:
            total[value] = total.get(value, 0) + number
    return total


def _without_transparency(codes: Sequence[np.ndarray], counts: dict[int, int]) -> list[np.ndarray]:
    """Codes of what can be seen: one value for all that is transparent; or the opacity alone, where it has soft edges."""
    if {value // _TRANSPARENCY for value in counts} <= {0, 255}:
        return [np.where(picture >= _TRANSPARENCY, _CLEAR, picture) for picture in codes]
    return [255 - picture.astype(np.int64) // _TRANSPARENCY for picture in codes]


def _background(values: list[int], counts: dict[int, int]) -> int:
    """The value of the background: transparent, else black, else what most pixels have; a single other value is object."""
    for value in (_CLEAR, 0):
        if value in values:
            return value
    return max(values, key=counts.get) if len(values) == 2 else -1


def _soft_masks(codes: Sequence[np.ndarray], counts: dict[int, int], name: object) -> np.ndarray:
    """Masks with soft edges: half of the brightest level; what is neither dark nor bright must be the rarer part."""
    levels = np.array([_level(value) for value in counts])
    numbers, top = np.array(list(counts.values())), levels.max()
    bright = numbers[levels >= 0.75 * top].sum()
    between = numbers[(levels > 0.25 * top) & (levels < 0.75 * top)].sum()
    if between > bright or top < _SOFT_WHITE:
        raise ClipError(
            f"{name} holds masks with {len(counts)} values from {levels.min()} to {top}: expected two, 255 on the object "
            "and 0 elsewhere, or soft edges between them; write the masks again."
        )
    if all(picture.dtype == np.uint8 for picture in codes):
        return np.stack([picture > top / 2 for picture in codes])
    is_object = [value for value, level in zip(counts, levels, strict=True) if level > top / 2]
    return np.stack([np.isin(picture, is_object) for picture in codes])


def _level(code: int) -> int:
    """Brightness of a code: of a colour its strongest part."""
    return code if code < _COLOUR else max((code >> 16) & 255, (code >> 8) & 255, code & 255)


def _names(values: Sequence[int], most: int = 5) -> str:
    names = [_name(value) for value in values[:most]]
    return ", ".join(names) + (f" and {len(values) - most} more" if len(values) > most else "")


def _name(code: int) -> str:
    if code == _CLEAR:
        return "transparent"
    return str(code) if code < _COLOUR else f"({(code >> 16) & 255}, {(code >> 8) & 255}, {code & 255})"
