"""Oracles: what a camera shows of contacts, how pictures of contacts are compared, and that the true ones are enough."""

from dataclasses import replace

import numpy as np
import pytest
from matchers import oracle
from matchers.calibrated import fit_matcher
from matchers.groups import read_groups
from matchers.oracle import (
    STEPS,
    Contacts,
    OracleScore,
    common_and_different,
    contacts_in_pictures,
    picture_of,
    true_contacts,
)
from matchers.training_set import training_set_of
from matchers.true_events import Event
from small_systems import SMALL_CONTACT

from labutils.clips import CLASS_NAMES, train_clips

LEFT, RIGHT = 1, 3


def event_of(time_s, wall, speed_change, frame_time_s, x) -> Event:
    """An object that moves along x, with given contacts."""
    place = np.stack([np.asarray(x, float), np.full(len(x), 0.5)], axis=1)
    arrays = np.asarray(time_s, float), np.asarray(wall, int), np.asarray(speed_change, float)
    return Event(0, *arrays, np.asarray(frame_time_s, float), place, np.repeat(place[:1], 200, axis=0))


TIMES_S = np.arange(10) * 0.2
THERE_AND_BACK = [0.1, 0.3, 0.5, 0.7, 0.9, 0.9, 0.7, 0.5, 0.3, 0.1]  # turns between pictures 4 and 5


def test_a_turn_at_a_wall_is_seen_between_two_pictures():
    seen = contacts_in_pictures(event_of([0.87], [RIGHT], [9], TIMES_S, THERE_AND_BACK))
    assert seen.time_s == pytest.approx([0.9]) and seen.wall.tolist() == [RIGHT]
    # 1 tray width a second there, as fast back
    assert seen.speed_change == pytest.approx([0.3 * 0.2 / 0.2 * 2])


def test_time_of_a_turn_is_where_the_lines_before_and_after_meet():
    x = [0.1, 0.3, 0.5, 0.7, 0.9, 0.84, 0.64, 0.44, 0.24, 0.04]  # at 0.97 after 0.87 s, then back
    seen = contacts_in_pictures(event_of([0.81], [RIGHT], [1], TIMES_S, x))
    assert seen.time_s == pytest.approx([0.87])
    later = [0.1, 0.3, 0.5, 0.7, 0.75, 0.76, 0.64, 0.44, 0.24, 0.04]  # the lines meet outside the gap
    seen = contacts_in_pictures(event_of([0.81], [RIGHT], [1], TIMES_S, later))
    assert 0.8 <= seen.time_s[0] <= 1.0


def test_what_no_picture_shows_is_lost():
    outside = event_of([-0.01, 1.85], [RIGHT, RIGHT], [1, 1], TIMES_S, THERE_AND_BACK)
    assert len(contacts_in_pictures(outside).time_s) == 0
    no_turn = event_of([0.5], [RIGHT], [1], TIMES_S, THERE_AND_BACK)
    assert len(contacts_in_pictures(no_turn).time_s) == 0
    wrong_wall = event_of([0.87], [LEFT], [1], TIMES_S, THERE_AND_BACK)
    assert len(contacts_in_pictures(wrong_wall).time_s) == 0


def test_contacts_with_one_wall_in_one_gap_are_one():
    seen = contacts_in_pictures(event_of([0.83, 0.97], [RIGHT, RIGHT], [1, 1], TIMES_S, THERE_AND_BACK))
    assert seen.time_s == pytest.approx([0.9])


def test_a_bump_stands_at_its_wall_and_time_and_is_as_large_as_its_strength():
    picture = picture_of(Contacts(np.array([1.0]), np.array([2]), np.array([0.09])))
    assert picture.shape == (4, STEPS) and set(np.flatnonzero(picture.any(axis=1))) == {2}
    assert picture[2].argmax() in (49, 50)
    assert np.square(picture).sum() == pytest.approx(np.log(4) ** 2, rel=1e-3)


def test_common_and_different_equal_a_loop():
    rng = np.random.default_rng(0)
    heard, seen = rng.random((3, 4, 7)), rng.random((5, 4, 7))
    found = common_and_different(heard, seen)
    for i in range(3):
        for j in range(5):
            assert found[i, j] == pytest.approx(
                [(heard[i] * seen[j]).sum(), -((heard[i] - seen[j]) ** 2).sum()]
            )


@pytest.fixture
def made_up_events(monkeypatch):
    """Clips of clicks get contacts by their wall, which the number of a training clip tells, and by their class."""

    def event(label: int, wall: int) -> Event:
        return replace(event_of([1.0, 2.0 + 0.3 * wall], [wall, wall], [1, 1], [], []), label=label)

    def of_training(clips, kept):
        return [event(CLASS_NAMES.index(c.name.split("/")[0]), int(c.name.split("/")[1]) % 4) for c in clips]

    monkeypatch.setattr(oracle, "events_of_sounds", of_training)
    monkeypatch.setattr(oracle, "events_of_videos", of_training)
    return event


def test_true_contacts_and_classes_solve_a_group(click_data, made_up_events, monkeypatch, tmp_path):
    training = training_set_of(train_clips(click_data), SMALL_CONTACT, tmp_path)
    found = fit_matcher(OracleScore(true_contacts), training, with_class=False)
    (group,) = read_groups(click_data, "task2")
    videos = [made_up_events(int(label), n % 4) for n, label in enumerate(group.video_class)]
    monkeypatch.setattr(oracle, "events_of_videos", lambda clips, kept: videos)
    monkeypatch.setattr(oracle, "events_of_sounds", lambda clips, kept: [videos[i] for i in group.truth])
    answer = found.answer(group)
    assert answer.assignment.tolist() == group.truth.tolist()
    other = group.sound_class[:, None] != group.video_class
    assert answer.scores[other].max() < answer.scores[~other].min()
