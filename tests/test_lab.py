"""Where notebooks find their data: own clips, a preset, and no physics engine for those who only read."""

import subprocess
import sys

import pytest

from labutils.errors import LabError
from labutils.lab import ROOT, open_lab


def test_own_clips_are_opened_where_they_lie(click_data, monkeypatch):
    monkeypatch.setenv("LAB_DATA", str(click_data))
    lab = open_lab()
    assert lab.data == click_data / "dataset" and not lab.is_tiny
    assert lab.models == ROOT / "models" / f"own-{lab.name}"
    assert lab.choose("full", "tiny") == "full"


def test_preset_is_found_and_tiny_chooses_less(tiny_data, monkeypatch):
    monkeypatch.delenv("LAB_DATA", raising=False)
    monkeypatch.setenv("LAB_PRESET", "tiny")
    lab = open_lab()
    assert lab.data == tiny_data and lab.choose("full", "tiny") == "tiny"


def test_unknown_preset_and_missing_clips_are_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_PRESET", "huge")
    monkeypatch.delenv("LAB_DATA", raising=False)
    with pytest.raises(LabError, match="'huge', expected one of tiny"):
        open_lab()
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(LabError, match="does not exist"):
        open_lab()


def test_who_reads_recordings_does_not_load_the_physics_engine():
    rooms = "lab, clips, plots, widgets, systems.catalogue, systems.tasks, __main__"
    code = f"import sys, importlib\nfor room in {rooms!r}.split(', '): importlib.import_module('labutils.' + room)\n"
    code += "assert 'mujoco' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
