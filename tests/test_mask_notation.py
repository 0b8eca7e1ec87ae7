"""Masks in the notations of many tools: the same pixels, or the values that were found."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from labutils.errors import ClipError
from labutils.mask_notation import mask_codes, object_masks

MASKS = np.zeros((4, 440, 440), bool)
for frame, mask in enumerate(MASKS[:3]):  # the last one is empty
    mask[100 + 40 * frame : 160 + 40 * frame, 200:290] = True


def palette(mask, colours, index=1):
    picture = Image.fromarray(mask.astype(np.uint8) * index, mode="P")
    picture.putpalette([part for colour in colours for part in colour])
    return picture


def rgba(mask, inside, outside):
    return Image.fromarray(np.where(mask[..., None], inside, outside).astype(np.uint8), "RGBA")


NOTATIONS = {
    "the layout's": lambda m: Image.fromarray(m.astype(np.uint8) * 255),
    "0 and 1": lambda m: Image.fromarray(m.astype(np.uint8)),
    "one bit": lambda m: Image.fromarray(m),
    "class number": lambda m: Image.fromarray(m.astype(np.uint8) * 7),
    "grey": lambda m: Image.fromarray(m.astype(np.uint8) * 100),
    "labels 1 and 2": lambda m: Image.fromarray(m.astype(np.uint8) + 1),
    "red": lambda m: Image.fromarray((m[..., None] * np.array([255, 0, 0])).astype(np.uint8)),
    "dark blue": lambda m: Image.fromarray((m[..., None] * np.array([0, 0, 64])).astype(np.uint8)),
    "palette, dark red": lambda m: palette(m, [[0, 0, 0], [128, 0, 0]]),
    "palette, index 5": lambda m: palette(m, [[0, 0, 0]] + [[9, 9, 9]] * 4 + [[0, 128, 0]], index=5),
    "palette without colours": lambda m: palette(m, [[0, 0, 0], [0, 0, 0]]),
    "palette, black second": lambda m: palette(~m, [[255, 255, 255], [0, 0, 0]]),
    "16 bits": lambda m: Image.fromarray(m.astype(np.uint16) * 65535),
    "16 bits, label": lambda m: Image.fromarray(m.astype(np.uint16) * 300),
    "white on transparent": lambda m: rgba(m, [255, 255, 255, 255], [255, 255, 255, 0]),
    "black on transparent": lambda m: rgba(m, [0, 0, 0, 255], [0, 0, 0, 0]),
    "white on opaque black": lambda m: rgba(m, [255, 255, 255, 255], [0, 0, 0, 255]),
}


def soft(mask):
    return Image.fromarray(mask.astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(2))


SOFT = {
    "edges": soft,
    "edges in grey": lambda m: soft(m).point(lambda level: level // 2),
    "opacity": lambda m: Image.merge("LA", [Image.new("L", (440, 440), 255), soft(m)]),
}


def read(pictures, kind="PNG"):
    codes = []
    for picture in pictures:
        file = io.BytesIO()
        picture.save(file, kind)
        codes.append(mask_codes(Image.open(file)))
    return object_masks(codes, "video_0003")


@pytest.mark.parametrize("make", NOTATIONS.values(), ids=NOTATIONS)
def test_the_same_pixels_in_every_notation(make):
    np.testing.assert_array_equal(read([make(mask) for mask in MASKS]), MASKS)


@pytest.mark.parametrize("make", SOFT.values(), ids=SOFT)
def test_soft_edges_lose_no_more_than_corners(make):
    found = read([make(mask) for mask in MASKS])
    assert (found <= MASKS).all() and (MASKS & ~found).sum(axis=(1, 2)).max() <= 20


@pytest.mark.parametrize("colour", [(255, 255, 255), (255, 0, 0)])
def test_jpeg_noise_moves_an_edge_by_a_pixel_at_most(colour):
    found = read([Image.fromarray((m[..., None] * np.array(colour)).astype(np.uint8)) for m in MASKS], "JPEG")
    assert np.abs(found.sum(axis=(1, 2)) - MASKS.sum(axis=(1, 2))).max() < 300
    assert not found[3].any()


def test_the_notation_is_that_of_the_whole_clip():
    nearly_empty = [Image.fromarray(mask.astype(np.uint8) * 255) for mask in MASKS]
    level = np.zeros((440, 440), np.uint8)
    level[0, 0] = 1  # alone in its picture it would be the object
    with pytest.raises(ClipError, match=r"3 values \(0, 1, 255\)"):
        read([*nearly_empty, Image.fromarray(level)])


INVERTED = {
    "black on white": lambda m: NOTATIONS["the layout's"](~m),
    "0 in 1": lambda m: NOTATIONS["0 and 1"](~m),
    "all white": lambda m: Image.fromarray(np.full((440, 440), 255, np.uint8)),
    "transparent object": lambda m: NOTATIONS["white on transparent"](~m),
}


@pytest.mark.parametrize("make", INVERTED.values(), ids=INVERTED)
def test_an_object_over_most_of_the_tray_is_refused_with_the_values(make):
    with pytest.raises(ClipError, match=r"video_0003 holds masks in which .* \(values found: "):
        read([make(mask) for mask in MASKS])


DOUBTFUL = {
    "object, void border": [0, 1, 255],
    "trimap": [0, 128, 255],
    "five classes": [0, 1, 2, 3, 4],
    "twenty classes": list(range(20)),
}


@pytest.mark.parametrize("values", DOUBTFUL.values(), ids=DOUBTFUL)
def test_more_than_two_values_are_refused_with_the_values(values):
    level = np.zeros((440, 440), np.uint8)
    for place, value in enumerate(values):
        level[20 * place : 20 * place + 20, :100] = value
    with pytest.raises(ClipError, match="expected two") as refused:
        read([Image.fromarray(level)] * 3)
    assert str(values[-1]) in str(refused.value) or "more" in str(refused.value)


def test_empty_masks_stay_empty():
    assert not read([Image.fromarray(np.zeros((440, 440), np.uint8))] * 2).any()
