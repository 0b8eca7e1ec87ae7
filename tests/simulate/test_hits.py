"""Hits are found in the motion: what counts as one, and with which impulse."""

import dataclasses
import math

import numpy as np
import pytest

from labutils.simulate.hits import find_hits, find_onsets
from labutils.simulate.tray import simulate_session
from labutils.validation.experiments import BALL, BLOCK, OUTWARD, still, tapped


def test_a_simulated_hit_hands_the_momentum_it_loses_to_the_sound():
    ball = dataclasses.replace(BALL, friction=0.02)  # the floor takes no momentum along
    motion = simulate_session(ball, duration_s=12.0, seed=3)
    hits = [hit for hit in find_hits(motion, ball) if hit.impulse_n_s > 0.4 * ball.mass_kg]
    alone = [
        hit
        for hit in hits
        if hit.time_s < 11.9
        and min((abs(h.time_s - hit.time_s) for h in hits if h is not hit), default=1) > 0.05
    ]
    ratios = []
    for hit in alone:
        start, end = round(hit.time_s * 1000) - 2, round(hit.time_s * 1000) + 15
        about_x, about_y = motion.tilt_rad[start]
        weight = 9.81 * np.array([math.cos(about_x) * math.sin(about_y), -math.sin(about_x)])
        change = motion.velocity_m_s[start, :2] - motion.velocity_m_s[end, :2] + weight * (end - start) / 1000
        ratios.append(hit.impulse_n_s / (ball.mass_kg * change @ OUTWARD[hit.wall]))
    assert len(ratios) >= 4
    assert np.median(ratios) == pytest.approx(1, abs=0.05)  # mass 2 % a session


def test_leaning_drumming_and_faint_touches_are_no_hits():
    leaning, drumming = still(1.0), still(1.0)
    leaning.wall_impulse_n_s[300:, 0] = BLOCK.mass_kg * 9.81 / 1000
    drumming.wall_impulse_n_s[300:900:20, 0] = 0.06 * BLOCK.mass_kg
    for motion in (leaning, drumming):
        motion.wall_point_m[:, 0] = (0, -0.15, 0.01)
    faint = tapped(1.0, [(0.5, 0, 0.0)], speed_m_s=0.02)
    assert len(find_hits(leaning, BLOCK)) <= 1  # the first touch may be one
    assert len(find_hits(drumming, BLOCK)) <= 4  # the first and the last beats, not all thirty
    assert find_hits(faint, BLOCK) == []


def test_two_bounces_are_two_hits_and_a_chattering_one_is_one():
    assert len(find_hits(tapped(1.0, [(0.2, 0, 0.0), (0.28, 0, 0.0), (0.5, 2, 0.0)]), BLOCK)) == 3
    assert len(find_hits(tapped(1.0, [(0.2, 0, 0.0), (0.21, 0, 0.0)]), BLOCK)) == 1


def test_onsets_need_quiet_before_and_leave_a_dead_time_after():
    active = np.zeros(40, bool)
    active[[5, 6, 9, 20, 30, 31]] = True
    assert find_onsets(active, quiet=0, dead=1) == [5, 6, 9, 20, 30, 31]
    assert find_onsets(active, quiet=2, dead=1) == [5, 9, 20, 30]
    assert find_onsets(active, quiet=2, dead=12) == [5, 20]
    assert find_onsets(np.zeros(5, bool), quiet=2, dead=1) == []
