"""Every picture: what it returns, what its labels say, and that it leaves an axes it was given as it was."""

import warnings

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from labutils import plots

RNG = np.random.default_rng(0)
AUDIO = RNG.normal(0, 0.1, (4000, 4))
SPECTROGRAM = RNG.uniform(-100, 0, (4, 33, 20))
TIMES_S, FREQUENCIES_HZ = 0.01 + 0.02 * np.arange(20), np.linspace(0, 22050, 33)
POSITION, SEEN = RNG.random((12, 2)), np.arange(12) % 5 > 0
CURVES = {"train loss": [2.0, 1.0], "validation loss": [2.0, 1.5], "train accuracy": [0.1, 0.8]}
HIT_PLACES, HIT_WALLS = np.array([[1.0, 0.3], [0.4, 1.0], [1.0, 0.8]]), np.array([3, 0, 3])
DISTANCE, ASSIGNMENT = RNG.random((4, 5)), np.array([2, -1, 0, 4])
TRUTH = np.array([2, -1, 1, -1])

# name -> (draws on the axes it is given, words that its labels must hold)
SINGLE = {
    "spectrogram of one channel": (
        lambda ax: plots.plot_spectrogram_channel(SPECTROGRAM[0], TIMES_S, FREQUENCIES_HZ, ax=ax),
        ("(s)", "(kHz)"),
    ),
    "trajectory": (
        lambda ax: plots.plot_trajectory(POSITION, SEEN, ax=ax),
        ("(tray widths)", "(tray widths, down)"),
    ),
    "hits on a path": (
        lambda ax: plots.plot_hits_on_path(POSITION, np.arange(12) / 6, HIT_PLACES, HIT_WALLS, ax=ax),
        ("(tray widths)", "(tray widths, down)"),
    ),
    "contrastive loss": (
        lambda ax: plots.plot_contrastive_loss(
            np.arange(9.0), np.arange(9.0), 9 - np.arange(9.0), margin=9, ax=ax
        ),
        ("(no unit)", "(no unit)"),
    ),
    "pair distances": (
        lambda ax: plots.plot_pair_distances(RNG.random(50), RNG.random(30), margin=0.5, ax=ax),
        ("(no unit)", "number of pairs"),
    ),
    "distance heatmap": (
        lambda ax: plots.plot_distance_heatmap(DISTANCE, ASSIGNMENT, truth=TRUTH, ax=ax),
        ("(number)", "(number)"),
    ),
    "confusion": (
        lambda ax: plots.plot_confusion(np.eye(10, dtype=int) * 3, [f"class {c}" for c in range(10)], ax=ax),
        ("(number of clips)", "true class"),
    ),
    "scores": (
        lambda ax: plots.plot_scores({"task 1": (0.9, 0.8, 0.95)}, chance=0.1, ax=ax),
        ("(share of right answers)", ""),
    ),
}


@pytest.fixture(autouse=True)
def no_figure_left_open():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()] if ax.get_legend() else []


def line(ax, label):
    return next(artist for artist in ax.lines if artist.get_label() == label)


# What holds for all of them


@pytest.mark.parametrize("name", SINGLE)
def test_own_figure_is_opaque_and_units_are_on_the_labels(name):
    draw, (across, up) = SINGLE[name]
    ax = draw(None)
    assert isinstance(ax, Axes)
    assert matplotlib.colors.to_rgba(ax.figure.get_facecolor()) == (1, 1, 1, 1)
    assert across in ax.get_xlabel() and up in ax.get_ylabel()
    ax.figure.canvas.draw()


@pytest.mark.parametrize("name", SINGLE)
def test_given_axes_keeps_what_it_held(name):
    draw, _ = SINGLE[name]
    _, ax = plt.subplots()
    (before,) = ax.plot([0, 1], [0, 1], label="before")
    assert draw(ax) is ax
    assert before in ax.lines and before.get_label() == "before"
    assert len(plt.get_fignums()) == 1
    ax.figure.canvas.draw()


