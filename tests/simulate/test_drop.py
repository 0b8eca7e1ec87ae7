"""One drop: the same every time, and its places, hits and pictures fit together."""

import numpy as np
import pytest

from labutils.clips import CLASS_NAMES, MASK_SIZE, SAMPLE_RATE_HZ
from labutils.simulate.camera import FLOOR_PX_PER_M
from labutils.simulate.drop import drop_object, tray_widths
from labutils.simulate.tray import TRAY_WIDTH_M

BOX = CLASS_NAMES.index("toothpaste_box")
# wall -> (axis, where the wall stands on it), in tray widths, y down
OUTWARD = {0: (1, 1.0), 1: (0, 0.0), 2: (1, 0.0), 3: (0, 1.0)}


@pytest.fixture(scope="module")
def drop():
    return drop_object(BOX, seed=1, duration_s=1.5)


def test_places_of_the_picture_by_hand():
    corners = tray_widths(np.array([[-0.15, 0.15, 0.0], [0.15, -0.15, 0.0], [0.0, 0.0, 0.1]]))
    np.testing.assert_allclose(corners, [[0, 0], [1, 1], [0.5, 0.5]], atol=1e-12)


def test_same_seed_same_drop_and_another_seed_another(drop):
    again, other = (drop_object(BOX, seed=seed, duration_s=1.5) for seed in (1, 2))
    np.testing.assert_array_equal(again.audio, drop.audio)
    np.testing.assert_array_equal(again.frames, drop.frames)
    assert not np.array_equal(other.path, drop.path)


def test_parts_of_a_drop_have_the_lengths_they_promise(drop):
    assert drop.audio.shape == (round(1.5 * SAMPLE_RATE_HZ), 4)
    assert len(drop.path) == len(drop.path_times_s) == 1500
    assert len(drop.frames) == len(drop.masks) == len(drop.times_s) == len(drop.frame_places) == 9
    assert len(drop.hits) == len(drop.hit_times_s) == len(drop.hit_walls) == len(drop.hit_speeds_m_s) > 0


def test_hits_lie_on_their_walls(drop):
    for place, wall in zip(drop.hit_places, drop.hit_walls, strict=True):
        axis, expected = OUTWARD[wall]
        assert place[axis] == pytest.approx(expected, abs=0.02)


def test_speed_of_a_hit_is_that_before_it(drop):
    hardest = np.argmax([hit.impulse_n_s for hit in drop.hits])
    before_s = drop.hit_times_s[hardest] - np.array([0.022, 0.002])
    at = np.rint(before_s * 1000).astype(int)
    travelled_m = np.linalg.norm(np.diff(drop.path[at], axis=0)) * TRAY_WIDTH_M
    assert drop.hit_speeds_m_s[hardest] == pytest.approx(travelled_m / 0.02, rel=0.3)


def test_pictures_show_the_object_where_it_is(drop):
    for mask, place in zip(drop.masks, drop.frame_places, strict=True):
        rows, columns = np.nonzero(mask)
        if len(rows):
            seen_px = np.array([columns.mean(), rows.mean()]) - MASK_SIZE / 2
            expected_px = (place - 0.5) * TRAY_WIDTH_M * FLOOR_PX_PER_M
            np.testing.assert_allclose(seen_px, expected_px, atol=25)


def test_drop_without_a_hit_has_empty_lists():
    still = drop_object(BOX, seed=1, duration_s=0.2)
    assert still.hits == []
    assert still.hit_places.shape == (0, 2)
    assert still.hit_speeds_m_s.shape == still.hit_times_s.shape == still.hit_walls.shape == (0,)
