"""Statistics of single hits and motors, on taps whose time, wall and rig are known."""

import dataclasses
import math

import numpy as np
import pytest

from labutils.simulate.hits import Hit, find_hits
from labutils.validation import hits as module
from labutils.validation.experiments import BLOCK, SILENT, listen, one_pulse, tapped
from labutils.validation.hits import (
    Heard,
    compare_sessions,
    hit_sounds,
    isolated,
    motor_levels_db,
    own_wall_shares,
    session_rest_level_db,
)


def hit(time_s: float, impulse: float = 1.0, wall: int = 1) -> Hit:
    return Hit(time_s, wall, impulse, np.zeros(3), np.zeros(3))


def test_hits_are_isolated_from_what_is_not_much_weaker():
    hits = [hit(1.0), hit(1.1), hit(2.0), hit(2.1, 0.05), hit(3.95)]
    alone = isolated(hits, 4.0, before_s=0.3, after_s=0.3)
    assert [h.time_s for h in alone] == [2.0]


def session_of_taps(taps, rig=SILENT) -> Heard:
    obj = one_pulse(BLOCK)
    motion = tapped(4.0, taps)
    rate = motion.tilt_rate_rad_s.copy()
    rate[2800:] = 0.5  # the arm moves in the last second
    motion = dataclasses.replace(motion, tilt_rate_rad_s=rate)
    return Heard(obj, motion, listen(motion, obj, rig), find_hits(motion, obj))


def test_single_taps_are_measured():
    taps = [(0.6, 0, 0.0), (1.2, 1, 0.0), (1.9, 3, 0.05)]
    rig = dataclasses.replace(SILENT, noise_level=4e-5, motor_level=3e-3)
    heard = session_of_taps(taps, rig)
    sounds = hit_sounds([heard])
    assert sounds.own_wall.tolist() == [True] * 3 and (sounds.margin_db > 5).all()
    assert ((sounds.fall_20_db_s > 0.01) & (sounds.fall_20_db_s < sounds.fall_30_db_s)).all()
    assert (sounds.fall_30_db_s < 0.25).all() and (sounds.die_out_s < 0.35).all()
    assert np.abs(sounds.before_db).max() < 3
    assert all(10 < level_db < 60 for level_db in motor_levels_db([heard]))
    assert session_rest_level_db(heard) == pytest.approx(20 * math.log10(4e-5), abs=0.5)


def test_the_own_wall_is_a_mean_over_objects_not_over_hits():
    right = session_of_taps([(0.6, 0, 0.0), (1.2, 1, 0.0), (1.9, 3, 0.05)])
    wrong_hits = [dataclasses.replace(hit, wall=(hit.wall + 1) % 4) for hit in right.hits[:1]]
    wrong = dataclasses.replace(right, obj=dataclasses.replace(right.obj, name="other"), hits=wrong_hits)
    silent = dataclasses.replace(right, obj=dataclasses.replace(right.obj, name="silent"), hits=[])
    shares = own_wall_shares({heard.obj.name: hit_sounds([heard]) for heard in (right, wrong, silent)})
    assert (shares[right.obj.name], shares["other"]) == (1, 0) and math.isnan(shares["silent"])
    assert compare_sessions([right, wrong, silent])[0].simulated == "0.50"


def test_without_hits_or_motors_there_is_no_figure_and_no_error():
    rows = compare_sessions([session_of_taps([])])
    assert rows[0].simulated == "none" and rows[0].passed is False


def test_a_fall_that_never_ends_lasts_as_long_as_it_was_watched():
    level_db = np.concatenate([[-60.0, -20.0], np.full(30, -45.0)])
    fall_20_s, fall_30_s, die_out_s = module._falls_s(level_db, rest_db=-80)
    assert fall_20_s == pytest.approx(0.004) and fall_30_s == die_out_s == pytest.approx(31 * 0.004)
