"""What holds for all figures: opaque, units on the labels, given axes kept, nothing shown, nothing computed at import."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from labutils import plots
from labutils.clips import WALLS
from labutils.evaluation import reliability

RNG = np.random.default_rng(0)
AUDIO = RNG.normal(0, 0.1, (4000, 4))
SPECTROGRAM = RNG.uniform(-100, 0, (4, 33, 20))
CELLS = 0.01 + 0.02 * np.arange(20), np.linspace(0, 22050, 33)  # times in s, frequencies in Hz
POSITION, SEEN = RNG.random((12, 2)), np.arange(12) % 5 > 0
HITS = np.array([[1.0, 0.3], [0.4, 1.0]]), np.array([3, 0])
CURVES = {"train loss": [2.0, 1.0], "train accuracy": [0.1, 0.8]}
DISTANCE, ASSIGNMENT, TRUTH = RNG.random((4, 5)), np.array([2, -1, 0, 4]), np.array([2, -1, 1, -1])
LOSS = np.arange(9.0), np.arange(9.0), 9 - np.arange(9.0)
DEPTHS = {"plain": {8: [2.0, 1.0]}, "residual": {8: [1.0, 0.5]}}
MASKS = np.zeros((3, 440, 440), dtype=bool)
PAIR = {name: RNG.random((4, 9)) for name in ("distance", "seen", "heard", "level", "agreement")}
PAIR |= {name: np.eye(4, 9, dtype=bool) for name in ("seen_contacts", "heard_contacts")}
LEVELS = [6, 2, 2], [-80, -50, -20, 0]

# name -> (draws on the axes it is given, words that its labels must hold)
SINGLE = {
    "spectrogram of one channel": (
        lambda ax: plots.plot_spectrogram_channel(SPECTROGRAM[0], *CELLS, ax=ax),
        ("(s)", "(kHz)"),
    ),
    "mel bands": (
        lambda ax: plots.plot_mel_bands(SPECTROGRAM[0], 4.0, CELLS[1], ax=ax),
        ("(s)", "(kHz)"),
    ),
    "level histogram": (
        lambda ax: plots.plot_level_histogram(*LEVELS, ours=(-70.0, 9.0), theirs=(-77.4, 8.3), ax=ax),
        ("(dB", "share of cells"),
    ),
    "trajectory": (
        lambda ax: plots.plot_trajectory(POSITION, SEEN, ax=ax),
        ("(tray widths)", "(tray widths, down)"),
    ),
    "heard path": (
        lambda ax: plots.plot_heard_path(POSITION, POSITION, 0.1 * POSITION, np.arange(12) / 3, ax=ax),
        ("(tray widths)", "(tray widths, down)"),
    ),
    "hits on a path": (
        lambda ax: plots.plot_hits_on_path(POSITION, np.arange(12) / 6, *HITS, ax=ax),
        ("(tray widths)", "(tray widths, down)"),
    ),
    "contrastive loss": (
        lambda ax: plots.plot_contrastive_loss(*LOSS, margin=9, ax=ax),
        ("(no unit)", "(no unit)"),
    ),
    "pair distances": (
        lambda ax: plots.plot_pair_distances(RNG.random(50), RNG.random(30), margin=0.5, ax=ax),
        ("(no unit)", "density (share of the pairs)"),
    ),
    "distance heatmap": (
        lambda ax: plots.plot_distance_heatmap(DISTANCE, ASSIGNMENT, truth=TRUTH, ax=ax),
        ("(number)", "(number)"),
    ),
    "sweep": (
        lambda ax: plots.plot_sweep(
            [1, 2], {"ours": ([0.9, 0.8], [0.8, 0.7], [1, 0.9])}, label="shift (ms)", ax=ax
        ),
        ("(ms)", "(share of right answers)"),
    ),
    "confusion": (
        lambda ax: plots.plot_confusion(np.eye(10, dtype=int) * 3, [f"class {c}" for c in range(10)], ax=ax),
        ("(number of clips)", "true class"),
    ),
    "scores": (
        lambda ax: plots.plot_scores({"task 1": (0.9, 0.8, 0.95)}, chance=0.1, ax=ax),
        ("(share of right answers)", ""),
    ),
    "gains": (
        lambda ax: plots.plot_gains({"time": (0.3, 0.2, 0.4)}, ax=ax),
        ("(share of right answers)", ""),
    ),
    "reliability": (
        lambda ax: plots.plot_reliability(reliability(RNG.random(60), RNG.random(60) < 0.5), ax=ax),
        ("(probability)", "share of right answers"),
    ),
    "film strip": (
        lambda ax: plots.plot_film_strip(np.zeros((4, 480, 640, 3), dtype=np.uint8), np.arange(4.0), ax=ax),
        ("(s)", "film"),
    ),
    "wall distances": (
        lambda ax: plots.plot_wall_distances(RNG.random((4, 9)), np.arange(9.0), ax=ax),
        ("(s)", "(tray widths)"),
    ),
}

# name -> (number of axes, draws on the axes it is given)
SEVERAL = {
    "waveform": (4, lambda axes: plots.plot_waveform(AUDIO, 1000, axes=axes)),
    "hits in sound": (
        4,
        lambda axes: plots.plot_hits_in_sound(AUDIO, 1000, np.array([1.0, 2.0]), HITS[1], axes=axes),
    ),
    "microphones": (
        4,
        lambda axes: plots.plot_microphones(SPECTROGRAM[:, 0], 4.0, axes=axes),
    ),
    "frames": (3, lambda axes: plots.plot_frames(None, MASKS, np.arange(3) / 6, count=3, axes=axes)),
    "trajectories": (
        2,
        lambda axes: plots.plot_trajectories(dict.fromkeys("ab", (POSITION, SEEN)), axes=axes),
    ),
    "history": (2, lambda axes: plots.plot_history(CURVES, axes=axes)),
    "depth curves": (2, lambda axes: plots.plot_depth_curves(DEPTHS, axes=axes)),
    "contact maps": (
        2,
        lambda axes: plots.plot_contact_maps(
            {"heard": AUDIO[:9].T, "seen": AUDIO[9:18].T}, np.arange(9.0), walls=WALLS, axes=axes
        ),
    ),
    "pair": (5, lambda axes: plots.plot_pair(PAIR, np.arange(9.0), axes=axes)),
    "travel": (2, lambda axes: plots.plot_travel(dict.fromkeys("ab", ([0.0, 9.0], [0.0, 5.0])), axes=axes)),
    "end places": (
        2,
        lambda axes: plots.plot_end_places(dict.fromkeys("ab", (99 * POSITION, "")), axes=axes),
    ),
}


@pytest.mark.parametrize("name", SINGLE)
def test_own_figure_is_opaque_and_units_are_on_the_labels(name):
    draw, (across, up) = SINGLE[name]
    ax = draw(None)
    assert matplotlib.colors.to_rgba(ax.figure.get_facecolor()) == (1, 1, 1, 1)
    assert across in ax.get_xlabel() and up in ax.get_ylabel()
    ax.figure.canvas.draw()


@pytest.mark.parametrize("name", SINGLE)
def test_given_axes_keeps_what_it_held_and_no_other_figure_is_made(name):
    draw, _ = SINGLE[name]
    ax = Figure(layout="constrained").subplots()  # an axes that pyplot does not know, as in a panel
    (before,) = ax.plot([0, 1], [0, 1], label="before")
    assert draw(ax) is ax
    assert before in ax.lines and before.get_label() == "before"
    assert plt.get_fignums() == []
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("name", SEVERAL)
def test_given_several_axes_are_drawn_on_and_returned(name):
    count, draw = SEVERAL[name]
    axes = Figure(layout="constrained").subplots(1, count)
    before = {ax: ax.plot([0, 1], [0, 1])[0] for ax in axes}
    children = {ax: len(ax.get_children()) for ax in axes}
    assert list(draw(axes)) == list(axes)
    for ax in axes:
        assert before[ax] in ax.lines and len(ax.get_children()) > children[ax]
    assert plt.get_fignums() == []
    axes[0].figure.draw_without_rendering()


@pytest.mark.parametrize("name", SEVERAL)
def test_own_figure_of_several_axes_is_opaque(name):
    count, draw = SEVERAL[name]
    axes = draw(None)
    assert len(axes) == count
    assert matplotlib.colors.to_rgba(axes[0].figure.get_facecolor()) == (1, 1, 1, 1)
    axes[0].figure.canvas.draw()


def test_nothing_is_shown(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_: pytest.fail("a figure was shown"))
    for draw, _ in SINGLE.values():
        draw(None)
