"""A notebook draws a figure only to show it, and its words travel beside the picture."""

from types import SimpleNamespace

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from nbclient import NotebookClient

from labutils import plots
from labutils.plots import in_notebook
from labutils.plots.in_notebook import prepare_figures

COUNT = """
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from labutils.plots.in_notebook import prepare_figures
drawn, draw = [], Figure.draw
Figure.draw = lambda figure, renderer: drawn.append(1) or draw(figure, renderer)
"""
DRAW = "_ = plt.figure().subplots().plot([1, 2])"


def test_a_notebook_shows_the_words_beside_the_picture(monkeypatch):
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    shell.display_formatter.formatters["image/png"].for_type(Figure, lambda _: "a picture")
    monkeypatch.setattr(in_notebook, "get_ipython", lambda: shell)
    prepare_figures()
    data, metadata = shell.display_formatter.format(plots.plot_gains({"time": (0.3, 0.2, 0.4)}).figure)
    assert data["image/png"] == "a picture"
    assert metadata == {"image/png": {"alt": "Figure. gain in accuracy (share of right answers) of time."}}
    monkeypatch.setattr(in_notebook, "get_ipython", lambda: None)
    prepare_figures()  # not in a notebook


def test_a_notebook_draws_a_figure_only_to_show_it():
    tell = "print(len(drawn)); drawn.clear()"
    sources = [COUNT, DRAW, tell, "prepare_figures()", DRAW, tell]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    NotebookClient(nbformat.v4.new_notebook(cells=cells), timeout=120).execute()
    shown = [["image/png" in output.get("data", {}) for output in cell.outputs] for cell in cells]
    assert shown[1] == shown[4] == [True]
    plain, ours = (int(cells[number].outputs[0].text) for number in (2, 5))
    assert ours == plain - 1  # Matplotlib draws once to measure and once to show


@pytest.mark.parametrize(("backend", "is_disconnected"), [("inline", True), ("widget", False)])
def test_a_figure_that_stays_in_sight_is_still_brought_up_to_date(monkeypatch, backend, is_disconnected):
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    disconnected = []
    monkeypatch.setattr(in_notebook, "get_ipython", lambda: shell)
    monkeypatch.setattr(plt, "get_backend", lambda: backend)
    monkeypatch.setattr(plt, "switch_backend", lambda backend: None)
    monkeypatch.setattr(plt, "uninstall_repl_displayhook", lambda: disconnected.append(True))
    prepare_figures()
    assert bool(disconnected) == is_disconnected


def test_lines_of_a_notebook_have_the_colours_of_the_lab(monkeypatch):
    monkeypatch.setattr(
        in_notebook, "get_ipython", lambda: SimpleNamespace(display_formatter=DisplayFormatter())
    )
    with matplotlib.rc_context():
        prepare_figures()
        lines = plt.figure().subplots().plot(np.zeros((2, 4)))
    assert [line.get_color() for line in lines] == plots.PALETTE[:4]
