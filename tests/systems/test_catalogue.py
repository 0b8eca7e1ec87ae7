"""What can be trained, and when a trained system is taken instead."""

from dataclasses import replace

import pytest
from small_systems import SMALL, SMALL_CONTACT

from labutils.errors import LabError
from labutils.simulate.version import SIMULATOR_VERSION
from labutils.systems import catalogue, contact, model_files, report


def test_recipes_are_the_three_of_the_command_line():
    assert catalogue.RECIPES == {
        "contact": contact.CONTACT,
        "report": report.REPORT,
        "report-fast": report.FAST,
    }


def test_trained_system_is_loaded_not_trained_again(click_models, click_data, monkeypatch):
    monkeypatch.setattr(catalogue, "train", lambda *_, **__: pytest.fail("it was trained again"))
    system = catalogue.load_or_train(SMALL, click_data, models=click_models)
    assert system.settings == SMALL


def test_missing_system_is_trained_and_kept(click_data, tmp_path, monkeypatch):
    monkeypatch.setitem(catalogue._TRAIN, report.ReportSettings, lambda data, settings, **_: "trained")
    monkeypatch.setattr(model_files, "save", lambda system, folder: folder.mkdir(parents=True))
    assert catalogue.load_or_train(SMALL, click_data, models=tmp_path / "new") == "trained"
    assert (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("expected", "named"),
    [
        (replace(SMALL, seed=3), "seed is 0, expected 3"),
        (SMALL_CONTACT, "ReportSettings, expected ContactSettings"),
    ],
)
def test_system_of_other_settings_is_not_taken_for_what_was_asked(click_models, click_data, expected, named):
    with pytest.raises(LabError, match=named):
        catalogue.load_or_train(expected, click_data, models=click_models)


def test_system_of_other_data_is_not_taken(click_models, click_data, monkeypatch):
    monkeypatch.setattr(catalogue, "data_set_fingerprint", lambda data: "b" * 64)
    system = model_files.load(click_models)
    system.metadata["data_set"] = "a" * 64
    monkeypatch.setattr(model_files, "load", lambda folder: system)
    with pytest.raises(LabError, match=r"other data \(fingerprint aaaaaaaa, expected bbbbbbbb\)"):
        catalogue.load_or_train(SMALL, click_data, models=click_models)


@pytest.fixture
def shipped(contact_models, click_data, tmp_path, monkeypatch):
    """As if the small system came with the lab, trained on a data set of this preset and seed."""
    system = model_files.load(contact_models)
    system.metadata |= {
        "simulated": {"preset": "lab", "seed": 0, "simulator_version": 2},
        "data_set": "a" * 64,
    }
    model_files.save(system, tmp_path / "shipped")
    monkeypatch.setattr(catalogue, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(catalogue, "data_set_fingerprint", lambda data: "b" * 64)


def simulate_as(monkeypatch, seed: int) -> None:
    found = {"preset": "lab", "seed": seed, "simulator_version": 2}
    monkeypatch.setattr(catalogue, "simulated_as", lambda data: found)


def test_system_that_came_with_the_lab_is_taken_and_kept(shipped, click_data, tmp_path, monkeypatch):
    simulate_as(monkeypatch, seed=0)
    monkeypatch.setattr(catalogue, "train", lambda *_, **__: pytest.fail("it was trained"))
    first, again = (
        catalogue.load_or_train(SMALL_CONTACT, click_data, models=tmp_path / "m") for _ in range(2)
    )
    assert first.settings == again.settings == SMALL_CONTACT
    assert again.metadata["came_with_the_lab"] and again.metadata["data_set"] == "b" * 64


@pytest.mark.parametrize(("settings", "seed"), [(replace(SMALL_CONTACT, seed=1), 0), (SMALL_CONTACT, 3)])
def test_other_settings_or_other_clips_are_trained(
    settings, seed, shipped, click_data, tmp_path, monkeypatch
):
    simulate_as(monkeypatch, seed)
    monkeypatch.setattr(catalogue, "train", lambda *_, **__: "trained")
    assert catalogue.load_or_train(settings, click_data, models=tmp_path / "m") == "trained"


def test_recordings_are_trained_on(shipped, click_data, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "train", lambda *_, **__: "trained")
    assert catalogue.load_or_train(SMALL_CONTACT, click_data, models=tmp_path / "m") == "trained"


def test_what_comes_with_the_lab_is_the_present_system_on_the_present_lab_and_small():
    system = model_files.load(catalogue.SHIPPED)
    assert system.settings == contact.CONTACT
    simulated = {"preset": "lab", "seed": 0, "simulator_version": SIMULATOR_VERSION}
    assert system.metadata["simulated"] == simulated
    assert sum(path.stat().st_size for path in catalogue.SHIPPED.iterdir()) < 2e6
