"""The simulator passes every experiment of a mechanic, and the experiments notice a simulator that is wrong."""

import dataclasses

import numpy as np
import pytest

from labutils.simulate import physics_checks, sound, tray
from labutils.simulate.physics_checks import check_physics


@pytest.fixture(scope="module")
def checks():
    return check_physics()


def test_every_experiment_comes_out_as_theory_asks(checks):
    assert [check for check in checks if not check.passed] == []


def test_experiments_are_named_once_and_say_what_they_found(checks):
    assert len(checks) == len({check.subject for check in checks}) >= 14
    assert all(check.section == "physics" and check.simulated and check.target for check in checks)


def test_energy_that_grows_is_noticed(monkeypatch):
    real = physics_checks.move

    def faster_and_faster(*args):
        motion = real(*args)
        growth = np.linspace(1, 1.5, len(motion.velocity_m_s))[:, None]
        return dataclasses.replace(motion, velocity_m_s=growth * motion.velocity_m_s)

    monkeypatch.setattr(physics_checks, "move", faster_and_faster)
    assert not physics_checks.check_energy(physics_checks.BALL).passed


def test_a_floor_of_another_friction_is_noticed(monkeypatch):
    slippery = physics_checks.cube(0.3)
    monkeypatch.setattr(physics_checks, "cube", lambda friction: slippery)
    assert not physics_checks.check_sliding_begins(0.4).passed
    assert not physics_checks.check_sliding_acceleration(0.2).passed


def test_a_wall_that_returns_too_much_is_noticed(monkeypatch):
    real = tray.direct_solref
    monkeypatch.setattr(tray, "direct_solref", lambda e, t, *rest: real(min(e + 0.1, 0.99), t, *rest))
    assert not physics_checks.check_restitution().passed


def test_an_impulse_that_is_not_the_change_of_momentum_is_noticed(monkeypatch):
    real = physics_checks.blow
    monkeypatch.setattr(physics_checks, "blow", lambda *args: 1.1 * real(*args))
    assert not physics_checks.check_momentum().passed


def test_a_tray_of_other_modes_or_losses_is_noticed(monkeypatch):
    real = sound.vary_tray

    def wrong(given, rng):
        varied = real(given, rng)
        return sound.Tray(
            varied.floor,
            sound.Plate(
                *(getattr(varied.wall, n) for n in ("length_m", "width_m", "mass_kg", "orders")),
                1.08 * varied.wall.frequency_hz,
            ),
            1.4 * varied.floor_t60_s,
            varied.wall_t60_s,
            varied.wall_read,
            varied.floor_read,
        )

    monkeypatch.setattr(sound, "vary_tray", wrong)
    assert not physics_checks.check_wall_modes().passed
    assert not physics_checks.check_floor_decay().passed


def test_crossed_microphones_are_noticed(monkeypatch):
    real = physics_checks.listen
    monkeypatch.setattr(
        physics_checks, "listen", lambda *args, **options: real(*args, **options)[:, [0, 3, 2, 1]]
    )
    assert not physics_checks.check_own_wall().passed
    assert not physics_checks.check_arrival_order().passed
