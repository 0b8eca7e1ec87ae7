"""What a teacher types."""

import json

import pytest

from labutils.__main__ import main
from labutils.classroom import hand_out
from labutils.clips import read_truth
from labutils.storage import write_json


def test_grades_are_shown_written_and_bad_files_named(click_data, tmp_path, capsys):
    write_json(tmp_path / "in" / "lin.json", {"task1": read_truth(click_data, "task1")})
    (tmp_path / "in" / "bad.json").write_text("{")
    out = tmp_path / "grades.csv"
    arguments = ["teach", "grade", str(tmp_path / "in"), "--truth", str(click_data), "--csv", str(out)]
    assert main(arguments) == 0
    output = capsys.readouterr()
    assert "lin" in output.out and "task1" in output.out
    assert "warning: " in output.err and "bad.json" in output.err
    assert out.read_text().startswith("student,task,")
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["accuracy"] == 1.0


def test_nothing_to_grade_is_one_sentence(click_data, tmp_path, capsys):
    assert main(["teach", "grade", str(tmp_path), "--truth", str(click_data)]) == 1
    assert "nothing in it could be graded" in capsys.readouterr().err


def test_names_come_from_the_line_and_from_a_file(tmp_path, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(
        hand_out, "hand_out", lambda names, out, **options: seen.append((names, options)) or {}
    )
    (tmp_path / "names.txt").write_text("王伟\n\nwang \n", encoding="utf-8-sig")
    arguments = [
        "teach",
        "hand-out",
        "lin",
        "--names-from",
        str(tmp_path / "names.txt"),
        "--out",
        str(tmp_path),
    ]
    assert main([*arguments, "--quiet"]) == 0
    assert seen[0][0] == ["lin", "王伟", "wang"]
    assert seen[0][1]["preset"] == "lab-tests" and seen[0][1]["progress"] is False
    (tmp_path / "names.txt").write_bytes("王伟".encode("gbk"))
    assert main(arguments) == 1
    assert "save it as UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["hand-out", "grade"])
def test_each_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit):
        main(["teach", command, "--help"])
    assert f"python -m labutils teach {command}" in capsys.readouterr().out
