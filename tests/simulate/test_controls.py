"""No shortcuts: the controls find a leak where there is one and none in the simulator; files tell neither class nor pair."""

import dataclasses
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from PIL import Image

from labutils.clips import audio_clips, read_truth, video_clips
from labutils.simulate import controls as module
from labutils.simulate import generate as making
from labutils.simulate import sound
from labutils.simulate.controls import (
    Session,
    classify_silence,
    describe,
    is_quiet,
    match_moves,
    move_beginnings_s,
    record_sessions,
)
from labutils.simulate.plan import Preset
from labutils.simulate.tray import Motion, random_tilts


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


def made_up(sessions: int, leak: float, rng: np.random.Generator) -> list[Session]:
    """Sessions of noise; `leak` is how strongly sound follows the tilt, and silence the class."""
    made = []
    for number in range(sessions):
        tilt = rng.standard_normal((8, 4))
        hum = rng.standard_normal((8, 6))
        hum[:, :4] += leak * tilt
        silence = rng.standard_normal((3, 4, 10))
        silence[:, :, number % 10] += leak
        made.append(Session(number % 10, silence, hum, tilt, rng.standard_normal((8, 4))))
    return made


# --- the controls themselves ---


def test_a_leak_is_found_and_noise_is_at_chance():
    leaking = made_up(40, 3.0, np.random.default_rng(0))
    assert match_moves(leaking, "tilt").share_right > 0.8
    assert match_moves(leaking, "position").is_near_chance
    assert classify_silence(leaking).share_right > 0.8
    honest = made_up(40, 0.0, np.random.default_rng(1))
    for control in (match_moves(honest, "tilt"), classify_silence(honest)):
        assert control.is_near_chance and control.chance == 0.1
        assert control.interval[0] < control.share_right < control.interval[1] < 0.25


def test_too_few_moves_are_refused():
    with pytest.raises(ValueError, match="10 or more"):
        match_moves(made_up(10, 0.0, np.random.default_rng(0)))


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
    found = describe(one_move(3.0, 1.0, 1.5), audio, np.empty(0), label=4)
    assert found.label == 4 and found.silence.shape == (1, 4, 16) and found.sound.shape == (1, 10 * 4 * 16)
    assert found.tilt.shape == (1, 10 * 6) and not found.position.any()
    assert len(describe(one_move(3.0, 1.0, 1.5), audio, np.array([1.1]), label=4).sound) == 0


# --- the simulator ---


def test_motors_and_silence_tell_nothing_while_the_object_rests(glued_objects):
    sessions = list(record_sessions(20, seed=1, duration_s=16.0))
    assert sum(len(session.sound) for session in sessions) > 100
    moves, silence = match_moves(sessions, "tilt"), classify_silence(sessions)
    assert moves.is_near_chance and moves.share_right < 0.2
    assert silence.is_near_chance and silence.share_right < 0.3


def test_motors_that_worked_harder_for_one_axis_would_be_found(glued_objects, monkeypatch):
    def leaking(motion, rig, rng, samples):
        level = np.interp(
            np.arange(samples) / 11.025, np.arange(len(motion.tilt_rad)), motion.tilt_rate_rad_s[:, 0]
        )
        return 1e-2 * np.abs(level) * rng.standard_normal((4, samples)).astype(np.float32)

    monkeypatch.setattr(sound, "motor_hum", leaking)
    control = match_moves(list(record_sessions(20, seed=1, duration_s=12.0)), "tilt")
    assert not control.is_near_chance and control.share_right > 0.2


def test_real_sessions_are_recorded():
    sessions = list(record_sessions(2, seed=3, duration_s=6.0))
    assert [session.label for session in sessions] == [0, 1]
    again = next(record_sessions(1, seed=3, duration_s=6.0))
    np.testing.assert_array_equal(again.silence, sessions[0].silence)


# --- files ---


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A small data set of constant sounds and grey pictures; every class, tasks 1 to 3."""
    patch = pytest.MonkeyPatch()
    patch.setattr(
        making, "simulate_session", lambda obj, *, duration_s, seed: SimpleNamespace(duration_s=duration_s)
    )
    patch.setattr(
        making,
        "synthesise",
        lambda motion, obj, rig, rng: np.full((round(motion.duration_s * 44100), 4), 0.1, np.float32),
    )
    patch.setattr(making, "find_contacts", lambda audio: np.arange(2.5, len(audio) / 44100, 1.5))
    patch.setattr(
        making.Camera,
        "film",
        lambda self, motion, obj, times_s, rng: (
            np.full((2, 480, 640, 3), 90, np.uint8),
            np.zeros((2, 440, 440), bool),
        ),
    )
    folder = tmp_path_factory.mktemp("written")
    preset = Preset("written", (1,) * 10, 1, task1=12, groups=1, group_size=12)
    making.generate(folder, preset, 2, workers=1, progress=False)
    patch.undo()
    return folder


def test_sounds_have_one_length_and_no_tags(written):
    files = sorted((written / "dataset").rglob("*.flac"))
    assert len(files) == 10 + 12 + 2 * 12
    for path in files:
        with soundfile.SoundFile(path) as file:
            assert len(file) == 4 * 44100 and file.channels == 4 and file.copy_metadata() == {}
    assert (
        len({path.read_bytes() for path in files}) == 1
    )  # the same sound is the same file, whatever its class


def test_pictures_carry_no_words(written):
    for path in [*(written / "dataset").rglob("*.jpg"), *(written / "dataset").rglob("*.png")]:
        with Image.open(path) as picture:
            assert not picture.getexif() and set(picture.info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
            }


def test_times_of_files_tell_neither_class_nor_pair(written):
    for task in ("task1", "task2", "task3"):
        paths = [written / "dataset" / task / "test", *(written / "dataset" / task / "test").rglob("*")]
        assert len({path.stat().st_mtime_ns for path in paths}) == 1


def test_test_clips_are_numbered_without_gaps(written):
    group, truth = written / "dataset" / "task3" / "test" / "0", read_truth(written, "task3")["0"]
    names = [clip.name for clip in audio_clips(group)], [clip.name for clip in video_clips(group)]
    assert names[0] == [f"audio_{k:04d}.flac" for k in range(12)]
    assert names[1] == [f"video_{k:04d}" for k in range(12)]
    assert list(truth["matches"]) == sorted(truth["matches"])


def test_the_number_of_pictures_does_not_depend_on_the_class():
    counts = [
        [
            len(making.frame_times_s(np.random.default_rng([seed, zlib.crc32(f"task1-{label}-0".encode())])))
            for seed in range(200)
        ]
        for label in (0, 9)
    ]
    assert np.mean(counts[0]) == pytest.approx(np.mean(counts[1]), abs=0.8)  # 4 standard errors
    assert np.mean(counts) == pytest.approx(25.3, abs=0.5)
