"""No shortcuts: the controls find a leak where there is one, and none in the simulator."""

import dataclasses
import zlib
from operator import attrgetter
from types import SimpleNamespace

import numpy as np
import pytest

from labutils.simulate import sound
from labutils.simulate.tray import Motion, random_tilts
from labutils.validation import shortcuts as module
from labutils.validation.shortcuts import (
    QuietSession,
    ShortcutControl,
    classify_silence,
    compare_controls,
    describe_quiet,
    is_quiet,
    match_moves,
    move_beginnings_s,
    quiet_sessions,
    run_controls,
)

TILT, POSITION = attrgetter("tilt"), attrgetter("position")


def resting(duration_s: float, tilts: np.ndarray) -> Motion:
    """An object glued to the middle of a tray that tilts, (n, 2) angles at 1 kHz."""
    n, zero = round(1000 * duration_s), np.zeros
    rates = np.gradient(tilts, 1e-3, axis=0)
    return Motion(
        1000.0,
        zero((n, 3)),
        np.tile([1.0, 0, 0, 0], (n, 1)),
        zero((n, 3)),
        zero((n, 3)),
        zero((n, 4)),
        np.full((n, 4, 3), np.nan),
        zero(n),
        tilts,
        rates,
    )


def one_move(duration_s: float, start_s: float, end_s: float) -> Motion:
    time_s = np.arange(round(1000 * duration_s)) / 1000
    angle = np.clip(time_s - start_s, 0, end_s - start_s)
    return resting(duration_s, np.stack([angle, -angle], axis=1))


@pytest.fixture
def glued_objects(monkeypatch):
    """Real tilts and real sound, but the object never moves: a session costs little."""

    def simulate(obj, *, duration_s, seed):
        rng = np.random.default_rng([seed, zlib.crc32(obj.name.encode())])
        still = np.zeros((1000, 2))
        return resting(duration_s, np.concatenate([still, random_tilts(duration_s - 1, rng)[::2]]))

    monkeypatch.setattr(module, "simulate_session", simulate)


def made_up(sessions: int, leak: float, rng: np.random.Generator) -> list[QuietSession]:
    """Sessions of noise; `leak` is how strongly sound follows the tilt, and silence the class."""
    made = []
    for number in range(sessions):
        tilt = rng.standard_normal((8, 4))
        hum = rng.standard_normal((8, 6))
        hum[:, :4] += leak * tilt
        silence = rng.standard_normal((3, 4, 10))
        silence[:, :, number % 10] += leak
        made.append(QuietSession(number % 10, silence, hum, tilt, rng.standard_normal((8, 4))))
    return made


def test_a_leak_is_found_and_noise_is_at_chance():
    leaking = made_up(40, 3.0, np.random.default_rng(0))
    assert match_moves(leaking, TILT).share_right > 0.8
    assert match_moves(leaking, POSITION).is_near_chance
    assert classify_silence(leaking).share_right > 0.8
    honest = made_up(40, 0.0, np.random.default_rng(1))
    for control in (match_moves(honest, TILT), classify_silence(honest)):
        assert control.is_near_chance and control.chance == 0.1
        assert control.interval[0] < control.share_right < control.interval[1] < 0.25


def test_too_few_moves_are_refused():
    with pytest.raises(ValueError, match="10 or more"):
        match_moves(made_up(10, 0.0, np.random.default_rng(0)), TILT)


def test_only_moves_after_rest_and_long_enough_begin():
    assert move_beginnings_s(one_move(3.0, 1.0, 1.5)) == pytest.approx([1.0], abs=0.002)
    assert len(move_beginnings_s(one_move(3.0, 1.0, 1.2))) == 0
    assert len(move_beginnings_s(one_move(3.0, 0.2, 0.9))) == 0


