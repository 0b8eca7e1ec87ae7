"""The heard path as a score: the seen path is the camera's, and the score is the library's."""

import numpy as np
import pytest
from matchers.calibrated import fit_matcher
from matchers.groups import read_groups
from matchers.heard import PathScore, seen_paths
from matchers.training_set import read_training_set

from labutils.centroid import trajectory
from labutils.clips import train_clips
from labutils.heard_path import PathSettings, seen_path
from labutils.systems.contact import video_features

SMALL = PathSettings(widths=(4, 4, 8, 8), hidden=8, epochs=3)


def test_seen_path_is_that_of_the_library(click_data):
    clips = train_clips(click_data)[:3]
    found = seen_paths(video_features(clips, progress=False))
    for clip, path in zip(clips, found, strict=True):
        known = seen_path(trajectory(clip.masks(), clip.frame_times_s(), name=clip.name))
        np.testing.assert_allclose(path, known, atol=2e-3)


@pytest.mark.parametrize(("with_maps", "count"), [(False, 2), (True, 3)])
def test_path_is_weighed_beside_class_and_maps(click_data, kept, with_maps, count):
    found = fit_matcher(PathScore(SMALL, with_maps=with_maps), read_training_set(click_data, 0, kept))
    assert len(found.fusion.pair.weights) == count
    (group,) = read_groups(click_data, "task2")
    assert sorted(found.answer(group).assignment.tolist()) == list(range(6))
    again = fit_matcher(PathScore(SMALL, with_maps=with_maps), read_training_set(click_data, 0, kept))
    np.testing.assert_array_equal(
        again.scores(group.sounds, group.videos), found.scores(group.sounds, group.videos)
    )
