"""Log-likelihood ratios of known distributions, thresholds that are the best of all, confidences that keep their word."""

import numpy as np
import pytest
from scipy.stats import binomtest

from labutils.errors import LabError
from labutils.matching import (
    UNMATCHED,
    ConfidenceCurve,
    PairCalibration,
    assign_partially,
    class_term,
    match_threshold,
    precision_cut,
    tune_offset,
)


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


OFFSETS = np.arange(-6, 6.1, 0.5)


def groups_with_wrong_pairs_at(level: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Groups of twelve, a third without partner; ratios of true pairs lie 9 above those of wrong ones, around `level`."""
    rng, groups = np.random.default_rng(1), []
    truth = np.where(np.arange(12) < 8, np.arange(12), UNMATCHED)
    for _ in range(10):
        scores = rng.normal(level, 1, (12, 12)) + 9 * (truth[:, None] == np.arange(12))
        groups.append((scores + match_threshold(12, 12, 0.33), truth))
    return groups


def shares_right(groups, offset: float) -> np.ndarray:
    return np.array(
        [(assign_partially(r - match_threshold(12, 12, 0.33) - offset) == t).mean() for r, t in groups]
    )


def test_offset_is_as_good_as_the_best_but_for_a_standard_error_and_nearest_to_zero():
    groups = groups_with_wrong_pairs_at(0.5)
    found = tune_offset(groups, 0.33, OFFSETS)
    best = max((shares_right(groups, offset) for offset in OFFSETS), key=np.mean)

    def is_as_good(offset: float) -> bool:
        behind = best - shares_right(groups, offset)
        return behind.mean() <= behind.std(ddof=1) / np.sqrt(len(groups))

    assert found > 0 and is_as_good(found)
    assert not any(is_as_good(offset) for offset in OFFSETS if abs(offset) < found)


def test_offset_is_zero_where_the_ratios_keep_their_word():
    assert tune_offset(groups_with_wrong_pairs_at(-4.5), 0.33, OFFSETS) == 0


def test_offset_of_a_single_group_is_one_of_the_best():
    groups = groups_with_wrong_pairs_at(0.5)[:1]
    found = tune_offset(groups, 0.33, OFFSETS)
    assert shares_right(groups, found) == max(shares_right(groups, offset) for offset in OFFSETS)


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


def test_pair_that_one_score_forbids_is_forbidden_whatever_the_weights():
    calibration = PairCalibration(np.array([0.0, -1.0]), 0.5)
    found = calibration(np.array([[-np.inf, 1.0, 1.0]]), np.array([[1.0, -np.inf, 1.0]]))
    assert found.tolist() == [[-np.inf, -np.inf, -0.5]]
    with pytest.raises(LabError, match="expected 2"):
        calibration(np.zeros((1, 1)))


@pytest.mark.parametrize(
    ("scores", "same", "reason"),
    [
        (np.ones((1, 2)), np.array([True]), "1 true pairs among 1"),
        (np.ones((3, 2)), np.zeros(3, dtype=bool), "0 true pairs"),
        (np.array([[np.nan], [1.0]]), np.array([True, False]), "not a finite number"),
    ],
)
def test_known_pairs_that_teach_nothing_are_refused(scores, same, reason):
    with pytest.raises(LabError, match=reason):
        PairCalibration.fit(scores, same)


def test_confidence_is_the_probability_of_being_right():
    rng = np.random.default_rng(0)
    margin = rng.normal(0, 3, 20000)
    right = rng.random(20000) < 1 / (1 + np.exp(-(0.8 * margin + 0.5)))
    found = ConfidenceCurve.fit(margin, right)
    np.testing.assert_allclose([found.slope, found.intercept], [0.8, 0.5], atol=0.1)
    assert ConfidenceCurve.fit(margin, np.ones(20000, dtype=bool)) == ConfidenceCurve(1.0, 0.0)
    sure = found(np.array([-np.inf, 0.0, 50.0, np.nan]))
    assert sure[0] == 0 and sure[2] > 0.999 and np.isnan(sure[3])