def test_nothing_is_shown(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_: pytest.fail("a plot was shown"))
    for draw, _ in SINGLE.values():
        draw(None)


# Sound


def test_waveform_has_one_named_panel_for_each_microphone():
    axes = plots.plot_waveform(AUDIO, 1000)
    assert [ax.get_title(loc="left") for ax in axes] == ["bottom", "left", "top", "right"]
    assert axes[-1].get_xlabel() == "time (s)"
    np.testing.assert_allclose(axes[2].lines[0].get_ydata(), AUDIO[:, 2])
    assert axes[0].get_xlim() == (0, 4)


def test_spectrogram_has_four_named_panels_on_one_scale():
    axes = plots.plot_spectrogram(SPECTROGRAM, TIMES_S, FREQUENCIES_HZ, max_frequency_hz=6000)
    assert [ax.get_title() for ax in axes.flat] == ["bottom", "left", "top", "right"]
    assert len({ax.images[0].get_clim() for ax in axes.flat}) == 1
    assert axes[0, 0].get_ylim() == (0, 6)
    assert any("dB" in ax.get_ylabel() for ax in axes[0, 0].figure.axes)


def test_first_column_and_row_of_a_spectrogram_lie_bottom_left():
    level_db = np.zeros((33, 20))
    level_db[0, 0] = 1
    ax = plots.plot_spectrogram_channel(level_db, TIMES_S, FREQUENCIES_HZ)
    assert ax.images[0].origin == "lower"
    left, right, *_ = ax.images[0].get_extent()
    assert (left, right) == pytest.approx((0, 0.4))


def test_excerpt_of_a_spectrogram_keeps_its_times():
    ax = plots.plot_spectrogram_channel(SPECTROGRAM[0], TIMES_S + 2, FREQUENCIES_HZ)
    assert ax.get_xlim() == pytest.approx((2, 2.4))


# Pictures and trajectories


def masks_with_gap():
    masks = np.zeros((8, 440, 440), dtype=bool)
    masks[1:, 100:140, 200:260] = True
    return masks


@pytest.mark.parametrize(
    "frames", [None, np.full((8, 480, 640, 3), 200, np.uint8)], ids=["masks", "pictures"]
)
def test_frames_are_a_strip_that_names_empty_masks(frames):
    axes = plots.plot_frames(
        frames, masks_with_gap(), np.arange(8) / 6, position=np.full((8, 2), 0.5), count=4
    )
    assert len(axes) == 4
    assert axes[0].get_title() == "0.00 s\nnot seen" and axes[-1].get_title() == "1.17 s"
    assert not axes[0].collections and not axes[0].lines  # nothing to outline, nothing to mark
    assert axes[1].collections
    np.testing.assert_allclose(axes[1].lines[0].get_xydata(), [[220, 220]])


def test_strip_is_no_longer_than_the_clip():
    assert len(plots.plot_frames(None, masks_with_gap()[:2], np.arange(2), count=6)) == 2


def test_trajectory_is_drawn_as_seen_from_above():
    ax = plots.plot_trajectory(POSITION, SEEN, times_s=np.arange(12) / 6)
    low, high = sorted(ax.get_ylim())
    assert ax.get_ylim() == (high, low)  # y down
    walls = {text.get_text(): text.get_position() for text in ax.texts}
    assert walls["bottom"][1] > 1 > 0 > walls["top"][1]
    assert walls["left"][0] < 0 < 1 < walls["right"][0]


def test_trajectory_marks_start_end_and_unseen_frames():
    ax = plots.plot_trajectory(POSITION, SEEN)
    np.testing.assert_allclose(line(ax, "start").get_xydata(), POSITION[:1])
    np.testing.assert_allclose(line(ax, "end").get_xydata(), POSITION[-1:])
    np.testing.assert_allclose(line(ax, "not seen").get_xydata(), POSITION[~SEEN])
    assert labels(plots.plot_trajectory(POSITION, np.ones(12, bool))) == ["start", "end"]


