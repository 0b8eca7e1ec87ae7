"""The natural modes: hand-computed frequencies, and shapes against what they must satisfy."""

import dataclasses
import math

import numpy as np
import pytest

from labutils.simulate.modes import (
    MATERIALS,
    cantilever_shape,
    cavity_hz,
    floor_plate,
    floor_shape,
    floor_slope,
    object_modes,
    spherical_shell_hz,
    t60_s,
    wall_plate,
    wall_shape,
)
from labutils.simulate.objects import OBJECTS

PLYWOOD = MATERIALS["plywood"]
BY_NAME = {obj.name: obj for obj in OBJECTS}


@pytest.fixture(scope="module")
def floor():
    return floor_plate(0.3, 0.006, PLYWOOD, 5000)


@pytest.fixture(scope="module")
def wall():
    return wall_plate(0.3, 0.12, 0.005, PLYWOOD, 5000)


def test_lowest_floor_mode_by_hand(floor):
    rigidity = 6.0e9 * 0.006**3 / (12 * (1 - 0.3**2))  # D, N m
    expected = math.pi / 2 * math.sqrt(rigidity / (600 * 0.006)) * 2 / 0.3**2
    assert floor.frequency_hz[0] == pytest.approx(expected, rel=1e-9)
    assert tuple(floor.orders[0]) == (1, 1)


def test_blade_of_the_screwdriver_is_a_cantilever():
    blade_half_m, blade_radius_m = BY_NAME["stanley_screwdriver"].parts[1].half_size_m[::-1]
    expected = 3.516 / (2 * math.pi * (2 * blade_half_m) ** 2) * blade_radius_m / 2 * math.sqrt(2.0e11 / 7850)
    assert object_modes(BY_NAME["stanley_screwdriver"]).frequency_hz[0] == pytest.approx(expected, rel=1e-3)


def test_inflated_membrane_without_stiffness_follows_its_tension():
    limp = dataclasses.replace(MATERIALS["rubber shell"], young_pa=1e-3)
    frequency = spherical_shell_hz([2, 3], 0.055, 0.003, limp, pressure_pa=3e4)
    tension_n_m, mass_kg_m2 = 3e4 * 0.055 / 2, 1100 * 0.003
    expected = np.sqrt(np.array([4, 10]) * tension_n_m / (mass_kg_m2 * 0.055**2)) / (2 * math.pi)
    np.testing.assert_allclose(frequency, expected, rtol=1e-6)


def test_air_in_a_basketball_sounds_where_russell_heard_it():
    assert cavity_hz(0.12)[0] == pytest.approx(947, rel=0.01)  # a full-size ball, 12 cm inside


def test_decay_is_sixty_decibels():
    frequency, loss = 500.0, 0.05
    amplitude = math.exp(-math.pi * frequency * loss * t60_s(frequency, loss))
    assert 20 * math.log10(amplitude) == pytest.approx(-60, abs=0.1)


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: obj.name)
def test_every_object_has_audible_modes_that_die_out(obj):
    modes = object_modes(obj)
    assert 1 <= len(modes.frequency_hz) == len(modes.t60_s) == len(modes.gain) <= 16
    assert np.all(np.diff(modes.frequency_hz) >= 0)
    assert modes.frequency_hz[0] > 60 and modes.frequency_hz[-1] < 9000
    assert modes.t60_s.max() < 0.5 and modes.gain.min() > 0


def test_soft_objects_ring_lower_than_hard_ones():
    lowest = {obj.name: object_modes(obj).frequency_hz[0] for obj in OBJECTS}
    assert (
        lowest["061_foam_brick"] < lowest["toy_elephant"] < lowest["shiny_toy_gun"] < lowest["yellow_block"]
    )


def test_unknown_material_is_refused():
    with pytest.raises(KeyError, match="jelly"):
        object_modes(dataclasses.replace(OBJECTS[0], material="jelly"))


def test_modal_masses_are_a_quarter_of_the_floor_and_an_eighth_of_a_wall(floor, wall):
    place = (np.arange(40) + 0.5) / 40 - 0.5
    on_floor = np.mean([floor_shape(floor, 0.3 * x, 0.3 * y) ** 2 for x in place for y in place], axis=0)
    on_wall = np.mean(
        [wall_shape(wall, 0.3 * x, 0.12 * (y + 0.5)) ** 2 for x in place for y in place], axis=0
    )
    np.testing.assert_allclose(on_floor, 1 / 4, rtol=1e-6)
    np.testing.assert_allclose(on_wall, 1 / 8, rtol=0.02)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_cantilever_is_clamped_at_the_foot_and_has_its_nodes(number):
    shape = np.array([cantilever_shape(np.array([number]), h)[0] for h in np.linspace(0, 1, 400)])
    assert shape[0] == 0 and abs(shape[1]) < 1e-3
    assert abs(shape[-1]) == pytest.approx(1, rel=1e-3)
    assert np.sum(np.diff(np.sign(shape[1:])) != 0) == number - 1


@pytest.mark.parametrize(
    ("wall_number", "outward"),
    [(0, (0, -1)), (1, (-1, 0)), (2, (0, 1)), (3, (1, 0))],
    ids=["b", "l", "t", "r"],
)
def test_floor_slope_is_the_outward_derivative_at_the_wall(floor, wall_number, outward):
    along, step = 0.043, 1e-6
    edge = np.array([along if o == 0 else 0.15 * o for o in outward])
    inside = edge - step * np.array(outward)
    derivative = (floor_shape(floor, *edge) - floor_shape(floor, *inside)) / step
    np.testing.assert_allclose(floor_slope(floor, wall_number, along), derivative, rtol=1e-3, atol=0.01)
