"""Balanced pair sets of any size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labutils.pairs import BalancedPairs


@given(st.integers(2, 30), st.integers(1, 4), st.integers(0, 1000))
def test_pairs_are_balanced_and_no_other_video_is_the_sounds_own(clips, pairs_per_clip, seed):
    pairs = BalancedPairs(clips, pairs_per_clip=pairs_per_clip, rng=np.random.default_rng(seed))
    assert len(pairs) == 2 * clips * pairs_per_clip
    assert pairs.same.mean() == 0.5
    assert ((pairs.sound == pairs.video) == pairs.same.astype(bool)).all()
    assert (np.bincount(pairs.sound, minlength=clips) == 2 * pairs_per_clip).all()
    assert pairs.video.min() >= 0
    assert pairs.video.max() < clips


def test_other_videos_are_drawn_from_all_other_clips():
    pairs = BalancedPairs(5, pairs_per_clip=2000, rng=np.random.default_rng(0))
    others = pairs.video[(pairs.same == 0) & (pairs.sound == 2)]
    assert np.bincount(others, minlength=5) == pytest.approx([500, 500, 0, 500, 500], abs=80)


def test_pair_set_is_the_same_for_the_same_seed():
    first, second = (BalancedPairs(9, pairs_per_clip=2, rng=np.random.default_rng(4)) for _ in range(2))
    assert [first[i] for i in range(36)] == [second[i] for i in range(36)]


def test_one_clip_makes_no_pairs():
    with pytest.raises(ValueError, match="at least 2 clips to draw from, found 1"):
        BalancedPairs(1, rng=np.random.default_rng(0))
