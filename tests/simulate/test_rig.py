"""Recording days differ, and a day's gains do what they say."""

import dataclasses

import numpy as np
import pytest

from labutils.simulate.rig import Rig, amplitude_ratio
from labutils.validation.experiments import SILENT, listen, tapped


def test_days_differ():
    days = [Rig.draw(np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert days[0] == days[1] != days[2]


def test_microphone_gains_scale_their_own_channel():
    motion = tapped(0.5, [(0.1, 0, 0.0)])
    louder = dataclasses.replace(SILENT, microphone_gain=(1.0, 2.0, 1.0, 1.0))
    plain, scaled = listen(motion), listen(motion, rig=louder)
    np.testing.assert_allclose(scaled, plain * [1, 2, 1, 1], rtol=1e-4, atol=1e-7)


def test_twenty_decibels_are_ten_times_the_amplitude():
    assert amplitude_ratio(20) == pytest.approx(10) and amplitude_ratio(0) == 1
    np.testing.assert_allclose(amplitude_ratio([-6.02, 6.02]), [0.5, 2.0], rtol=1e-3)


def test_days_vary_about_the_nominal_rig():
    days = [Rig.draw(np.random.default_rng(seed)) for seed in range(300)]
    gains_db = 20 * np.log10([day.microphone_gain for day in days])
    assert gains_db.mean() == pytest.approx(0, abs=0.2) and gains_db.std() == pytest.approx(2, rel=0.1)
    thickness = np.array([day.floor_thickness_m for day in days]) / Rig().floor_thickness_m
    assert thickness.std() == pytest.approx(0.03, rel=0.15)
