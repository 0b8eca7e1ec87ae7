"""The answers of `predict` are those of the course."""

import json

from labutils.__main__ import main
from labutils.clips import read_truth
from labutils.system import test_task1, test_task2, test_task3


def test_all_groups_come_in_one_file(click_models, click_data, tmp_path):
    out = tmp_path / "answers.json"
    assert main(["predict", "all", str(click_data), "--models", str(click_models), "--out", str(out)]) == 0
    root = click_data / "dataset"
    assert json.loads(out.read_text()) == {
        "task1": test_task1(root / "task1" / "test", click_models),
        "task2": {"0": test_task2(root / "task2" / "test" / "0", click_models)},
        "task3": {"0": test_task3(root / "task3" / "test" / "0", click_models)},
    }


def test_predict_writes_the_answers_of_the_course(click_models, click_data, tmp_path, capsys):
    folder, out = click_data / "dataset" / "task2" / "test" / "0", tmp_path / "new" / "answers.json"
    assert main(["predict", "task2", str(folder), "--models", str(click_models), "--out", str(out)]) == 0
    assert json.loads(out.read_text()) == test_task2(folder, click_models)
    assert [path.name for path in out.parent.iterdir()] == ["answers.json"]
    assert str(out) in capsys.readouterr().out


def test_predict_prints_json_alone(click_models, click_data, capsys):
    folder = click_data / "dataset" / "task1" / "test"
    assert main(["predict", "task1", str(folder), "--models", str(click_models)]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(read_truth(click_data, "task1"))
