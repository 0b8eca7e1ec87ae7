"""A figure is described by its own words, and the words travel beside the picture."""

from types import SimpleNamespace

import numpy as np
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure

from labutils import plots
from labutils.plots import description
from labutils.plots.description import describe, describe_figures


def test_one_axes_is_described_by_its_labels_and_legend():
    ax = plots.plot_scores({"ours": (0.9, 0.8, 0.95), "theirs": (0.5, 0.4, 0.6)}, chance=0.1)
    ax.set_title("task $2$")
    assert describe(ax.figure) == (
        "Figure. task 2: accuracy (share of right answers) of ours; theirs. Legend: chance; accuracy and interval."
    )


def test_several_axes_are_panels_and_what_they_share_is_said_once():
    figure = Figure(layout="constrained")
    for ax, title in zip(figure.subplots(1, 2), ("a", "b"), strict=True):
        picture = ax.imshow(np.eye(2))
        ax.set(title=title, xticks=[0, 1], xticklabels=["left", "right"])
        ax.plot([0, 1], [0, 1], label="a\nline")
        ax.legend()
    figure.colorbar(picture, ax=ax, label="level (dB)")
    figure.suptitle("two maps")
    figure.supxlabel("time (s)")
    assert describe(figure) == (
        "Figure. two maps. Panels: a: left; right. b: left; right. All: time (s). Legend: a line. Colours: level (dB)."
    )


def test_a_colour_bar_inside_an_axes_is_said():
    ax = plots.plot_confusion(np.eye(2, dtype=int), ["block", "ball"])
    assert describe(ax.figure) == (
        "Figure. true class (block; ball) over answered class (number of clips) (block; ball). "
        "Colours: share of the true class."
    )


def test_numbers_along_an_axis_and_hidden_axes_are_not_said():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.set(xlabel="time (s)", yscale="log", ylim=(1, 1e4))
    right.set_axis_off()
    right.set_title("a photograph")
    assert describe(figure) == "Figure. Panels: time (s). a photograph."


def test_a_notebook_shows_the_words_beside_the_picture(monkeypatch):
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    shell.display_formatter.formatters["image/png"].for_type(Figure, lambda _: "a picture")
    monkeypatch.setattr(description, "get_ipython", lambda: shell)
    describe_figures()
    data, metadata = shell.display_formatter.format(plots.plot_gains({"time": (0.3, 0.2, 0.4)}).figure)
    assert data["image/png"] == "a picture"
    assert metadata == {"image/png": {"alt": "Figure. gain in accuracy (share of right answers) of time."}}
    monkeypatch.setattr(description, "get_ipython", lambda: None)
    describe_figures()  # not in a notebook
