"""Curves of sweeps show the numbers they are given."""

import numpy as np
import pytest

from labutils.plots import plot_sweep

CURVES = {
    "ours": ([0.9, 0.8, 0.7], [0.85, 0.7, np.nan], [0.95, 0.9, np.nan]),
    "physics": ([0.6, 0.5, np.nan], [0.5, 0.4, np.nan], [0.7, 0.6, np.nan]),
}


def drawn(ax) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What stands at the middle of each curve, by its name in the legend."""
    handles, labels = ax.get_legend_handles_labels()
    lines = [handle[0] if hasattr(handle, "lines") else handle for handle in handles]
    return {label: line.get_data() for label, line in zip(labels, lines, strict=True)}


def test_curves_and_chance_are_where_their_numbers_say():
    ax = plot_sweep([10, 100, 1000], CURVES, label="N (sounds)", chance=[0.1, 0.01, 0.001], logarithmic=True)
    found = drawn(ax)
    assert set(found) == {"ours", "physics", "without skill"}
    for name, (middle, _, _) in CURVES.items():
        np.testing.assert_array_equal(found[name][0], [10, 100, 1000])
        np.testing.assert_array_equal(found[name][1], middle)
    np.testing.assert_array_equal(found["without skill"][1], [0.1, 0.01, 0.001])
    assert ax.get_xscale() == "log" and [t.get_text() for t in ax.get_xticklabels()] == ["10", "100", "1000"]
    assert ax.get_xlabel() == "N (sounds)"


def test_bars_end_at_the_interval():
    ax = plot_sweep([0, 1, 2], CURVES, label="shift (ms)")
    segments = ax.containers[0][2][0].get_segments()
    np.testing.assert_allclose(segments[0], [[0, 0.85], [0, 0.95]])
    np.testing.assert_allclose(segments[2], [[2, 0.7], [2, 0.7]], err_msg="no interval is known")


def test_no_two_curves_look_alike_without_their_colours():
    ax = plot_sweep([0, 1, 2], {str(i): CURVES["ours"] for i in range(6)}, label="x")
    looks = {c[0].get_marker() for c in ax.containers}
    assert len(looks) == 6


def test_given_axes_are_drawn_on():
    first = plot_sweep([0, 1, 2], CURVES, label="x")
    again = plot_sweep([0, 1, 2], CURVES, label="x", score_label="F1", ax=first)
    assert again is first and first.get_ylabel() == "F1"
    assert pytest.approx(first.get_ylim()) == (-0.02, 1.02)
