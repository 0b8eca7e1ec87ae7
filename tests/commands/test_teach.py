"""What a teacher types."""

import json

import nbformat
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


@pytest.mark.parametrize("command", ["release", "hand-out", "grade"])
def test_each_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit):
        main(["teach", command, "--help"])
    assert f"python -m labutils teach {command}" in capsys.readouterr().out


def test_the_students_version_has_stubs_and_no_outputs(tmp_path, capsys):
    marks = {"solution": True, "grade": False, "grade_id": "one", "locked": False, "schema_version": 3}
    source = "### BEGIN SOLUTION\nx = 42\n### END SOLUTION"
    cell = nbformat.v4.new_code_cell(source, outputs=[nbformat.v4.new_output("stream", text="42")])
    cell.metadata["nbgrader"] = {**marks, "task": False}
    (tmp_path / "solved").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "solved" / "01_a.ipynb")
    arguments = [
        "teach",
        "release",
        "--notebooks",
        str(tmp_path / "solved"),
        "--out",
        str(tmp_path / "released"),
    ]
    assert main(arguments) == 0
    assert "1 notebooks are in" in capsys.readouterr().out
    assert "42" not in (tmp_path / "released" / "01_a.ipynb").read_text()
    assert main([*arguments[:-1], str(tmp_path / "solved")]) == 1
    assert "holds the solved notebooks" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert (
        main(["teach", "release", "--notebooks", str(tmp_path / "empty"), "--out", str(tmp_path / "new")])
        == 1
    )
    assert "holds no notebooks" in capsys.readouterr().err
