"""The folder of a finished data set: the layout, the truth, the manifest."""

import json
from dataclasses import replace

from labutils.clips import audio_clips, read_manifest, read_truth, train_clips, video_clips

from .small_sets import SMALL, contents, make


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


def test_the_manifest_is_plain_json(tmp_path, instant_physics):
    make(tmp_path)
    manifest = json.loads((tmp_path / "dataset" / "manifest.json").read_text())
    assert set(manifest) == {
        "simulator_version", "simulator_frozen", "preset", "seed", "audio_format", "counts", "sessions", "fingerprint",
    }  # fmt: skip


def test_a_set_without_training_has_the_same_test_clips_and_says_so(tmp_path, instant_physics):
    whole = contents(make(tmp_path / "whole") / "dataset")
    tests = make(tmp_path / "tests", replace(SMALL, name="small-tests", has_training=False))
    training = {path for path in whole if path.startswith("train/")}
    assert len(training) > 0
    assert contents(tests / "dataset").keys() == whole.keys() - training
    for path, digest in contents(tests / "dataset").items():
        assert digest == whole[path] or path == "manifest.json"
    assert set(read_manifest(tests)["counts"]["train"].values()) == {0}
    assert read_manifest(tests)["sessions"] == {}
