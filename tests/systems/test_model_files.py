"""Trained systems on disk: written whole, read with distrust."""

import contextlib
import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from labutils.errors import LabError
from labutils.systems import model_files
from labutils.systems.model_files import CARD, WEIGHTS


@pytest.fixture(params=["click_models", "contact_models"])
def models(request, tmp_path) -> Path:
    """Saved systems of both kinds that a test may damage."""
    return shutil.copytree(request.getfixturevalue(request.param), tmp_path / "models")


def test_card_says_what_the_system_is_and_nothing_else_is_written(models):
    card = json.loads((models / CARD).read_text())
    assert set(card) == {"system", "settings", "checksum", "metadata", "histories"}
    assert card["settings"]["seed"] == 0 and card["metadata"]["training_clips"] > 0
    assert {p.name for p in models.iterdir() if not p.name.startswith(".")} == {CARD, WEIGHTS}


def test_loaded_system_is_the_saved_one(models, tmp_path):
    system = model_files.load(models)
    model_files.save(system, tmp_path / "copy")
    again = model_files.load(tmp_path / "copy")
    assert type(again) is type(system) and again.settings == system.settings
    assert again.histories == system.histories and again.metadata == system.metadata
    for name, array in system.state().items():
        assert torch.equal(torch.as_tensor(array), torch.as_tensor(again.state()[name])), name


def change_card(models: Path, **values) -> None:
    card = json.loads((models / CARD).read_text())
    (models / CARD).write_text(json.dumps(card | values))


DAMAGES = {
    "no weights": (lambda m: (m / WEIGHTS).unlink(), WEIGHTS),
    "no card": (lambda m: (m / CARD).unlink(), CARD),
    "cut weights": (lambda m: (m / WEIGHTS).write_bytes((m / WEIGHTS).read_bytes()[:-1]), WEIGHTS),
    "card that is no JSON": (lambda m: (m / CARD).write_text("{"), CARD),
    "card that is a list": (lambda m: (m / CARD).write_text("[]"), "list"),
    "another system": (lambda m: change_card(m, system="other"), "'other'"),
    "another seed": (lambda m: change_card(m, settings={"seed": 1}), "not what"),
    "deep card": (lambda m: (m / CARD).write_text("[" * 100000), CARD),
}


@pytest.mark.parametrize(("damage", "named"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_system_is_refused_in_one_sentence(models, damage, named):
    damage(models)
    with pytest.raises(LabError) as refused:
        model_files.load(models)
    assert named in str(refused.value) and "train" in str(refused.value) and "\n" not in str(refused.value)


def test_system_of_another_version_is_refused_in_one_sentence(models):
    card = json.loads((models / CARD).read_text())
    settings = card["settings"] | {"voters": 6}
    weights = (models / WEIGHTS).read_bytes()
    checksum = model_files._checksum(card["system"], settings, weights)
    change_card(models, settings=settings, checksum=checksum)
    with pytest.raises(LabError, match="another version of the lab"):
        model_files.load(models)


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_a_kill_while_saving_leaves_the_old_system_or_the_new_one(models, tmp_path, writes, monkeypatch):
    old, new = model_files.load(models), model_files.load(models)
    new.metadata = {**new.metadata, "training_clips": 12345}
    state = {name: torch.as_tensor(array) * 2 for name, array in new.state().items() if "weight" in name}
    new.state = lambda: {**old.state(), **state}
    done = []

    def killed_after(write):
        def step(*args):
            if len(done) == writes:
                raise KeyboardInterrupt
            done.append(write(*args))

        return step

    for name in ("write_json", "write_whole"):
        monkeypatch.setattr(model_files, name, killed_after(getattr(model_files, name)))
    monkeypatch.setattr(os, "replace", killed_after(os.replace))
    with contextlib.suppress(KeyboardInterrupt):
        model_files.save(new, models)
    monkeypatch.undo()
    found = model_files.load(models)
    expected = old if found.metadata == old.metadata else new
    assert all(
        torch.equal(torch.as_tensor(found.state()[n]), torch.as_tensor(a))
        for n, a in expected.state().items()
    )
    assert found.metadata == expected.metadata


def reseal(models: Path, change) -> None:
    """Change the settings and tie them to the weights again."""
    card = json.loads((models / CARD).read_text())
    change(card["settings"])
    checksum = model_files._checksum(card["system"], card["settings"], (models / WEIGHTS).read_bytes())
    change_card(models, settings=card["settings"], checksum=checksum)


ABSURD = {
    "missing_rate": [1.0, 5.0, -1.0, float("nan"), None, "a"],
    "group_size": [-1, 10**9],
    "folds": [1e30, [1], {}],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in ABSURD.items() for value in values], ids=str
)
def test_system_resealed_with_absurd_settings_is_refused(models, name, value):
    reseal(models, lambda settings: settings.update({name: value}))
    with pytest.raises(LabError, match="from another version of the lab"):
        model_files.load(models)


@pytest.mark.parametrize("name", ["matcher.weights", "matcher.right", "discriminant.weights", "log_prior"])
def test_array_of_another_shape_is_refused_before_anything_is_answered(contact_models, tmp_path, name):
    models = tmp_path / "models"
    shutil.copytree(contact_models, models)
    arrays = load_file(models / WEIGHTS)
    arrays[name] = arrays[name][..., 1:].clone()
    save_file(arrays, models / WEIGHTS)
    reseal(models, lambda settings: None)
    with pytest.raises(LabError, match="from another version of the lab"):
        model_files.load(models)


def test_system_resealed_with_huge_networks_is_refused_before_they_are_made(contact_models, tmp_path):
    models = shutil.copytree(contact_models, tmp_path / "models")
    reseal(models, lambda settings: settings["maps"].update(width=10**8))
    with pytest.raises(LabError, match="maps width is 100000000"):
        model_files.load(models)


@pytest.mark.parametrize(
    "change", [{"metadata": []}, {"metadata": {"data_set": 3}}, {"histories": []}, {"histories": {"a": 1}}]
)
def test_card_of_another_shape_is_refused(models, change):
    change_card(models, **change)
    with pytest.raises(LabError, match="another version"):
        model_files.load(models)


def test_weights_that_may_not_be_read_are_not_missing(models, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(LabError, match=r"is there and cannot be read \(Permission denied\)"):
        model_files.load(models)
