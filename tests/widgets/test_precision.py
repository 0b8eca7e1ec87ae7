"""The precision panel: the surer one wants to be, the fewer matches remain."""

import numpy as np
import pytest

from labutils import widgets
from labutils.evaluation import wilson_interval
from labutils.matching import precision_cut
from labutils.widgets.precision import cut_matches, describe_precision
from widgets.conftest import pictures, walk_through


def matches(seed: int, count: int = 400) -> widgets.Matches:
    """Matches whose confidences keep their word."""
    rng = np.random.default_rng(seed)
    confidence = rng.random(count) ** 0.3
    return widgets.Matches(confidence, rng.random(count) < confidence)


def test_picture_follows_every_control_over_its_range():
    walk_through(widgets.PrecisionPanel(matches(0), matches(1)))


def test_cut_is_learned_on_one_side_and_judged_on_the_other():
    learned, judged = matches(0), matches(1)
    cut, answered, right = cut_matches(learned, judged, 0.85)
    assert cut == precision_cut(learned.confidence, learned.right, 0.85)
    kept = judged.confidence >= cut
    assert answered == pytest.approx(kept.mean()) and 0 < answered < 1
    np.testing.assert_array_equal(right, judged.right[kept])


def test_surer_means_fewer_and_what_is_kept_is_right_more_often():
    learned, judged = matches(0, 4000), matches(1, 4000)
    outcomes = [cut_matches(learned, judged, precision) for precision in (0.5, 0.8, 0.9)]
    assert outcomes[0][1] > outcomes[1][1] > outcomes[2][1] > 0
    assert outcomes[2][2].mean() > outcomes[0][2].mean() and outcomes[2][2].mean() > 0.87


def test_where_no_cut_promises_enough_nothing_is_kept_and_that_is_said():
    never = widgets.Matches(np.linspace(0, 1, 50), np.zeros(50, dtype=bool))
    described = describe_precision(never, matches(1), 0.9)
    assert described["keep a match from confidence"] == "no cut promises so much"
    assert described["of them right"] == "no match is kept"


def test_outcome_in_words_has_the_interval():
    learned, judged = matches(0), matches(1)
    _, _, right = cut_matches(learned, judged, 0.85)
    low, high = wilson_interval(int(right.sum()), len(right))
    described = describe_precision(learned, judged, 0.85)
    assert described["of them right"] == f"{right.mean():.3f} (95 % interval {low:.3f} to {high:.3f})"
    panel = widgets.PrecisionPanel(learned, judged)
    panel.controls["precision"].value = 0.85
    ((words, _),) = pictures(panel.picture.value)
    assert described["of them right"] in words


def test_groups_without_a_match_are_no_error():
    none = widgets.Matches(np.zeros(0), np.zeros(0, dtype=bool))
    assert describe_precision(none, none, 0.9)["matches still made"] == "0.00 of 0"
