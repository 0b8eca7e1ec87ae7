"""What can be trained, and when a trained system is taken instead."""

import shutil
import threading
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
    monkeypatch.setattr(model_files, "save", lambda system, folder: (folder / "card.json").write_text("{}"))
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


def test_second_training_in_one_folder_is_refused(click_data, tmp_path):
    with (
        catalogue._alone(tmp_path, wait=False),
        pytest.raises(LabError, match="another training writes there"),
    ):
        catalogue.train(SMALL, click_data, models=tmp_path)
    assert not list(tmp_path.iterdir())


def test_one_who_waits_takes_what_the_other_trained(click_models, click_data, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(catalogue, "_train", lambda *_: pytest.fail("it was trained twice"))
    found, models = [], tmp_path / "models"
    waiting = threading.Thread(
        target=lambda: found.append(catalogue.load_or_train(SMALL, click_data, models=models))
    )
    with catalogue._alone(models, wait=False):
        waiting.start()
        waiting.join(1)
        assert not found and "waiting for it" in caplog.text
        for name in (model_files.WEIGHTS, model_files.CARD):
            shutil.copy(click_models / name, models)
    waiting.join(20)
    assert found[0].settings == SMALL


def test_damaged_system_is_trained_anew_with_one_line(
    click_models, click_data, tmp_path, monkeypatch, caplog
):
    models = shutil.copytree(click_models, tmp_path / "models")
    (models / model_files.WEIGHTS).write_bytes(b"")
    monkeypatch.setattr(catalogue, "_train", lambda *_: model_files.load(click_models))
    assert catalogue.load_or_train(SMALL, click_data, models=models).settings == SMALL
    assert caplog.text.count("trained anew") == 1


def test_checkpoints_stay_until_the_new_system_is_kept(click_data, tmp_path, monkeypatch):
    def train(data, settings, *, checkpoints, **_):
        checkpoints.mkdir(parents=True)

    def killed(system, folder):
        assert (folder / ".checkpoints").exists()
        raise KeyboardInterrupt

    monkeypatch.setitem(catalogue._TRAIN, report.ReportSettings, train)
    monkeypatch.setattr(model_files, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        catalogue.train(SMALL, click_data, models=tmp_path / "models")
    assert (tmp_path / "models" / ".checkpoints").exists()


def test_folder_that_cannot_be_written_to_is_refused_before_the_training(click_data, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "_train", lambda *_: pytest.fail("it was trained"))
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="expected a folder"):
        catalogue.train(SMALL, click_data, models=tmp_path / "file" / "models")
