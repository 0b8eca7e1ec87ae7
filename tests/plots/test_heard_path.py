"""The picture of the heard path: ellipses as large as the uncertainty, tied to the place of the same moment."""

import numpy as np

from labutils import plots
from plots.conftest import labels, line

RNG = np.random.default_rng(0)
SEEN, HEARD, SCALE = RNG.random((49, 2)), RNG.random((49, 2)), RNG.uniform(0.02, 0.2, (49, 2))
TIMES_S = (np.arange(49) + 0.5) * 4 / 49
SHOWN = [0, 5, 10, 14, 19, 24, 29, 34, 38, 43, 48]


def draw(**options):
    return plots.plot_heard_path(SEEN, HEARD, SCALE, TIMES_S, **options)


def test_ellipses_lie_at_the_heard_places_and_are_as_large_as_their_scale():
    ellipses = next(c for c in draw().collections if hasattr(c, "get_widths"))
    np.testing.assert_allclose(ellipses.get_offsets(), HEARD[SHOWN])
    np.testing.assert_allclose(ellipses.get_widths(), 2 * SCALE[SHOWN, 0])
    np.testing.assert_allclose(ellipses.get_heights(), 2 * SCALE[SHOWN, 1])


def test_every_heard_place_is_tied_to_the_place_seen_at_the_same_moment():
    ties = next(c for c in draw().collections if c.get_label() == "same moment")
    np.testing.assert_allclose(ties.get_segments(), np.stack([SEEN[SHOWN], HEARD[SHOWN]], axis=1))


def test_seen_path_is_drawn_whole_and_the_legend_explains_everything():
    ax = draw()
    np.testing.assert_allclose(line(ax, "seen path").get_xydata(), SEEN)
    assert labels(ax) == ["seen path", "same moment", "heard ± expected error"]


def test_colour_is_time_for_both():
    ax = draw()
    ellipses = next(c for c in ax.collections if hasattr(c, "get_widths"))
    seen = next(c for c in ax.collections if len(c.get_offsets()) == len(SHOWN) and c is not ellipses)
    np.testing.assert_allclose(ellipses.get_facecolors()[:, :3], seen.get_facecolors()[:, :3])
    assert len(np.unique(seen.get_facecolors(), axis=0)) == len(SHOWN)


def test_silhouettes_are_those_of_the_shown_moments_and_keep_the_tray_in_place():
    masks = np.zeros((25, 44, 44), dtype=bool)
    masks[0, :, 30:] = masks[-1, 40:, :] = True
    masks[1:4, :10, :10] = True  # frame 2 holds the second moment
    ax = draw(masks=masks)
    (shade,) = (image.get_array() for image in ax.images)
    assert np.ma.getmaskarray(shade)[20, 20] and shade[2, 2] > 0 and shade[2, 40] > 0 and shade[42, 2] > 0
    assert ax.get_xlim() == (-0.1, 1.1) and ax.get_ylim() == (1.1, -0.1)


def test_short_path_is_drawn_at_every_moment():
    ax = plots.plot_heard_path(SEEN[:3], HEARD[:3], SCALE[:3], TIMES_S[:3], colour_bar=False)
    assert len(next(c for c in ax.collections if hasattr(c, "get_widths")).get_offsets()) == 3
    ax.figure.canvas.draw()
