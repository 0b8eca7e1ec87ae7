"""Folders in, the course's dictionaries out, scored; through the interface only."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from labutils import evaluation, matching
from labutils.clip_files import read_audio, write_audio
from labutils.clips import CLASS_NAMES, Clip, ClipError, audio_clips, read_truth, video_clips
from labutils.systems import model_files, tasks
from labutils.systems.tasks import evaluate, match_folder, name_answers, video_number


class Oracle:
    """A third system: it knows the truth by name, and answers a share of it."""

    name = "oracle"

    def __init__(self, data: Path):
        self.truth1 = read_truth(data, "task1")
        self.matches = {task: read_truth(data, task)["0"]["matches"] for task in ("task2", "task3")}

    def sound_features(self, clips, **_):
        return [clip.name for clip in clips]

    def video_features(self, clips, **_):
        return [video_number(clip) for clip in clips]

    def classify(self, sounds):
        return np.log(np.eye(10)[[self.truth1[name] for name in sounds]] + 1e-3)

    def match(self, sounds, videos, *, complete):
        truth = self.matches["task2" if complete else "task3"]
        assignment = np.array([videos.index(truth[name]) if truth[name] >= 0 else -1 for name in sounds])
        none = np.zeros((len(sounds), len(videos)))
        return matching.Matching(assignment, none, np.ones(len(sounds)), np.zeros(6), np.zeros(6))

    def keep_sure(self, found, precision):
        return matching.Matching(np.full(6, -1), found.scores, found.confidence, *[np.zeros(6)] * 2)


def test_a_third_system_is_answered_and_scored_through_the_interface(click_data):
    scores = evaluate(Oracle(click_data), click_data, progress=False)
    assert [(s.task, s.group) for s in scores] == [
        ("task1", "all"),
        ("task2", "0"),
        ("task2", "all"),
        ("task3", "0"),
        ("task3", "all"),
    ]
    assert {s.accuracy for s in scores} == {1.0}
    assert scores[0].chance == pytest.approx(1 / len(CLASS_NAMES))


def test_groups_are_scored_apart_and_together(click_data, monkeypatch):
    oracle = Oracle(click_data)
    oracle.truth1 = {name: (label + (i < 2)) % 10 for i, (name, label) in enumerate(oracle.truth1.items())}
    oracle.matches["task3"] = dict.fromkeys(oracle.matches["task3"], -1)
    scores = {(s.task, s.group): s for s in evaluate(oracle, click_data, progress=False)}
    assert scores["task1", "all"].accuracy == pytest.approx(4 / 6)
    assert (scores["task1", "all"].low, scores["task1", "all"].high) == evaluation.wilson_interval(4, 6)
    assert scores["task3", "0"].accuracy == pytest.approx(2 / 6) == scores["task3", "all"].chance


def test_precision_reaches_the_system(click_data):
    folder = click_data / "dataset" / "task2" / "test" / "0"
    answers = match_folder(Oracle(click_data), folder, complete=True, precision=0.95)[1]
    assert set(answers.values()) == {-1}


def test_answers_carry_file_names_and_video_numbers():
    sounds = [Clip(f"audio_{n:04d}.pkl", None, None) for n in (0, 7)]
    videos = [Clip(f"video_{n:04d}", None, None) for n in (5, 23)]
    assert name_answers(np.array([1, -1]), sounds, videos) == {"audio_0000.pkl": 23, "audio_0007.pkl": -1}


@pytest.mark.parametrize("name", ["video_", "video_a", "video"])
def test_video_without_a_number_is_named(name):
    with pytest.raises(ClipError, match="no number to answer with"):
        video_number(Clip(name, None, Path(name)))


@pytest.mark.parametrize("models", ["click_models", "contact_models"])
def test_tasks_answer_in_the_form_of_the_course(models, request, click_data):
    folder, models = click_data / "dataset", request.getfixturevalue(models)
    classes = tasks.test_task1(folder / "task1" / "test", models)
    assert set(classes) == set(read_truth(click_data, "task1")) and set(classes.values()) <= set(range(10))
    group = folder / "task2" / "test" / "0"
    answers = tasks.test_task2(group, models)
    assert list(answers) == [clip.name for clip in audio_clips(group)]
    assert sorted(answers.values()) == list(range(len(video_clips(group))))
    incomplete = tasks.test_task3(folder / "task3" / "test" / "0", models)
    matched = [video for video in incomplete.values() if video != -1]
    assert len(set(matched)) == len(matched)
    json.dumps([classes, answers, incomplete])


def test_contact_system_answers_clicks_and_squares_rightly(contact_models, click_data):
    scores = evaluate(model_files.load(contact_models), click_data, progress=False)
    assert all(s.accuracy >= 5 / 6 for s in scores)


def test_missing_folder_and_missing_videos_are_one_sentence(click_models, click_data, tmp_path):
    with pytest.raises(ClipError, match="does not exist"):
        tasks.test_task1(tmp_path / "nowhere", click_models)
    with pytest.raises(ClipError, match="holds no video"):
        tasks.test_task2(click_data / "dataset" / "task1" / "test", click_models)


def test_data_without_truth_cannot_be_scored(click_data, tmp_path):
    (tmp_path / "task1" / "test").mkdir(parents=True)
    with pytest.raises(ClipError, match="without them nothing can be scored"):
        evaluate(Oracle(click_data), tmp_path)


@pytest.fixture
def own_data(click_data, tmp_path) -> Path:
    """A copy of the tests of `click_data` that a test may change."""
    return shutil.copytree(click_data / "dataset", tmp_path / "dataset", ignore=lambda *_: ["train"])


def test_converted_sounds_are_compared_without_their_suffix_and_that_is_said(click_data, own_data, caplog):
    for task in ("task1/test", "task2/test/0"):
        for path in (own_data / task).glob("audio_*"):
            write_audio(path, read_audio(path), "wav")
            path.unlink()
    oracle = Oracle(click_data)
    for truth in (oracle.truth1, oracle.matches["task2"]):
        for name in list(truth):
            truth[Path(name).with_suffix(".wav").name] = truth[name]
    assert {score.accuracy for score in evaluate(oracle, own_data, progress=False)} == {1.0}
    assert caplog.text.count("compared without them") == 2


def test_missing_sounds_and_videos_are_no_wrong_answers(click_data, own_data):
    (own_data / "task1" / "test" / "audio_0002.flac").unlink()
    with pytest.raises(ClipError, match=r"lacks 1 of the 6 sounds of truth\.json, audio_0002\.flac"):
        evaluate(Oracle(click_data), own_data, progress=False)
    with pytest.raises(ClipError, match="lacks 1 of the videos of truth"):
        tasks._expect_videos({7}, own_data)


def test_sounds_that_are_not_in_the_truth_are_said(caplog, tmp_path):
    assert tasks.names_in_folder(["a.wav"], ["a.wav", "b.wav"], tmp_path) == {"a.wav": "a.wav"}
    assert "1 sounds are not in truth.json" in caplog.text


def test_truth_in_the_form_of_the_course_is_scored(click_data, own_data):
    for task in ("task2", "task3"):
        truth = json.loads((own_data / task / "truth.json").read_text())
        (own_data / task / "truth.json").write_text(json.dumps({"0": truth["0"]["matches"]}))
    assert {score.accuracy for score in evaluate(Oracle(click_data), own_data, progress=False)} == {1.0}
