"""Notebooks are stored in one form, and tested as strictly as they look."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tools import refresh

ROOT = Path(__file__).resolve().parents[2]
BAR = "from labutils.widgets import show_progress\nshow_progress(2).update(2)"
PANEL = "import ipywidgets\nipywidgets.VBox([ipywidgets.IntSlider(3)])"


def write(path: Path, cells: list) -> Path:
    """Store a new notebook, as an author's tool would: with random names for its cells."""
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def code(source: str, **fields):
    """Make a code cell."""
    return nbformat.v4.new_code_cell(source, **fields)


@pytest.fixture
def notebook(tmp_path) -> Path:
    cells = [
        nbformat.v4.new_markdown_cell("# Title"),
        code("print(6 * 7)"),
        code(PANEL),
        code("print(6 * 7)"),
        code(BAR),
    ]
    return write(tmp_path / "one.ipynb", cells)


def test_refreshed_twice_a_notebook_is_the_same_to_the_byte(notebook):
    assert refresh.check([notebook]) == 1
    refresh.refresh(notebook)
    first = notebook.read_bytes()
    refresh.refresh(notebook)
    assert notebook.read_bytes() == first
    assert refresh.check([notebook]) == 0

    stored = refresh.read(notebook)
    assert stored.cells[1].outputs[0].text == "42\n"
    assert "widgets" not in stored.metadata
    assert set(stored.cells[2].outputs[0].data) == {"text/plain"}
    assert stored.cells[4].outputs == []
    assert len({cell.id for cell in stored.cells}) == 5


def test_an_insertion_renames_no_other_cell(notebook):
    names = [cell.id for cell in nbformat.reads(refresh.canonical_text(refresh.read(notebook)), 4).cells]
    longer = refresh.read(notebook)
    longer.cells.insert(1, code("new"))
    after = [cell.id for cell in nbformat.reads(refresh.canonical_text(longer), 4).cells]
    assert after[:1] + after[2:] == names


def test_a_notebook_that_fails_is_left_as_it_was(tmp_path):
    path = write(tmp_path / "one.ipynb", [code("1 / 0")])
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        refresh.refresh(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def spoil_state(notebook):
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}


def spoil_view(notebook):
    view = {"text/plain": "panel", refresh.WIDGET_MIME: {"model_id": "abc"}}
    notebook.cells[1].outputs = [nbformat.v4.new_output("display_data", data=view)]


def spoil_timing(notebook):
    notebook.cells[1].metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}


def spoil_name(notebook):
    notebook.cells[1].id = "random"


def spoil_version(notebook):
    notebook.metadata["language_info"]["version"] = "3.11.2"


@pytest.mark.parametrize("spoil", [spoil_state, spoil_view, spoil_timing, spoil_name, spoil_version])
def test_check_finds_what_does_not_belong(notebook, spoil, capsys):
    notebook.write_text(refresh.canonical_text(refresh.read(notebook)), encoding="utf-8")
    assert refresh.check([notebook]) == 0
    changed = refresh.read(notebook)
    spoil(changed)
    nbformat.write(changed, notebook)
    assert refresh.check([notebook]) == 1
    assert "one.ipynb" in capsys.readouterr().err


def test_the_notebooks_of_the_lab_are_in_the_canonical_form():
    assert refresh.main(["--check"]) == 0


def test_nbval_is_strict_and_uses_the_python_of_pytest(tmp_path):
    said = [nbformat.v4.new_output("stream", text="42\n")]
    right = code("print(6 * 7)", outputs=said, execution_count=1)
    wrong = code("print(6 * 8)", outputs=said, execution_count=2)
    fails = code("1 / 0", execution_count=3)
    python = code(f"import sys; assert sys.executable == {sys.executable!r}", execution_count=4)
    preset = code("import os; assert os.environ['LAB_PRESET'] == 'tiny'", execution_count=5)
    bar = code(BAR, execution_count=6)
    path = write(tmp_path / "one.ipynb", [right, wrong, fails, python, preset, bar])
    options = ["-p", "conftest", "-p", "no:cacheprovider", "-n0", "-c", str(ROOT / "pyproject.toml")]
    command = [sys.executable, "-m", "pytest", "--nbval", *options, str(path)]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    assert re.search(r"2 failed, 4 passed", output), output
    assert "Cell outputs differ" in output
    assert "ZeroDivisionError" in output
