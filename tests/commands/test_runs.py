"""The list of trained networks."""

import json

from labutils.__main__ import main
from labutils.storage import write_json


def write_run(folder, **card):
    write_json(folder / "card.json", {"system": "contact", "checksum": "c", **card})


def test_runs_are_listed_and_their_differences_shown(tmp_path, capsys):
    write_run(
        tmp_path / "a",
        settings={"seed": 0, "maps": {"epochs": 5}},
        metadata={"seconds": 240, "training_clips": 80},
    )
    write_run(
        tmp_path / "b", settings={"seed": 0, "maps": {"epochs": 9}}, metadata={"data_set": "0123456789"}
    )
    score = {
        "task": "task2",
        "group": "all",
        "sounds": 50,
        "accuracy": 0.5,
        "low": 0.4,
        "high": 0.6,
        "chance": 0.02,
    }
    write_json(tmp_path / "a" / "scores.json", {"checksum": "c", "scores": [score]})
    assert main(["runs", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "4 min" in shown and "0.500" in shown and "01234567" in shown
    assert "  maps.epochs: 5, 9\n" in shown and "seed:" not in shown
    assert main(["runs", str(tmp_path), "--json"]) == 0
    assert [run["settings"]["maps.epochs"] for run in json.loads(capsys.readouterr().out)] == [5, 9]


def test_a_broken_card_is_named_and_the_others_are_listed(tmp_path, capsys):
    write_run(tmp_path / "good", settings={}, metadata={})
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "card.json").write_text("{")
    assert main(["runs", str(tmp_path)]) == 0
    output = capsys.readouterr()
    assert "good" in output.out and str(tmp_path / "bad") in output.err


def test_no_runs_are_one_sentence(tmp_path, capsys):
    assert main(["runs", str(tmp_path)]) == 1
    assert "no trained networks here" in capsys.readouterr().err
    assert main(["runs", str(tmp_path / "nowhere")]) == 1
    assert "is no folder" in capsys.readouterr().err
