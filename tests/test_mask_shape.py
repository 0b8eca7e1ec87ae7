"""Moments and extents of masks against loops and known shapes; what a lost half does."""

import numpy as np
import pytest

from labutils.centroid import centroid
from labutils.clips import ClipError
from labutils.mask_shape import DIRECTIONS, extents, fit_shape_classifier, moments, shape_numbers


def rectangle(width: int, height: int, centre=(100, 80), side: int = 200, angle: float = 0.0) -> np.ndarray:
    """A mask with a rectangle, turned by an angle (from x towards y, which points down)."""
    y, x = np.mgrid[:side, :side] + 0.5
    along = (x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)
    across = -(x - centre[0]) * np.sin(angle) + (y - centre[1]) * np.cos(angle)
    return (abs(along) < width / 2) & (abs(across) < height / 2)


def test_moments_are_those_of_the_pixels():
    mask = np.random.default_rng(0).random((200, 200)) < 0.1
    rows, columns = np.nonzero(mask)
    x, y = (columns + 0.5) / 200, (rows + 0.5) / 200
    expected = [
        x.mean(),
        y.mean(),
        x.var(),
        y.var(),
        ((x - x.mean()) * (y - y.mean())).mean(),
        np.sqrt(len(x)) / 200,
    ]
    np.testing.assert_allclose(moments(mask[None])[0], expected, atol=1e-4)
    np.testing.assert_allclose(moments(mask[None])[0, :2], centroid(mask), atol=1e-5)


def test_covariance_is_positive_along_the_falling_diagonal():
    """y points down: an object from the upper left to the lower right has a positive covariance."""
    assert moments(rectangle(100, 10, angle=np.pi / 4)[None])[0, 4] > 1e-3
    assert moments(rectangle(100, 10, angle=-np.pi / 4)[None])[0, 4] < -1e-3


def test_empty_mask_gives_nan_and_only_empty_ones_are_refused():
    masks = np.stack([np.zeros((200, 200), dtype=bool), rectangle(30, 20)])
    assert np.isnan(moments(masks)[0]).all() and np.isfinite(moments(masks)[1]).all()
    with pytest.raises(ClipError, match="video_0007: all 1 masks are empty"):
        moments(masks[:1], name="video_0007")


def test_extents_are_those_of_a_rectangle_in_every_direction():
    for angle in (0.0, 0.4):
        found = extents(rectangle(80, 30, angle=angle)) * 200
        directions = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
        expected = 80 * abs(np.cos(directions - angle)) + 30 * abs(np.sin(directions - angle))
        np.testing.assert_allclose(found, expected, atol=3)
    assert np.isnan(extents(np.zeros((200, 200), dtype=bool))).all()


def test_holes_hardly_change_the_extents_but_the_area():
    whole = rectangle(80, 60)
    holed = whole & (np.random.default_rng(0).random(whole.shape) < 0.5)
    np.testing.assert_allclose(extents(holed), extents(whole), atol=4 / 200)
    assert holed.sum() < 0.6 * whole.sum()


def test_shape_numbers_are_quantiles_over_the_frames_and_leave_out_empty_ones():
    small, large = rectangle(20, 20), rectangle(120, 20)
    masks = np.stack([small, np.zeros_like(small), large, small])
    numbers = shape_numbers(masks, moments(masks)).reshape(3, 8)  # quantiles x lengths
    assert numbers.shape == (3, 8) and np.isfinite(numbers).all()
    # the median of three is the small one
    assert numbers[1, 3] == pytest.approx(extents(small).max(), abs=1e-6)
    largest, smallest = extents(large).max(), extents(large).min()
    assert numbers[2, 3] > numbers[1, 3] and largest / smallest > 3


def test_shapes_are_told_apart_wherever_and_however_they_lie():
    rng = np.random.default_rng(0)
    sizes, features, labels = [(40, 40), (90, 20), (70, 60)], [], []
    for label, (width, height) in enumerate(sizes):
        for _ in range(12):
            place = rng.uniform(70, 130, 2)
            masks = np.stack([rectangle(width, height, place, angle=rng.uniform(0, 3)) for _ in range(4)])
            features.append(shape_numbers(masks, moments(masks)))
            labels.append(label)
    features, labels = np.stack(features), np.array(labels)
    found = fit_shape_classifier(features[::2], labels[::2])
    assert (found.log_probabilities(features[1::2]).argmax(axis=1) == labels[1::2]).all()
