"""A figure is described by its own words."""

import numpy as np
from matplotlib.figure import Figure

from labutils import plots
from labutils.plots.description import describe


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
