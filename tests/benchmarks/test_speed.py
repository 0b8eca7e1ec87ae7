"""The table of costs: what is divided by what, and that the parts it times are those of the lab."""

import numpy as np
import pytest
import simulator
from costs import growth, row, starts, training_memory
from costs.row import Row, table

from labutils.simulate import recording
from labutils.systems import catalogue, model_files
from labutils.systems.contact import ContactSystem


@pytest.fixture(scope="module")
def shipped() -> ContactSystem:
    """The system that comes with the lab."""
    return model_files.load(catalogue.SHIPPED)


def made_up(count: int):
    clips = [training_memory.made_up_clip(number, None) for number in range(count)]
    sounds, videos = (
        [feature(clip) for clip in clips]
        for feature in (training_memory.made_up_sound, training_memory.made_up_video)
    )
    kinds = (training_memory.contact.Sounds, training_memory.contact.Videos)
    return [
        kind(**{name: np.stack([one[name] for one in rows]) for name in rows[0]})
        for kind, rows in zip(kinds, (sounds, videos), strict=True)
    ]


def test_table_shows_amounts_units_and_ratios():
    text = table("Title", [Row("reading", 0.25, {"soundfile": 2.5}), Row("peak", 1234.4, unit="MB")])
    title, first, second = text.splitlines()
    assert title == "Title"
    assert first.split() == ["reading", "0.250", "s", "2.5", "x", "soundfile"]
    assert second.split() == ["peak", "1234", "MB"]


def test_the_shortest_run_counts(monkeypatch):
    clock = iter([0.0, 5.0, 10.0, 12.0, 20.0, 24.0])
    monkeypatch.setattr(row.time, "perf_counter", lambda: next(clock))
    assert row.best_s(lambda: None, 3) == 2.0


def test_starts_are_told_against_bare_python(monkeypatch):
    times_s = iter([0.1, 0.2, 0.4])
    monkeypatch.setattr(starts, "best_s", lambda *_: next(times_s))
    assert [round(one.ratios["bare Python"], 6) for one in starts.starts(1)] == [1, 2, 4]


def test_passes_and_pairs_are_told_for_every_size(shipped):
    sounds, videos = made_up(3)
    np.testing.assert_array_equal(
        shipped.parts.compare(shipped.parts.pass_clips(sounds, videos)),
        shipped.parts.pair_terms(sounds, videos),
    )
    rows = growth.pass_and_pair_costs(shipped.parts, sounds, videos, [2, 4])
    assert [row.what for row in rows] == [
        "N = 2: 4 clips through the networks",
        "N = 2: 4 pairs compared",
        "N = 4: 8 clips through the networks",
        "N = 4: 16 pairs compared",
    ]


def test_matching_of_every_size_is_told_against_the_smallest(shipped):
    small, large = growth.matching_costs(shipped.matcher, [10, 200])
    assert small.ratios == {"N = 10": 1.0} and large.amount > small.amount


def test_memory_and_time_are_told_against_the_fewest_clips(monkeypatch):
    monkeypatch.setattr(training_memory, "measure", {300: (500.0, 30.0), 600: (600.0, 60.0)}.__getitem__)
    *_, memory, time = training_memory.memory_rows([300, 600])
    assert (memory.amount, memory.unit, memory.ratios) == (600, "MB", {"300 clips": 1.2})
    assert (time.amount, time.ratios) == (60, {"300 clips": 2})


def test_stopwatch_counts_a_stage_and_lets_go_of_it(monkeypatch):
    monkeypatch.setattr(recording, "find_contacts", lambda audio: sum(range(200_000)))
    before, watch = recording.find_contacts, simulator.Stopwatch()
    with watch.attached():
        recording.find_contacts(None)
    assert watch.spent_s["finding contacts"] > 0 and recording.find_contacts is before
