"""The making of data sets, mostly with an instant physics; one test and the notebooks use the real one."""

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from filelock import FileLock

from labutils.clips import ClipError, audio_clips, read_manifest, read_truth, train_clips, video_clips
from labutils.simulate import assembly, data_folder, recording, workers
from labutils.simulate import generate as module
from labutils.simulate.generate import generate
from labutils.simulate.plan import PRESETS, Preset, make_plan
from labutils.simulate.recording import clip_starts_s, draw_frame_times_s
from labutils.simulate.version import SIMULATOR_VERSION

SMALL = Preset("small", (3, 2) + (0,) * 8, 2, task1=3, groups=1, group_size=4)
SMALLEST = Preset("smallest", (0, 2) + (0,) * 8, 1, task1=0, groups=0, group_size=0)


@pytest.fixture
def instant_physics(monkeypatch):
    """Sessions of constant sound and grey pictures, each its own by its seed."""

    def synthesise(motion, obj, rig, rng):
        return np.full((round(motion.duration_s * 44100), 4), motion.seed % 97 / 100, np.float32)

    def film(self, motion, obj, times_s, rng):
        frames = np.full((2, 480, 640, 3), motion.seed % 251, np.uint8)
        return frames, np.zeros((2, 440, 440), bool)

    def simulate(obj, *, duration_s, seed):
        return SimpleNamespace(duration_s=duration_s, seed=seed)

    monkeypatch.setattr(recording, "simulate_session", simulate)
    monkeypatch.setattr(recording, "synthesise", synthesise)
    monkeypatch.setattr(recording, "find_contacts", lambda audio: np.arange(2.5, len(audio) / 44100, 1.5))
    monkeypatch.setattr(recording.Camera, "film", film)