def test_a_hit_slip_or_roll_is_not_quiet():
    motion, nothing = one_move(2.0, 1.0, 1.5), np.empty(0)
    assert is_quiet(motion, nothing, 0.2, 1.8)
    assert not is_quiet(motion, np.array([1.0]), 0.2, 1.8) and is_quiet(motion, np.array([1.0]), 1.1, 1.8)
    assert not is_quiet(motion, nothing, -0.1, 1.0)
    slip, roll = motion.velocity_m_s.copy(), motion.spin_rad_s.copy()
    slip[700, 0], roll[700, 1] = 0.01, 0.2
    for moved in (
        dataclasses.replace(motion, velocity_m_s=slip),
        dataclasses.replace(motion, spin_rad_s=roll),
    ):
        assert not is_quiet(moved, nothing, 0.2, 1.8) and is_quiet(moved, nothing, 0.8, 1.8)


def test_a_session_is_described_where_nothing_moves_but_the_arm():
    audio = np.random.default_rng(0).standard_normal((3 * 44100, 4)).astype(np.float32)
    found = describe_quiet(one_move(3.0, 1.0, 1.5), audio, np.empty(0), label=4)
    assert found.label == 4 and found.silence.shape == (1, 4, 16) and found.sound.shape == (1, 8 * 4 * 16)
    assert found.tilt.shape == (1, 8 * 6) and not found.position.any()
    assert len(describe_quiet(one_move(3.0, 1.0, 1.5), audio, np.array([1.1]), label=4).sound) == 0


def test_motors_and_silence_tell_nothing_while_the_object_rests(glued_objects):
    sessions = list(quiet_sessions(20, seed=1, duration_s=16.0))
    assert sum(len(session.sound) for session in sessions) > 100
    moves, silence = match_moves(sessions, TILT), classify_silence(sessions)
    assert moves.is_near_chance and moves.share_right < 0.2
    assert silence.is_near_chance and silence.share_right < 0.3


def test_motors_that_worked_harder_for_one_axis_would_be_found(glued_objects, monkeypatch):
    def leaking(motion, rig, rate_hz, samples, rng):
        level = np.interp(
            np.arange(samples) / 11.025, np.arange(len(motion.tilt_rad)), motion.tilt_rate_rad_s[:, 0]
        )
        return 1e-2 * np.abs(level) * rng.standard_normal((4, samples)).astype(np.float32)

    monkeypatch.setattr(sound, "motor_hum", leaking)
    control = match_moves(list(quiet_sessions(20, seed=1, duration_s=12.0)), TILT)
    assert not control.is_near_chance and control.share_right > 0.2


def test_real_sessions_are_recorded():
    sessions = list(quiet_sessions(2, seed=3, duration_s=6.0))
    assert [session.label for session in sessions] == [0, 1]
    again = next(quiet_sessions(1, seed=3, duration_s=6.0))
    np.testing.assert_array_equal(again.silence, sessions[0].silence)


def test_controls_pass_while_chance_explains_them():
    intervals = {"near": (0.1, 0.3), "above": (0.2, 0.4), "below": (0.0, 0.05)}
    answers = {name: ShortcutControl(np.mean(ends), ends, 0.1, 80) for name, ends in intervals.items()}
    assert [row.passed for row in compare_controls(answers)] == [True, False, True]


def test_controls_are_asked_of_simulated_sessions(monkeypatch):
    rng, made = np.random.default_rng(0), []

    def noise(count, seed, duration_s, workers):
        for number in range(count):
            made.append(number % 10)
            yield QuietSession(number % 10, *(rng.normal(size=(6, size)) for size in (8, 20, 12, 12)))

    monkeypatch.setattr(module, "quiet_sessions", noise)
    bar = SimpleNamespace(n=0)
    bar.update = lambda: setattr(bar, "n", bar.n + 1)
    answers = run_controls(1, bar=bar)
    assert bar.n == module.SESSIONS
    assert len(answers) == 3 and all(answer.is_near_chance for answer in answers.values())
    assert len(made) == module.SESSIONS
