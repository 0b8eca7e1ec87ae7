"""The heard path as a score, alone and beside the maps."""

import numpy as np
import pytest
from matchers.calibrated import fit_matcher
from matchers.groups import read_groups
from matchers.heard import PathScore
from matchers.ours import own_scores
from matchers.training_set import read_training_set


@pytest.mark.parametrize(("kind", "count"), [(PathScore, 2), (own_scores, 4)])
def test_path_is_weighed_beside_class_and_maps(click_data, kept, kind, count):
    found = fit_matcher(kind(), read_training_set(click_data, 0, kept))
    assert len(found.matcher.pair.weights) == count
    (group,) = read_groups(click_data, "task2")
    assert sorted(found.answer(group).assignment.tolist()) == list(range(6))
    again = fit_matcher(kind(), read_training_set(click_data, 0, kept))
    np.testing.assert_array_equal(
        again.scores(group.sounds, group.videos), found.scores(group.sounds, group.videos)
    )