def contents(folder) -> dict:
    """Return the SHA-256 of every file that shows, by path."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def make(out, preset=SMALL, seed=5, **options):
    return generate(out, preset, seed, workers=1, progress=False, **options)


def test_the_layout_is_complete_and_nothing_else_is_left(tmp_path, instant_physics):
    make(tmp_path)
    clips = train_clips(tmp_path)
    assert [clip.label for clip in clips] == [0, 0, 0, 1, 1]
    assert all(clip.audio().shape == (176400, 4) and len(clip.masks()) == 2 for clip in clips)
    dataset = tmp_path / "dataset"
    assert {clip.name for clip in audio_clips(dataset / "task1" / "test")} == set(
        read_truth(tmp_path, "task1")
    )
    for task in ("task2", "task3"):
        group, truth = dataset / task / "test" / "0", read_truth(tmp_path, task)["0"]
        assert {clip.name for clip in audio_clips(group)} == set(truth["matches"])
        assert {clip.name for clip in video_clips(group)} == set(truth["video_class"])
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[:9] == ".staging-") == []
    assert sorted(path.name for path in dataset.iterdir()) == [
        "manifest.json",
        "task1",
        "task2",
        "task3",
        "train",
    ]


def test_the_manifest_says_what_was_made(tmp_path, instant_physics):
    make(tmp_path, audio_format="pkl")
    manifest = read_manifest(tmp_path)
    assert manifest["preset"] == "small"
    assert manifest["seed"] == 5
    assert manifest["audio_format"] == "pkl"
    assert manifest["counts"]["train"]["061_foam_brick"] == 3
    sessions = {clip.session for clip in train_clips(tmp_path)}
    assert sessions == {
        f"{name}/{number}" for name in ("061_foam_brick", "green_basketball") for number in (0, 1)
    }
    assert list(read_truth(tmp_path, "task1")) == [f"audio_{number:04d}.pkl" for number in range(3)]


def test_sound_and_video_of_a_pair_are_of_the_same_session(tmp_path, instant_physics):
    """The instant camera paints the seed of the session, so that two sessions cannot be mixed up."""
    make(tmp_path)
    by_session = {}
    for clip in train_clips(tmp_path):
        by_session.setdefault(clip.session, set()).add(int(clip.frames()[0, 0, 0, 0]))
    assert all(len(seeds) == 1 for seeds in by_session.values())
    assert len(set.union(*by_session.values())) == len(by_session)


def test_same_seed_same_files_other_seed_other_files(tmp_path, instant_physics):
    first, again, other = (make(tmp_path / name, seed=seed) for name, seed in [("a", 1), ("b", 1), ("c", 2)])
    assert contents(first) == contents(again)
    assert read_manifest(first)["fingerprint"] != read_manifest(other)["fingerprint"]


def kill_at(monkeypatch, module, name: str, call: int):
    """Make the n-th call of a function of a module die as Ctrl-C would."""
    real, calls = getattr(module, name), [0]

    def dying(*args, **kwargs):
        calls[0] += 1
        if calls[0] == call:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, dying)


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


@pytest.mark.parametrize(
    "change", [{"seed": 6}, {"audio_format": "pkl"}, {"preset": Preset("other", SMALL.train, 2, 3, 1, 4)}]
)
def test_another_data_set_is_refused_and_left_alone(change, tmp_path, instant_physics):
    make(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(ClipError, match="holds another data set"):
        make(tmp_path, **change)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name, value", [("SIMULATOR_VERSION", 99), ("FROZEN", "2099-01-01")])
def test_a_set_of_an_older_simulator_is_refused(name, value, tmp_path, instant_physics, monkeypatch):
    make(tmp_path)
    monkeypatch.setattr(data_folder, name, value)
    with pytest.raises(ClipError, match=f"expected .*{value}"):
        make(tmp_path)


@pytest.mark.parametrize("name", ["notes.txt", "dataset/train/green_basketball/0/audio_data.pkl"])
def test_a_folder_with_foreign_files_is_refused_and_left_alone(name, tmp_path):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(ClipError, match=name.split("/")[0]):
        make(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]


def test_an_unfinished_other_set_is_refused(tmp_path, instant_physics, monkeypatch):
    with monkeypatch.context() as patch:
        kill_at(patch, recording, "write_audio", 2)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path)
    with pytest.raises(ClipError, match="unfinished data set"):
        make(tmp_path, seed=6)


def test_an_unknown_preset_is_one_sentence(tmp_path):
    with pytest.raises(ClipError, match="'huge' is no preset: expected one of tiny, lab, course"):
        generate(tmp_path, "huge", 0)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ClipError, match="is a file"):
        make(tmp_path / "file")


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


def test_a_second_generator_waits_for_the_first_and_uses_its_work(tmp_path, instant_physics, monkeypatch):
    done = make(tmp_path / "done")
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    lock, results = FileLock(waiting / ".simulating.lock"), []
    with lock:
        thread = threading.Thread(target=lambda: results.append(make(waiting)))
        thread.start()
        thread.join(0.7)
        assert thread.is_alive()  # it waits
        monkeypatch.setattr(workers, "record_session", None)  # and may not simulate on its own
        os.rename(done / "dataset", waiting / "dataset")
    thread.join(10)
    assert results == [waiting]


def test_clips_are_centred_on_contacts_and_do_not_overlap():
    contacts = np.array([1.0, 2.5, 3.0, 6.4, 6.6, 12.0, 13.5])
    assert clip_starts_s(contacts, 15.0) == pytest.approx([0.5, 4.6, 10.0])
    assert clip_starts_s(np.array([]), 15.0) == []


def test_frames_come_about_six_a_second_with_jitter_and_gaps():
    rng = np.random.default_rng(0)
    clips = [draw_frame_times_s(rng) for _ in range(2000)]
    counts = np.array([len(times) for times in clips])
    assert counts.mean() == pytest.approx(25.3, abs=0.3)
    assert counts.max() <= 35
    assert counts.min() >= 12
    assert all((np.diff(times) >= 0).all() and times[0] >= 0 and times[-1] < 4 for times in clips)
    gaps = np.concatenate([np.diff(times) for times in clips])
    assert 0.005 < (gaps > 0.27).mean() < 0.05  # the dropped ones


def test_an_object_that_is_never_heard_is_an_error(tmp_path, instant_physics, monkeypatch):
    monkeypatch.setattr(recording, "find_contacts", lambda audio: np.empty(0))
    with pytest.raises(RuntimeError, match="hardly ever heard"):
        make(tmp_path)


def test_real_physics_gives_the_same_bytes_with_one_process_and_with_two(tmp_path):
    one = make(tmp_path / "one", SMALLEST)
    two = generate(tmp_path / "two", SMALLEST, 5, workers=2, progress=False)
    assert contents(one) == contents(two)
    for clip in train_clips(one):
        level = np.abs(clip.audio()).max(axis=1)
        middle = level[round(1.9 * 44100) : round(2.1 * 44100)].max()
        assert middle > 10 * np.median(level)  # a contact in the middle of the clip
        assert clip.masks().any(axis=(1, 2)).mean() > 0.8


@pytest.mark.skipif(shutil.which("ps") is None, reason="looks at the process table")
@pytest.mark.parametrize(("kill", "exit_code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_killed_command_takes_its_workers_along(kill, exit_code, tmp_path):
    command = [
        sys.executable,
        "-c",
        COMMAND,
        "simulate",
        "--preset",
        "tiny",
        "--workers",
        "2",
        "--out",
        tmp_path,
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    sessions = tmp_path / f".staging-tiny-0-flac-version{SIMULATOR_VERSION}" / "sessions"
    wait_until(lambda: sessions.exists() and len(processes_of(process.pid)) >= 3)  # at work, with two workers
    process.send_signal(kill)  # to the parent alone
    assert process.wait(60) == exit_code
    process.stderr.close()
    wait_until(lambda: not processes_of(process.pid))
    assert not (tmp_path / "dataset").exists()


COMMAND = """if __name__ == "__main__":
    import signal, sys
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a test runner in the background may ignore it
    from labutils.__main__ import main
    sys.exit(main())
"""


def wait_until(condition, patience_s: float = 60) -> None:
    end_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.1)


def processes_of(group: int) -> list[str]:
    """Return the living processes of a process group."""
    table = subprocess.run(["ps", "-eo", "pgid,stat"], capture_output=True, text=True).stdout
    rows = [line.split() for line in table.splitlines()[1:]]
    return [stat for number, stat in rows if int(number) == group and not stat.startswith("Z")]


def test_the_manifest_is_plain_json(tmp_path, instant_physics):
    make(tmp_path)
    manifest = json.loads((tmp_path / "dataset" / "manifest.json").read_text())
    assert set(manifest) == {
        "simulator_version", "simulator_frozen", "preset", "seed", "audio_format", "counts", "sessions", "fingerprint",
    }  # fmt: skip


def test_default_presets_are_named_as_their_keys():
    assert all(name == preset.name for name, preset in PRESETS.items())
