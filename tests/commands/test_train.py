"""What `train` trains, and where the networks go."""

from dataclasses import replace
from pathlib import Path

import pytest

from labutils.__main__ import main
from labutils.systems import catalogue, report


def settings_of(options: str, data: Path, monkeypatch):
    """What `train` would train."""
    trained = []
    monkeypatch.setattr(catalogue, "train", lambda settings, data, models, progress: trained.append(settings))
    assert main(["train", "--data", str(data), *options.split()]) == 0
    return trained[0]


def test_contact_is_what_train_trains(click_data, monkeypatch):
    assert settings_of("", click_data, monkeypatch) == catalogue.RECIPES["contact"]


@pytest.mark.parametrize("name", ["contact", "report", "report-fast"])
def test_system_and_seed_reach_the_training(name, click_data, monkeypatch):
    assert settings_of(f"--system {name} --seed 4", click_data, monkeypatch) == replace(
        catalogue.RECIPES[name], seed=4
    )


def test_bfloat16_reaches_the_networks_of_the_report(click_data, monkeypatch):
    assert settings_of("--system report --bfloat16", click_data, monkeypatch) == report.REPORT.in_bfloat16()


def test_defaults_are_those_of_the_lab_from_any_folder(click_data, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LAB_DATA", str(click_data))
    seen = []
    monkeypatch.setattr(
        catalogue, "train", lambda settings, data, **others: seen.append((data, others["models"]))
    )
    assert main(["train"]) == 0
    name = f"own-{click_data.name}"
    assert seen == [(click_data / "dataset", tmp_path / "home" / "models" / name)]
