"""Truth and manifest of another shape are one sentence; the form of the course's answers is understood."""

import json

import numpy as np
import pytest

from labutils.errors import ClipError
from labutils.truth_files import read_manifest_file, read_truth_file

TRUTH = {
    "task1": {"audio_0000.flac": 3},
    "task2": {"0": {"matches": {"a.flac": 1}, "audio_class": {}, "video_class": {}}},
}
ODD = [
    None,
    True,
    -2,
    10,
    1.5,
    "3",
    [],
    [1],
    {},
    {"a": "b"},
    {"a": None},
    {"../x": 1},
    float("nan"),
    10**30,
    [[1, 2]],
]


def test_the_form_of_the_courses_answers_is_understood(tmp_path):
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"0": {"audio_0000.pkl": 5, "audio_0001.pkl": -1}}))
    found = read_truth_file(path, "task3")
    assert found == {
        "0": {"matches": {"audio_0000.pkl": 5, "audio_0001.pkl": -1}, "audio_class": {}, "video_class": {}}
    }


@pytest.mark.parametrize("group", ["../../..", "..", ".", "", "a/b", "a\\b", "/etc", "C:\\x", "x\x00"])
def test_groups_that_lead_outside_are_refused(group, tmp_path):
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({group: {"a.flac": 1}}))
    with pytest.raises(ClipError, match=r"truth\.json names a group"):
        read_truth_file(path, "task2")


def variants(content, rng):
    """The same JSON with one part of it exchanged for something odd."""
    if isinstance(content, dict) and content and rng.random() < 0.7:
        key = rng.choice(list(content))
        return {**content, str(key): variants(content[key], rng)}
    return ODD[rng.integers(len(ODD))]


@pytest.mark.parametrize("task", ["task1", "task2"])
def test_any_other_shape_is_read_or_refused_in_a_sentence(task, tmp_path):
    rng, path, refused = np.random.default_rng(2), tmp_path / "truth.json", 0
    for _ in range(300):
        path.write_text(json.dumps(variants(TRUTH[task], rng)))
        try:
            found = read_truth_file(path, task)
            answers = found if task == "task1" else next(iter(found.values()))["matches"]
            assert answers and all(type(value) is int for value in answers.values())
        except ClipError as error:
            refused += 1
            assert str(path) in str(error) and "expected" in str(error)
    assert refused > 100


@pytest.mark.parametrize("task", ["task1", "task2"])
@pytest.mark.parametrize("text", ["", "{}", "null", "[]", "{", '{"a": 1, "a": 2}', "\x00" * 20])
def test_empty_and_broken_files_are_refused(task, text, tmp_path):
    path = tmp_path / "truth.json"
    path.write_text(text)
    with pytest.raises(ClipError, match=r"truth\.json"):
        read_truth_file(path, task)


@pytest.mark.parametrize(
    "content",
    [
        {"fingerprint": 3},
        {"simulator_version": 2},
        {"simulator_version": 2, "seed": True, "preset": "tiny", "fingerprint": "a"},
        {"simulator_version": [], "seed": 0, "preset": "tiny", "fingerprint": "a"},
        {"sessions": []},
        {"sessions": {"a": 1}},
        {"sessions": {"a": [1]}},
        {"sessions": {"a": [[1, "2"]]}},
    ],
)
def test_a_manifest_of_another_shape_is_refused(content, tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ClipError, match=r"manifest\.json has .*expected"):
        read_manifest_file(path)
