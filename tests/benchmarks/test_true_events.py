"""What truly happened is what is heard and seen in the clips on disk."""

import numpy as np
import pytest
from matchers import true_events
from matchers.groups import read_groups
from matchers.true_events import Event, events_of_sounds, events_of_videos

from labutils.clips import SAMPLE_RATE_HZ
from labutils.errors import LabError
from labutils.mask_shape import moments


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def group(tiny_data):
    return read_groups(tiny_data, "task2")[0]


def test_the_strongest_contact_is_heard_at_its_time(group, kept):
    for clip, event in zip(group.sounds, events_of_sounds(group.sounds, kept), strict=True):
        if len(event.time_s) == 0:
            continue
        loudest = event.speed_change.argmax()
        at = round(event.time_s[loudest] * SAMPLE_RATE_HZ)
        power = np.square(clip.audio()).max(axis=1)
        before, after = power[max(at - 900, 0) : max(at - 90, 1)], power[at : at + 900]
        assert after.max() > 10 * before.max(), clip.name


def test_places_and_times_are_those_of_the_pictures(group, kept):
    for clip, event in zip(group.videos, events_of_videos(group.videos, kept), strict=True):
        masks = clip.masks()
        assert len(masks) == len(event.frame_time_s) == len(event.frame_place)
        moves = np.flatnonzero(np.ptp(event.frame_place, axis=0) > 0.1)
        for (
            axis
        ) in moves:  # a constant apart: the origin of an object is not the middle of what is seen of it
            assert np.corrcoef(moments(masks)[:, axis], event.frame_place[:, axis])[0, 1] > 0.95


def test_a_sound_and_its_video_are_one_event(group, kept):
    heard, seen = events_of_sounds(group.sounds, kept), events_of_videos(group.videos, kept)
    for sound, own in enumerate(group.truth):
        np.testing.assert_array_equal(heard[sound].time_s, seen[own].time_s)
        assert heard[sound].label == group.sound_class[sound] == group.video_class[own]


def test_what_was_simulated_is_kept(group, kept, monkeypatch):
    first = events_of_sounds(group.sounds, kept)
    monkeypatch.setattr(true_events, "replay", None)
    for one, again in zip(first, events_of_sounds(group.sounds, kept), strict=True):
        np.testing.assert_array_equal(one.path, again.path)


def test_data_that_sound_otherwise_are_refused(group, tmp_path, monkeypatch):
    monkeypatch.setattr(true_events, "read_audio", lambda path: np.zeros((176400, 4), dtype=np.float32))
    with pytest.raises(LabError, match="sounds otherwise"):
        events_of_sounds(group.sounds[:1], tmp_path)
    assert not list(tmp_path.rglob("*.npz"))


def test_data_that_were_not_simulated_are_refused(click_data, tmp_path):
    with pytest.raises(LabError, match="simulator version None"):
        events_of_sounds(read_groups(click_data, "task2")[0].sounds, tmp_path)


def test_reach_is_the_largest_distance_from_the_beginning():
    path = np.array([(0.5, 0.5), (0.8, 0.5), (0.5, 0.5), (0.5, 0.9), (0.5, 0.5)])
    event = Event(0, np.zeros(0), np.zeros(0, int), np.zeros(0), np.zeros(0), np.zeros((0, 2)), path)
    assert event.reach_cm == pytest.approx(12)
