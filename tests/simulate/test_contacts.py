"""Contacts are found again where taps were, and nowhere else."""

import dataclasses

import numpy as np
import pytest

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.contacts import find_contacts
from labutils.simulate.rig import Rig
from labutils.simulate.tray import Motion
from labutils.validation.experiments import BLOCK, FOAM, SCREWDRIVER, listen, still, tapped


def moving_arm(duration_s: float) -> Motion:
    motion = still(duration_s)
    second = np.arange(len(motion.tilt_rate_rad_s)) // 500 % 3
    return dataclasses.replace(motion, tilt_rate_rad_s=np.where((second > 0)[:, None], [0.5, -0.2], 0.0))


def sliding(duration_s: float, obj, speed_m_s: float = 0.3) -> Motion:
    motion = still(duration_s)
    n = len(motion.position_m)
    position = np.zeros((n, 3))
    position[:, 0] = np.clip(np.arange(n) / 1000 * speed_m_s - 0.1, -0.1, 0.1)
    velocity = np.gradient(position, 1e-3, axis=0)
    weight = np.full(n, obj.mass_kg * 9.81 / 1000)
    return dataclasses.replace(motion, position_m=position, velocity_m_s=velocity, floor_impulse_n_s=weight)


def test_what_is_not_far_louder_than_usual_is_no_contact():
    motion = tapped(4.0, [(1.5, 0, 0.0)])
    audio = listen(motion, rig=Rig())
    level = np.sqrt(np.median(np.square(audio[:SAMPLE_RATE_HZ]).mean(axis=1)))
    faint = (audio - listen(still(4.0), rig=Rig())) * (8 * level / np.abs(audio).max()) + listen(
        still(4.0), rig=Rig()
    )
    assert len(find_contacts(audio)) == 1 and len(find_contacts(faint)) == 0


@pytest.mark.parametrize("obj", [FOAM, BLOCK, SCREWDRIVER], ids=lambda obj: obj.name)
def test_contacts_are_found_where_taps_were(obj):
    times_s = np.array([0.6, 1.3, 2.2, 3.1])
    motion = tapped(4.0, [(t, wall, 0.04) for wall, t in enumerate(times_s)], mass_kg=obj.mass_kg)
    motion = dataclasses.replace(motion, tilt_rate_rad_s=moving_arm(4.0).tilt_rate_rad_s)
    found = find_contacts(listen(motion, obj, Rig()))
    assert len(found) == 4
    np.testing.assert_allclose(found, times_s, atol=0.02)


def test_motor_hum_and_noise_alone_are_no_contacts():
    loud_motors = dataclasses.replace(Rig(), motor_level=4 * Rig().motor_level)
    for seed in range(3):
        assert len(find_contacts(listen(moving_arm(12.0), rig=loud_motors, seed=seed))) == 0
        assert len(find_contacts(listen(still(6.0), rig=Rig(), seed=seed))) == 0


def test_sliding_alone_is_no_contact():
    assert len(find_contacts(listen(sliding(1.5, BLOCK), BLOCK, Rig()))) == 0


def test_a_recording_of_nothing_has_no_contacts():
    assert len(find_contacts(np.zeros((0, 4), np.float32))) == 0
    assert len(find_contacts(np.zeros((SAMPLE_RATE_HZ, 4), np.float32))) == 0
