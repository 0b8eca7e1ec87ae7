"""Where the notebooks find their data: what is there is used, what is missing is made, what is wrong is said."""

import json

import pytest

from labutils import lab as module
from labutils.clips import ClipError
from labutils.lab import Lab, open_lab
from labutils.simulate import generate
from labutils.simulate.plan import PRESETS
from labutils.simulate.version import SIMULATOR_VERSION


@pytest.fixture
def simulated(tmp_path, monkeypatch):
    """An empty lab, with a list of what was simulated."""
    calls = []
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.setattr(
        generate, "generate", lambda out, preset, seed, progress: calls.append((out, preset, seed))
    )
    for name in ("LAB_DATA", "LAB_PRESET", "LAB_SEED", "LAB_MODELS"):
        monkeypatch.delenv(name, raising=False)
    return calls


def test_missing_data_of_the_default_preset_are_simulated(tmp_path, simulated, monkeypatch):
    monkeypatch.setattr("labutils.places.ROOT", tmp_path / "install")  # not what was made for this lab
    assert open_lab() == Lab("lab", tmp_path / "data" / "lab", tmp_path / "models" / "lab")
    assert simulated == [(tmp_path / "data" / "lab", "lab", 0)]


def test_data_that_are_there_are_not_simulated_again(simulated, monkeypatch):
    asked = []
    monkeypatch.setenv("LAB_PRESET", "tiny")
    monkeypatch.setattr(module, "is_complete", lambda *args, **options: asked.append((args, options)) or True)
    lab = open_lab()
    assert asked == [((lab.data, PRESETS["tiny"]), {"seed": 0})]
    assert simulated == []
    assert lab.models.is_dir()  # a notebook may write before any network is trained


def test_own_clips_go_before_a_preset(click_data, tmp_path, simulated, monkeypatch):
    monkeypatch.setenv("LAB_DATA", str(click_data))
    monkeypatch.setenv("LAB_PRESET", "tiny")
    lab = open_lab()
    assert lab.data in (click_data, click_data / "dataset")
    assert lab.name == f"own-{click_data.name}"
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


@pytest.mark.parametrize(("name", "epochs"), [("tiny", 2), ("tiny-seed7", 2), ("lab", 60), ("own-tiny", 60)])
def test_only_tiny_is_small(name, epochs, tmp_path):
    lab = Lab(name, tmp_path / "data", tmp_path / "models")
    assert lab.choose(60, tiny=2) == epochs
    assert lab.features == tmp_path / "models" / ".features"


def test_a_seed_is_a_set_of_its_own(tmp_path, simulated, monkeypatch):
    monkeypatch.setenv("LAB_SEED", "7")
    assert open_lab() == Lab("lab-seed7", tmp_path / "data" / "lab-seed7", tmp_path / "models" / "lab-seed7")
    assert simulated == [(tmp_path / "data" / "lab-seed7", "lab", 7)]
    monkeypatch.setenv("LAB_SEED", "Group A")
    named = open_lab()
    assert named == open_lab() and named.name not in ("lab", "lab-seed7")
    assert simulated[-1][2] > 2**32


@pytest.mark.parametrize(
    ("manifest", "name"),
    [
        ({"simulator_version": SIMULATOR_VERSION, "preset": "lab", "seed": 0}, "lab"),
        ({"simulator_version": SIMULATOR_VERSION, "preset": "lab", "seed": 3}, "lab-seed3"),
        ({"simulator_version": SIMULATOR_VERSION - 1, "preset": "lab", "seed": 0}, "own-shared"),
        ({"simulator_version": SIMULATOR_VERSION, "preset": "mine", "seed": 0}, "own-shared"),
    ],
)
def test_the_lab_s_own_set_in_another_place_keeps_its_name(manifest, name, tmp_path, simulated, monkeypatch):
    dataset = tmp_path / "shared" / "dataset"
    (dataset / "train").mkdir(parents=True)
    (dataset / "manifest.json").write_text(json.dumps({"fingerprint": "a" * 64} | manifest))
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "shared"))
    lab = open_lab()
    assert (lab.name, lab.data, lab.models) == (name, dataset, tmp_path / "models" / name)
    assert simulated == []


def test_networks_of_others_are_linked_to(tmp_path, simulated, monkeypatch):
    shared = tmp_path / "shared" / "lab"
    shared.mkdir(parents=True)
    (shared / "card.json").write_text("{}")
    monkeypatch.setenv("LAB_MODELS", str(tmp_path / "shared"))
    assert (open_lab().models / "card.json").resolve() == shared / "card.json"
