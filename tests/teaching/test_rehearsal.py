"""Notebooks run beforehand: quietly, once, and a failure is told of."""

from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
import torch

from labutils import places
from labutils.errors import LabError
from labutils.teaching.rehearsal import rehearse, rehearse_missing


@pytest.fixture
def lab_of(tmp_path, monkeypatch):
    """Write the notebooks of a lab whose home is a new folder; each is given the sources of its cells."""
    monkeypatch.setattr(places, "ROOT", tmp_path)
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.delenv("LAB_MODELS", raising=False)
    (tmp_path / "models" / "tiny").mkdir(parents=True)

    def write(*cells: str) -> Path:
        for stem in places.REHEARSED:
            path = tmp_path / "notebooks" / f"{stem}.ipynb"
            path.parent.mkdir(exist_ok=True)
            text = nbformat.v4.new_markdown_cell("1 +", id="text")
            of_code = [nbformat.v4.new_code_cell(cell, id=f"cell{n}") for n, cell in enumerate(cells)]
            nbformat.write(nbformat.v4.new_notebook(cells=[text, *of_code]), path)
        return path

    return write


def count_a_run(tmp_path: Path) -> str:
    """Source of a cell that notes that it was run."""
    return f"with open({str(tmp_path / 'runs')!r}, 'a') as runs:\n    runs.write('.')"


def test_cells_are_run_in_one_place_and_show_nothing(lab_of, tmp_path, capfd):
    shows = "import matplotlib.pyplot as plt, sys\nplt.plot([1]); print('loud'); print('loud', file=sys.stderr)\n7"
    path = lab_of("a = 2", shows, f"assert a == 2\n{count_a_run(tmp_path)}")
    rehearse(path, progress=False)
    assert (tmp_path / "runs").read_text() == "."
    assert capfd.readouterr() == ("", "") and plt.get_fignums() == []
    assert "2" in nbformat.read(path, 4).cells[1].source and not nbformat.read(path, 4).cells[2].outputs


def test_a_bar_says_how_many_cells_are_done(lab_of, capfd):
    rehearse(lab_of("1", "2"))
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == "running 05_contact_maps beforehand: 0 of 2 cells, 0 %"
    assert lines[-1].startswith("running 05_contact_maps beforehand: 2 of 2 cells, 100 %")


@pytest.mark.parametrize("mistake", ["1 / 0", "1 +"])
def test_a_cell_that_fails_is_named(lab_of, mistake, capfd):
    path = lab_of("a = 1", mistake)
    with pytest.raises(LabError, match=r"05_contact_maps.*cell 2 could not be run beforehand.*(Zero|Syntax)"):
        rehearse(path, progress=False)
    assert capfd.readouterr() == ("", "")


def test_who_stops_it_stops_it(lab_of):
    with pytest.raises(KeyboardInterrupt):
        rehearse(lab_of("raise KeyboardInterrupt"), progress=False)


def test_each_notebook_that_trains_is_run_once_until_it_changes(lab_of, tmp_path):
    for cells, runs in ((1, 3), (1, 3), (2, 9), (2, 9)):
        lab_of(*[count_a_run(tmp_path)] * cells)
        rehearse_missing("tiny", progress=False)
        assert len((tmp_path / "runs").read_text()) == runs
    assert places.is_rehearsed("tiny") and not places.is_rehearsed("lab")
    assert len(list((tmp_path / "models" / "tiny").iterdir())) == 1


def test_a_notebook_that_fails_is_told_of_and_tried_again(lab_of, tmp_path, caplog):
    lab_of("1 / 0")
    for times in (1, 2):
        rehearse_missing("tiny", progress=False)
        assert caplog.text.count("could not be run beforehand") == times
    assert not places.is_rehearsed("tiny")


def test_every_rehearsed_notebook_keeps_what_it_trains():
    for stem in places.REHEARSED:
        notebook = nbformat.read(places.ROOT / "notebooks" / f"{stem}.ipynb", 4)
        assert any("lab.models" in cell.source for cell in notebook.cells if cell.cell_type == "code")


def test_half_of_the_cores_are_left_to_whoever_works_meanwhile(lab_of, tmp_path):
    before = torch.get_num_threads()
    note = f"import torch\nopen({str(tmp_path / 'threads')!r}, 'w').write(str(torch.get_num_threads()))"
    path = lab_of(note)
    try:
        for threads, expected in ((4, "2"), (1, "1")):
            torch.set_num_threads(threads)
            rehearse(path, progress=False)
            assert (tmp_path / "threads").read_text() == expected and torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
