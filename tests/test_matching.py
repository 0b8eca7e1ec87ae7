"""Assignment against all permutations, the class split by hand, and the threshold on matrices with a known best cut."""

from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest

from labutils.matching import (
    UNMATCHED,
    PairCalibration,
    _incomplete_matches,
    assign,
    assign_partially,
    assigned,
    calibrate_threshold,
    class_term,
    distance_matrix,
    match_margin,
    match_threshold,
    match_within_classes,
    pair_unmatched,
    precision_cut,
    reject,
    split_by_class,
    tune_offset,
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


def test_class_term_is_zero_where_the_classes_say_nothing_and_counts_the_prior():
    prior = np.array([0.5, 0.3, 0.2])
    sure = np.log(np.array([[1 - 2e-9, 1e-9, 1e-9], [1e-9, 1e-9, 1 - 2e-9]]))
    term = class_term(np.vstack([np.log(prior), sure]), sure, np.log(prior))
    np.testing.assert_allclose(term[0], 0, atol=1e-6)
    assert term[1, 0] == pytest.approx(-np.log(0.5), abs=1e-6)
    assert term[2, 1] == pytest.approx(-np.log(0.2), abs=1e-6)  # agreeing on a rare class says more
    assert term[1, 1] < -10


def test_pair_calibration_finds_the_log_likelihood_ratio_of_two_gaussians():
    rng = np.random.default_rng(0)
    same = rng.random(40000) < 0.1
    scores = rng.normal(0, 1, (40000, 2)) + np.where(same, 1.0, -1.0)[:, None] * [1.0, 0.5]
    found = PairCalibration.fit(scores, same)
    np.testing.assert_allclose(found.weights, [2.0, 1.0], atol=0.1)
    assert found.bias == pytest.approx(0, abs=0.1), "the share of true pairs may not count"
    assert found(np.array([[1.0]]), np.array([[1.0]])).shape == (1, 1)


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


def test_offset_is_that_with_the_most_right_answers():
    rng = np.random.default_rng(1)
    groups = []
    for _ in range(10):
        truth = np.where(np.arange(12) < 8, np.arange(12), UNMATCHED)
        scores = rng.normal(-4, 1, (12, 12)) + 9 * (truth[:, None] == np.arange(12))
        groups.append((scores + match_threshold(12, 12, 0.33), truth))
    offsets = np.arange(-6, 6.1, 0.5)
    offset = tune_offset(groups, 0.33, offsets)
    right = {
        o: sum((assign_partially(r - match_threshold(12, 12, 0.33) - o) == t).sum() for r, t in groups)
        for o in offsets
    }
    assert right[offset] == max(right.values())
    assert 0 < offset < 4


def test_precision_cut_obeys_the_bound_of_clopper_and_pearson():
    confidence = np.linspace(0, 1, 400)
    right = np.random.default_rng(0).random(400) < 0.5 + confidence / 2
    cut = precision_cut(confidence, right, 0.9)
    kept = confidence >= cut
    low = binomtest(int(right[kept].sum()), int(kept.sum())).proportion_ci(method="exact").low
    assert low >= 0.9
    looser = confidence >= np.sort(confidence[~kept])[-1]
    assert binomtest(int(right[looser].sum()), int(looser.sum())).proportion_ci(method="exact").low < 0.9
    assert precision_cut(confidence, np.zeros(400, dtype=bool), 0.5) == np.inf
    assert precision_cut(confidence, right, 0.95) >= cut


def test_log_ratio_is_the_weighted_sum_and_the_bias():
    calibration = PairCalibration(np.array([2.0, -1.0]), 0.5)
    np.testing.assert_allclose(calibration(np.array([[3.0, 0.0]]), np.array([[4.0, 1.0]])), [[2.5, -0.5]])


def test_equal_confidences_are_kept_or_dropped_together():
    confidence = np.array([0.9] * 40 + [0.5] * 2)
    right = np.array([True] * 41 + [False])  # 41 of 41 would be sure enough, 41 of 42 are not
    assert precision_cut(confidence, right, 0.9) == 0.9


def test_the_example_of_the_readme_matches_well_told_pairs_and_leaves_the_rest():
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    example = readme.split("```python\n")[1].split("```")[0]
    rng = np.random.default_rng(0)
    classes = rng.integers(10, size=30)
    told = np.log(0.9 * np.eye(10)[classes] + 0.01)  # [30, 10]
    scores = 3 * np.eye(30) + rng.standard_normal((30, 30))
    given = {"known_audio_log_p": told, "known_video_log_p": told, "known_scores": scores}
    given |= {"audio_log_p": told[:20], "video_log_p": told[5:25], "log_prior": np.full(10, np.log(0.1))}
    given |= {"scores": 6 * np.eye(30)[:20, 5:25] + 0.1 * rng.standard_normal((20, 20))}
    exec(example, given)
    np.testing.assert_array_equal(given["answers"][5:], np.arange(15))
    assert (given["answers"][:5] == UNMATCHED).all()
    assert np.isnan(given["margin"][:5]).all() and (given["margin"][5:] > 0).all()
