"""When a session is at rest, and how loud it is then, on motions and sounds made by hand."""

import dataclasses
import math

import numpy as np
import pytest

from labutils.validation.experiments import still
from labutils.validation.rest import (
    all_at_rest,
    envelope_db,
    median_where,
    only_arm_moves,
    rest_level_db,
)


def session_of_three_seconds():
    """Nothing moves for a second, then the arm alone for a second, then the object too."""
    motion = still(3.0)
    arm, speed = np.zeros((3000, 2)), np.zeros((3000, 3))
    arm[1000:] = 0.5
    speed[2000:] = 0.1
    return dataclasses.replace(motion, tilt_rate_rad_s=arm, velocity_m_s=speed)


def test_rest_and_the_arm_alone_count_after_four_tenths_of_a_second():
    motion = session_of_three_seconds()
    assert np.flatnonzero(all_at_rest(motion))[[0, -1]].tolist() == [399, 999]
    assert np.flatnonzero(only_arm_moves(motion))[[0, -1]].tolist() == [1399, 1999]


def test_the_envelope_is_the_mean_square_of_all_channels_in_steps():
    audio = np.zeros((4410, 4))
    audio[:441, 0], audio[441:, :] = 0.2, 0.1
    level_db = envelope_db(audio, step_s=0.01)
    assert len(level_db) == 10
    assert level_db[0] == pytest.approx(10 * math.log10(0.2**2 / 4), abs=1e-6)
    np.testing.assert_allclose(level_db[1:], -20, atol=1e-6)


def test_the_median_is_taken_where_the_state_holds():
    state = np.repeat([True, False], 500)
    level_db = np.repeat([-60.0, -20.0], 125)
    assert median_where(level_db, state, 0.004) == -60
    assert math.isnan(median_where(level_db, np.zeros(1000, bool), 0.004))


def test_a_session_that_never_rests_has_the_level_of_its_quietest_twentieth():
    moving = dataclasses.replace(still(1.0), velocity_m_s=np.full((1000, 3), 0.1))
    level_db = np.linspace(-100, 0, 250)
    assert rest_level_db(level_db, moving) == pytest.approx(-95, abs=0.1)
    assert rest_level_db(level_db, still(1.0)) > -95
