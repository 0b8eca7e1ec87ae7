"""Whole files or none; settings that survive JSON; fingerprints."""

import errno
import json
import os
import stat
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pytest

from labutils.contrastive_loss import HadsellLoss
from labutils.errors import LabError
from labutils.storage import (
    expect_writable,
    expect_writable_folder,
    fingerprint,
    keep_if_possible,
    settings_from_dict,
    whole_file,
    write_json,
    write_whole,
)
from labutils.towers import TowerSettings


def test_file_appears_whole_in_a_new_folder_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "new" / "file.txt"
    write_whole(path, "å")
    assert path.read_bytes() == "å".encode()
    write_json(path, {"a": [1]})
    assert json.loads(path.read_text()) == {"a": [1]}
    assert [file.name for file in path.parent.iterdir()] == ["file.txt"]


def test_failed_write_keeps_the_old_file_and_leaves_nothing(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@dataclass(frozen=True)
class Whole:
    """Settings with a nested part and a tuple."""

    towers: TowerSettings = TowerSettings()
    sizes: tuple[int, ...] = (1, 2)


@pytest.mark.parametrize("settings", [Whole(), Whole(TowerSettings(epochs=3, loss=HadsellLoss(2.0)), (5,))])
def test_settings_survive_json(settings):
    assert settings_from_dict(Whole, json.loads(json.dumps(asdict(settings)))) == settings


@pytest.mark.parametrize(
    "values",
    [
        {"sices": [1]},
        {"towers": {"epoch": 3}},
        {"towers": {"loss": {"m": 1}}},
        {"towers": {"epochs": "3"}},
        {"towers": {"epochs": 3.5}},
        {"towers": {"epochs": True}},
        {"towers": {"learning_rate": None}},
        {"towers": 3},
        {"sizes": 3},
        {"sizes": [1, "2"]},
    ],
)
def test_unknown_settings_are_refused(values):
    with pytest.raises(TypeError):
        settings_from_dict(Whole, values)


def test_a_field_newer_than_the_file_has_its_default_unless_kinds_could_be_confused():
    assert settings_from_dict(Whole, {"towers": {"epochs": 3}}) == Whole(TowerSettings(epochs=3))
    with pytest.raises(TypeError):
        settings_from_dict(TowerSettings, {"loss": {"weight": 0.5}})


def test_fingerprint_changes_with_any_number_shape_or_type():
    values = np.arange(6.0)
    others = [values + 1e-12, values.reshape(2, 3), values.astype(np.float32), values[:5]]
    assert len({fingerprint(array) for array in [values, *others]}) == 5
    assert fingerprint(values) == fingerprint(values.copy())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with a name")
def test_what_is_no_regular_file_is_written_into_and_never_replaced(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    # a daemon: it waits for ever for who replaces the pipe
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(pipe, "answers")
    reader.join(10)
    assert read == [b"answers"] and stat.S_ISFIFO(os.lstat(pipe).st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    target, link = tmp_path / "far" / "target.txt", tmp_path / "link.txt"
    target.parent.mkdir()
    link.symlink_to(target)
    for text in ("first", "second"):  # the target is missing at first
        write_whole(link, text)
        assert link.is_symlink() and target.read_text() == text


@pytest.mark.parametrize("name", [".", "..", "", "folder"])
def test_a_folder_is_no_file_to_write(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(LabError, match="is a folder: expected the name of a file"):
        expect_writable(Path(name))


def test_a_path_through_a_file_is_refused_before_any_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="is a file: expected a folder"):
        expect_writable(tmp_path / "file" / "sub" / "answers.json")
    expect_writable(tmp_path / "new" / "sub" / "answers.json")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_may_not_be_written_to_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for expect in (expect_writable, expect_writable_folder):
        with pytest.raises(LabError, match="may not be written to"):
            expect(tmp_path / "new" / "answers.json")


def test_the_longest_name_that_the_disk_allows_is_written(tmp_path):
    path = tmp_path / ("课" * 80 + "x" * 15)  # 255 bytes
    write_whole(path, "a")
    assert path.read_text() == "a"


def test_leftovers_of_dead_processes_are_swept_when_the_file_is_written_again(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    names = []
    with whole_file(tmp_path / "file") as aside:
        aside.write_text("a")
        names.append(aside.name)
    dead = tmp_path / names[0].replace(str(os.getpid()), str(child.pid))
    alive = tmp_path / names[0].replace(str(os.getpid()), str(os.getppid()))
    for path in (dead, alive):
        path.write_text("half")
    write_whole(tmp_path / "file", "b")
    assert {path.name for path in tmp_path.iterdir()} == {"file", alive.name}


def test_a_cache_that_cannot_be_written_stops_nothing_and_is_said(tmp_path, caplog):
    def full_disk(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "folder").mkdir()
    for path, trouble in ((tmp_path / "folder", None), (tmp_path / "file", full_disk)):
        caplog.clear()
        keep_if_possible(path, trouble or (lambda aside: aside.write_text("content")))
        assert f"{path} is not kept" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_text_that_is_no_utf_8_is_written_all_the_same(tmp_path):
    write_whole(tmp_path / "file", "\udcbf")
    assert (tmp_path / "file").read_bytes() == b"\\udcbf"
