"""Groups made of known clips: as the course makes them, or of any clips."""

import numpy as np
from unread_clips import clips_of

from labutils.matching import draw_group, random_group


def test_group_is_made_as_the_course_makes_them():
    clips, rng = clips_of(3, 12), np.random.default_rng(0)
    indices = np.arange(0, len(clips))
    for _ in range(20):
        group = draw_group(clips, indices, 50, 0.25, rng)
        heard, seen = set(group.sounds.tolist()), set(group.videos.tolist())
        assert len(heard) == len(group.sounds) and len(seen) == len(group.videos)
        assert len(heard - seen) == len(seen - heard) == 12
        assert 0.6 < len(heard & seen) / len(heard) < 0.8
        sessions = {(clips[i].label, clips[i].session) for i in heard | seen}
        assert len(sessions) == len({label for label, _ in sessions}), "a class comes from one session"
        partner = {int(c): i for i, c in enumerate(group.videos)}
        assert group.truth.tolist() == [partner.get(int(c), -1) for c in group.sounds]


def test_complete_group_misses_nobody():
    group = draw_group(clips_of(2, 12), np.arange(240), 50, 0.0, np.random.default_rng(1))
    assert set(group.sounds) == set(group.videos) and (group.truth >= 0).all()


def test_random_group_takes_any_clips_and_takes_halves_away():
    group = random_group(100, 40, 0.25, np.random.default_rng(0))
    assert len(group.sounds) == len(group.videos) == 40
    assert (group.truth < 0).sum() == 10 and len(np.union1d(group.sounds, group.videos)) == 50
    few = random_group(9, 40, 0.25, np.random.default_rng(0))
    assert len(few.sounds) == len(few.videos) == 6 and (few.truth < 0).sum() == 3
