"""Tray and object answer a tap: against the tables, by symmetry and by linearity."""

import dataclasses
import math

import numpy as np
import pytest

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.impact_response import build_tray, foot, mix, mode_spectra, perturb_modes, perturb_tray
from labutils.simulate.modes import object_modes
from labutils.validation.experiments import BLOCK, FOAM, SCREWDRIVER, SILENT, listen, one_pulse, tapped


def peaks(audio):
    return np.abs(audio).max(axis=0)


def test_blade_of_the_screwdriver_is_heard_through_the_floor():
    driver = one_pulse(SCREWDRIVER)
    motion = tapped(1.0, [(0.1, 1, 0.0)], mass_kg=driver.mass_kg)
    steel = listen(motion, driver)[:, 1]
    block = listen(motion, dataclasses.replace(driver, material="wood", parts=BLOCK.parts))[:, 1]
    late = slice(round(0.3 * SAMPLE_RATE_HZ), round(0.5 * SAMPLE_RATE_HZ))
    level = [np.abs(np.fft.rfft(wave[late], SAMPLE_RATE_HZ))[430:475].max() for wave in (steel, block)]
    assert level[0] > 3 * level[1]


@pytest.mark.parametrize("wall", range(4))
def test_own_wall_is_loudest_and_first(wall):
    audio = listen(tapped(0.5, [(0.1, wall, 0.03)]))
    level = peaks(audio)
    assert level.argmax() == wall
    margin_db = 20 * np.log10(level[wall] / np.delete(level, wall))
    assert 2 < np.median(margin_db) < 20
    arrival = (np.abs(audio) > 0.02 * level[wall]).argmax(axis=0)
    assert arrival.argmin() == wall and np.all(np.delete(arrival, wall) > arrival[wall])


def test_the_sound_arrives_later_at_walls_further_away():
    audio = listen(tapped(0.5, [(0.1, 1, 0.11)]), one_pulse(SCREWDRIVER))  # left wall, near the top one
    arrival = (np.abs(audio) > 0.03 * peaks(audio).max()).argmax(axis=0)
    bottom, left, top, right = arrival
    assert left < top < bottom and top < right


def test_momentum_scales_the_amplitude():
    # twice the mass at the same speed: the same pulse, twice the momentum
    heavy = dataclasses.replace(one_pulse(BLOCK), mass_kg=2 * BLOCK.mass_kg)
    light_tap = listen(tapped(0.5, [(0.1, 2, 0.0)]), one_pulse(BLOCK))
    heavy_tap = listen(tapped(0.5, [(0.1, 2, 0.0)], mass_kg=heavy.mass_kg), heavy)
    # the first millisecond, before the object's own ring, which its mass does not scale
    walls = slice(4410, 4410 + 44)
    np.testing.assert_allclose(
        heavy_tap[walls, 2], 2 * light_tap[walls, 2], rtol=0.1, atol=0.02 * peaks(heavy_tap)[2]
    )
    assert peaks(heavy_tap)[2] == pytest.approx(2 * peaks(light_tap)[2], rel=0.1)


@pytest.mark.parametrize("obj", [BLOCK, SCREWDRIVER, FOAM], ids=lambda obj: obj.name)
def test_energy_grows_as_the_square_of_the_impulse(obj):
    # half the mass, so that the heavy one stays below full scale
    light = dataclasses.replace(one_pulse(obj), mass_kg=obj.mass_kg / 2)
    heavy = dataclasses.replace(light, mass_kg=3 * light.mass_kg)  # at the same speed: thrice the impulse
    energy = [
        np.square(listen(tapped(0.7, [(0.1, 2, 0.0)], mass_kg=o.mass_kg), o)).sum() for o in (light, heavy)
    ]
    assert energy[1] / energy[0] == pytest.approx(9, rel=0.01)


def test_left_and_right_are_mirrored_on_a_symmetric_rig():
    left = listen(tapped(0.6, [(0.1, 1, 0.05)]))
    right = listen(tapped(0.6, [(0.1, 3, 0.05)]))
    np.testing.assert_allclose(left, right[:, [0, 3, 2, 1]], atol=1e-5 * peaks(left).max() + 1e-7)
    assert not np.allclose(left, right, atol=1e-2 * peaks(left).max())


def test_mode_spectra_equal_the_transform_of_the_ring():
    frequency, t60, rate, n = np.array([230.0, 1700.0, 9000.0]), np.array([0.2, 0.05, 0.1]), 11025, 2000
    time_s = np.arange(n) / rate
    ring = np.exp(-math.log(1000) * time_s / t60[:, None]) * np.cos(2 * math.pi * frequency[:, None] * time_s)
    ring[:, 0] /= 2
    expected = np.fft.rfft(ring, axis=1) / rate
    expected[2] = 0  # above half the sample rate
    np.testing.assert_allclose(
        mode_spectra(frequency, t60, rate, n), expected, atol=1e-6 * np.abs(expected).max()
    )


def test_mixing_is_a_product_of_matrices():
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((4, 7))
    spectra = (rng.standard_normal((7, 20)) + 1j * rng.standard_normal((7, 20))).astype(np.complex64)
    np.testing.assert_allclose(mix(weights, spectra), weights @ spectra, rtol=1e-5, atol=1e-5)


def test_a_wall_moves_more_with_the_floor_the_higher_one_looks_and_less_at_high_frequencies():
    floor = build_tray(SILENT).floor
    low, high = (foot(floor, 1, 0.02, height_m) for height_m in (0.0, 0.03))
    np.testing.assert_allclose(high, 2 * low, rtol=1e-9)  # the lever is 3 cm at the foot, 6 cm above
    straight = dataclasses.replace(floor, frequency_hz=np.full_like(floor.frequency_hz, 1e-3))
    assert (np.abs(high) <= np.abs(foot(straight, 1, 0.02, 0.03)) + 1e-12).all()


def test_a_session_differs_from_the_nominal_tray_by_its_tolerances_only():
    nominal, own = build_tray(SILENT), object_modes(SCREWDRIVER)
    trays = [perturb_tray(nominal, np.random.default_rng(seed)) for seed in range(60)]
    change = np.array([tray.wall.frequency_hz / nominal.wall.frequency_hz - 1 for tray in trays])
    assert change.std() == pytest.approx(math.hypot(0.008, 0.004), rel=0.2)
    decays = np.log([tray.floor_t60_s / nominal.floor_t60_s for tray in trays])
    assert decays.std() == pytest.approx(0.12, rel=0.1)
    assert all(tray.wall_read is nominal.wall_read for tray in trays)
    np.testing.assert_array_equal(perturb_modes(own, np.random.default_rng(0)).gain, own.gain)
