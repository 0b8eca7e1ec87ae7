"""What students hand in is read if it is what it should be; everything else is one sentence."""

import json
import os
import sys

import pytest

from labutils.classroom.answer_files import (
    MAX_BYTES,
    find_submissions,
    read_submission,
    shown,
)
from labutils.errors import LabError

WHOLE = {
    "task1": {"audio_0000.flac": 3},
    "task2": {"0": {"audio_0000.flac": 17}},
    "task3": {"0": {"audio_0000.flac": -1}, "1": {}},
}
READ = {
    ("task1", "all"): {"audio_0000.flac": 3},
    ("task2", "0"): {"audio_0000.flac": 17},
    ("task3", "0"): {"audio_0000.flac": -1},
    ("task3", "1"): {},
}
DEEP = "[" * 100_000
BAD = {
    "nothing": (b"", "no JSON"),
    "half a file": (b'{"task1": {"a": 1', "no JSON"),
    "deep": (DEEP.encode(), "nested too deeply"),
    "deep object": (b'{"task1": ' * 50_000, "no JSON|too deeply"),
    "not a number as a value": (b'{"task1": {"a": NaN}}', "NaN"),
    "infinity": (b'{"task1": {"a": -Infinity}}', "-Infinity"),
    "long number": (b'{"task1": {"a": ' + b"9" * 10_000 + b"}}", "no JSON"),
    "text in another alphabet": (b"\xff\xfe\x00\xd8", "no JSON"),
    "a list": (b"[1, 2]", "holds a list"),
    "a number": (b"3", "holds a int"),
    "null": (b"null", "holds a NoneType"),
    "text as an answer": (b'{"task1": {"a": "3"}}', 'the answer to "a" is "3"'),
    "a fraction": (b'{"task1": {"a": 3.0}}', "is 3.0, expected a whole number"),
    "true": (b'{"task1": {"a": true}}', "is True"),
    "an answer twice": (b'{"task1": {"a": 1, "a": 2}}', '"a" twice'),
    "another task": (b'{"task4": {}}', '"task4" is no task'),
    "a task that is a list": (b'{"task1": [1]}', "task1 is a list"),
    "task 2 without groups": (b'{"task2": {"audio_0000.flac": 3}}', "expected groups"),
    "one folder alone": (b'{"audio_0000.flac": 3}', "does not say which"),
    "escapes for a terminal": (b'{"task1": {"\\u001b[2J": "x"}}', r"u001b"),
    "half a character": (b'{"task1": {"\\ud800": "x"}}', "ud800"),
}


def test_a_file_of_all_tasks_is_read(tmp_path):
    (tmp_path / "lin.json").write_text(json.dumps(WHOLE), encoding="utf-8-sig")
    assert read_submission(tmp_path / "lin.json") == READ
    folder = tmp_path / "wang"
    folder.mkdir()
    (folder / "answers.json").write_text(json.dumps(WHOLE))
    assert read_submission(folder) == READ


def test_a_folder_of_single_files_is_read(tmp_path):
    (tmp_path / "task1.json").write_text('{"audio_0000.flac": 3}')
    (tmp_path / "task2_0.json").write_text('{"audio_0000.flac": 17}')
    (tmp_path / "task3_0.json").write_text('{"audio_0000.flac": -1}')
    (tmp_path / "task3_01.json").write_text("{}")
    assert read_submission(tmp_path) == READ


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_printable_sentence(name, tmp_path):
    content, expected = BAD[name]
    path = tmp_path / "lin.json"
    path.write_bytes(content)
    with pytest.raises(LabError, match=expected) as refused:
        read_submission(path)
    message = str(refused.value)
    assert message.startswith(str(path)) and message.isprintable() and len(message) < 400


def test_a_large_file_is_not_read(tmp_path):
    path = tmp_path / "lin.json"
    with open(path, "wb") as file:
        file.truncate(MAX_BYTES + 2**20)
    with pytest.raises(LabError, match="5 MiB, expected at most 4 MiB"):
        read_submission(path)


def test_many_answers_are_refused(tmp_path):
    path = tmp_path / "lin.json"
    path.write_text(json.dumps({"task1": {str(number): 0 for number in range(10_001)}}))
    with pytest.raises(LabError, match="10001 answers"):
        read_submission(path)


@pytest.mark.skipif(sys.platform == "win32", reason="no links and pipes")
def test_links_and_pipes_are_not_followed(tmp_path):
    secret = tmp_path / "truth.json"
    secret.write_text(json.dumps(WHOLE))
    folder = tmp_path / "in" / "lin"
    folder.mkdir(parents=True)
    (folder / "answers.json").symlink_to(secret)
    with pytest.raises(LabError, match="is a link"):
        read_submission(folder)
    (folder / "answers.json").unlink()
    (folder / "answers.json").symlink_to("/nowhere")
    with pytest.raises(LabError, match="is a link"):
        read_submission(folder)
    (folder / "answers.json").unlink()
    os.mkfifo(folder / "answers.json")
    with pytest.raises(LabError, match="no plain file"):
        read_submission(folder)


def test_an_empty_or_odd_folder_is_named(tmp_path):
    with pytest.raises(LabError, match="holds no answers"):
        read_submission(tmp_path)
    (tmp_path / "final version.json").write_text("{}")
    with pytest.raises(LabError, match=r"final version.json: expected answers.json"):
        read_submission(tmp_path)


def test_everything_in_the_folder_is_listed_or_named(tmp_path):
    (tmp_path / "lin.json").write_text("{}")
    (tmp_path / "wang").mkdir()
    (tmp_path / "zhao.json").write_text("{}")
    (tmp_path / "zhao").mkdir()
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / ".DS_Store").write_text("")
    (tmp_path / "li").symlink_to("/")
    handed_in, problems = find_submissions(tmp_path)
    assert sorted(handed_in) == ["lin", "wang", "zhao"]
    assert sorted(p.split(": ")[0].rpartition("/")[2] for p in problems) == ["li", "notes.txt", "zhao.json"]
    with pytest.raises(LabError, match="does not exist"):
        find_submissions(tmp_path / "nowhere")
    with pytest.raises(LabError, match="is no folder"):
        find_submissions(tmp_path / "lin.json")


def test_a_path_is_printed_without_effect_on_a_terminal(tmp_path):
    assert shown(tmp_path / "a\x1b[2Jb\udcff") == f"{tmp_path}/a\\x1b[2Jb\\udcff"
    assert shown(tmp_path / "张伟") == f"{tmp_path}/张伟"
