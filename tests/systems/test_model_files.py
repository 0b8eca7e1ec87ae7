"""Trained systems on disk: written whole, read with distrust."""

import json
import shutil
from pathlib import Path

import pytest
import torch

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
