"""From simulated clips to the course's dictionaries, the way of the README."""

import json
from collections import Counter

import pytest

from labutils import system
from labutils.__main__ import main
from labutils.clips import Clip, audio_clips, find_dataset, read_truth, video_clips
from labutils.systems import catalogue, contact, report


@pytest.fixture(scope="module", params=[contact.QUICK, report.QUICK], ids=["contact", "report"])
def models(request, tiny_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    catalogue.train(request.param, tiny_data, models=folder, progress=False)
    return folder


def test_task1_answers_every_sound_with_a_class(tiny_data, models):
    folder = find_dataset(tiny_data) / "task1" / "test"
    answers = system.test_task1(folder, models)
    assert set(answers) == {clip.name for clip in audio_clips(folder)} == set(read_truth(tiny_data, "task1"))
    assert set(answers.values()) <= set(range(10))


def test_task2_gives_every_sound_a_video_of_its_own(tiny_data, models):
    folder = find_dataset(tiny_data) / "task2" / "test" / "0"
    answers = system.test_task2(folder, models)
    assert sorted(answers.values()) == list(range(len(video_clips(folder))))


def test_task3_gives_no_video_twice(tiny_data, models, tmp_path):
    folder, out = find_dataset(tiny_data) / "task3" / "test" / "0", tmp_path / "answers.json"
    assert main(["predict", "task3", str(folder), "--models", str(models), "--out", str(out)]) == 0
    answers = json.loads(out.read_text())
    matched = [video for video in answers.values() if video != -1]
    assert len(set(matched)) == len(matched) and set(matched) <= set(range(len(video_clips(folder))))
    assert answers == system.test_task3(folder, models)


def test_evaluate_prints_every_task_and_group(tiny_data, models, capsys):
    assert main(["evaluate", "--data", str(tiny_data), "--models", str(models)]) == 0
    printed = capsys.readouterr().out
    assert [printed.count(task) for task in ("task1", "task2", "task3")] == [1, 2, 2]


def test_each_file_is_read_once_on_the_way_to_an_answer(tiny_data, models, monkeypatch):
    read = Counter()
    for half in ("audio", "masks"):
        monkeypatch.setattr(Clip, half, _counted(getattr(Clip, half), half, read))
    folder = find_dataset(tiny_data) / "task2" / "test" / "0"
    system.test_task2(folder, models)
    expected = {("audio", clip.audio_path) for clip in audio_clips(folder)}
    assert set(read) == expected | {("masks", clip.video_path) for clip in video_clips(folder)}
    assert set(read.values()) == {1}


def _counted(method, half, read):
    def counted(clip):
        read[half, getattr(clip, {"audio": "audio_path", "masks": "video_path"}[half])] += 1
        return method(clip)

    return counted
