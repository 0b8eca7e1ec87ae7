"""The command line from training to scores, and how it fails."""

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_systems import QUICKEST

from labutils.__main__ import _parser, main
from labutils.systems import catalogue, contact
from labutils.systems.model_files import CARD, WEIGHTS

COMMANDS = ("simulate", "train", "predict", "evaluate", "runs", "report", "sweep")


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


def test_bfloat16_is_refused_where_it_does_not_belong(capsys):
    assert "report" in expect_one_sentence(capsys, "train", "--bfloat16")


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--system", "other"],
        ["predict", "task2", "folder", "--precision", "1.5"],
        ["predict", "task2", "folder", "--precision", "0"],
        ["train", "--seed", "-1"],
        ["train", "--seed", "abc"],
        ["simulate", "--workers", "0"],
        ["simulate", "--workers", "two"],
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


@pytest.fixture(scope="module")
def trained(click_data, tmp_path_factory) -> Path:
    """A folder of networks that the command line trained, small ones."""
    return train_small(click_data, tmp_path_factory.mktemp("command_line") / "models")[0]


@pytest.fixture(scope="module")
def trained_again(click_data, tmp_path_factory) -> tuple[Path, str]:
    """The same in another folder, and what was told while it was trained."""
    return train_small(click_data, tmp_path_factory.mktemp("again"))


def train_small(data: Path, models: Path) -> tuple[Path, str]:
    """Train by the command line; the folder, and what went to a standard error that is no terminal."""
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(told):
        patch.setitem(catalogue.RECIPES, "contact", QUICKEST)
        assert main(["train", "--data", str(data), "--models", str(models), "--seed", "2"]) == 0
    return models, told.getvalue()


def test_train_leaves_weights_a_card_and_the_features(trained):
    assert {path.name for path in trained.iterdir()} == {CARD, WEIGHTS, ".features"}
    card = json.loads((trained / CARD).read_text())
    assert (card["system"], card["settings"]["seed"]) == ("contact", 2)


def test_training_again_gives_the_same_weights(trained, trained_again):
    assert (trained_again[0] / WEIGHTS).read_bytes() == (trained / WEIGHTS).read_bytes()


def test_precision_answers_less(trained, click_data, tmp_path, monkeypatch, capsys):
    folder = click_data / "dataset" / "task2" / "test" / "0"
    seen = []
    monkeypatch.setattr(
        contact.ContactSystem, "keep_sure", lambda self, found, share: seen.append(share) or found
    )
    assert main(["predict", "task2", str(folder), "--models", str(trained), "--precision", "0.95"]) == 0
    assert seen == [0.95]


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


