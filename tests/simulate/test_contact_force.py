"""The force of a hit holds its impulse, and a contact its stiffness."""

import dataclasses
import math

import numpy as np
import pytest

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.contact_force import contact_force, floor_impedance
from labutils.simulate.hits import find_hits
from labutils.validation.experiments import BLOCK, one_pulse, tapped


def test_the_force_hands_over_the_momentum_of_the_hit():
    motion = tapped(0.5, [(0.1, 3, 0.02)])
    (hit,) = find_hits(motion, BLOCK)
    assert hit.impulse_n_s == pytest.approx(motion.wall_impulse_n_s.sum(), rel=1e-9)
    force = contact_force(hit, BLOCK, SAMPLE_RATE_HZ, np.random.default_rng(0))
    assert force.sum() / SAMPLE_RATE_HZ == pytest.approx(hit.impulse_n_s, rel=1e-9)
    assert force.min() >= 0


def test_loose_parts_hand_over_their_share_later():
    hit = find_hits(tapped(0.5, [(0.1, 3, 0.02)]), BLOCK)[0]
    rattling = dataclasses.replace(one_pulse(BLOCK), rattle=0.4)
    force = contact_force(hit, rattling, SAMPLE_RATE_HZ, np.random.default_rng(0))
    assert force.sum() / SAMPLE_RATE_HZ == pytest.approx(hit.impulse_n_s, rel=1e-9)
    assert force[round(0.005 * SAMPLE_RATE_HZ) :].sum() == pytest.approx(0.4 * force.sum(), rel=1e-6)


def test_harder_hits_have_shorter_pulses():
    slow, fast = (find_hits(tapped(0.5, [(0.1, 3, 0.0)], speed), BLOCK)[0] for speed in (0.1, 3.2))
    lengths = [
        np.count_nonzero(contact_force(h, one_pulse(BLOCK), 1e6, np.random.default_rng(0)))
        for h in (slow, fast)
    ]
    assert lengths[0] / lengths[1] == pytest.approx(2, rel=0.01)  # (3.2 / 0.1) ** 0.2 = 2


def test_a_floor_contact_is_a_spring_up_to_the_mass_that_moves():
    low, high = floor_impedance(BLOCK, np.array([10.0, 8000.0]))
    assert low == pytest.approx(0.25 * BLOCK.mass_kg * 2 * math.pi * 10)
    stiffness = BLOCK.mass_kg * (math.pi / BLOCK.pulse_time_s) ** 2
    peak_n = math.pi * BLOCK.mass_kg * 0.5 / (2 * BLOCK.pulse_time_s)
    load = (BLOCK.mass_kg * 9.81 / peak_n) ** (1 / 3)
    assert high == pytest.approx(stiffness * load / (2 * math.pi * 8000))
