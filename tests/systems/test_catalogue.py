"""What can be trained, and when a trained system is taken instead."""

from dataclasses import replace

import pytest
from small_systems import SMALL, SMALL_CONTACT

from labutils.errors import LabError
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
