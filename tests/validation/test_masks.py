"""Statistics of masks, on masks drawn by hand."""

import numpy as np
import pytest

from labutils.validation import masks as module
from labutils.validation.comparison import number
from labutils.validation.masks import compare_frame_times, describe_masks, mask_flaws, mask_statistics


def test_specks_and_holes_of_a_mask():
    mask = np.zeros((20, 20), bool)
    mask[2:12, 2:12] = True
    mask[5, 5:7] = False  # a hole
    mask[0, 19] = mask[15, 15] = True  # two specks
    mask[11, 8] = False  # a notch is no hole
    assert mask_flaws(mask) == (2, pytest.approx(2 / 99), 1)


def test_statistics_of_masks():
    masks = np.zeros((6, 10, 10), bool)
    masks[:5, 2:6, 2:7] = True
    found = mask_statistics([describe_masks(masks), describe_masks(masks[:4])])
    assert (found.frames, found.fewest_frames, found.most_frames) == (5, 4, 6)
    assert found.empty == 0.1 and found.area == pytest.approx((0.2, 0.2, 0.2))
    assert (found.specks, found.with_specks, found.with_holes) == (0, 0, 0)
    nothing = mask_statistics([describe_masks(np.zeros((3, 10, 10), bool))])
    assert (nothing.empty, nothing.area) == (1, (0, 0, 0))


def test_frame_times_tell_rate_and_gaps(monkeypatch):
    times_s = np.delete(np.arange(24) / 6, [4, 9])
    monkeypatch.setattr(module, "draw_frame_times_s", lambda rng: times_s)
    rate, gaps = compare_frame_times(0, clips=2)
    assert (rate.simulated, rate.passed) == ("6.0", True)
    assert gaps.simulated == number(2 / 21, 2)
