"""The bodies, trays and taps of the experiments are what they say."""

import numpy as np
import pytest

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.objects import OBJECTS
from labutils.simulate.tray import STEP_S
from labutils.validation.experiments import (
    BALL,
    BLOCK,
    OUTWARD,
    cube,
    level,
    listen,
    move,
    one_pulse,
    ramp_and_hold,
    rolling_body,
    smooth_ball,
    still,
    tapped,
)


def test_bodies_keep_what_they_are_not_asked_to_change():
    assert smooth_ball(BLOCK).restitution == BLOCK.restitution and smooth_ball().friction < 1e-3
    assert cube(0.3).friction == 0.3 and cube(0.3).mass_kg == BLOCK.mass_kg
    assert [rolling_body(shape).parts[0].shape for shape in ("sphere", "cylinder")] == ["sphere", "cylinder"]
    assert all(one_pulse(obj).micro_hits == one_pulse(obj).rattle == 0 for obj in OBJECTS)


def test_tilts_rise_evenly_and_stay():
    tilts = ramp_and_hold(0.4, 0.1, ramp_s=0.2)
    assert len(tilts) * STEP_S == pytest.approx(0.3)
    np.testing.assert_allclose(np.diff(tilts[:400], 2), 0, atol=1e-12)
    assert (tilts[400:] == 0.4).all() and not level(0.1).any()


def test_a_body_starts_where_and_how_it_is_told_to():
    motion = move(BALL, level(0.1), (0.02, -0.03, 0.1), (0.3, 0.0, 0.0))
    np.testing.assert_allclose(motion.position_m[0], (0.02, -0.03, 0.1), atol=0.001)
    np.testing.assert_allclose(motion.velocity_m_s[0], (0.3, 0.0, 0.0), atol=0.01)
    assert len(motion.position_m) == 100


@pytest.mark.parametrize("wall", range(4))
def test_a_tap_hands_its_momentum_to_its_wall_at_its_point(wall):
    motion = tapped(0.5, [(0.1, wall, 0.03)], speed_m_s=0.4)
    impulse = motion.wall_impulse_n_s.sum(axis=0)
    assert impulse[wall] == pytest.approx(0.4 * BLOCK.mass_kg) and np.delete(impulse, wall).max() == 0
    along = np.abs(OUTWARD[wall][::-1])
    np.testing.assert_allclose(motion.wall_point_m[100, wall, :2], 0.15 * OUTWARD[wall] + 0.03 * along)


def test_a_silent_rig_hears_nothing_of_a_still_object():
    audio = listen(still(0.5))
    assert audio.shape == (round(0.5 * SAMPLE_RATE_HZ), 4) and not audio.any()
