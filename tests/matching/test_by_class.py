"""The report's rules: the class split by hand, and the threshold on matrices with a known best cut."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labutils.matching import (
    UNMATCHED,
    assign,
    assigned,
    calibrate_threshold,
    match_within_classes,
    pair_unmatched,
    reject,
    split_by_class,
)
from labutils.matching.by_class import _incomplete_matches


def test_split_keeps_the_classes_that_both_sides_have():
    parts = split_by_class(np.array([2, 0, 2, 5]), np.array([7, 2, 0, 0]))
    assert [(label, rows.tolist(), columns.tolist()) for label, rows, columns in parts] == [
        (0, [1], [2, 3]),
        (2, [0, 2], [1]),
    ]


def test_classes_are_matched_apart_and_indices_are_those_of_the_group():
    distance = np.arange(16.0).reshape(4, 4)
    distance[2, 1] = 0.5
    assignment = match_within_classes(distance, np.array([2, 0, 2, 5]), np.array([0, 2, 7, 0]))
    assert assignment.tolist() == [-1, 0, 1, -1]
    assert assigned(distance, assignment, unmatched=np.inf).tolist() == [np.inf, 4.0, 0.5, np.inf]


def test_class_of_which_nothing_is_known_stays_unmatched():
    distance = np.array([[1.0, np.inf], [np.inf, np.inf]])
    assert match_within_classes(distance, np.array([0, 5]), np.array([0, 5])).tolist() == [0, UNMATCHED]


def test_group_without_a_shared_class_is_all_unmatched():
    assert match_within_classes(np.ones((3, 2)), np.array([1, 1, 1]), np.array([2, 3])).tolist() == [-1] * 3


def test_only_matches_beyond_the_threshold_are_taken_back():
    assignment = np.array([4, 2, 0, -1])
    distance = np.array([0.9, 1.0, 1.1, np.inf])
    assert reject(assignment, distance, 1.0).tolist() == [4, 2, -1, -1]
    assert reject(assignment, distance, np.inf).tolist() == [4, 2, 0, -1]


@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 8), st.integers(0, 99))
def test_unmatched_sounds_get_unused_videos_only(matched, alone, spare, seed):
    rng = np.random.default_rng(seed)
    videos = matched + spare
    assignment = rng.permutation(np.r_[rng.permutation(videos)[:matched], np.full(alone, UNMATCHED)])
    filled = pair_unmatched(assignment, videos, rng)
    kept = assignment != UNMATCHED
    assert (filled[kept] == assignment[kept]).all()
    new = filled[~kept & (filled != UNMATCHED)]
    assert len(new) == min(alone, spare)
    assert len(np.unique(filled[filled != UNMATCHED])) == matched + len(new)
    assert (filled < videos).all()


def test_unmatched_sounds_are_paired_at_random():
    alone = np.full(2, UNMATCHED)
    pairings = {tuple(pair_unmatched(alone, 3, np.random.default_rng(seed))) for seed in range(60)}
    assert pairings == set(permutations(range(3), 2))
    assert alone.tolist() == [-1, -1], "the argument was changed"


def test_threshold_lies_between_right_and_wrong_matches():
    distance = np.full((6, 6), 10.0) - np.diag(np.full(6, 9.0)) + np.arange(6)  # true pairs 1-6, others 10-15
    threshold = calibrate_threshold([distance], missing_rate=0.5, rng=np.random.default_rng(0))
    assert 6 < threshold < 10


def test_threshold_accepts_everything_when_nothing_is_missing():
    distance = np.full((4, 4), 9.0) - np.diag([8.0, 7.0, 6.0, 5.0])  # true pairs 1-4
    threshold = calibrate_threshold([distance], missing_rate=0.0, rng=np.random.default_rng(0))
    assert threshold == pytest.approx((4 + 8) / 2)  # halfway from the last match to twice its distance


def test_threshold_rejects_everything_where_every_match_is_wrong():
    distance = np.ones((5, 5)) + np.diag(np.full(5, 8.0))  # a true pair is the furthest of all
    threshold = calibrate_threshold([distance], missing_rate=0.5, rng=np.random.default_rng(0))
    assert threshold < 1


def test_threshold_is_the_best_of_all_cuts():
    rng = np.random.default_rng(4)
    blocks = [rng.random((7, 7)) + 0.5 * (1 - np.eye(7)) for _ in range(3)]
    threshold = calibrate_threshold(blocks, missing_rate=0.3, rng=np.random.default_rng(1), draws=20)
    right = {cut: right_in_incomplete_groups(blocks, cut) for cut in [threshold, *np.linspace(0, 2, 41)]}
    assert right[threshold] == max(right.values())
    assert right[threshold] > right[2.0], "the cut changes nothing here, so the test shows nothing"


def right_in_incomplete_groups(blocks: list[np.ndarray], cut: float) -> int:
    """Right answers, -1 included, in the incomplete groups that the calibration draws from seed 1."""
    rng, count = np.random.default_rng(1), 0
    for one in blocks:
        for _ in range(20):
            sounds = [i for i, kept in enumerate(rng.random(7) >= 0.3) if kept]
            videos = [i for i, kept in enumerate(rng.random(7) >= 0.3) if kept]
            inside = assign(one[sounds][:, videos])
            for i, j in zip(sounds, inside, strict=True):
                answer = videos[j] if j >= 0 and one[i, videos[j]] <= cut else UNMATCHED
                count += answer == (i if i in videos else UNMATCHED)
    return count


def test_threshold_is_the_same_for_the_same_seed():
    distance = np.random.default_rng(0).random((8, 8))
    first, second = (
        calibrate_threshold([distance], missing_rate=0.3, rng=np.random.default_rng(2)) for _ in range(2)
    )
    assert first == second


def test_threshold_of_larger_groups_is_stricter():
    """The best of many wrong videos is closer than the best of few."""
    rng = np.random.default_rng(5)
    blocks = [rng.random((40, 40)) * (1 - 0.7 * np.eye(40)) for _ in range(4)]
    small, large = (
        calibrate_threshold(blocks, missing_rate=0.25, size=size, rng=np.random.default_rng(0))
        for size in (3, None)
    )
    assert 2 * large < small


def test_groups_of_the_calibration_hold_as_many_sounds_as_wished():
    distance, rng = np.random.default_rng(0).random((30, 30)), np.random.default_rng(1)
    matches = [len(_incomplete_matches(distance, 0.25, 6, rng)[0]) for _ in range(300)]
    assert max(matches) <= 8 and 4.5 < np.mean(matches) < 6  # of 8 clips a quarter is missing on each side


@pytest.mark.parametrize("blocks", [[], [np.ones((1, 1))]])
def test_nothing_to_calibrate_on_rejects_nothing(blocks):
    assert calibrate_threshold(blocks, missing_rate=1.0, rng=np.random.default_rng(0)) == np.inf
