"""Notebooks run beforehand: what their cells compute and keep, features and trained networks, is there when a student comes.

A solved notebook is run from top to bottom, nothing is shown and nothing is stored. A cell of the student's copy that trains
the same network finds it, or waits for it with a bar (`training.train_once`); one that changed a setting trains its own.
"""

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import torch
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from labutils.errors import LabError, printable
from labutils.places import is_rehearsed, rehearsal_note, rehearsed_notebooks
from labutils.progress import progress_bar

_NO_HISTORY = Config({"HistoryManager": {"enabled": False}})  # these are not commands of the user


def rehearse_missing(name: str, *, progress: bool = True) -> None:
    """Run the notebooks whose cells train on the data set of this name, unless the same ones were run before.

    A notebook that fails is told of: its cells train when a student runs them. Arguments as of `rehearse`.
    """
    if is_rehearsed(name):
        return
    note = rehearsal_note(name)  # of what is run now: they may be updated meanwhile
    for path in rehearsed_notebooks():
        try:
            rehearse(path, progress=progress)
        except (LabError, OSError) as error:
            logging.getLogger(__name__).warning("%s", printable(str(error)))
            return
    for old in note.parent.glob(".rehearsed-*"):
        old.unlink()
    note.touch()


def rehearse(path: Path, *, progress: bool = True) -> None:
    """Run the code of a notebook in this process.

    Args:
        path: of the notebook.
        progress: show how many cells are done.

    Raises:
        LabError: if a cell fails; KeyboardInterrupt if it is stopped.
    """
    plt.switch_backend("agg")  # no window opens
    notebook = nbformat.read(path, as_version=4)
    cells = [(number, cell.source) for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    shell = InteractiveShell(config=_NO_HISTORY)
    bar = progress_bar(
        total=len(cells), desc=f"running {path.stem} beforehand", unit="cell", progress=progress
    )
    with bar, _half_of_the_cores(), open(os.devnull, "w", encoding="utf-8") as nowhere:
        for number, source in cells:
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                result = shell.run_cell(source, silent=True)
            error = result.error_before_exec or result.error_in_exec
            if isinstance(error, KeyboardInterrupt):
                raise error
            if error is not None:
                raise LabError(f"{path}: cell {number} could not be run beforehand ({error!r}).")
            plt.close("all")
            bar.update()


@contextlib.contextmanager
def _half_of_the_cores() -> Iterator[None]:
    """Leave the others to whoever works in the meantime."""
    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads // 2))
    try:
        yield
    finally:
        torch.set_num_threads(threads)