@pytest.mark.parametrize(
    "command", [["site"], ["teach", "release"], ["teach", "hand-out", "lin"]], ids=lambda words: words[-1]
)
def test_a_folder_that_is_a_file_is_said_before_the_work(command, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert "is a file" in expect_one_sentence(capsys, *command, "--out", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_without_training_the_system_that_came_with_the_lab_answers(
    click_data, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.setattr("labutils.places.ROOT", tmp_path / "install")  # not what was trained in this lab
    for name in ("LAB_PRESET", "LAB_DATA", "LAB_SEED", "LAB_MODELS"):
        monkeypatch.delenv(name, raising=False)
    sounds = click_data / "dataset" / "task1" / "test"
    assert main(["predict", "task1", str(sounds)]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 6
    assert main(["evaluate", "--json", "--quiet", "--data", str(click_data)]) == 0
    assert [row["task"] for row in json.loads(capsys.readouterr().out)][:2] == ["task1", "task2"]
    monkeypatch.setenv("LAB_PRESET", "tiny")  # on other clips it learned nothing
    assert "train" in expect_one_sentence(capsys, "predict", "task1", sounds)


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


def test_ctrl_c_says_how_to_go_on(monkeypatch, click_data, tmp_path, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "train", interrupted)
    assert main(["train", "--data", str(click_data), "--models", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "stopped; start the same command again to go on\n"


def refusal(capsys, *arguments: str) -> str:
    """What argparse says of an option that makes no sense."""
    with pytest.raises(SystemExit):
        main(list(arguments))
    return capsys.readouterr().err.splitlines()[-1]


def test_a_refused_option_is_told_what_was_found_and_expected(capsys):
    assert refusal(capsys, "train", "--seed", "abc").endswith(
        "argument --seed: expected a whole number from 0 on, found 'abc'"
    )
    assert refusal(capsys, "predict", "task2", "x", "--precision", "nan").endswith(
        "expected a number between 0 and 1, found 'nan'"
    )


def test_the_first_cause_is_named(tmp_path, capsys):
    """Neither the data nor the networks are there: it is the data that are named."""
    nowhere, models = tmp_path / "nowhere", tmp_path / "models"
    for command in (["train"], ["evaluate"], ["report", "simulator"]):
        given = [
            *command,
            "--data",
            nowhere,
            *(["--models", models] if command != ["report", "simulator"] else []),
        ]
        assert f"{nowhere} does not exist" in expect_one_sentence(capsys, *given)
    message = expect_one_sentence(capsys, "predict", "task1", nowhere, "--models", models)
    assert f"{nowhere} does not exist" in message


def test_version_names_the_lab_and_its_simulator(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert re.fullmatch(r"impact-lab \S+, simulator \d+\n", capsys.readouterr().out)


def test_quiet_says_nothing_and_json_says_json_alone(click_data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(catalogue, "train", lambda *_, progress, **__: seen.append(progress))
    seen = []
    arguments = ["train", "--data", str(click_data), "--models", str(tmp_path)]
    assert main([*arguments, "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"models": str(tmp_path)}
    assert seen == [False, True]


def test_evaluate_gives_json_and_a_page_that_stands_alone(trained, click_data, tmp_path, capsys):
    page = tmp_path / "new" / "page.html"
    arguments = ["--data", str(click_data), "--models", str(trained), "--report", str(page)]
    assert main(["evaluate", *arguments, "--json", "--quiet"]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert {row["task"] for row in json.loads(output.out)} == {"task1", "task2", "task3"}
    assert "<!DOCTYPE html>" in page.read_text(encoding="utf-8")


def test_progress_in_a_pipe_is_lines(trained_again):
    told = trained_again[1]
    assert "\r" not in told
    assert told.splitlines()[-1].startswith("training contact: 100 %, done in ")


def test_a_read_only_folder_is_one_sentence(click_models, click_data, monkeypatch, capsys):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "/srv/lab/data")

    monkeypatch.setattr(catalogue, "train", refuse)
    message = expect_one_sentence(capsys, "train", "--data", click_data, "--models", click_models)
    assert message == (
        "error: /srv/lab/data: Permission denied; choose a folder of your own, or set LAB_HOME to one.\n"
    )


def test_output_in_an_encoding_without_the_letters_of_a_path_is_no_error(
    trained, click_data, tmp_path, monkeypatch
):
    out, sounds = tmp_path / "课程" / "答案.json", click_data / "dataset" / "task1" / "test"
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="cp1252", write_through=True))
    assert main(["predict", "task1", str(sounds), "--models", str(trained), "--out", str(out)]) == 0
    assert b"\\u7b54" in written.getvalue() and out.exists()


@pytest.mark.parametrize("out", [".", "..", "folder"])
def test_out_is_looked_at_before_the_work(out, tmp_path, capsys, monkeypatch):
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    for command in (("predict", "task1", "nowhere"), ("evaluate",), ("report", "simulator")):
        assert "is a folder" in expect_one_sentence(capsys, *command, "--out", out)
    assert "is a folder" in expect_one_sentence(capsys, "evaluate", "--report", out)
    assert "is a folder" in expect_one_sentence(capsys, "teach", "grade", "x", "--truth", "y", "--csv", out)


def test_help_loads_nothing_heavy():
    code = "import sys, labutils.__main__ as m\ntry: m.main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split())
    heavy = {
        "numpy",
        "torch",
        "librosa",
        "scipy",
        "matplotlib",
        "joblib",
        "tqdm",
        "asyncio",
        "importlib.metadata",
    }
    assert "labutils.__main__" in loaded and not loaded & heavy
