"""Groups made of known clips, as the course makes them: to calibrate on what the tests will be like.

Notebook: 05_contact_maps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labutils.clips import Clip
from labutils.matching.assignment import UNMATCHED


@dataclass(frozen=True)
class Group:
    """A made-up test group: indices of clips that give a sound, [N], and of clips that give a video, [M]."""

    sounds: np.ndarray
    videos: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        """Index in `videos` of every sound's own video, -1 for none; int [N]."""
        place = {clip: index for index, clip in enumerate(self.videos.tolist())}
        return np.array([place.get(clip, UNMATCHED) for clip in self.sounds.tolist()])


def random_group(clips: int, size: int, missing_rate: float, rng: np.random.Generator) -> Group:
    """A group of any of some clips.

    Args:
        clips: how many there are.
        size: sounds, and videos, in the group; fewer if there are not enough clips.
        missing_rate: share of the sounds without a video, and of the videos without a sound, 0-1.
        rng: draws the clips and what is taken away.
    """
    unmatched = round(missing_rate * size)
    return _split(rng.permutation(clips)[: size + unmatched], unmatched, rng)


def draw_group(
    clips: Sequence[Clip], indices: np.ndarray, size: int, missing_rate: float, rng: np.random.Generator
) -> Group:
    """A group as the course makes them: classes as often as in the data, the clips of a class from one session.

    Args:
        clips: with label and session.
        indices: of the clips to draw from.
        size: sounds, and videos, in the group; fewer if there are not enough clips.
        missing_rate: share of the sounds without a video, and of the videos without a sound.
        rng: draws classes, sessions, clips and what is taken away.
    """
    unmatched = round(missing_rate * size)
    labels = np.array([clips[i].label for i in indices])
    picked: list[int] = []
    for label, count in zip(
        *np.unique(rng.choice(labels, size + unmatched), return_counts=True), strict=True
    ):
        own = indices[labels == label]
        session = clips[rng.choice(own)].session
        of_session = [i for i in own if clips[i].session == session]
        picked += rng.permutation(of_session)[:count].tolist()
    return _split(rng.permutation(picked), unmatched, rng)


def _split(clips: np.ndarray, unmatched: int, rng: np.random.Generator) -> Group:
    """Take the sound of some clips away, and the video of others; at most a third each."""
    unmatched = min(unmatched, len(clips) // 3)
    only_heard, only_seen, both = np.split(clips, [unmatched, 2 * unmatched])
    return Group(rng.permutation([*both, *only_heard]), rng.permutation([*both, *only_seen]))
