"""All that the notebooks wait for is made by one command, and what is there stays."""

import os

from labutils import lab as module
from labutils.__main__ import main
from labutils.systems import catalogue, contact, report
from labutils.teaching import rehearsal


def test_data_and_both_systems_are_made_where_the_notebooks_look_for_them(
    tmp_path, tiny_data, monkeypatch, capsys
):
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.setenv("LAB_PRESET", "tiny")
    for name in ("LAB_DATA", "LAB_SEED", "LAB_MODELS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tiny").symlink_to(tiny_data)
    made, nice = [], []
    monkeypatch.setattr(catalogue, "load_or_train", lambda *args, **options: made.append((args, options)))
    monkeypatch.setattr(os, "nice", nice.append)
    monkeypatch.setattr(rehearsal, "rehearse_missing", lambda *args, **options: made.append((args, options)))
    assert main(["prepare", "--quiet"]) == 0
    data, models = tmp_path / "data" / "tiny", tmp_path / "models"
    assert made == [
        ((contact.QUICK, data), {"models": models / "tiny", "progress": False}),
        ((report.QUICK, data), {"models": models / "tiny-report-fast", "progress": False}),
        (("tiny",), {"progress": False}),
    ]
    assert nice == [10] and capsys.readouterr().out == ""


def test_missing_data_are_made_first(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.setenv("LAB_PRESET", "tiny")
    monkeypatch.delenv("LAB_DATA", raising=False)
    monkeypatch.setattr("labutils.places.ROOT", tmp_path / "install")
    order = []
    monkeypatch.setattr("labutils.simulate.generate.generate", lambda *_, **__: order.append("data"))
    monkeypatch.setattr(module, "train_missing_networks", lambda *_, **__: order.append("networks"))
    monkeypatch.setattr(rehearsal, "rehearse_missing", lambda *_, **__: order.append("notebooks"))
    monkeypatch.setattr(os, "nice", lambda _: None)
    assert main(["prepare"]) == 0
    assert order == ["data", "networks", "notebooks"]
