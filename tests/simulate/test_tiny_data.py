"""The data of the tests are simulated anew when the simulator changes, and only then."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("numpy",)
SOURCE = '''"""A module."""

GAIN = 2


class Bell:
    """A class."""

    def ring(self):
        """A method."""
        return GAIN  # loud
'''


@pytest.fixture
def root(pytestconfig):
    """The conftest.py that these tests run with."""
    return pytestconfig.pluginmanager.get_plugin(str(ROOT / "conftest.py"))


@pytest.fixture
def fingerprint(root, tmp_path):
    """Fingerprint of one module with this source."""

    def of(source: str) -> str:
        (tmp_path / "module.py").write_text(source)
        return root.fingerprint_code([tmp_path / "module.py"], PACKAGES)

    return of


@pytest.mark.parametrize("text", ["A module.", "A class.", "A method.", "loud"])
def test_an_edited_docstring_or_comment_is_no_change(text, fingerprint):
    assert fingerprint(SOURCE.replace(text, "Other words.")) == fingerprint(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"), [("GAIN = 2", "GAIN = 3"), ("return GAIN", "return -GAIN"), ("ring", "toll")]
)
def test_edited_code_is_a_change(old, new, fingerprint):
    assert fingerprint(SOURCE.replace(old, new)) != fingerprint(SOURCE)


def test_a_text_that_is_no_docstring_counts(fingerprint):
    assert fingerprint('NAME = "a"') != fingerprint('NAME = "b"')


def test_another_version_of_a_package_is_a_change(root, monkeypatch):
    before = root.fingerprint_code([], PACKAGES)
    monkeypatch.setattr(root, "version", lambda name: "99")
    assert root.fingerprint_code([], PACKAGES) != before


@pytest.fixture
def made(root, tmp_path, monkeypatch):
    """A copy of the library with its `tiny` data and a trained model, and how often the data were made."""
    shutil.copytree(ROOT / "labutils", tmp_path / "labutils", ignore=shutil.ignore_patterns("__pycache__"))
    runs = []
    monkeypatch.setattr(root, "ROOT", tmp_path)
    monkeypatch.setattr(root, "simulate_tiny", lambda data: runs.append(data.mkdir()))
    root.make_tiny_data()
    model = tmp_path / "models" / "tiny" / "model"
    model.parent.mkdir(parents=True)
    model.touch()
    return tmp_path / "labutils", model, runs


def remake(root, path: Path, text: str) -> None:
    """Append a text to a module and ask for the data again."""
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    root.make_tiny_data()


def test_an_edited_comment_of_the_simulator_keeps_data_and_models(root, made):
    library, model, runs = made
    remake(root, library / "simulate" / "camera.py", "\n# another comment\n")
    assert len(runs) == 1
    assert model.exists()


@pytest.mark.parametrize("name", ["simulate/camera.py", "clips.py", "clip_files.py", "storage.py"])
def test_edited_code_that_simulates_makes_the_data_anew_and_forgets_the_models(name, root, made):
    library, model, runs = made
    remake(root, library / name, "\nANOTHER = 1\n")
    assert len(runs) == 2
    assert not model.exists()


def test_edited_code_that_trains_keeps_the_data_and_forgets_the_models(root, made):
    library, model, runs = made
    remake(root, library / "training.py", "\nANOTHER = 1\n")
    assert len(runs) == 1
    assert not model.exists()