@pytest.mark.parametrize("position", [POSITION, np.full((12, 2), np.nan)])
def test_object_that_was_never_seen_is_said(position):
    ax = plots.plot_trajectory(position, np.zeros(12, dtype=bool))
    assert "object never seen" in [text.get_text() for text in ax.texts]
    assert not ax.collections


def test_hits_are_marked_where_they_were_and_point_at_their_wall():
    ax = plots.plot_hits_on_path(POSITION, np.arange(12) / 6, HIT_PLACES, HIT_WALLS)
    marks = [(line.get_marker(), *line.get_xydata()[0]) for line in ax.lines if line.get_marker() in "v<^>"]
    assert marks == [(">", 1.0, 0.3), ("v", 0.4, 1.0), (">", 1.0, 0.8)]
    assert labels(ax) == ["start", "end", "hit"]
    assert labels(plots.plot_hits_on_path(POSITION, np.arange(12) / 6, HIT_PLACES[:0], HIT_WALLS[:0])) == [
        "start",
        "end",
    ]


def test_hits_cross_all_microphones_and_are_marked_at_their_wall():
    axes = plots.plot_hits_in_sound(AUDIO, 1000, np.array([0.5, 2.5]), np.array([3, 0]))
    for ax, wall in zip(axes, plots.WALLS, strict=True):
        assert wall in ax.get_title(loc="left")
        verticals = [line for line in ax.lines[1:] if line.get_marker() == "None"]
        assert [line.get_xdata()[0] for line in verticals] == [0.5, 2.5]
    marks = [
        [(line.get_marker(), line.get_xdata()[0]) for line in ax.lines if line.get_marker() in "v<^>"]
        for ax in axes
    ]
    assert marks == [[("v", 2.5)], [], [], [(">", 0.5)]]
    assert len(plots.plot_hits_in_sound(AUDIO, 1000, np.zeros(0), np.zeros(0, int))[0].lines) == 1


def test_trajectory_of_one_frame():
    plots.plot_trajectory(POSITION[:1], SEEN[1:2]).figure.canvas.draw()


def test_trajectories_fill_a_grid():
    drawn = plots.plot_trajectories({str(n): (POSITION, SEEN) for n in range(7)}, columns=3)
    assert [ax.get_title() for ax in drawn] == list("0123456")
    assert len(drawn[0].figure.axes) == 9


# Learning


def test_history_shows_loss_and_accuracy_and_tells_the_curves_apart_by_line_style():
    loss, accuracy = plots.plot_history(CURVES, chance=0.1)
    assert (loss.get_xlabel(), loss.get_ylabel(), accuracy.get_ylabel()) == ("epoch", "loss", "accuracy")
    assert labels(loss) == ["train", "validation"] and labels(accuracy) == ["train", "chance"]
    assert line(loss, "train").get_linestyle() != line(loss, "validation").get_linestyle()
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


def test_branches_of_the_contrastive_loss_and_their_crossing_are_visible():
    distance = np.linspace(0, 15, 50)
    ax = plots.plot_contrastive_loss(distance, distance**2 / 2, np.maximum(0, 10 - distance) / 2, margin=10)
    assert labels(ax) == ["positive pair (Y = 1)", "negative pair (Y = 0)", "margin m = 10"]
    assert ax.get_ylim() == (0, 15)


def test_pair_distances_share_their_bins_and_say_how_many_pairs():
    ax = plots.plot_pair_distances(np.array([1.0, 2.0]), np.array([9.0]))
    assert labels(ax) == ["positive pairs (2)", "negative pairs (1)"]
    plots.plot_pair_distances(np.array([]), np.array([]))


def test_curves_of_a_pair_training_all_look_different():
    labels = ["train", "validation"]
    labels += [f"{part} {kind}" for part in labels for kind in ("positive", "negative")]
    assert len({plots.curve_style(label) for label in labels}) == 6
    assert plots.curve_style("train positive")[0] == plots.curve_style("validation positive")[0]
    assert plots.curve_style("train positive")[1] == plots.curve_style("train")[1]
    assert plots.curve_style("") == plots.curve_style("train") != plots.curve_style("other")


