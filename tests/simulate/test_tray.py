"""The tray as its makers need it, and sessions as the rest of the simulator needs them; see test_physics_checks.py."""

import math
from dataclasses import replace

import numpy as np
import pytest

from labutils.simulate import tray
from labutils.simulate.objects import OBJECTS, Part
from labutils.simulate.tray import TiltHabit, random_tilts, simulate_session, simulate_tilts
from labutils.validation.experiments import BALL, BLOCK, level, move, ramp_and_hold


@pytest.mark.parametrize("restitution", [0.2, 0.45, 0.8])
def test_direct_solref_gives_a_spring_that_lets_go_with_that_restitution_and_contact_time(restitution):
    contact_s, impedance, step_s = 0.004, 0.95, 1e-7
    k, b = (-float(word) for word in tray.direct_solref(restitution, contact_s, impedance).split())
    k, b = k / impedance**2, b / impedance
    depth, speed, time_s = 0.0, 1.0, 0.0
    while time_s == 0 or k * depth + b * speed > 0:  # until the spring would pull
        speed -= (k * depth + b * speed) * step_s
        depth += speed * step_s
        time_s += step_s
    assert -speed == pytest.approx(restitution, rel=1e-3)
    assert time_s == pytest.approx(contact_s, rel=1e-3)


@pytest.mark.parametrize(("restitution", "contact_s"), [(0.25, 0.006), (0.45, 0.004), (0.7, 0.009)])
def test_a_ball_leaves_a_wall_with_the_restitution_that_was_set(restitution, contact_s):
    puck = replace(BALL, restitution=restitution, contact_time_s=contact_s, friction=1e-4, rolling_m=1e-6)
    motion = move(puck, level(0.5), (0, 0, 0.055), (0.5, 0, 0))
    assert -motion.velocity_m_s[-1, 0] / 0.5 == pytest.approx(restitution, abs=0.04)


def test_the_impulse_on_a_wall_is_the_change_of_momentum():
    motion = move(replace(BALL, friction=1e-4), level(0.5), (0, 0, 0.055), (0, -0.5, 0))
    change = BALL.mass_kg * (motion.velocity_m_s[-1, 1] - motion.velocity_m_s[0, 1])
    np.testing.assert_allclose(motion.wall_impulse_n_s.sum(axis=0), [change, 0, 0, 0], atol=0.01 * change)


@pytest.mark.parametrize(
    ("wall", "direction"), [(0, (0, -1, 0)), (1, (-1, 0, 0)), (2, (0, 1, 0)), (3, (1, 0, 0))]
)
def test_each_wall_is_hit_where_it_stands(wall, direction):
    direction = np.array(direction)
    motion = move(BALL, level(0.4), (0, 0, 0.055), 0.6 * direction)
    assert motion.wall_impulse_n_s.sum(axis=0).argmax() == wall
    touching = motion.wall_impulse_n_s[:, wall] > 0
    np.testing.assert_allclose(motion.wall_point_m[touching, wall] @ direction, 0.15, atol=0.003)
    assert np.isnan(motion.wall_point_m[~touching]).all()


@pytest.mark.parametrize("share", [0.8, 1.2])
def test_a_block_slides_only_beyond_the_angle_of_friction(share):
    angle = share * math.atan(BLOCK.friction)
    motion = move(BLOCK, ramp_and_hold(angle, 0.7), (0, 0.06, 0.031))
    moved = np.abs(motion.position_m[-1, 1] - motion.position_m[500, 1])
    assert moved < 0.003 if share < 1 else moved > 0.05


def test_a_block_leaning_on_two_walls_is_quiet():
    tilts = np.stack([ramp_and_hold(0.45, 3.0), ramp_and_hold(0.40, 3.0)], axis=1)
    motion = simulate_tilts(BLOCK, tilts, (0, 0, 0.031))
    pushes = motion.wall_impulse_n_s[-1000:] * motion.rate_hz
    leaning = np.sort(pushes.mean(axis=0))[-2:] / BLOCK.mass_kg
    assert leaning.min() > 1.0, "it does lean: above 1 m/s^2 on both"
    assert pushes.std(axis=0).max() < 0.1 * BLOCK.mass_kg


def test_velocity_is_the_derivative_of_the_position_while_the_tray_moves():
    motion = simulate_session(BALL, duration_s=5, seed=1)
    derivative = np.gradient(motion.position_m, 1 / motion.rate_hz, axis=0)
    assert np.abs(motion.velocity_m_s).max() > 0.2
    assert np.abs(derivative - motion.velocity_m_s).mean() < 0.002


def test_random_tilts_start_level_go_to_one_axis_at_a_time_and_do_not_jump():
    habit = TiltHabit()
    smallest, largest = habit.tilt_rad
    tilts = random_tilts(60, np.random.default_rng(0), habit)
    assert tilts.shape == (120_000, 2)
    assert np.abs(tilts[0]).max() < 1e-6
    assert 0.8 * largest < np.abs(tilts).max() <= largest
    held = tilts[1:][(np.diff(tilts, axis=0) == 0).all(axis=1)]
    assert len(held) > 30_000 and (np.abs(held).min(axis=1) == 0).all()
    assert np.abs(held).max(axis=1).min() >= smallest
    fastest = 1.875 * 2 * largest / habit.move_s[0]  # peak speed of a minimum-jerk move
    assert np.abs(np.diff(tilts, axis=0)).max() / tray.STEP_S <= fastest


def test_a_shorter_session_is_the_beginning_of_a_longer_one():
    short, long = (simulate_session(BLOCK, duration_s=s, seed=3) for s in (1, 2.3))
    np.testing.assert_array_equal(short.position_m, long.position_m[:1000])
    np.testing.assert_array_equal(short.wall_impulse_n_s, long.wall_impulse_n_s[:1000])


def test_seed_and_class_decide_the_session():
    tilts = {
        key: simulate_session(obj, duration_s=1, seed=seed).tilt_rad
        for key, obj, seed in [("a", BLOCK, 0), ("again", BLOCK, 0), ("seed", BLOCK, 1), ("class", BALL, 0)]
    }
    np.testing.assert_array_equal(tilts["a"], tilts["again"])
    assert np.abs(tilts["a"] - tilts["seed"]).max() > 0.05
    assert np.abs(tilts["a"] - tilts["class"]).max() > 0.05


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: obj.name)
def test_an_object_lies_still_at_first_and_stays_in_the_tray(obj):
    motion = simulate_session(obj, duration_s=2, seed=5)
    assert np.linalg.norm(motion.velocity_m_s[:50], axis=1).max() < 0.02
    assert tray.is_inside(motion)
    assert motion.position_m.shape == (2000, 3)
    assert np.isfinite(motion.position_m).all()


def test_an_object_that_always_leaves_is_an_error(monkeypatch):
    monkeypatch.setattr(tray, "is_inside", lambda motion: False)
    with pytest.raises(RuntimeError, match="yellow_block left the tray"):
        simulate_session(BLOCK, duration_s=0.1, seed=0)


def test_corners_of_a_lying_cylinder():
    rod = replace(BLOCK, parts=(Part("cylinder", (0.01, 0.05), (0, 0, 0), (0.02, 0, 0), "y"),))
    corners = tray.part_corners_m(rod)
    np.testing.assert_allclose(corners.min(axis=0), [0.01, -0.05, -0.01])
    np.testing.assert_allclose(corners.max(axis=0), [0.03, 0.05, 0.01])
