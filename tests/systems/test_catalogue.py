"""What can be trained, and when a trained system is taken instead."""

import shutil
import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from small_systems import SMALL, SMALL_CONTACT

from labutils.errors import LabError
from labutils.progress import NotedBar, progress_bar
from labutils.simulate.version import SIMULATOR_VERSION
from labutils.systems import catalogue, contact, model_files, report


def test_recipes_are_the_three_of_the_command_line():
    assert catalogue.RECIPES == {
        "contact": contact.CONTACT,
        "report": report.REPORT,
        "report-fast": report.FAST,
    }


def test_trained_system_is_loaded_not_trained_again(click_models, click_data, monkeypatch):
    monkeypatch.setattr(catalogue, "_train", lambda *_: pytest.fail("it was trained again"))
    system = catalogue.load_or_train(SMALL, click_data, models=click_models)
    assert system.settings == SMALL


def test_missing_system_is_trained_and_kept(click_data, tmp_path, monkeypatch):
    trained = SimpleNamespace(metadata={})
    monkeypatch.setitem(catalogue._TRAIN, report.ReportSettings, lambda data, settings, **_: trained)
    monkeypatch.setattr(model_files, "save", lambda system, folder: (folder / "card.json").write_text("{}"))
    assert catalogue.load_or_train(SMALL, click_data, models=tmp_path / "new") is trained
    assert (tmp_path / "new").exists() and trained.metadata["seconds"] >= 0


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
    monkeypatch.setattr(catalogue, "_train", lambda *_: pytest.fail("it was trained"))
    first, again = (
        catalogue.load_or_train(SMALL_CONTACT, click_data, models=tmp_path / "m") for _ in range(2)
    )
    assert first.settings == again.settings == SMALL_CONTACT
    assert again.metadata["came_with_the_lab"] and again.metadata["data_set"] == "b" * 64


def of_another_version(folder, metadata):
    """Leave weights of other shapes in a folder, whole and with their card."""
    system = model_files.load(catalogue.SHIPPED)
    state = system.state()
    system.state = lambda: state | {"maps.video.mean": np.zeros((17, 1), np.float32)}
    system.metadata = metadata
    model_files.save(system, folder)


def test_old_copy_of_what_came_with_the_lab_gives_way_to_the_new_one(
    shipped, click_data, tmp_path, monkeypatch, caplog
):
    simulate_as(monkeypatch, seed=0)
    of_another_version(tmp_path / "m", {"data_set": "b" * 64, catalogue.COPIED: True})
    system = catalogue.load_or_train(SMALL_CONTACT, click_data, models=tmp_path / "m")
    assert system.metadata[catalogue.COPIED] and "a copy from another version" in caplog.text
    assert model_files.load(tmp_path / "m").settings == SMALL_CONTACT


@pytest.mark.parametrize("metadata", [{"data_set": "b" * 64}, ["no", "metadata"]])
def test_what_somebody_trained_with_another_version_is_not_thrown_away(
    metadata, shipped, click_data, tmp_path, monkeypatch
):
    simulate_as(monkeypatch, seed=0)
    of_another_version(tmp_path / "m", metadata)
    with pytest.raises(model_files.OtherVersion, match=r"another version of the lab .*train again"):
        catalogue.load_or_train(SMALL_CONTACT, click_data, models=tmp_path / "m")


@pytest.mark.parametrize(("settings", "seed"), [(replace(SMALL_CONTACT, seed=1), 0), (SMALL_CONTACT, 3)])
def test_other_settings_or_other_clips_are_trained(
    settings, seed, shipped, click_data, tmp_path, monkeypatch
):
    simulate_as(monkeypatch, seed)
    system = model_files.load(catalogue.SHIPPED)
    system.settings = settings
    monkeypatch.setattr(catalogue, "_train", lambda *_: system)
    assert catalogue.load_or_train(settings, click_data, models=tmp_path / "m") is system


def test_recordings_are_trained_on(shipped, click_data, tmp_path, monkeypatch):
    system = model_files.load(catalogue.SHIPPED)
    monkeypatch.setattr(catalogue, "_train", lambda *_: system)
    assert catalogue.load_or_train(SMALL_CONTACT, click_data, models=tmp_path / "m") is system


def test_what_comes_with_the_lab_is_the_present_system_on_the_present_lab_and_small():
    system = model_files.load(catalogue.SHIPPED)
    assert system.settings == contact.CONTACT
    simulated = {"preset": "lab", "seed": 0, "simulator_version": SIMULATOR_VERSION}
    assert system.metadata["simulated"] == simulated
    assert sum(path.stat().st_size for path in catalogue.SHIPPED.iterdir()) < 2e6


def test_second_training_in_one_folder_is_refused(click_data, tmp_path):
    with (
        catalogue._alone(tmp_path, wait=False),
        pytest.raises(LabError, match="another training writes there"),
    ):
        catalogue.train(SMALL, click_data, models=tmp_path)
    assert not list(tmp_path.iterdir())


def test_one_who_waits_sees_how_far_the_other_is_and_takes_what_it_trained(
    click_models, click_data, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(catalogue, "_train", lambda *_: pytest.fail("it was trained twice"))
    monkeypatch.setattr("labutils.progress.SECONDS_BETWEEN_LINES", 0)
    found, models = [], tmp_path / "models"
    waiting = threading.Thread(
        target=lambda: found.append(catalogue.load_or_train(SMALL, click_data, models=models)), daemon=True
    )
    with catalogue._alone(models, wait=False):
        waiting.start()
        NotedBar(progress_bar(total=8.0, desc="x", progress=False), models / ".checkpoints").update(3)
        waiting.join(1.5)
        assert not found and "another process trains models: 38 %" in capsys.readouterr().err
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
        checkpoints.mkdir(parents=True, exist_ok=True)
        return SimpleNamespace(metadata={})

    def killed(system, folder):
        assert (folder / ".checkpoints").exists()
        raise KeyboardInterrupt

    monkeypatch.setitem(catalogue._TRAIN, report.ReportSettings, train)
    monkeypatch.setattr(model_files, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        catalogue.train(SMALL, click_data, models=tmp_path / "models")
    assert (tmp_path / "models" / ".checkpoints").exists()
    monkeypatch.setattr(model_files, "save", lambda *_: None)
    catalogue.train(SMALL, click_data, models=tmp_path / "models")
    assert not (tmp_path / "models" / ".checkpoints").exists()


def test_folder_that_cannot_be_written_to_is_refused_before_the_training(click_data, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "_train", lambda *_: pytest.fail("it was trained"))
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="expected a folder"):
        catalogue.train(SMALL, click_data, models=tmp_path / "file" / "models")
