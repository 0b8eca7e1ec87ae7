"""Sliding and rolling are heard, low and the louder the faster; a still object is not."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import signal

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.friction_noise import floor_profile, friction_force, normal_force
from labutils.simulate.tray import Motion
from labutils.validation.experiments import BALL, BLOCK, listen, still


def sliding(duration_s: float, obj, speed_m_s: float = 0.3) -> Motion:
    motion = still(duration_s)
    n = len(motion.position_m)
    position = np.zeros((n, 3))
    position[:, 0] = np.clip(np.arange(n) / 1000 * speed_m_s - 0.1, -0.1, 0.1)
    velocity = np.gradient(position, 1e-3, axis=0)
    weight = np.full(n, obj.mass_kg * 9.81 / 1000)
    return dataclasses.replace(motion, position_m=position, velocity_m_s=velocity, floor_impulse_n_s=weight)


def test_sliding_is_heard_below_two_kilohertz_and_more_when_faster():
    slow, fast = (listen(sliding(0.8, BLOCK, speed), BLOCK)[:, 0] for speed in (0.25, 0.5))
    frequency, power = signal.welch(fast, SAMPLE_RATE_HZ, nperseg=4096)
    assert power[frequency < 2000].sum() > 0.9 * power.sum() > 0
    assert fast.std() > slow.std() > 0


def test_the_force_is_nothing_at_rest_and_grows_with_the_gain_of_sliding():
    rng = np.random.default_rng
    assert not friction_force(still(0.5), BLOCK, 11025, rng(0)).any()
    motion = sliding(0.5, BLOCK)
    louder = dataclasses.replace(BLOCK, slide_gain=2 * BLOCK.slide_gain)
    once, twice = (friction_force(motion, obj, 11025, rng(0)) for obj in (BLOCK, louder))
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-9)
    assert len(once) == math.ceil(0.5 * 11025)


def test_rolling_without_slip_has_the_gain_of_rolling():
    motion = sliding(0.5, BALL)
    spin = np.zeros_like(motion.spin_rad_s)
    position = motion.position_m + np.array([0, 0, 0.06])
    spin[:, 1] = motion.velocity_m_s[:, 0] / 0.06
    rolling = dataclasses.replace(motion, position_m=position, spin_rad_s=spin)
    silent = dataclasses.replace(BALL, roll_gain=0.0)
    assert friction_force(rolling, BALL, 11025, np.random.default_rng(0)).any()
    assert not friction_force(rolling, silent, 11025, np.random.default_rng(0)).any()


def test_the_normal_force_settles_at_the_weight_and_never_exceeds_three_of_it():
    weight = BLOCK.mass_kg * 9.81
    assert normal_force(sliding(0.5, BLOCK), BLOCK)[-1] == pytest.approx(weight, rel=1e-3)
    press = dataclasses.replace(still(0.5), floor_impulse_n_s=np.full(500, 10 * weight / 1000))
    assert normal_force(press, BLOCK).max() == pytest.approx(3 * weight)


def test_the_floor_has_unit_roughness_at_wavelengths_of_millimetres():
    profile = floor_profile(20.0, np.random.default_rng(0))
    assert profile.std() == pytest.approx(1) and len(profile) == 200002
    cycles_mm, power = signal.welch(profile, fs=10, nperseg=4096)
    inside = (cycles_mm > 0.05) & (cycles_mm < 4)
    assert power[inside].sum() > 0.9 * power.sum()
