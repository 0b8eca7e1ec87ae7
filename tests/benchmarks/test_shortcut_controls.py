"""The contact maps find a leak in the hum of the motors where there is one, and none in noise."""

from dataclasses import replace

import numpy as np
import pytest
from shortcut_controls import SETTINGS, map_learner, place_path, run_controls, tilt_path

from labutils.validation.shortcuts import QuietSession, match_moves

LEARN = map_learner(replace(SETTINGS, epochs=20))


def session_of(label: int, leak: float, rng: np.random.Generator) -> QuietSession:
    """Eight moves; with a leak, the microphone of the wall that sinks grows louder."""
    direction = rng.integers(4, size=8)  # towards bottom, left, top, right
    down_x, down_y = np.array([0, -1, 0, 1])[direction], np.array([1, 0, -1, 0])[direction]
    angle = np.linspace(0.05, 0.4, 8) * rng.uniform(0.6, 1.0, (8, 1))  # no two moves are alike
    tilts = np.zeros((8, 8, 6))
    tilts[..., 1], tilts[..., 0] = down_x[:, None] * angle, down_y[:, None] * angle
    sound = rng.standard_normal((8, 8, 4, 16))
    sound[np.arange(8), :, direction] += leak * (angle / 0.4)[..., None]
    position = np.repeat(rng.uniform(-0.1, 0.1, (8, 1, 2)), 8, axis=1)
    return QuietSession(label, np.zeros((0, 4, 16)), *(a.reshape(8, -1) for a in (sound, tilts, position)))


def sessions(leak: float) -> list[QuietSession]:
    rng = np.random.default_rng(0)
    return [session_of(number % 10, leak, rng) for number in range(40)]


def test_maps_find_a_leak_and_nothing_where_there_is_none():
    leaking = match_moves(sessions(3.0), tilt_path, learn=LEARN)
    # four directions for ten moves: at most about 0.4
    assert leaking.share_right > 0.25 and not leaking.is_near_chance
    assert match_moves(sessions(0.0), tilt_path, learn=LEARN).is_near_chance
    assert match_moves(sessions(3.0), place_path, learn=LEARN).is_near_chance


def test_paths_lead_where_the_tray_is_lowest_and_lie_where_the_object_is():
    made = session_of(0, 0.0, np.random.default_rng(3))
    tilts = made.tilt.reshape(8, 8, 6)
    path = tilt_path(made).reshape(8, 8, 2)
    np.testing.assert_allclose(path[..., 0] - 0.5, 0.8 * tilts[..., 1])
    np.testing.assert_allclose(path[..., 1] - 0.5, 0.8 * tilts[..., 0])
    place = place_path(made).reshape(8, 8, 2)
    np.testing.assert_allclose(place[..., 1], 0.5 - made.position.reshape(8, 8, 2)[..., 1] / 0.3)


def test_table_has_a_row_for_each_question_and_learner():
    rows = run_controls(sessions(0.0), 0, replace(SETTINGS, epochs=1))
    assert [(row["sound of the motors against"], row["learner"]) for row in rows] == [
        (question, learner)
        for question in ("the tilts", "where the object lies")
        for learner in ("ridge regression", "contact maps")
    ]
    assert all(row["chance"] == pytest.approx(0.1) and row["questions"] == 320 for row in rows)