def test_depth_curves_have_one_panel_for_each_family():
    curves = {"plain": {8: [2.0, 1.0], 20: [2.0, 1.5]}, "residual": {20: [1.0]}}
    plain, residual = plots.plot_depth_curves(curves)
    assert (plain.get_title(), residual.get_title()) == ("plain", "residual")
    assert labels(plain) == ["8 layers", "20 layers"]
    assert line(plain, "8 layers").get_linestyle() != line(plain, "20 layers").get_linestyle()
    assert line(plain, "20 layers").get_color() == line(residual, "20 layers").get_color()


# Answers


def test_right_wrong_and_missed_answers_have_shapes_of_their_own():
    ax = plots.plot_distance_heatmap(DISTANCE, ASSIGNMENT, truth=TRUTH)
    assert labels(ax) == ["right", "wrong", "would be right"]
    assert len({drawn.get_marker() for drawn in ax.lines}) == 3
    np.testing.assert_allclose(line(ax, "right").get_xydata(), [[2, 0], [-1, 1]])
    np.testing.assert_allclose(line(ax, "wrong").get_xydata(), [[0, 2], [4, 3]])
    np.testing.assert_allclose(line(ax, "would be right").get_xydata(), [[1, 2], [-1, 3]])


def test_no_video_has_a_column_of_its_own_only_where_it_is_needed():
    with_rejection = plots.plot_distance_heatmap(DISTANCE, ASSIGNMENT)
    assert with_rejection.get_xlim()[0] < -1
    assert "−1" in [tick.get_text() for tick in with_rejection.get_xticklabels()]
    assert plots.plot_distance_heatmap(DISTANCE, np.array([0, 1, 2, 3])).get_xlim()[0] == -0.5


def test_names_label_the_cells():
    names = [f"audio_{n}" for n in range(4)], [f"video_{n}" for n in range(5)]
    ax = plots.plot_distance_heatmap(DISTANCE, ASSIGNMENT, names=names)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["no video", *names[1]]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == names[0]


@pytest.mark.parametrize(
    "distance", [np.full((3, 3), np.inf), np.eye(3) + np.diag([np.inf] * 3), np.ones((3, 3))]
)
def test_heatmap_of_forbidden_or_equal_pairs(distance):
    ax = plots.plot_distance_heatmap(distance, np.full(3, -1), truth=np.arange(3))
    ax.figure.canvas.draw()


def test_class_heatmaps_share_one_scale_and_say_where_a_class_is_empty():
    groups = {
        "brick": (np.array([[0.0, 5.0]]), np.array([0]), np.array([0])),
        "ball": (np.array([[2.0]]), np.array([-1]), np.array([0])),
        "salt": (np.zeros((0, 3)), np.zeros(0, int), None),
    }
    axes = plots.plot_class_heatmaps(groups, columns=2)
    assert [ax.get_title() for ax in axes] == ["brick", "ball", "salt"]
    assert axes[0].images[0].get_clim() == axes[1].images[0].get_clim() == (0, 5)
    assert "no clips" in [text.get_text() for text in axes[2].texts]
    assert len(axes[0].figure.legends) == 1
    axes[0].figure.canvas.draw()


def test_class_heatmaps_of_nothing():
    axes = plots.plot_class_heatmaps({"salt": (np.zeros((0, 0)), np.zeros(0, int), None)})
    axes[0].figure.canvas.draw()


def test_confusion_shows_counts_and_colours_shares():
    counts = np.array([[3, 1], [0, 0]])  # a class without clips
    ax = plots.plot_confusion(counts, ["brick", "ball"])
    assert [text.get_text() for text in ax.texts] == ["3", "1", "", ""]
    np.testing.assert_allclose(ax.collections[0].get_array().ravel(), [0.75, 0.25, 0, 0])
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["brick", "ball"]


