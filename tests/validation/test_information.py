"""Information in the sound: places are heard on sessions that were held out, and the error is what it says."""

import math

import numpy as np
import pytest
import torch

from labutils.clips import Clip, train_clips
from labutils.heard_path import MOMENTS
from labutils.validation import information as module
from labutils.validation.information import (
    FEWEST_CLIPS,
    HeardPlaces,
    compare_information,
    epochs_for,
    hear_places,
    measure_information,
    rms_px,
)


def heard_places(clips: int = 6) -> HeardPlaces:
    """Errors of 10 px where the object moves, of 20 where it lies still (every third clip), guesses of 100 px."""
    error = np.full((clips, MOMENTS, 2), 10.0)
    error[::3] = -20.0
    travel = np.where(np.arange(clips) % 3, 200.0, 5.0)
    sessions = np.array([f"ball/{number // 2}" for number in range(clips)])
    return HeardPlaces(error, np.full_like(error, 100.0), travel, sessions, 50, 9)


def test_error_is_the_root_of_the_mean_square_along_an_axis():
    error = np.zeros((4, 2, 2))
    error[:, :, 0] = 30.0
    assert rms_px(error, np.arange(4)) == f"{30 / math.sqrt(2):.0f} (21 to 21)"


def test_interval_draws_whole_sessions():
    error = np.repeat([10.0, 50.0], 40)[:, None]
    assert rms_px(error, np.repeat(["a", "b"], 40)) == "36 (10 to 50)"
    one_by_one = rms_px(error, np.arange(80))
    assert one_by_one.startswith("36 (3") and one_by_one.endswith(" to 40)")


def test_moving_and_still_objects_are_told_apart_and_the_recordings_stand_beside_the_end():
    rows = {row.subject.partition(": ")[2]: row for row in compare_information(heard_places())}
    assert {row.passed for row in rows.values()} == {None}
    assert rows["last moment"].real == "25 (1799 recorded clips to learn from, random split)"
    assert rows["all moments, 4 clips in which the object moves"].simulated == "10 (10 to 10)"
    assert rows["all moments, 2 clips in which it lies still"].simulated == "20 (20 to 20)"
    assert rows["all moments, the mean place instead of what is heard"].simulated == "100 (100 to 100)"
    (how,) = (row for row in compare_information(heard_places()) if row.subject == "how it was measured")
    assert how.simulated == "50 clips to learn from, 9 epochs; asked about 6 clips of 3 other sessions"


def test_row_without_clips_is_left_out():
    moving = heard_places(3)
    moving = HeardPlaces(moving.error_px, moving.guess_px, np.full(3, 99.0), moving.sessions, 50, 9)
    assert not any("lies still" in row.subject for row in compare_information(moving))


def test_what_cannot_be_measured_says_why(click_data):
    (row,) = measure_information(train_clips(click_data))
    assert row.simulated == f"not measured: 24 training clips, expected {FEWEST_CLIPS} or more to learn from."
    assert row.section == "information" and row.passed is None


def test_measured_information_is_what_is_compared(monkeypatch):
    monkeypatch.setattr(module, "hear_places", lambda clips, *, seed, bar: heard_places())
    assert measure_information([]) == compare_information(heard_places())


@pytest.mark.parametrize(("clips", "epochs"), [(100, 60), (560, 36), (1500, 13), (10_000, 8)])
def test_training_takes_about_as_long_for_any_number_of_clips(clips, epochs):
    assert epochs_for(clips) == epochs


def test_network_is_asked_about_sessions_that_it_has_not_heard(monkeypatch):
    """The sound of clip n says n; the network that stands in for the real one knows the clips it was trained on."""
    clips = [
        Clip(str(number), None, None, label=number % 10, session=f"{number % 10}/{number // 10 % 4}")
        for number in range(200)
    ]
    features = {
        "levels": np.arange(200, dtype=np.float32)[:, None, None, None] * np.ones((1, 4, 64, 2 * MOMENTS)),
        "path": np.full((200, MOMENTS, 2), 0.5, dtype=np.float32),
    }
    known: list[int] = []
    monkeypatch.setattr(module, "clip_features", lambda *_, **__: features)

    def remember(network, levels, path, settings, *, seed, on_epoch):
        known.extend(levels[:, 0, 0, 0].int().tolist())
        assert path.dtype == torch.float32

    monkeypatch.setattr(module, "fit_heard_path", remember)
    heard = hear_places(clips)
    assert heard.training_clips == len(known) > 0 and heard.error_px.shape == (200 - len(known), MOMENTS, 2)
    assert not {clips[number].session for number in known} & set(heard.sessions)
    np.testing.assert_allclose(heard.guess_px, 0, atol=1e-4)
    np.testing.assert_allclose(heard.travel_px, 0)
