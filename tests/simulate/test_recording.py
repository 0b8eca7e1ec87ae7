"""From a session to clips: where they are cut and when the pictures are taken."""

import numpy as np
import pytest

from labutils.simulate.recording import clip_starts_s, draw_frame_times_s


def test_clip_begins_two_seconds_before_a_contact_and_after_the_last_clip():
    assert clip_starts_s(np.array([2.0, 3.0, 6.5, 9.0]), 12.0) == pytest.approx([0.0, 4.5])
    assert clip_starts_s(np.array([1.9, 10.1]), 12.0) == []


def test_pictures_rise_in_time_within_the_clip():
    rng = np.random.default_rng(0)
    counts = []
    for _ in range(300):
        times_s = draw_frame_times_s(rng)
        assert (np.diff(times_s) > 0).all() and times_s[0] >= 0 and times_s[-1] < 4
        counts.append(len(times_s))
    assert np.mean(counts) == pytest.approx(25.3, abs=0.5) and max(counts) <= 35
