"""Every method of the table answers; the simple ones as one expects."""

from dataclasses import replace

import numpy as np
import pytest
from matchers import ours, physics, simple
from matchers.groups import read_groups
from matchers.training_set import read_training_set

from labutils import matching


@pytest.fixture
def groups(click_data):
    return [read_groups(click_data, task)[0] for task in ("task2", "task3")]


FAMILIES = [
    simple.chance,
    simple.no_partner,
    simple.class_only,
    physics.physics,
    physics.contacts_only,
    physics.physics_without_class,
    ours.ours,
    ours.without_path,
    ours.without_reach,
    ours.without_sharing,
    ours.without_lags,
    ours.without_shift,
    ours.without_normalisation,
    ours.without_class,
    ours.without_calibration,
    ours.without_one_solve,
]


@pytest.mark.parametrize("make", FAMILIES, ids=lambda make: make.__name__)
def test_method_answers_every_sound_and_uses_no_video_twice(make, click_data, kept, groups):
    matcher = make(click_data, 0, kept)
    for group in groups:
        answer = matcher.answer(group)
        assert answer.assignment.shape == (6,)
        used = answer.assignment[answer.assignment != matching.UNMATCHED]
        assert len(set(used.tolist())) == len(used)
        assert len(used) == 6 or group.task == "task3" or make is simple.no_partner
        assert answer.scores is None or answer.scores.shape == (6, 6)


def test_no_method_sees_the_truth(click_data, kept, groups):
    matcher = ours.ours(click_data, 0, kept)
    blind = replace(groups[1], truth=None, sound_class=None, video_class=None)
    assert matcher.answer(blind).assignment.tolist() == matcher.answer(groups[1]).assignment.tolist()


def test_chance_is_the_same_each_time_and_another_one_for_another_seed(groups):
    first, again, other = (simple.Chance(seed).answer(groups[0]).assignment for seed in (0, 0, 1))
    assert first.tolist() == again.tolist() != other.tolist()
    assert sorted(first.tolist()) == list(range(6))


def test_class_alone_tells_objects_and_not_events(click_data, kept, groups):
    scores = simple.class_only(click_data, 0, kept).answer(groups[0]).scores
    same = groups[0].sound_class[:, None] == groups[0].video_class
    assert scores[same].min() > scores[~same].max()


def test_hard_split_matches_inside_a_class_first(click_data, kept, groups):
    split = ours.without_one_solve(click_data, 0, kept)
    training = read_training_set(click_data, 0, kept)
    assert training.labels.max() == 2
    assignment = split.answer(groups[0]).assignment
    assert (groups[0].sound_class == groups[0].video_class[assignment]).mean() > 0.6
    assert sorted(assignment.tolist()) == list(range(6)), "what the classes leave over is solved too"


def test_leftovers_are_assigned_to_unused_videos_only():
    gain = np.array([[5.0, 4, 3], [9, 8, 7], [1, 2, 6]])
    assignment = np.array([matching.UNMATCHED, 0, matching.UNMATCHED])
    ours._solve_block(assignment, gain, np.array([0, 2]), np.array([1, 2]), complete=True)
    assert assignment.tolist() == [1, 0, 2]
