"""What may lie in the folder of a data set, and who may write there."""

import os
import threading

import pytest
from filelock import FileLock

from labutils.clips import ClipError
from labutils.simulate import data_folder, recording, workers
from labutils.simulate.generate import generate
from labutils.simulate.plan import Preset

from .small_sets import SMALL, contents, kill_at, make


@pytest.mark.parametrize(
    "change", [{"seed": 6}, {"audio_format": "pkl"}, {"preset": Preset("other", SMALL.train, 2, 3, 1, 4)}]
)
def test_another_data_set_is_refused_and_left_alone(change, tmp_path, instant_physics):
    make(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(ClipError, match="holds another data set"):
        make(tmp_path, **change)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name, value", [("SIMULATOR_VERSION", 99), ("FROZEN", "2099-01-01")])
def test_a_set_of_an_older_simulator_is_refused(name, value, tmp_path, instant_physics, monkeypatch):
    make(tmp_path)
    monkeypatch.setattr(data_folder, name, value)
    with pytest.raises(ClipError, match=f"expected .*{value}"):
        make(tmp_path)


@pytest.mark.parametrize("name", ["notes.txt", "dataset/train/green_basketball/0/audio_data.pkl"])
def test_a_folder_with_foreign_files_is_refused_and_left_alone(name, tmp_path):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(ClipError, match=name.split("/")[0]):
        make(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]


def test_an_unfinished_other_set_is_refused(tmp_path, instant_physics, monkeypatch):
    with monkeypatch.context() as patch:
        kill_at(patch, recording, "write_audio", 2)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path)
    with pytest.raises(ClipError, match="unfinished data set"):
        make(tmp_path, seed=6)


def test_an_unknown_preset_is_one_sentence(tmp_path):
    with pytest.raises(ClipError, match="'huge' is no preset: expected one of tiny, lab, course"):
        generate(tmp_path, "huge", 0)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ClipError, match="is a file"):
        make(tmp_path / "file")


def test_a_second_generator_waits_for_the_first_and_uses_its_work(tmp_path, instant_physics, monkeypatch):
    done = make(tmp_path / "done")
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    lock, results = FileLock(waiting / ".simulating.lock"), []
    with lock:
        thread = threading.Thread(target=lambda: results.append(make(waiting)), daemon=True)
        thread.start()
        thread.join(0.7)
        assert thread.is_alive()  # it waits
        monkeypatch.setattr(workers, "record_session", None)  # and may not simulate on its own
        os.rename(done / "dataset", waiting / "dataset")
    thread.join(10)
    assert results == [waiting]
