"""The making of data sets, with an instant physics: killed and begun again, always the same bytes."""

import errno
from types import SimpleNamespace

import pytest

from labutils.clips import ClipError, read_manifest
from labutils.simulate import assembly, data_folder, recording, workers
from labutils.simulate import generate as module
from labutils.simulate.plan import make_plan

from .small_sets import SMALL, contents, kill_at, make


def test_same_seed_same_files_other_seed_other_files(tmp_path, instant_physics):
    first, again, other = (make(tmp_path / name, seed=seed) for name, seed in [("a", 1), ("b", 1), ("c", 2)])
    assert contents(first) == contents(again)
    assert read_manifest(first)["fingerprint"] != read_manifest(other)["fingerprint"]


@pytest.mark.parametrize(
    ("room", "function", "call"),
    [
        (recording, "write_video", 2),
        (recording, "write_audio", 7),
        (recording, "synthesise", 4),
        (assembly, "_paths", 4),
        (assembly, "write_json", 2),
    ],
)
def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(
    room, function, call, tmp_path, instant_physics, monkeypatch
):
    whole = make(tmp_path / "whole")
    with monkeypatch.context() as patch:
        kill_at(patch, room, function, call)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path / "killed")
        assert not (tmp_path / "killed" / "dataset").exists()
    simulated = []
    monkeypatch.setattr(
        recording, "cut_clips", lambda s, rng, real=recording.cut_clips: simulated.append(s) or real(s, rng)
    )
    assert contents(make(tmp_path / "killed")) == contents(whole)
    assert len(simulated) < len(make_plan(SMALL, 5).sessions)


@pytest.mark.parametrize("is_damaged", [False, True])
def test_a_run_that_goes_on_counts_from_what_is_there(
    is_damaged, tmp_path, instant_physics, monkeypatch, capsys
):
    with monkeypatch.context() as patch:
        kill_at(patch, recording, "write_video", 6)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path)
    session = sorted(tmp_path.glob(".staging-*/sessions/[!.]*"))[0]
    if is_damaged:
        (session / "fingerprint").unlink()
    plan = make_plan(SMALL, 5)
    there = data_folder.count_clips(plan, session.parents[1])
    module.generate(tmp_path, SMALL, 5, workers=1)
    lines = capsys.readouterr().err.splitlines()
    assert 0 < there < plan.clips
    assert lines[0].startswith(f"simulating small: {there} of {plan.clips} clips")
    assert lines[-1].startswith(f"simulating small: {plan.clips} of {plan.clips} clips, 100 %")


def test_leftovers_of_a_kill_without_warning_are_swept_away(tmp_path, instant_physics):
    whole = make(tmp_path / "whole")
    half = (
        tmp_path
        / "new"
        / data_folder.staging_name(make_plan(SMALL, 5))
        / "sessions"
        / ".train-0-0.1234"
        / "train"
    )
    half.mkdir(parents=True)
    (half / "junk").write_text("half a clip")
    assert contents(make(tmp_path / "new")) == contents(whole)


def test_a_complete_set_is_returned_at_once(tmp_path, instant_physics, monkeypatch):
    make(tmp_path)
    before = contents(tmp_path)
    monkeypatch.setattr(workers, "record_session", None)
    assert make(tmp_path) == tmp_path
    assert contents(tmp_path) == before


def test_too_little_room_is_said_before_anything_is_made(tmp_path, instant_physics, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000_000))
    with pytest.raises(ClipError, match="GB free"):
        make(tmp_path)
    assert not (tmp_path / "dataset").exists()


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(tmp_path, instant_physics, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recording, "write_video", full)
    with pytest.raises(ClipError, match="disk is full"):
        make(tmp_path)
    assert not (tmp_path / "dataset").exists()
    assert not list(tmp_path.rglob("*.flac"))


@pytest.mark.parametrize("damage", ["emptied", "cut", "fingerprint", "missing"])
def test_a_damaged_session_is_recorded_anew_with_one_line(
    damage, tmp_path, instant_physics, monkeypatch, caplog
):
    whole = make(tmp_path / "whole")
    with monkeypatch.context() as patch:
        kill_at(patch, recording, "write_video", 6)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path / "killed")
    sessions = sorted((tmp_path / "killed").glob(".staging-*/sessions/[!.]*"))
    sound = next(path for path in sessions[0].rglob("*.flac"))
    if damage == "missing":
        sound.unlink()
    else:
        path = sessions[0] / "fingerprint" if damage == "fingerprint" else sound
        path.write_bytes(path.read_bytes()[: 0 if damage != "cut" else path.stat().st_size // 2])
    assert contents(make(tmp_path / "killed")) == contents(whole)
    assert caplog.text.count("recorded anew") == 1


def test_what_a_kill_after_the_last_step_left_is_swept(tmp_path, instant_physics):
    make(tmp_path)
    staging = tmp_path / data_folder.staging_name(make_plan(SMALL, 5))
    (staging / "sessions").mkdir(parents=True)
    make(tmp_path)
    assert not staging.exists()
