"""Where the notebooks find their data: what is there is used, what is missing is made, what is wrong is said."""

import pytest

from labutils import lab as module
from labutils.clips import ClipError
from labutils.lab import Lab, open_lab
from labutils.simulate import generate
from labutils.simulate.plan import PRESETS


@pytest.fixture
def simulated(tmp_path, monkeypatch):
    """An empty lab, with a list of what was simulated."""
    calls = []
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "generate", lambda out, preset, seed: calls.append((out, preset, seed)))
    monkeypatch.delenv("LAB_DATA", raising=False)
    monkeypatch.delenv("LAB_PRESET", raising=False)
    return calls


def test_missing_data_of_the_default_preset_are_simulated(tmp_path, simulated):
    assert open_lab() == Lab("lab", tmp_path / "data" / "lab", tmp_path / "models" / "lab")
    assert simulated == [(tmp_path / "data" / "lab", "lab", 0)]


def test_data_that_are_there_are_not_simulated_again(simulated, monkeypatch):
    asked = []
    monkeypatch.setenv("LAB_PRESET", "tiny")
    monkeypatch.setattr(module, "is_complete", lambda *args, **options: asked.append((args, options)) or True)
    lab = open_lab()
    assert asked == [((lab.data, PRESETS["tiny"]), {"seed": 0})]
    assert simulated == []


def test_own_clips_go_before_a_preset(click_data, tmp_path, simulated, monkeypatch):
    monkeypatch.setenv("LAB_DATA", str(click_data))
    monkeypatch.setenv("LAB_PRESET", "tiny")
    lab = open_lab()
    assert lab.data in (click_data, click_data / "dataset")
    assert lab.name == click_data.name
    assert lab.models == tmp_path / "models" / f"own-{click_data.name}"
    assert simulated == []


def test_a_folder_without_clips_is_one_sentence(tmp_path, simulated, monkeypatch):
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    with pytest.raises(ClipError, match=str(tmp_path)):
        open_lab()


def test_an_unknown_preset_is_one_sentence(simulated, monkeypatch):
    monkeypatch.setenv("LAB_PRESET", "huge")
    with pytest.raises(ClipError, match="LAB_PRESET is 'huge', expected one of tiny, lab, course"):
        open_lab()
    assert simulated == []


@pytest.mark.parametrize(("name", "epochs"), [("tiny", 2), ("lab", 60), ("own-clips", 60)])
def test_only_tiny_is_small(name, epochs, tmp_path):
    lab = Lab(name, tmp_path / "data", tmp_path / "models")
    assert lab.choose(60, tiny=2) == epochs
    assert lab.features == tmp_path / "models" / ".features"
