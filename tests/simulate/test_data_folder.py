"""What a folder for a data set may hold before it is made."""

import json

import pytest

from labutils.clips import ClipError
from labutils.simulate.data_folder import find_preset, is_complete, refuse_foreign
from labutils.simulate.plan import PRESETS
from labutils.simulate.version import FROZEN, SIMULATOR_VERSION


def manifest(folder, **changes) -> None:
    content = {
        "simulator_version": SIMULATOR_VERSION,
        "simulator_frozen": FROZEN,
        "preset": "tiny",
        "seed": 0,
    }
    (folder / "dataset" / "train").mkdir(parents=True, exist_ok=True)
    (folder / "dataset" / "manifest.json").write_text(json.dumps(content | changes))


def test_wanted_set_is_complete_and_another_is_refused(tmp_path):
    assert not is_complete(tmp_path, PRESETS["tiny"], 0)
    manifest(tmp_path)
    assert is_complete(tmp_path, PRESETS["tiny"], 0)
    for other in ({"seed": 1}, {"preset": "lab"}, {"simulator_version": 1}):
        manifest(tmp_path, **other)
        with pytest.raises(ClipError, match="holds another data set"):
            is_complete(tmp_path, PRESETS["tiny"], 0)


def test_foreign_files_are_refused_and_hidden_ones_are_not(tmp_path):
    (tmp_path / ".DS_Store").write_text("")
    refuse_foreign(tmp_path, tmp_path / ".staging-a")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ClipError, match=r"notes\.txt"):
        refuse_foreign(tmp_path, tmp_path / ".staging-a")


def test_preset_is_found_by_name():
    assert find_preset("lab") is PRESETS["lab"] is find_preset(PRESETS["lab"])
