"""The command line from training to scores, and how it fails."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from labutils import system
from labutils.__main__ import _parser, _settings, main
from labutils.clips import read_truth
from labutils.system import CARD, WEIGHTS, Settings, test_task2

COMMANDS = ("simulate", "train", "predict", "evaluate", "report")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def expect_one_sentence(capsys, *arguments: object) -> str:
    """Run a command that fails; its message."""
    assert main([str(argument) for argument in arguments]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("error: ")
    assert output.err.count("\n") == 1
    return output.err


# Help and options


def test_module_runs_and_lists_its_commands():
    help_text = subprocess.run(
        [sys.executable, "-m", "labutils", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(command in help_text for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_option(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert f"python -m labutils {command}" in text
    parser = next(iter(_parser()._subparsers._group_actions)).choices[command]
    assert all(action.help for action in parser._actions)


def settings_of(options: str) -> Settings:
    return _settings(_parser().parse_args(["train", *options.split()]))


def test_defaults_are_those_of_the_library():
    assert settings_of("") == Settings()
    assert settings_of("--quick") == system.QUICK


def test_report_reaches_the_report_and_its_single_switches():
    assert settings_of("--report") == system.REPORT
    shrunk = settings_of("--report --shrink 8 4 --loss plain --margin 1")
    towers = replace(system.REPORT.towers, loss="plain", margin=1.0)
    assert shrunk == replace(system.REPORT, shrink=(8, 4), towers=towers)


def test_single_switches_lead_from_the_defaults_to_the_towers_of_the_report():
    options = "--shared-epochs 0 --tower-epochs 60 --batch 8 --loss weighted --margin 10 --no-normalise "
    options += "--pairs 1 --audio-pool width --video centroids --tower-blocks 3 3 3 --tower-planes 16 32 64 --no-vary"
    assert settings_of(options).towers == system.REPORT.towers


def test_options_reach_the_settings():
    options = "--seed 4 --shrink 4 2 --voters 3 --epochs 7 --shared-epochs 9 --tower-epochs 8 --batch 6 --loss weighted "
    options += (
        "--margin 2 --weight .3 --normalise --pairs 5 --audio-pool width --video masks --vary --keep-out "
    )
    options += "--tower-blocks 1 2 1 --tower-planes 4 8 16 --no-mel-voters"
    default = Settings()
    expected = replace(
        default,
        seed=4,
        shrink=(4, 2),
        voters=3,
        mel_voters=False,
        audio=replace(default.audio, epochs=7),
        all_sessions=False,
        towers=replace(
            default.towers,
            shared_epochs=9,
            epochs=8,
            batch_size=6,
            loss="weighted",
            margin=2.0,
            weight=0.3,
            pairs_per_clip=5,
            audio_pool="width",
            video="masks",
            blocks=(1, 2, 1),
            planes=(4, 8, 16),
        ),
    )
    assert settings_of(options) == expected


def test_without_variation_no_network_sees_any():
    found = settings_of("--no-vary")
    assert not (found.audio.vary or found.frames.vary or found.towers.vary)


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--epochs", "0"],
        ["train", "--tower-epochs", "-3"],
        ["train", "--pairs", "many"],
        ["train", "--shrink", "8"],
        ["train", "--quick", "--report"],
        ["train", "--seed", "-1"],
        ["simulate", "--workers", "0"],
        ["predict", "task4", "folder"],
        ["predict", "task1"],
        [],
    ],
)
def test_option_that_makes_no_sense_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_simulate_hands_its_options_on(monkeypatch, capsys):
    calls = []
    fake = SimpleNamespace(generate=lambda *args, **options: calls.append((args, options)))
    monkeypatch.setitem(sys.modules, "labutils.simulate.generate", fake)
    arguments = "simulate --preset tiny --seed 7 --audio-format pkl --out DATA --workers 2"
    assert main(arguments.split()) == 0
    assert calls == [((Path("DATA"), "tiny", 7), {"audio_format": "pkl", "workers": 2})]
    assert "DATA" in capsys.readouterr().out


# From training to scores


@pytest.fixture(scope="module")
def trained(click_data, tmp_path_factory) -> Path:
    """A folder of networks that the command line trained, with options away from their defaults."""
    models = tmp_path_factory.mktemp("command_line") / "models"
    options = "--quick --seed 2 --epochs 1 --tower-epochs 1 --loss plain --margin 1 --audio-pool frequency"
    assert main(["train", "--data", str(click_data), "--models", str(models), *options.split()]) == 0
    return models


def test_train_leaves_weights_a_card_and_the_features(trained):
    assert {CARD, WEIGHTS} <= {path.name for path in trained.iterdir()}
    assert not [path for path in trained.rglob("*") if path.suffix in (".pt", ".partial")]
    towers = json.loads((trained / CARD).read_text())["settings"]["towers"]
    assert (towers["loss"], towers["margin"], towers["audio_pool"]) == ("plain", 1.0, "frequency")


def test_training_again_gives_the_same_weights(trained, click_data, tmp_path):
    shutil.copytree(trained / ".features", tmp_path / ".features")
    options = "--quick --seed 2 --epochs 1 --tower-epochs 1 --loss plain --margin 1 --audio-pool frequency"
    assert main(["train", "--data", str(click_data), "--models", str(tmp_path), *options.split()]) == 0
    assert (tmp_path / WEIGHTS).read_bytes() == (trained / WEIGHTS).read_bytes()


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


def test_evaluate_prints_every_group_and_writes_the_same_scores(trained, click_data, tmp_path, capsys):
    out = tmp_path / "scores.json"
    arguments = ["--data", str(click_data), "--models", str(trained), "--out", str(out)]
    assert main(["evaluate", *arguments]) == 0
    heading, *rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert heading[:4] == ["task", "group", "sounds", "accuracy"]
    scores = json.loads(out.read_text())
    assert [row[:3] for row in rows] == [[s["task"], s["group"], str(s["sounds"])] for s in scores]
    assert [float(row[3]) for row in rows] == pytest.approx([s["accuracy"] for s in scores], abs=5e-4)
    assert {s["task"] for s in scores} == {"task1", "task2", "task3"}


# Failing


def test_missing_data_and_models_are_one_sentence(click_models, click_data, tmp_path, capsys):
    nowhere = tmp_path / "nowhere"
    sounds = click_data / "dataset" / "task1" / "test"
    for arguments in (
        ("train", "--data", nowhere, "--models", tmp_path / "models"),
        ("predict", "task1", nowhere, "--models", click_models),
        ("predict", "task1", sounds, "--models", nowhere),
        ("evaluate", "--data", click_data, "--models", nowhere),
        ("evaluate", "--data", nowhere, "--models", click_models),
    ):
        assert str(nowhere) in expect_one_sentence(capsys, *arguments)
    assert not list(tmp_path.iterdir())


def test_failed_training_leaves_nothing(click_data, tmp_path, capsys):
    data = tmp_path / "data"
    shutil.copytree(click_data / "dataset" / "train", data / "train")
    broken = data / "train" / "salt_cylinder" / "22" / "audio_data.flac"
    broken.write_bytes(b"not a sound")
    message = expect_one_sentence_after_bars(capsys, "train", "--data", data, "--models", tmp_path / "models")
    assert str(broken) in message
    assert not (tmp_path / "models").exists()


def expect_one_sentence_after_bars(capsys, *arguments: object) -> str:
    """Run a command that fails while a progress bar is shown; the line after it."""
    assert main([str(argument) for argument in arguments]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("error: ")
    assert sum("error" in line for line in lines) == 1
    return lines[-1]


def test_failed_prediction_keeps_the_old_answers(click_models, tmp_path, capsys):
    out = tmp_path / "answers.json"
    out.write_text("old")
    (tmp_path / "group").mkdir()
    (tmp_path / "group" / "audio_0000.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    before = contents(tmp_path)
    arguments = ("predict", "task1", tmp_path / "group", "--models", click_models, "--out", out)
    assert "audio_0000.pkl" in expect_one_sentence(capsys, *arguments)
    assert contents(tmp_path) == before


def test_answers_cannot_replace_a_folder(click_models, click_data, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    sounds = click_data / "dataset" / "task1" / "test"
    message = expect_one_sentence(
        capsys, "predict", "task1", sounds, "--models", click_models, "--out", tmp_path / "out"
    )
    assert str(tmp_path / "out") in message
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "a partial file was left"


def test_ctrl_c_says_how_to_go_on(monkeypatch, tmp_path, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(system, "train", interrupted)
    assert main(["train", "--models", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "stopped; start the same command again to go on\n"
