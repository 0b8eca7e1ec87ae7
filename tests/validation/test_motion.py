"""Statistics of the motion: by hand on small cases, against scipy, and side by side with the recordings."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from labutils.clips import CLASS_NAMES, Clip
from labutils.validation import motion
from labutils.validation.motion import (
    compare_motion,
    endpoints,
    middle_quantile,
    motion_statistics,
    pooled_continuity,
    real_motion,
    travel_distance,
)

RNG = np.random.default_rng(0)


def verdicts(rows) -> dict[str, bool | None]:
    return {row.subject: row.passed for row in rows}


def test_endpoints_are_the_first_and_last_known_centroids_by_rising_id():
    unknown = [np.nan, np.nan]
    paths = [np.array([unknown, [1, 2], [3, 4], unknown]), np.array([unknown]), np.array([[5.0, 6.0]])]
    ends = endpoints([9, 7, 4], paths)
    np.testing.assert_array_equal(ends.clip_id, [4, 9])
    np.testing.assert_array_equal(ends.first_px, [[5, 6], [1, 2]])
    np.testing.assert_array_equal(ends.last_px, [[5, 6], [3, 4]])


@pytest.fixture
def four_clips():
    first = [[20, 20], [50, 60], [220, 20], [20, 420]]
    last = [[50, 60], [220, 60], [220, 30], [220, 220]]
    return endpoints([1, 2, 3, 5], [np.array([a, b], float) for a, b in zip(first, last, strict=True)])


def test_motion_statistics_of_four_clips_by_hand(four_clips):
    found = motion_statistics(four_clips)
    assert found.clips == 4
    assert found.travel_px[0] == 10 and found.travel_px[-1] == pytest.approx(math.hypot(200, 200), abs=0.1)
    assert found.still == 0.25
    assert (found.corner, found.wall, found.middle) == (0.25, 0.5, 0.25)
    assert found.neighbours == 2
    assert (found.continued_10_px, found.continued_30_px) == (0.5, 0.5), "40 px from 2 to 3"
    assert (found.moved_neither, found.moved_x, found.moved_y, found.moved_both) == (0.5, 0.25, 0.0, 0.25)
    assert (found.nearest_wall_px[0], found.nearest_wall_px[-1]) == (30, 220)


def test_clips_without_neighbours_have_no_continuity():
    ends = endpoints([1, 5], [np.array([[9.0, 9.0]])] * 2)
    assert math.isnan(motion_statistics(ends).continued_10_px)
    assert math.isnan(pooled_continuity({"a": motion_statistics(ends)}))


def test_continuity_is_pooled_by_the_number_of_neighbours(four_clips):
    some = dataclasses.replace(motion_statistics(four_clips), neighbours=1, continued_10_px=1.0)
    many = dataclasses.replace(some, neighbours=3, continued_10_px=0.0)
    none = dataclasses.replace(some, neighbours=0, continued_10_px=math.nan)
    assert pooled_continuity({"a": some, "b": many, "c": none}) == 0.25


def of_travel(travel_px) -> motion.MotionStatistics:
    """The statistics of a class of which only the travel matters."""
    return dataclasses.replace(real_motion()["yellow_block"], travel_px=tuple(travel_px))


@pytest.mark.parametrize("shift", [0.0, 0.3, 2.0, 10.0])
def test_distance_of_quantile_tables_is_that_of_kolmogorov_and_smirnov(shift):
    one, other = RNG.normal(0, 1, 3000), RNG.normal(shift, 1.2, 3000)
    tables = [of_travel(np.quantile(values, motion.QUANTILES)) for values in (one, other)]
    expected = stats.ks_2samp(one, other).statistic
    assert travel_distance(*tables) == pytest.approx(expected, abs=0.025)
    assert travel_distance(tables[0], of_travel(other)) == pytest.approx(expected, abs=0.025)
    assert travel_distance(tables[0], tables[0]) == 0


def test_distance_of_tables_with_equal_values():
    at_rest = of_travel([0.0] * 20 + [1.0] * 21)
    assert travel_distance(at_rest, at_rest) == 0
    assert travel_distance(at_rest, of_travel([5.0] * 41)) == 1


def test_a_clip_without_a_number_has_no_neighbours():
    clips = [Clip(name, None, None, 0) for name in ("salt/7", "salt/8", "salt/a", "salt/b")]
    numbers = [motion.clip_number(clip, index) for index, clip in enumerate(clips)]
    assert numbers[:2] == [7, 8]
    assert np.abs(np.diff(np.sort(numbers[2:]))).min() > 1 and max(numbers[2:]) < -1


def test_the_table_agrees_with_what_is_published_of_the_recordings():
    real = real_motion()
    assert tuple(real) == CLASS_NAMES
    assert [row.clips for row in real.values()] == [57, 332, 248, 187, 288, 323, 173, 180, 285, 176]
    medians = [258, 240, 259, 163, 11, 307, 195, 91, 201, 292]
    np.testing.assert_allclose([middle_quantile(row.travel_px) for row in real.values()], medians, atol=1)
    walls = [61, 92, 49, 94, 46, 48, 58, 81, 54, 38]
    np.testing.assert_allclose([middle_quantile(row.nearest_wall_px) for row in real.values()], walls, atol=1)
    assert pooled_continuity(real) == pytest.approx(0.63, abs=0.005)


def test_the_recordings_pass_against_themselves():
    rows = compare_motion(real_motion(), real_motion())
    assert {row.passed for row in rows} == {True, None}
    assert len(rows) == len(verdicts(rows)) == 103


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"still": 0.40}, "toothpaste_box: share, travel below 15 px"),
        ({"corner": 0.2}, "toothpaste_box: share, ends in a corner"),
        ({"nearest_wall_px": (75.0,) * 7}, "toothpaste_box: last centroid to nearest wall, median (px)"),
        ({"travel_px": (100.0,) * 41}, "toothpaste_box: median travel (px)"),
    ],
)
def test_a_class_that_moves_otherwise_fails(change, subject):
    real = real_motion()
    other = real | {"toothpaste_box": dataclasses.replace(real["toothpaste_box"], **change)}
    failed = [name for name, passed in verdicts(compare_motion(other, real)).items() if passed is False]
    assert failed == [subject]


def test_three_classes_of_another_travel_fail_the_distributions():
    real = real_motion()
    odd = {name: dataclasses.replace(real[name], travel_px=(400.0,) * 41) for name in CLASS_NAMES[:3]}
    assert not verdicts(compare_motion(real | odd, real))[
        "all classes: travel distributions nearer than 0.25"
    ]
