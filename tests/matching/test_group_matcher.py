"""A matcher that learned from known pairs: it weighs what tells, knows how often it is right, and keeps to the edges."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from labutils.errors import LabError
from labutils.matching import UNMATCHED, GroupMatcher, match_threshold, precision_cut


def known_scores(count: int, strength: float, seed: int = 0) -> np.ndarray:
    """Two scores [count, count, 2]: the first tells true pairs by `strength` deviations, the second says nothing."""
    scores = np.random.default_rng(seed).normal(0, 1, (count, count, 2))
    scores[..., 0] += strength * np.eye(count)
    return scores


@pytest.fixture(scope="module")
def matcher() -> GroupMatcher:
    return GroupMatcher.fit([known_scores(150, 4.0, seed) for seed in (0, 1)], group_size=50)


def test_weights_are_those_of_the_likelihood_ratio(matcher):
    """Two Gaussians of deviation 1 that are 4 apart: the log-ratio is 4 x - 8."""
    np.testing.assert_allclose(matcher.pair.weights, [4, 0], atol=0.3)
    assert matcher.pair.bias == pytest.approx(-8, abs=0.6)


def test_it_knows_how_often_it_is_right(matcher):
    answers, confidence = [], []
    for seed in range(10, 40):
        found, sure = matcher.match(known_scores(50, 4.0, seed), complete=True)
        answers.append(found == np.arange(50))
        confidence.append(sure)
    assert np.mean(confidence) == pytest.approx(np.mean(answers), abs=0.03)


def test_complete_groups_match_all_and_incomplete_ones_only_what_pays(matcher):
    ratio = np.full((3, 3), -10.0)
    ratio[np.arange(3), [1, 2, 0]] = [6, 6, matcher.threshold(3, 3) - 0.1]
    assert matcher.solve(ratio, complete=True)[0].tolist() == [1, 2, 0]
    assert matcher.solve(ratio, complete=False)[0].tolist() == [1, 2, UNMATCHED]


def test_larger_groups_and_rarer_partners_ask_for_more(matcher):
    assert matcher.threshold(50, 50) == pytest.approx(match_threshold(50, 50, 0.25) + matcher.offset)
    assert matcher.threshold(2000, 2000) > matcher.threshold(50, 50)
    assert replace(matcher, missing_rate=0.9).threshold(50, 50) > matcher.threshold(50, 50)


def test_threshold_is_tuned_on_incomplete_groups():
    """Scores that tell little: in complete groups it would pay to match everything, at whatever price."""
    found = GroupMatcher.fit([known_scores(150, 3.0, seed) for seed in (0, 1)], groups_per_fold=8)
    assert found.offset > -1.5


def test_groups_are_drawn_as_asked():
    asked = []

    def draw(fold, rate, rng):
        asked.append((fold, rate))
        from labutils.matching import random_group

        return random_group(40, 20, rate, rng)

    GroupMatcher.fit([known_scores(40, 4.0)] * 2, missing_rate=0.3, groups_per_fold=2, draw=draw)
    assert asked == [(0, 0.0)] * 2 + [(1, 0.0)] * 2 + [(0, 0.3)] * 2 + [(1, 0.3)] * 2


def test_precision_keeps_the_sure_matches_only(matcher):
    rng = np.random.default_rng(0)
    confidence = rng.random(3000)
    known = replace(matcher, confidence=confidence, right=rng.random(3000) < confidence)
    asked = np.array([0.99, 0.5, 0.97, 0.2, np.nan])
    cut = precision_cut(confidence, known.right, 0.9)
    assert known.sure_enough(asked, 0.9).tolist() == (np.nan_to_num(asked, nan=-1) >= cut).tolist()
    with pytest.raises(LabError, match=r"0\.9999 was not reached"):
        known.sure_enough(asked, 0.9999)


def test_arrays_hold_all_that_it_knows(matcher):
    again = GroupMatcher.of(matcher.arrays())
    scores = known_scores(30, 3.0, seed=9)
    for complete in (True, False):
        for one, other in zip(*(m.match(scores, complete=complete) for m in (matcher, again)), strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(again.right, matcher.right)


@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (4, 0), (1, 1), (5, 2), (2, 5)])
@pytest.mark.parametrize("complete", [True, False])
def test_groups_of_any_shape_get_an_answer(matcher, shape, complete):
    answers, confidence = matcher.match(np.zeros((*shape, 2)), complete=complete)
    assert answers.shape == confidence.shape == shape[:1]
    assert np.array_equal(np.isnan(confidence), answers == UNMATCHED)
    if complete:
        assert (answers >= 0).sum() == min(shape)


def test_scores_that_are_no_numbers_are_named(matcher):
    scores = np.zeros((3, 3, 2))
    scores[2, 1, 0] = np.nan
    with pytest.raises(LabError, match="sound 2 and video 1"):
        matcher.match(scores, complete=True)


def test_one_known_pair_teaches_nothing():
    with pytest.raises(LabError, match="at least two known"):
        GroupMatcher.fit([np.zeros((1, 1, 2))])


def test_the_example_of_the_readme_matches_well_told_pairs_and_leaves_the_rest():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = readme.split("```python\n")[1].split("```")[0]
    rng = np.random.default_rng(0)
    classes = rng.integers(10, size=60)
    told = np.log(0.9 * np.eye(10)[classes] + 0.01)  # [60, 10]
    given = {"known_audio_log_p": told, "known_video_log_p": told}
    given |= {"known_scores": 3 * np.eye(60) + rng.standard_normal((60, 60))}
    given |= {"audio_log_p": told[:20], "video_log_p": told[5:25], "log_prior": np.full(10, np.log(0.1))}
    given |= {"scores": 6 * np.eye(60)[:20, 5:25] + 0.1 * rng.standard_normal((20, 20))}
    exec(example, given)
    np.testing.assert_array_equal(given["answers"][5:], np.arange(15))
    assert (given["answers"][:5] == UNMATCHED).all()
    assert np.isnan(given["confidence"][:5]).all() and (given["confidence"][5:] > 0.9).all()
