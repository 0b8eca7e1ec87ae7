"""Whole files or none; settings that survive JSON; fingerprints."""

import json
from dataclasses import asdict, dataclass

import numpy as np
import pytest

from labutils.contrastive_loss import HadsellLoss
from labutils.storage import fingerprint, settings_from_dict, whole_file, write_json, write_whole
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


@pytest.mark.parametrize("values", [{"sices": [1]}, {"towers": {"epoch": 3}}, {"towers": {"loss": {"m": 1}}}])
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
