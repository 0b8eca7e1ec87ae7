"""Figures of training: curves, folds, losses and distances."""

import numpy as np

from labutils import plots
from labutils.plots.learning import curve_style
from plots.conftest import labels, line

CURVES = {"train loss": [2.0, 1.0], "validation loss": [2.0, 1.5], "train accuracy": [0.1, 0.8]}


def test_history_shows_loss_and_accuracy_and_tells_the_curves_apart_by_line_style():
    loss, accuracy = plots.plot_history(CURVES, chance=0.1)
    assert (loss.get_xlabel(), loss.get_ylabel(), accuracy.get_ylabel()) == ("epoch", "loss", "accuracy")
    assert labels(loss) == ["train", "validation"] and labels(accuracy) == ["train", "chance"]
    assert line(loss, "train").get_linestyle() != line(loss, "validation").get_linestyle()
    assert set(line(accuracy, "chance").get_ydata()) == {0.1}
    np.testing.assert_allclose(line(loss, "validation").get_xydata(), [[1, 2.0], [2, 1.5]])


def test_history_without_accuracy_has_one_panel():
    axes = plots.plot_history({"positive loss": [1.0, 0.5], "negative loss": [2.0, 0.1]})
    assert len(axes) == 1
    assert len({drawn.get_linestyle() for drawn in axes[0].lines}) == 2


def test_history_of_folds_is_their_mean_and_the_range_they_span():
    folds = [{"train loss": [1.0, 2.0, 3.0]}, {"train loss": [3.0, 4.0]}]  # the second stopped early
    (ax,) = plots.plot_history(folds)
    np.testing.assert_allclose(line(ax, "train").get_ydata(), [2, 3, 3])
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (1, 4)
    assert "2 folds" in ax.get_legend().get_title().get_text()


def test_history_of_one_epoch_is_a_visible_point():
    loss, _ = plots.plot_history({name: values[:1] for name, values in CURVES.items()})
    assert line(loss, "train").get_marker() == "o"
    loss.figure.canvas.draw()
    assert [tick for tick in loss.get_xticks() if 0.9 < tick < 1.1] == [1]


def test_history_with_values_that_are_not_finite():
    plots.plot_history({"train loss": [1.0, np.nan, np.inf]})[0].figure.canvas.draw()


def test_curves_of_a_pair_training_all_look_different():
    labels = ["train", "validation"]
    labels += [f"{part} {kind}" for part in labels for kind in ("positive", "negative")]
    assert len({curve_style(label) for label in labels}) == 6
    assert curve_style("train positive")[0] == curve_style("validation positive")[0]
    assert curve_style("train positive")[1] == curve_style("train")[1]
    assert curve_style("") == curve_style("train") != curve_style("other")


def test_depth_curves_have_one_panel_for_each_family():
    curves = {"plain": {8: [2.0, 1.0], 20: [2.0, 1.5]}, "residual": {20: [1.0]}}
    plain, residual = plots.plot_depth_curves(curves)
    assert (plain.get_title(), residual.get_title()) == ("plain", "residual")
    assert labels(plain) == ["8 layers", "20 layers"]
    assert line(plain, "8 layers").get_linestyle() != line(plain, "20 layers").get_linestyle()
    assert line(plain, "20 layers").get_color() == line(residual, "20 layers").get_color()


def test_branches_of_the_contrastive_loss_and_their_crossing_are_visible():
    distance = np.linspace(0, 15, 50)
    ax = plots.plot_contrastive_loss(distance, distance**2 / 2, np.maximum(0, 10 - distance) / 2, margin=10)
    assert labels(ax) == ["positive pair (Y = 1)", "negative pair (Y = 0)", "margin m = 10"]
    np.testing.assert_allclose(
        line(ax, "positive pair (Y = 1)").get_xydata(), np.c_[distance, distance**2 / 2]
    )
    negative = np.maximum(0, 10 - distance) / 2
    np.testing.assert_allclose(line(ax, "negative pair (Y = 0)").get_xydata(), np.c_[distance, negative])
    assert set(line(ax, "margin m = 10").get_xdata()) == {10}
    assert ax.get_ylim() == (0, 15)


def test_pair_distances_share_their_bins_and_say_how_many_pairs():
    ax = plots.plot_pair_distances(np.array([1.0, 2.0]), np.array([9.0]))
    assert labels(ax) == ["positive pairs (2)", "negative pairs (1)"]
    few, many = (outline.get_path().get_extents().height for outline in ax.patches if not outline.get_fill())
    # two values in two bins, one in one: each histogram has the area 1
    np.testing.assert_allclose(few, many / 2)
    plots.plot_pair_distances(np.array([]), np.array([]))
