"""The motors hum in three bands while the arm moves, and tell nothing of where it goes."""

import dataclasses

import numpy as np
import pytest
from scipy import signal

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.motors import motor_hum, ornstein_uhlenbeck
from labutils.simulate.rig import Rig
from labutils.simulate.tray import Motion
from labutils.validation.experiments import SILENT, listen, still


def moving_arm(duration_s: float) -> Motion:
    motion = still(duration_s)
    second = np.arange(len(motion.tilt_rate_rad_s)) // 500 % 3
    return dataclasses.replace(motion, tilt_rate_rad_s=np.where((second > 0)[:, None], [0.5, -0.2], 0.0))


def test_motors_hum_in_three_bands_only_while_the_arm_moves():
    motion = moving_arm(3.0)
    audio = listen(motion, rig=dataclasses.replace(SILENT, motor_level=1e-3))
    moving = np.repeat(np.abs(motion.tilt_rate_rad_s[:, 0]) > 0, 45)[: len(audio)]
    assert audio[: round(0.4 * SAMPLE_RATE_HZ)].std() < 0.02 * audio.std()
    assert moving.any() and audio.std() == pytest.approx(1e-3, rel=0.6)
    frequency, power = signal.welch(audio[:, 0], SAMPLE_RATE_HZ, nperseg=8192)
    near = np.zeros(len(frequency), bool)
    for centre in (500, 1600, 3400):
        near |= np.abs(frequency / centre - 1) < 0.2
    assert power[near].sum() > 0.8 * power.sum()


def test_motors_do_not_tell_axis_or_direction():
    motion, rng = moving_arm(2.0), np.random.default_rng
    turned = dataclasses.replace(motion, tilt_rate_rad_s=-motion.tilt_rate_rad_s[:, ::-1])
    rig = Rig()
    np.testing.assert_array_equal(
        motor_hum(motion, rig, 11025, 22050, rng(0)), motor_hum(turned, rig, 11025, 22050, rng(0))
    )


def test_the_process_has_mean_square_one_and_forgets_within_its_time():
    process = ornstein_uhlenbeck(400_000, 1000, 0.05, np.random.default_rng(0))
    assert process.std() == pytest.approx(1, abs=0.05) and abs(process.mean()) < 0.05
    assert np.mean(process[:-50] * process[50:]) == pytest.approx(np.exp(-1), abs=0.05)
