"""What the page is about: examples, metadata, verdicts."""

from types import SimpleNamespace

import numpy as np
import pytest

from labutils.clips import CLASS_NAMES, train_clips
from labutils.simulate.version import FROZEN, SIMULATOR_VERSION
from labutils.validation import findings as module
from labutils.validation import measurement
from labutils.validation.comparison import Comparison
from labutils.validation.findings import describe_data, example_clips, find, hear_sessions, verdict_line
from labutils.validation.measurement import compare_dataset, measure_dataset
from labutils.validation.shortcuts import quiet_sessions

SIMULATED = {
    "simulator_version": 1,
    "simulator_frozen": "then",
    "preset": "lab",
    "seed": 3,
    "fingerprint": "f",
}
MEASURED = SimpleNamespace(all_sound=SimpleNamespace(clips=24))


def test_the_example_of_a_class_is_the_middle_of_its_clips(click_data):
    examples = example_clips(train_clips(click_data))
    assert tuple(examples) == CLASS_NAMES[:3]
    assert [clip.name.rpartition("/")[2] for clip in examples.values()] == ["20", "20", "20"]


def test_recordings_and_simulated_data_say_what_they_are():
    assert "recordings" in describe_data({}, MEASURED)["Data"]
    found = describe_data(SIMULATED, MEASURED)
    assert found["Simulator version of the data"] == "1, frozen then"
    assert found["Simulator version of this page"] == f"{SIMULATOR_VERSION}, frozen {FROZEN}"
    assert (found["Preset"], found["Seed"], found["Training clips"]) == ("lab", "3", "24")


def test_the_verdict_counts_what_was_judged():
    rows = [Comparison("motion", "a", "1", "1", "", passed) for passed in (True, True, False, None)]
    assert verdict_line(rows) == "2 of 3 judged figures passed"


def test_recordings_are_not_asked_what_only_the_simulator_knows(click_data, monkeypatch):
    monkeypatch.setattr(module, "hear_session", None)
    monkeypatch.setattr(module, "run_controls", None)
    found = find(click_data, progress=False)
    asked = {"motion", "sound", "masks", "information"}
    assert not found.simulated and {row.section for row in found.comparisons} == asked


def test_every_object_is_heard_on_several_days_of_its_own(monkeypatch):
    monkeypatch.setattr(module, "hear_session", lambda obj, *, duration_s, seed: (obj.name, seed))
    heard = hear_sessions(2)
    assert len(heard) == len(set(heard)) == len(CLASS_NAMES) * module.SESSIONS
    assert {seed for _, seed in heard} == {6, 7, 8}


class Bar:
    """Counts what it is told."""

    def __init__(self, *, total, **_):
        self.total, self.n = total, 0.0

    def update(self, amount):
        self.n += amount

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.mark.parametrize("workers", [1, 2])
def test_one_bar_over_everything_reaches_its_end(click_data, monkeypatch, workers):
    bars, told = [], []

    def hear(obj, *, duration_s, seed):
        return obj.name

    def controls(seed, *, bar, workers):
        told.append(workers)
        for _ in range(module.CONTROL_SESSIONS):
            bar.update()
        return {}

    monkeypatch.setattr(module, "progress_bar", lambda **options: bars.append(Bar(**options)) or bars[-1])
    monkeypatch.setattr(module, "read_manifest", lambda data: {**SIMULATED, "seed": 1})
    for place in (module, measurement):
        monkeypatch.setattr(place, "processes", lambda workers, **_: told.append(workers) or run_calls)
    monkeypatch.setattr(module, "hear_session", hear)
    monkeypatch.setattr(module, "run_controls", controls)
    for name in ("compare_sessions", "compare_frame_times", "check_physics"):
        monkeypatch.setattr(module, name, lambda *_: [])
    found = find(click_data, workers=workers)
    (bar,) = bars
    assert found.simulated and bar.n == pytest.approx(bar.total) and told == [workers] * 3


def run_calls(calls):
    return [call(*args, **options) for call, args, options in calls]


def test_two_processes_measure_the_same(click_data):
    one, two = (compare_dataset(measure_dataset(click_data, workers=workers)) for workers in (1, 2))
    assert one == two and len(one) > 50
    sessions = [list(quiet_sessions(2, seed=3, duration_s=3.0, workers=workers)) for workers in (1, 2)]
    for alone, together in zip(*sessions, strict=True):
        np.testing.assert_allclose(alone.position, together.position)
        np.testing.assert_allclose(alone.sound, together.sound, rtol=1e-6)
