"""Scores against scikit-learn, intervals against published values and their coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_1samp
from sklearn import metrics

from labutils.evaluation import (
    accuracy,
    chance_of_matching,
    class_score_intervals,
    cluster_interval,
    confusion,
    errors_to_show,
    match_score_intervals,
    match_scores,
    mean_interval,
    recall_at,
    reliability,
    right_answers,
    wilson_interval,
)

ANSWERS = st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=20)


def named(values) -> dict[str, int]:
    return {f"audio_{number:04d}.pkl": value for number, value in enumerate(values)}


@given(ANSWERS)
def test_accuracy_equals_scikit_learn(pairs):
    answers, truth = zip(*pairs, strict=True)
    assert accuracy(named(answers), named(truth)) == pytest.approx(metrics.accuracy_score(truth, answers))


def test_right_answers_follow_the_truth_and_a_missing_answer_is_wrong():
    truth = {"c": 1, "a": -1, "b": 3}
    assert right_answers({"a": -1, "b": 2, "c": 1, "z": 9}, truth).tolist() == [True, True, False]
    assert right_answers({"b": 3}, truth).tolist() == [False, False, True]


@given(ANSWERS)
def test_confusion_equals_scikit_learn(pairs):
    truth, predicted = (np.array(side) + 1 for side in zip(*pairs, strict=True))
    expected = metrics.confusion_matrix(truth, predicted, labels=range(6))
    np.testing.assert_array_equal(confusion(truth, predicted, 6), expected)


@given(st.integers(1, 300).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_wilson_interval_equals_scipy(counts):
    right, of = counts
    expected = binomtest(right, of).proportion_ci(0.95, method="wilson")
    assert wilson_interval(right, of) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_wilson_interval_of_nine_in_ten():
    assert wilson_interval(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert wilson_interval(10, 10)[1] == 1.0


def test_wider_level_gives_a_wider_interval():
    low, high = wilson_interval(40, 50, level=0.99)
    assert low < wilson_interval(40, 50)[0] < wilson_interval(40, 50)[1] < high


def test_cluster_interval_is_the_quantile_of_all_resamples_of_three_clusters():
    right = np.array([1, 1, 1, 0, 0, 1], dtype=bool)
    cluster = ["a", "a", "b", "b", "c", "c"]  # shares 1, 0.5, 0.5
    low, high = cluster_interval(right, cluster, draws=20_000)
    assert (low, high) == (0.5, 1.0)  # three draws of (1, .5, .5): P(all 1) = 1/27 > 2.5 %


def test_clusters_of_different_size_count_by_their_size():
    right = np.array([True] + [False] * 9)
    cluster = [0] + [1] * 9
    assert cluster_interval(right, cluster, level=0.2) == pytest.approx((0.1, 0.1))  # one of each: 1 of 10


def test_swaps_inside_clusters_make_the_interval_wider():
    right = np.repeat(np.random.default_rng(0).random(20) < 0.7, 5)
    together = cluster_interval(right, np.repeat(np.arange(20), 5))
    single = cluster_interval(right, np.arange(100))
    assert together[1] - together[0] > 1.5 * (single[1] - single[0])
    assert together[0] < right.mean() < together[1]


def test_single_answers_as_clusters_agree_with_the_normal_interval():
    right = np.arange(400) < 300
    half = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert cluster_interval(right, np.arange(400)) == pytest.approx((0.75 - half, 0.75 + half), abs=0.006)


def test_cluster_interval_is_the_same_for_the_same_seed():
    right, cluster = np.arange(30) % 3 > 0, np.arange(30) // 4
    assert cluster_interval(right, cluster, seed=3) == cluster_interval(right, cluster, seed=3)


def test_match_scores_by_hand():
    truth = {"a": 0, "b": 1, "c": 2, "d": -1, "e": 4}
    answers = {"a": 0, "b": 2, "c": -1, "d": 3, "e": 4}
    scores = match_scores(answers, truth)  # 4 made, 4 real, 2 right
    assert scores == pytest.approx({"precision": 0.5, "recall": 0.5, "F1": 0.5})


def test_match_scores_weigh_what_was_made_and_what_is_real():
    scores = match_scores({"a": 0, "b": -1, "c": -1}, {"a": 0, "b": 1, "c": 2})
    assert scores == pytest.approx({"precision": 1.0, "recall": 1 / 3, "F1": 0.5})


def test_no_matches_score_zero():
    assert match_scores({"a": -1}, {"a": -1}) == {"precision": 0, "recall": 0, "F1": 0}


def test_chance_is_the_better_of_guessing_and_always_minus_one():
    assert chance_of_matching(named(range(50)), 50) == pytest.approx(0.02)
    assert chance_of_matching(named([-1, 0, 1, 2]), 4) == pytest.approx(0.25)
    assert chance_of_matching(named([-1, 0]), 1) == pytest.approx(0.5)


def test_reliability_sorts_answers_by_confidence_and_counts_the_right_ones():
    confidence = np.array([0.9, np.nan, 0.1, 0.3, 0.8, 0.7])
    right = np.array([True, True, False, True, True, False])
    bins = reliability(confidence, right, bins=2)  # 0.1, 0.3, 0.7 and 0.8, 0.9; nan is no answer
    np.testing.assert_allclose(bins.confidence, [1.1 / 3, 0.85])
    np.testing.assert_allclose(bins.share, [1 / 3, 1])
    np.testing.assert_array_equal(bins.count, [3, 2])
    np.testing.assert_allclose([bins.low[0], bins.high[0]], wilson_interval(1, 3))


def test_reliability_of_few_or_no_answers():
    assert len(reliability(np.array([0.5]), np.array([True])).count) == 1
    assert len(reliability(np.array([np.nan]), np.array([True])).count) == 0


def test_honest_confidences_lie_on_the_diagonal():
    confidence = np.random.default_rng(0).random(20000)
    bins = reliability(confidence, np.random.default_rng(1).random(20000) < confidence)
    np.testing.assert_allclose(bins.share, bins.confidence, atol=0.03)


def test_interval_of_a_mean_equals_that_of_scipy():
    values = [0.9, 0.7, 0.8, 1.0, 0.6]
    mean, low, high = mean_interval(values, level=0.9)
    known = ttest_1samp(values, 0).confidence_interval(0.9)
    assert (mean, low, high) == pytest.approx((0.8, known.low, known.high))
    assert mean_interval([*values, np.nan], level=0.9) == pytest.approx((mean, low, high))


def test_one_group_has_a_mean_and_no_interval():
    assert mean_interval([0.7]) == pytest.approx((0.7, np.nan, np.nan), nan_ok=True)
    assert np.isnan(mean_interval([])).all()


def test_recall_at_k_counts_the_own_video_among_the_k_best():
    scores = np.array([[5, 1, 2, 3], [5, 1, 2, 3], [1, 2, 3, 4.0], [4, 3, 2, 1]])
    truth = np.array([0, 2, 0, -1])  # ranks 1, 3 and 4
    assert [recall_at(scores, truth, k) for k in (1, 2, 3, 4)] == pytest.approx([1 / 3, 1 / 3, 2 / 3, 1])


def test_equal_scores_share_their_ranks_by_lot():
    scores = np.zeros((1, 50))
    assert recall_at(scores, np.array([7]), 1) == pytest.approx(1 / 50)
    assert recall_at(scores, np.array([7]), 5) == pytest.approx(5 / 50)
    forbidden = np.array([[-np.inf, 0.0, -np.inf, -np.inf]])
    assert recall_at(forbidden, np.array([0]), 2) == pytest.approx(1 / 3)


def test_without_pairs_recall_is_not_a_number():
    assert np.isnan(recall_at(np.zeros((1, 1)), np.array([-1]), 1))


def test_errors_that_move_most_are_shown_first_and_right_answers_only_where_errors_are_too_few():
    right = np.array([True, False, False, True, False])
    movement = np.array([9.0, 0.1, 3.0, 1.0, 2.0])
    assert errors_to_show(right, movement).tolist() == [2, 4]
    assert errors_to_show(right, movement, count=9).tolist() == [2, 4, 1, 0, 3]
    assert errors_to_show(right, movement, of=["a", "b", "c", "a", "c"], count=3).tolist() == [2, 1, 0]
    assert errors_to_show(right[:0], movement[:0]).tolist() == []


def test_intervals_of_matches_hold_what_match_scores_says():
    rng = np.random.default_rng(3)
    truth = {f"a{i}": int(video) for i, video in enumerate(rng.integers(-1, 9, 60))}
    answers = {
        name: video if rng.random() < 0.6 else int(rng.integers(-1, 9)) for name, video in truth.items()
    }
    found = match_score_intervals(answers, truth, [i // 6 for i in range(60)])
    for name, value in match_scores(answers, truth).items():
        middle, low, high = found[name]
        assert middle == pytest.approx(value)
        assert low < middle < high
    everything = match_score_intervals(truth, truth, range(60))
    assert set(everything.values()) == {(1.0, 1.0, 1.0)}
    nothing = match_score_intervals({}, truth, range(60))
    assert set(nothing.values()) == {(0.0, 0.0, 0.0)}


def test_errors_of_one_cluster_widen_the_interval():
    truth = {f"a{i}": i for i in range(40)}
    answers = {name: video if video < 20 else -1 for name, video in truth.items()}
    widths = [
        high - low
        for clusters in (range(40), [i // 20 for i in range(40)])
        for _, low, high in [match_score_intervals(answers, truth, list(clusters))["recall"]]
    ]
    assert widths[1] > 2 * widths[0]


def test_class_scores_equal_scikit_learn():
    rng = np.random.default_rng(4)
    truth = {f"a{i}": int(label) for i, label in enumerate(rng.integers(0, 5, 80))}
    answers = {
        name: label if rng.random() < 0.7 else int(rng.integers(0, 5)) for name, label in truth.items()
    }
    found = class_score_intervals(answers, truth, 10)
    expected = metrics.precision_recall_fscore_support(
        list(truth.values()), list(answers.values()), average="macro", labels=range(5), zero_division=0
    )
    assert [value for value, _, _ in found.values()] == pytest.approx(expected[:3])
    assert all(low < value < high for value, low, high in found.values())


def test_answers_that_are_no_class_are_wrong_and_nothing_worse():
    truth = {"a": 0, "b": 1}
    found = class_score_intervals({"a": 0, "b": -5}, truth, 10)
    assert found["recall"][0] == 0.5
    assert class_score_intervals({"a": 0, "b": 10**300}, truth, 10)["recall"][0] == 0.5
