"""Who knows every pair but cannot tell still twins apart."""

from pathlib import Path

import numpy as np
import pytest
from matchers import twins
from matchers.groups import COMPLETE_TASK, INCOMPLETE_TASK, TestGroup
from matchers.true_events import WIDTH_CM, Event
from matchers.twins import AllButTwins, are_twin_events


def event_at(place_cm, reach_cm=0.0, label=0) -> Event:
    """An object that lies somewhere along x, and once moves away and back."""
    path = np.full((200, 2), 0.5)
    path[:, 0] = place_cm / WIDTH_CM
    path[100, 0] += reach_cm / WIDTH_CM
    return Event(label, *[np.zeros(0)] * 4, np.zeros((0, 2)), path)


def test_twins_are_still_near_and_of_one_object():
    events = [event_at(1), event_at(1.9), event_at(1, label=3), event_at(1, reach_cm=0.4), event_at(5)]
    expected = np.eye(5, dtype=bool)
    expected[3, 3] = False
    expected[0, 1] = expected[1, 0] = True
    np.testing.assert_array_equal(are_twin_events(events, events, 0.2), expected)
    assert are_twin_events(events, events, 0.5)[0, 3]
    assert are_twin_events(events[:2], events, 0.2).shape == (2, 5)


@pytest.fixture
def group_of(monkeypatch):
    """Make a group of events; -1 for a sound without a video."""

    def make(sounds, videos, truth, task=COMPLETE_TASK) -> TestGroup:
        monkeypatch.setattr(twins, "events_of_sounds", lambda *_: sounds)
        monkeypatch.setattr(twins, "events_of_videos", lambda *_: videos)
        return TestGroup(Path("data"), task, "0", (), tuple(videos), np.array(truth), None, None)

    return make


def shares(group, count=200) -> np.ndarray:
    """How often each sound is given its own answer, over many lots."""
    answers = [AllButTwins(0.2, Path("kept"), seed).answer(group).assignment for seed in range(count)]
    return (np.array(answers) == group.truth).mean(axis=0)


def test_what_moves_or_lies_elsewhere_is_known_and_twins_are_drawn(group_of):
    events = [event_at(2), event_at(2.5), event_at(2, reach_cm=9), event_at(7)]
    order = [3, 2, 1, 0]
    found = shares(group_of(events, [events[i] for i in order], np.argsort(order)))
    assert found[2] == found[3] == 1
    assert found[0] == found[1] == pytest.approx(0.5, abs=0.15)


def test_a_sound_without_a_video_may_be_given_that_of_its_twin(group_of):
    events = [event_at(2), event_at(2.5), event_at(7)]
    found = shares(group_of(events, [events[0]], [0, -1, -1], INCOMPLETE_TASK))
    assert found[2] == 1
    assert found[0] == found[1] == pytest.approx(0.5, abs=0.15)
