"""Figures of results: confusion matrices and intervals."""

import numpy as np

from labutils import plots
from labutils.evaluation import Reliability
from plots.conftest import line


def test_confusion_shows_counts_and_colours_shares():
    counts = np.array([[3, 1], [0, 0]])  # a class without clips
    ax = plots.plot_confusion(counts, ["brick", "ball"])
    # x is the answered class, y the true one
    assert {text.get_position(): text.get_text() for text in ax.texts} == {(0, 0): "3", (1, 0): "1"}
    np.testing.assert_allclose(ax.images[0].get_array(), [[0.75, 0.25], [0, 0]])
    for ticks in (ax.get_xticklabels(), ax.get_yticklabels()):
        assert [tick.get_text() for tick in ticks] == ["brick", "ball"]
    assert "answered" in ax.get_xlabel() and "true" in ax.get_ylabel()


def test_scores_show_interval_and_the_chance_of_each():
    scores = {"task 1": (0.9, 0.8, 0.95), "task 2": (0.5, 0.4, 0.6)}
    ax = plots.plot_scores(scores, chance={"task 1": 0.1, "task 2": 0.02})
    np.testing.assert_allclose(line(ax, "chance").get_xdata(), [0.1, 0.02])
    (bars,) = ax.containers[0].lines[2]
    np.testing.assert_allclose([segment[:, 0] for segment in bars.get_segments()], [[0.8, 0.95], [0.4, 0.6]])
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top


def test_gains_have_their_intervals_and_the_line_of_no_difference():
    ax = plots.plot_gains({"time": (0.3, 0.2, 0.4), "lags": (-0.01, -0.1, 0.05)})
    (bars,) = ax.containers[0].lines[2]
    np.testing.assert_allclose([segment[:, 0] for segment in bars.get_segments()], [[0.2, 0.4], [-0.1, 0.05]])
    assert any(set(drawn.get_xdata()) == {0} for drawn in ax.lines)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["time", "lags"]


def test_reliability_has_the_diagonal_the_interval_and_the_size_of_its_bins():
    values = np.array([0.2, 0.9]), np.array([0.3, 0.8]), np.array([0.1, 0.7]), np.array([0.5, 0.95])
    ax = plots.plot_reliability(Reliability(*values, np.array([40, 41])))
    np.testing.assert_allclose(line(ax, "as sure as right").get_xydata(), [[0, 0], [1, 1]])
    (bars,) = ax.containers[0].lines[2]
    np.testing.assert_allclose([segment[:, 1] for segment in bars.get_segments()], [[0.1, 0.5], [0.7, 0.95]])
    assert "40 to 41 answers" in ax.get_legend().get_texts()[1].get_text()
