"""The simulator stays as it was frozen: statistics within bands, wide enough for chaos, too narrow for a change.

If this fails after a change on purpose: raise SIMULATOR_VERSION, run `python tools/simulator_bands.py`, and look at what
moved.
"""

import dataclasses
import json

import pytest

from labutils.simulate import impact_response, sound
from labutils.simulate.version import SIMULATOR_VERSION
from tools import simulator_bands
from tools.simulator_bands import BANDS, bands, of_single_objects, outside, statistics

CONTENT = json.loads(BANDS.read_text(encoding="utf-8"))
ALLOWED = CONTENT["bands"]
SEED = 0


def test_bands_are_those_of_this_version():
    assert CONTENT["simulator_version"] == SIMULATOR_VERSION


def test_every_statistic_stays_in_its_band(tiny_data):
    found = statistics(tiny_data, SEED)
    assert found.keys() == ALLOWED.keys()
    assert outside(found, ALLOWED) == {}


def fewer_objects(monkeypatch, **changes):
    """Two objects only, changed: quick, and enough to notice."""
    objects = [
        dataclasses.replace(obj, **{k: f(getattr(obj, k)) for k, f in changes.items()})
        for obj in simulator_bands.OBJECTS[3:10:6]
    ]
    monkeypatch.setattr(simulator_bands, "OBJECTS", objects)


def noticed() -> str:
    """What lies outside for single objects, apart from the mean over all ten."""
    found = {name: value for name, value in of_single_objects(SEED).items() if not name.startswith("all")}
    return " ".join(outside(found, ALLOWED))


def test_nothing_is_noticed_where_nothing_was_changed(monkeypatch):
    fewer_objects(monkeypatch)
    assert noticed() == ""


def test_another_gain_is_noticed(monkeypatch):
    for other in ("path_cm", "mask_px"):
        monkeypatch.setattr(simulator_bands, other, lambda *_: 0.0)
    monkeypatch.setattr(sound, "GAIN", 1.5 * sound.GAIN)
    found = of_single_objects(SEED)
    assert "all objects: mean peak of a tap (dB)" in outside(found, ALLOWED)


def test_another_friction_is_noticed(monkeypatch):
    fewer_objects(monkeypatch, friction=lambda friction: 1.5 * friction)
    assert noticed().count("path down a tilted tray") == 2


def test_another_scale_of_the_picture_is_noticed(monkeypatch):
    real = simulator_bands.Camera
    monkeypatch.setattr(simulator_bands, "Camera", lambda: real(focal_px=1.08 * real().focal_px))
    fewer_objects(monkeypatch)
    assert noticed().count("mask in the middle") == 2


def test_a_longer_ring_is_noticed(monkeypatch):
    real = impact_response.t60_s
    monkeypatch.setattr(impact_response, "t60_s", lambda *args: 1.6 * real(*args))
    fewer_objects(monkeypatch)
    assert "time until a tap has fallen by 30 dB" in noticed()


def test_a_band_holds_its_seeds_and_is_never_narrower_than_its_floor():
    made = bands([{"a (dB)": -20.0, "b": 100.0}, {"a (dB)": -20.2, "b": 140.0}])
    assert made["a (dB)"] == pytest.approx([-21.1, -19.1], abs=0.01)
    low, high = made["b"]
    assert (low + high) / 2 == pytest.approx(120, abs=0.1) and high - low > 250


def test_a_statistic_without_a_band_lies_outside():
    assert set(outside({"new": 1.0, "known": 1.0}, {"known": [0.0, 2.0]})) == {"new"}
