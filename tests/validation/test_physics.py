"""The simulator passes every experiment of a mechanic, and the experiments notice a simulator that is wrong."""

import dataclasses

import numpy as np
import pytest

from labutils.simulate import sound, tray
from labutils.validation import experiments, physics
from labutils.validation.physics import check_physics


@pytest.fixture(scope="module")
def checks():
    return check_physics()


def test_every_experiment_comes_out_as_theory_asks(checks):
    assert [check for check in checks if not check.passed] == []


def test_experiments_are_named_once_and_say_what_they_found(checks):
    assert len(checks) == len({check.subject for check in checks}) >= 14
    assert all(check.section == "physics" and check.simulated and check.target for check in checks)


def test_energy_that_grows_is_noticed(monkeypatch):
    real = physics.move

    def faster_and_faster(*args):
        motion = real(*args)
        growth = np.linspace(1, 1.5, len(motion.velocity_m_s))[:, None]
        return dataclasses.replace(motion, velocity_m_s=growth * motion.velocity_m_s)

    monkeypatch.setattr(physics, "move", faster_and_faster)
    assert not physics.check_energy(experiments.BALL).passed


def test_a_floor_of_another_friction_is_noticed(monkeypatch):
    slippery = experiments.cube(0.3)
    monkeypatch.setattr(physics, "cube", lambda friction: slippery)
    assert not physics.check_sliding_begins(0.4).passed
    assert not physics.check_sliding_acceleration(0.2).passed


def test_a_wall_that_returns_too_much_is_noticed(monkeypatch):
    real = tray.direct_solref
    monkeypatch.setattr(tray, "direct_solref", lambda e, t, *rest: real(min(e + 0.1, 0.99), t, *rest))
    assert not physics.check_restitution().passed


def test_an_impulse_that_is_not_the_change_of_momentum_is_noticed(monkeypatch):
    real = physics.contact_force
    monkeypatch.setattr(physics, "contact_force", lambda *args: 1.1 * real(*args))
    assert not physics.check_momentum().passed


def test_a_tray_of_other_modes_or_losses_is_noticed(monkeypatch):
    real = sound.perturb_tray

    def wrong(given, rng):
        tray_of_day = real(given, rng)
        wall = dataclasses.replace(tray_of_day.wall, frequency_hz=1.08 * tray_of_day.wall.frequency_hz)
        return dataclasses.replace(tray_of_day, wall=wall, floor_t60_s=1.4 * tray_of_day.floor_t60_s)

    monkeypatch.setattr(sound, "perturb_tray", wrong)
    assert not physics.check_wall_modes().passed
    assert not physics.check_floor_decay().passed


def test_crossed_microphones_are_noticed(monkeypatch):
    real = physics.listen
    monkeypatch.setattr(physics, "listen", lambda *args, **options: real(*args, **options)[:, [0, 3, 2, 1]])
    assert not physics.check_own_wall().passed
    assert not physics.check_arrival_order().passed