def test_scores_show_interval_and_the_chance_of_each():
    scores = {"task 1": (0.9, 0.8, 0.95), "task 2": (0.5, 0.4, 0.6)}
    ax = plots.plot_scores(scores, chance={"task 1": 0.1, "task 2": 0.02})
    np.testing.assert_allclose(line(ax, "chance").get_xdata(), [0.1, 0.02])
    (bars,) = ax.containers[0].lines[2]
    np.testing.assert_allclose([segment[:, 0] for segment in bars.get_segments()], [[0.8, 0.95], [0.4, 0.6]])
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top


# The simulator beside the recordings


def test_travel_of_every_class_is_drawn_for_both_and_told_apart_by_line_style():
    travel = {name: ([0.0, 50.0, 400.0], [0.0, 10.0, 20.0, 300.0]) for name in "abc"}
    axes = plots.plot_travel(travel)
    assert [ax.get_title() for ax in axes] == list("abc")
    np.testing.assert_allclose(line(axes[1], "simulated").get_xydata(), [[0, 0], [50, 0.5], [400, 1]])
    assert line(axes[0], "simulated").get_linestyle() != line(axes[0], "recorded").get_linestyle()
    assert "(px)" in axes[0].figure.get_supxlabel()
    axes[0].figure.canvas.draw()


def test_end_places_lie_where_the_clips_end():
    axes = plots.plot_end_places(
        {"a": (np.array([[430.0, 5.0], [430, 5], [100, 300]]), "two lines\nof words")}
    )
    share = axes[0].images[0].get_array()
    assert np.unravel_index(share.argmax(), share.shape) == (0, 15)  # top right: y down
    assert share.max() ** 2 == pytest.approx(2 / 3)
    assert axes[0].get_xlabel() == "two lines\nof words"
    low, high = sorted(axes[0].get_ylim())
    assert axes[0].get_ylim() == (high, low) == (440, 0)
    plots.plot_end_places({"none": (np.empty((0, 2)), "")})[0].figure.canvas.draw()


def test_sounds_of_classes_have_a_spectrogram_and_an_envelope_each():
    sounds = {name: (SPECTROGRAM[0], np.linspace(-100, -30, 40)) for name in "abc"}
    pictures = plots.plot_sound_of_classes(sounds, TIMES_S, FREQUENCIES_HZ, max_frequency_hz=5000)
    assert [ax.get_title(loc="left") for ax in pictures] == list("abc")
    assert {ax.get_ylim() for ax in pictures} == {(0, 5)}
    envelopes = [ax for ax in pictures[0].figure.axes if ax.lines]
    assert len(envelopes) == 3
    time_s = envelopes[0].lines[0].get_xdata()
    assert (time_s[0], time_s[-1]) == pytest.approx((0.005, 0.395))
    pictures[0].figure.canvas.draw()


def test_level_histogram_shows_shares_and_both_means():
    ax = plots.plot_level_histogram([6, 2, 2], [-80, -50, -20, 0], ours=(-70.0, 9.0), theirs=(-77.4, 8.3))
    assert labels(ax) == [
        "simulated: mean −70.0 dB, deviation 9.0 dB",
        "recorded: mean −77.4 dB, deviation 8.3 dB",
    ]
    np.testing.assert_allclose(ax.patches[0].get_data().values, [0.6, 0.2, 0.2])
    assert "(dB" in ax.get_xlabel()
    plots.plot_level_histogram([0, 0], [-80, -40, 0], ours=(-80, 0), theirs=(-77, 8)).figure.canvas.draw()


def test_masks_of_classes_are_a_row_each():
    frames = np.full((8, 480, 640, 3), 200, np.uint8)
    axes = plots.plot_masks_of_classes(
        {name: (frames, masks_with_gap(), np.arange(8) / 6) for name in "ab"}, count=4
    )
    assert axes.shape == (2, 4)
    short = plots.plot_masks_of_classes({"short": (frames[:2], masks_with_gap()[:2], np.arange(2))}, count=3)
    assert [ax.axison for ax in short[0]] == [True, True, False]
    assert [row[0].get_ylabel() for row in axes] == ["a", "b"]
