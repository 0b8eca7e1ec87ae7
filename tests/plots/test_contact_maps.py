"""Figures of contact maps: rows of a pair on one clock, marks where contacts are."""

import numpy as np
import pytest

from labutils import plots
from labutils.clips import WALLS

TIME_S = (np.arange(10) + 0.5) * 0.4


def a_pair() -> dict[str, np.ndarray]:
    """A hit of the right wall, heard in step 7 and seen in step 6."""
    pair = {name: np.zeros((4, 10)) for name in ("distance", "seen", "heard", "level", "agreement")}
    pair |= {name: np.zeros((4, 10), dtype=bool) for name in ("seen_contacts", "heard_contacts")}
    pair["heard"][3, 7], pair["seen"][3, 6], pair["agreement"][3, 7] = 2.0, -1.0, 0.5
    pair["heard_contacts"][3, 7] = pair["seen_contacts"][3, 6] = True
    return pair


def test_contact_maps_have_walls_down_seconds_to_the_right_and_one_scale():
    heard, seen = np.zeros((4, 10)), np.zeros((4, 10))
    heard[3, 7], seen[0, 2] = 2.0, -1.0
    axes = plots.plot_contact_maps({"heard": heard, "seen": seen}, 0.2 + 0.4 * np.arange(10), walls=WALLS)
    assert [ax.get_title() for ax in axes] == ["heard", "seen"]
    for ax, contact in zip(axes, (heard, seen), strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), contact)
        assert ax.images[0].origin == "upper"
        assert [tick.get_text() for tick in ax.get_yticklabels()] == list(WALLS)
        assert ax.images[0].get_extent() == pytest.approx([0, 4, 3.5, -0.5])
        assert ax.images[0].get_clim() == (-1, 2)
    assert axes[1].get_xlabel() == "time (s)"
    axes[0].set_xlim(1, 2)
    assert axes[1].get_xlim() == (1, 2)
    axes[0].figure.canvas.draw()


def test_pair_has_its_rows_in_order_on_one_clock():
    axes = plots.plot_pair(a_pair(), TIME_S)
    assert len(axes) == 5
    assert "(tray widths)" in axes[0].get_ylabel()
    assert axes[-1].get_xlabel() == "time (s)" and not axes[0].get_xlabel()
    bars = [ax.child_axes[0].get_ylabel().replace("\n", " ") for ax in axes[1:]]
    assert bars == ["map, seen (no unit)", "map, heard (no unit)", "level (dB)", "agreement (no unit)"]
    assert axes[1].images[0].get_clim() == axes[2].images[0].get_clim() == (-1, 2)
    assert axes[4].images[0].get_clim() == (-0.5, 0.5), "white is no agreement"
    assert {ax.get_xlim() for ax in axes} == {(0, 4)}


def test_contacts_are_marked_at_their_wall_and_time():
    axes = plots.plot_pair(a_pair(), TIME_S)
    marked = [[line.get_xydata().tolist() for line in ax.lines if len(line.get_xdata())] for ax in axes[1:]]
    assert marked == [[[[TIME_S[6], 3]]], [[[TIME_S[7], 3]]], [[[TIME_S[7], 3]]], []]
    on_curve = [line for line in axes[0].lines if line.get_linestyle() == "None" and len(line.get_xdata())]
    assert [line.get_xdata().tolist() for line in on_curve] == [[TIME_S[6]]]


def test_film_shows_in_each_slot_the_frame_nearest_to_its_middle():
    frames = np.zeros((4, 480, 640, 3), dtype=np.uint8) + np.arange(4, dtype=np.uint8)[:, None, None, None]
    ax = plots.plot_film_strip(frames, np.array([0.0, 0.9, 2.9, 3.9]), count=2)
    assert [int(image.get_array().max()) for image in ax.images] == [1, 2]
    assert [image.get_extent()[0] for image in ax.images] == pytest.approx([0.02, 2.02])
    assert len(plots.plot_pair(a_pair(), TIME_S, film=(frames, np.arange(4.0)))) == 6


def test_contact_maps_mark_the_contacts_of_each_map():
    marks = {"heard": np.zeros((4, 10), bool), "seen": np.eye(4, 10, dtype=bool)}
    axes = plots.plot_contact_maps(dict.fromkeys(marks, np.eye(4, 10)), TIME_S, walls=WALLS, contacts=marks)
    assert [sum(len(line.get_xdata()) for line in ax.lines) for ax in axes] == [0, 4]
