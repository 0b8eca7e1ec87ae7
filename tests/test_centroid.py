"""Centroids against a loop over pixels; gaps, padding and cutting on small paths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labutils.centroid import Trajectory, centroid, trajectory, trajectory_vector
from labutils.clips import ClipError


def dot(x: int, y: int, size: int = 10) -> np.ndarray:
    mask = np.zeros((size, size), dtype=bool)
    mask[y, x] = True
    return mask


def path_of(position) -> Trajectory:
    position = np.asarray(position, dtype=float)
    return Trajectory(position, np.arange(len(position)), np.ones(len(position), dtype=bool))


def centroid_by_loop(mask: np.ndarray) -> list[float]:
    xs, ys = [], []
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if mask[y, x]:
                xs.append((x + 0.5) / mask.shape[1])
                ys.append((y + 0.5) / mask.shape[0])
    return [sum(xs) / len(xs), sum(ys) / len(ys)]


@given(arrays(bool, (7, 11)).filter(np.any))
def test_centroid_equals_a_loop_over_pixels(mask):
    np.testing.assert_allclose(centroid(mask), centroid_by_loop(mask))


def test_x_goes_right_and_y_goes_down():
    np.testing.assert_allclose(centroid(dot(8, 1)), [0.85, 0.15])


def test_full_mask_has_its_centroid_in_the_middle():
    np.testing.assert_allclose(centroid(np.ones((440, 440), dtype=bool)), [0.5, 0.5])


@given(st.integers(0, 6), st.integers(0, 6))
def test_centroid_moves_with_the_object(dx, dy):
    shape = np.zeros((10, 10), dtype=bool)
    shape[0:2, 0:3] = shape[2, 0] = True
    moved = np.roll(shape, (dy, dx), axis=(0, 1))
    np.testing.assert_allclose(centroid(moved) - centroid(shape), [dx / 10, dy / 10], atol=1e-12)


def test_empty_mask_has_no_centroid():
    assert np.isnan(centroid(np.zeros((5, 5), dtype=bool))).all()


def test_gap_is_a_straight_line_in_time():
    empty = np.zeros((10, 10), dtype=bool)
    path = trajectory(np.array([dot(0, 4), empty, empty, dot(8, 0)]), np.array([0.0, 1.0, 3.0, 4.0]))
    np.testing.assert_allclose(path.position, [[0.05, 0.45], [0.25, 0.35], [0.65, 0.15], [0.85, 0.05]])
    assert path.seen.tolist() == [True, False, False, True]


def test_gap_at_an_end_stays_at_the_nearest_place():
    empty = np.zeros((10, 10), dtype=bool)
    path = trajectory(np.array([empty, dot(3, 6), empty]), np.arange(3.0))
    np.testing.assert_allclose(path.position, np.tile([0.35, 0.65], (3, 1)))


@given(st.lists(st.booleans(), min_size=2, max_size=12).filter(any))
def test_interpolated_places_lie_between_the_seen_ones(seen):
    masks = np.array([dot(3 + i % 5, 9 - i % 4) & shown for i, shown in enumerate(seen)])
    path = trajectory(masks, np.arange(len(seen), dtype=float))
    known = path.position[path.seen]
    assert (path.position >= known.min(axis=0) - 1e-12).all()
    assert (path.position <= known.max(axis=0) + 1e-12).all()
    assert path.seen.tolist() == seen


def test_video_without_an_object_is_refused_by_name():
    with pytest.raises(ClipError, match=r"video_0007: all 3 masks are empty, expected an object"):
        trajectory(np.zeros((3, 10, 10), dtype=bool), np.arange(3.0), name="video_0007")


def test_shorter_path_repeats_its_last_place():
    vector = trajectory_vector(path_of([[0.1, 0.2], [0.3, 0.4]]))
    assert vector.shape == (70,)
    assert vector.dtype == np.float32
    np.testing.assert_allclose(vector[:4], [0.1, 0.2, 0.3, 0.4], rtol=1e-6)
    np.testing.assert_allclose(vector[4:].reshape(33, 2), np.tile([0.3, 0.4], (33, 1)), rtol=1e-6)


def test_longer_path_is_cut():
    position = np.random.default_rng(0).random((40, 2))
    np.testing.assert_array_equal(
        trajectory_vector(path_of(position)), position[:35].ravel().astype(np.float32)
    )


@given(st.integers(1, 50), st.integers(1, 40))
def test_vector_has_its_length_whatever_the_path(frames, length):
    position = np.random.default_rng(frames).random((frames, 2))
    vector = trajectory_vector(path_of(position), length=length).reshape(length, 2)
    for i in range(length):
        np.testing.assert_allclose(vector[i], position[min(i, frames - 1)], rtol=1e-6)


def test_length_of_a_path_is_the_sum_of_its_steps():
    corner = np.array([[0.0, 0.0], [0.3, 0.4], [0.3, 0.9]])
    path = Trajectory(corner, np.arange(3.0), np.ones(3, dtype=bool))
    assert path.length == pytest.approx(1.0)
