"""What the page is about: examples, metadata, verdicts."""

from types import SimpleNamespace

from labutils.clips import CLASS_NAMES, train_clips
from labutils.simulate.version import FROZEN, SIMULATOR_VERSION
from labutils.validation import findings as module
from labutils.validation.comparison import Comparison
from labutils.validation.findings import describe_data, example_clips, find, hear_sessions, verdict_line

MEASURED = SimpleNamespace(all_sound=SimpleNamespace(clips=24))


def test_the_example_of_a_class_is_the_middle_of_its_clips(click_data):
    examples = example_clips(train_clips(click_data))
    assert tuple(examples) == CLASS_NAMES[:3]
    assert [clip.name.rpartition("/")[2] for clip in examples.values()] == ["20", "20", "20"]


def test_recordings_and_simulated_data_say_what_they_are():
    assert "recordings" in describe_data({}, MEASURED)["Data"]
    manifest = {
        "simulator_version": 1,
        "simulator_frozen": "then",
        "preset": "lab",
        "seed": 3,
        "fingerprint": "f",
    }
    found = describe_data(manifest, MEASURED)
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
    heard = hear_sessions(2, progress=False)
    assert len(heard) == len(set(heard)) == len(CLASS_NAMES) * module.SESSIONS
    assert {seed for _, seed in heard} == {6, 7, 8}
