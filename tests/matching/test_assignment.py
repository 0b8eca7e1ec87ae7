"""Assignment against all permutations, partial assignment against brute force, and what happens at the edges."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labutils.errors import LabError
from labutils.matching import (
    UNMATCHED,
    assign,
    assign_partially,
    assigned,
    distance_matrix,
    match_margin,
    match_threshold,
)

SMALL_COSTS = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: arrays(float, shape, elements=st.integers(0, 20).map(float))
)


def least_cost_of_all(cost: np.ndarray) -> float:
    """The cheapest assignment of the shorter side, by trying every one."""
    cost = cost if cost.shape[0] <= cost.shape[1] else cost.T
    rows = range(len(cost))
    return min(cost[rows, list(columns)].sum() for columns in permutations(range(cost.shape[1]), len(cost)))


def test_distance_matrix_equals_a_loop():
    audio, video = np.random.default_rng(0).normal(size=(2, 6, 10))
    matrix = distance_matrix(audio, video[:4])
    assert matrix.shape == (6, 4)
    for i in range(6):
        for j in range(4):
            assert matrix[i, j] == pytest.approx(np.sqrt(((audio[i] - video[j]) ** 2).sum()))


@given(SMALL_COSTS)
def test_assignment_is_as_cheap_as_the_best_permutation(cost):
    assignment = assign(cost)
    rows = np.flatnonzero(assignment != UNMATCHED)
    assert cost[rows, assignment[rows]].sum() == least_cost_of_all(cost)


@given(SMALL_COSTS)
def test_no_video_is_used_twice_and_no_sound_is_unmatched_in_vain(cost):
    assignment = assign(cost)
    used = assignment[assignment != UNMATCHED]
    assert len(set(used)) == len(used) == min(cost.shape)
    assert set(used) <= set(range(cost.shape[1]))


def test_greedy_choice_is_not_taken():
    assert assign(np.array([[1.0, 2.0], [1.1, 9.0]])).tolist() == [1, 0]


def test_sound_that_fits_worst_stays_alone():
    assert assign(np.array([[1.0, 5.0], [6.0, 7.0], [5.0, 1.0]])).tolist() == [0, UNMATCHED, 1]


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 999))
def test_partial_assignment_equals_brute_force(sounds, videos, seed):
    gain = np.random.default_rng(seed).normal(0, 2, (sounds, videos))
    found = assign_partially(gain)
    total = sum(gain[i, j] for i, j in enumerate(found) if j >= 0)
    matched = found[found >= 0]
    assert len(set(matched)) == len(matched)
    choices = product([*range(videos), UNMATCHED], repeat=sounds)
    each = (c for c in choices if len({j for j in c if j >= 0}) == sum(j >= 0 for j in c))
    best = max(sum(gain[i, j] for i, j in enumerate(c) if j >= 0) for c in each)
    assert total == pytest.approx(best)


def test_pair_without_gain_stays_unmatched():
    gain = np.array([[2.0, -1.0, -np.inf], [-3.0, -0.1, -2.0]])
    assert assign_partially(gain).tolist() == [0, UNMATCHED]


def test_threshold_of_a_match_is_the_log_of_wrong_against_true_pairs():
    assert match_threshold(50, 50, 0.25) == pytest.approx(np.log(12.5 * 12.5 / 37.5))
    assert match_threshold(500, 500, 0.25) - match_threshold(50, 50, 0.25) == pytest.approx(np.log(10))
    assert match_threshold(50, 50, 0.5) > match_threshold(50, 50, 0.1)
    assert match_threshold(60, 40, 0.25) == pytest.approx(np.log(30 * 10 / 30))


def test_margin_is_the_distance_to_all_rivals_together():
    ratio = np.array([[5.0, 1.0], [2.0, 4.0]])
    margin = match_margin(ratio, np.array([0, UNMATCHED]), threshold=0.0)
    assert margin[0] == pytest.approx(5 - np.log(np.exp(1) + np.exp(2) + 1))
    assert np.isnan(margin[1])
    assert match_margin(ratio, np.array([0, 1]))[1] == pytest.approx(4 - np.log(np.exp(2) + np.exp(1)))


def test_forbidden_pairs_are_never_matched_and_as_many_sounds_as_can_be_are():
    cost = np.array([[1.0, np.inf], [0.0, np.inf]])
    assert assign(cost).tolist() == [UNMATCHED, 0]
    detour = np.array([[0.0, 1e6, np.inf], [np.inf, 0.0, np.inf], [np.inf, 1.0, 2.0]])
    assert assign(detour).tolist() == [0, 1, 2]
    dear = np.array([[0.0, 1e9], [0.0, np.inf]])
    assert assign(dear).tolist() == [1, 0], "any cost is paid before a sound stays alone"
    assert assign(np.full((2, 3), np.inf)).tolist() == [UNMATCHED] * 2


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_to_match_is_no_error(shape):
    nothing = np.zeros(shape)
    for found in (assign(nothing), assign_partially(nothing)):
        assert found.tolist() == [UNMATCHED] * shape[0]
    assert np.isnan(match_margin(nothing, assign(nothing))).all()
    assert assigned(nothing, assign(nothing), unmatched=7.0).tolist() == [7.0] * shape[0]
    assert np.isfinite(match_threshold(*shape, 0.25))


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_cost_that_is_no_number_is_named(value):
    cost = np.zeros((3, 4))
    cost[1, 2] = value
    with pytest.raises(LabError, match="sound 1 and video 2"):
        assign(cost)
    with pytest.raises(LabError, match=r"shape \(3,\)"):
        assign(np.zeros(3))


def test_thousand_sounds_and_seven_hundred_videos():
    rng = np.random.default_rng(0)
    truth = np.where(np.arange(1000) < 600, rng.permutation(1000) % 1000, UNMATCHED)
    gain = rng.normal(-8, 1, (1000, 700))
    rows = np.flatnonzero((truth >= 0) & (truth < 700))
    gain[rows, truth[rows]] += 16
    found = assign_partially(gain)
    assert (found[rows] == truth[rows]).mean() > 0.99 and (np.delete(found, rows) == UNMATCHED).mean() > 0.99


def test_equal_rivals_leave_no_margin():
    ratio = np.array([[5.0, 5.0], [5.0, 5.0]])
    found = assign(-ratio)
    assert sorted(found.tolist()) == [0, 1] and (match_margin(ratio, found) < 0).all()
