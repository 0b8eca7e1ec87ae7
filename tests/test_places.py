"""Where the lab writes: its own folder, or a home of the user's; what is shared is only read."""

import os
from pathlib import Path

import pytest

from labutils import places


@pytest.fixture
def shared_install(tmp_path, monkeypatch) -> Path:
    """A read-only install with data and networks, seen by a user with an empty home."""
    root = tmp_path / "srv"
    for path in ("data/lab/dataset/manifest.json", "models/lab/card.json", "models/lab/model.safetensors"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("shared")
    (root / "pyproject.toml").touch()
    monkeypatch.setattr(places, "ROOT", root)
    monkeypatch.setattr(places.Path, "home", lambda: tmp_path / "user")
    monkeypatch.setattr(places.os, "access", lambda path, _: root not in [Path(path), *Path(path).parents])
    for name in ("LAB_HOME", "LAB_MODELS", "LAB_SEED"):
        monkeypatch.delenv(name, raising=False)
    return root


def test_an_unpacked_lab_is_its_own_home(monkeypatch):
    monkeypatch.delenv("LAB_HOME", raising=False)
    assert places.home() == places.ROOT
    assert places.data_folder("lab") == places.ROOT / "data" / "lab"
    assert places.shared_models() is None


def test_a_read_only_install_writes_at_the_home_of_the_user(shared_install, tmp_path):
    assert places.home() == tmp_path / "user" / "impact-lab"
    assert places.models_folder("lab") == tmp_path / "user" / "impact-lab" / "models" / "lab"


def test_an_installed_package_without_the_lab_around_it_writes_at_home(shared_install, tmp_path, monkeypatch):
    (shared_install / "pyproject.toml").unlink()
    monkeypatch.setattr(places.os, "access", lambda *_: True)
    assert places.home() == tmp_path / "user" / "impact-lab"


def test_lab_home_goes_before_all(shared_install, tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "mine"))
    assert places.home() == tmp_path / "mine"


def test_shared_data_are_used_and_own_data_go_first(shared_install, tmp_path):
    assert places.data_folder("lab") == shared_install / "data" / "lab"
    assert places.data_folder("course") == tmp_path / "user" / "impact-lab" / "data" / "course"
    own = tmp_path / "user" / "impact-lab" / "data" / "lab"
    own.mkdir(parents=True)
    assert places.data_folder("lab") == own


def test_shared_networks_are_used_until_there_are_own_ones(shared_install, tmp_path):
    assert places.trained_models("lab") == shared_install / "models" / "lab"
    assert places.trained_models("course") == places.models_folder("course")
    own = places.models_folder("lab")
    own.mkdir(parents=True)
    (own / "card.json").touch()
    assert places.trained_models("lab") == own


def test_links_cost_nothing_and_give_way_to_own_networks(shared_install):
    (shared_install / "models" / "lab" / "answers.json").write_text("written by a notebook")
    (shared_install / "models" / "lab-report-fast" / ".features").mkdir(parents=True)
    (shared_install / "models" / "lab-report-fast" / ".features" / "a.npy").write_text("shared")
    places.link_shared_models("lab")
    own = places.models_folder("lab")
    assert {path.name for path in own.iterdir()} == {"card.json", "model.safetensors"}
    assert (own.with_name("lab-report-fast") / ".features" / "a.npy").read_text() == "shared"
    trained = own / "mine.part"
    trained.write_text("own")
    os.replace(trained, own / "card.json")
    places.link_shared_models("lab")
    assert (own / "card.json").read_text() == "own"
    assert (shared_install / "models" / "lab" / "card.json").read_text() == "shared"


def test_a_link_to_what_is_gone_is_made_anew(shared_install):
    own = places.models_folder("lab")
    own.mkdir(parents=True)
    (own / "card.json").symlink_to("/nowhere/card.json")
    places.link_shared_models("lab")
    assert (own / "card.json").read_text() == "shared"


def test_features_lie_beside_networks_unless_these_may_only_be_read(shared_install, tmp_path):
    home = tmp_path / "user" / "impact-lab"
    assert places.features_folder(tmp_path / "new" / "models") == tmp_path / "new" / "models" / ".features"
    assert places.features_folder(shared_install / "models" / "lab") == home / ".cache" / "features"


def test_a_number_is_a_seed_and_a_name_becomes_one(monkeypatch):
    assert places.seed_of("7") == 7
    assert places.seed_of("Lin") == places.seed_of("Lin") != places.seed_of("Wang")
    assert 2**32 < places.seed_of("Lin") < 2**63
    monkeypatch.setenv("LAB_SEED", " 12 ")
    assert places.data_seed() == 12
    monkeypatch.delenv("LAB_SEED")
    assert places.data_seed() == 0


def test_nobody_tells_a_seed_from_a_name_without_the_secret():
    seeds = {places.seed_of(name, secret) for name in ("7", "Lin") for secret in ("", "a", "b")}
    assert len(seeds) == 6 and 7 in seeds


def test_a_rehearsal_counts_for_these_notebooks_and_whoever_shares_it(shared_install, tmp_path):
    notebook = shared_install / "notebooks" / f"{places.REHEARSED[0]}.ipynb"
    notebook.parent.mkdir()
    notebook.write_text("first")
    note = places.rehearsal_note("lab")
    assert note.parent == places.models_folder("lab") and not places.is_rehearsed("lab")
    (shared_install / "models" / "lab" / note.name).touch()
    assert places.is_rehearsed("lab")
    notebook.write_text("second")
    assert not places.is_rehearsed("lab")
    places.rehearsal_note("lab").parent.mkdir(parents=True)
    places.rehearsal_note("lab").touch()
    assert places.is_rehearsed("lab")
