"""Grades against a known truth, and files that cannot be graded."""

import csv
import io
import json
from dataclasses import replace

import pytest

from labutils import evaluation
from labutils.classroom.grading import grade_csv, grade_folder, grade_student, grade_table
from labutils.clips import read_truth
from labutils.errors import LabError
from labutils.storage import write_json


def right_answers_of(truth: dict) -> dict:
    """The file of a student who is always right."""
    matches = {
        task: {group: dict(own["matches"]) for group, own in truth[task].items()}
        for task in ("task2", "task3")
    }
    return {"task1": dict(truth["task1"]), **matches}


@pytest.fixture
def truth(click_data) -> dict:
    return {task: read_truth(click_data, task) for task in ("task1", "task2", "task3")}


def test_a_truth_without_classes_is_graded_too(truth):
    submission = {("task2", "0"): dict(truth["task2"]["0"]["matches"])}
    for task in ("task2", "task3"):
        truth[task]["0"] |= {"audio_class": {}, "video_class": {}}
    grades = {grade.task: grade for grade in grade_student("lin", submission, truth)}
    assert grades["task2"].accuracy == 1 and grades["task2"].without_skill == pytest.approx(1 / 6)


def test_the_right_answers_are_graded_as_right(click_data, truth, tmp_path):
    write_json(tmp_path / "lin.json", right_answers_of(truth))
    grades, problems = grade_folder(tmp_path, click_data)
    assert [(g.student, g.task, g.answered, g.sounds) for g in grades] == [
        ("lin", "task1", 6, 6),
        ("lin", "task2", 6, 6),
        ("lin", "task3", 6, 6),
    ]
    assert {(g.accuracy, g.precision, g.recall, g.f1) for g in grades} == {(1, 1, 1, 1)}
    assert problems == []


def test_wrong_and_missing_answers_count_as_the_measures_say(truth):
    answers = right_answers_of(truth)
    names = list(truth["task3"]["0"]["matches"])  # matches 3, -1, 0, 1, -1, 2
    own = {names[0]: 3, names[1]: 5, names[2]: -1, names[3]: 2, names[4]: -1}
    submission = {("task1", "all"): answers["task1"], ("task3", "0"): own}
    task1, task2, task3 = grade_student("lin", submission, truth)
    assert task1.accuracy == 1
    assert (task2.answered, task2.accuracy, task2.f1) == (0, 0, 0)
    assert (task3.answered, task3.sounds) == (5, 6)
    assert task3.accuracy == pytest.approx(2 / 6)
    assert task3.precision == pytest.approx(1 / 3)
    assert task3.recall == pytest.approx(1 / 4)
    assert task3.f1 == pytest.approx(2 / 7)
    assert task3.accuracy_low <= task3.accuracy <= task3.accuracy_high
    assert task3.without_skill == evaluation.chance_of_matching(truth["task3"]["0"]["matches"], 6)


def test_every_student_has_a_truth_of_their_own(truth, tmp_path):
    course, handed_in = tmp_path / "course", tmp_path / "in"
    other = json.loads(json.dumps(truth))
    other["task1"] = {name: (label + 1) % 10 for name, label in truth["task1"].items()}
    write_json(course / "truth" / "lin.json", truth)
    write_json(course / "truth" / "wang.json", other)
    for name in ("lin", "wang", "nobody"):
        write_json(handed_in / f"{name}.json", right_answers_of(truth))
    grades, problems = grade_folder(handed_in, course)
    assert {g.student: g.accuracy for g in grades if g.task == "task1"} == {"lin": 1, "wang": 0}
    assert len(problems) == 1 and "nobody" in problems[0] and "lin, wang" in problems[0]


def test_a_bad_file_stops_nobody_else(click_data, truth, tmp_path):
    write_json(tmp_path / "lin.json", right_answers_of(truth))
    (tmp_path / "bad.json").write_text("[" * 100_000)
    (tmp_path / "worse.json").write_text('{"task1": {"a": NaN}}')
    grades, problems = grade_folder(tmp_path, click_data)
    assert {g.student for g in grades} == {"lin"}
    assert len(problems) == 2 and all("\n" not in problem for problem in problems)


def test_odd_answers_are_told_and_do_not_count(click_data, truth, tmp_path):
    answers = right_answers_of(truth)
    answers["task1"] |= {"audio_9999.flac": 1, "video": 3}
    answers["task2"]["7"] = {"a": 1}
    del answers["task3"]
    write_json(tmp_path / "lin.json", answers)
    grades, problems = grade_folder(tmp_path, click_data)
    assert [grade.accuracy for grade in grades] == [1, 1, 0]
    assert sorted(problem.split(": ")[1] for problem in problems) == [
        "2 of the sounds answered in task1 are not in it; they do not count.",
        "no answers to task3 0; they count as wrong.",
        "task2 has no group '7'; these answers do not count.",
    ]


def test_huge_numbers_are_only_wrong(click_data, truth, tmp_path):
    answers = right_answers_of(truth)
    answers["task1"] = dict.fromkeys(answers["task1"], 10**300)
    answers["task2"]["0"] = dict.fromkeys(answers["task2"]["0"], -(10**300))
    write_json(tmp_path / "lin.json", answers)
    grades, _ = grade_folder(tmp_path, click_data)
    assert [grade.accuracy for grade in grades] == [0, 0, 1]


def test_no_truth_is_one_sentence(tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(LabError, match="expected a data set"):
        grade_folder(tmp_path / "in", tmp_path / "nowhere")


def test_table_and_csv_say_the_same(truth):
    grades = grade_student("lin", {("task1", "all"): dict(truth["task1"])}, truth)
    table, rows = grade_table(grades), list(csv.DictReader(io.StringIO(grade_csv(grades))))
    assert [line.split()[:3] for line in table.splitlines()[1:]] == [
        ["lin", "task1", "6/6"],
        ["lin", "task2", "0/6"],
        ["lin", "task3", "0/6"],
    ]
    assert [(row["student"], float(row["accuracy"]), row["answered"]) for row in rows] == [
        ("lin", 1.0, "6"),
        ("lin", 0.0, "0"),
        ("lin", 0.0, "0"),
    ]


@pytest.mark.parametrize("name", ["=1+1", "@cmd", "-2", "+3"])
def test_a_name_is_no_formula_in_a_spreadsheet(name, truth):
    grades = [replace(grade, student=name) for grade in grade_student("x", {}, truth)]
    assert next(csv.reader([grade_csv(grades).splitlines()[1]]))[0] == f"'{name}"
