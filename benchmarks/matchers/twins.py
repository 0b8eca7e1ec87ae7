"""The ceiling of anything fair: who knows every pair, but cannot tell still twins apart.

An object that lies still makes a film in which nothing happens. Two such films of one object in one place differ in next to
nothing, so their sounds are given to them by lot. Everything else is taken as known: which sound and which
video belong together, which have no partner, and of sounds without a partner, that their own film would be a twin of one
that is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labutils.matching import assign, assign_partially
from matchers.groups import COMPLETE_TASK, Answer, TestGroup
from matchers.stillness import TWIN_CM
from matchers.true_events import WIDTH_CM, Event, events_of_sounds, events_of_videos


def are_twin_events(sounds: Sequence[Event], videos: Sequence[Event], still_cm: float) -> np.ndarray:
    """Whether one object lies still in both, within 1 cm of the same place, by what truly happened; bool [N, M].

    Args:
        sounds: what happened while N sounds were recorded.
        videos: what happened in M videos.
        still_cm: an object that moves less than this lies still.
    """
    heard, seen = (_label_still_middle(side, still_cm) for side in (sounds, videos))
    (label, still, middle_cm), (own_label, own_still, own_middle_cm) = heard, seen
    near = np.linalg.norm(middle_cm[:, None] - own_middle_cm, axis=2) < TWIN_CM
    return near & (label[:, None] == own_label) & still[:, None] & own_still


def _label_still_middle(
    events: Sequence[Event], still_cm: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Class, whether it lies still, and mean place in cm of every object; int [N], bool [N], [N, 2]."""
    still = np.array([event.reach_cm < still_cm for event in events])
    middle_cm = WIDTH_CM * np.array([event.path.mean(axis=0) for event in events])
    return np.array([event.label for event in events]), still, middle_cm


@dataclass(frozen=True)
class AllButTwins:
    """Gives every sound its own video or a twin of it, by lot.

    Attributes:
        still_cm: an object that moves less than this lies still.
        kept: folder for what truly happened.
        seed: of the lots.
    """

    still_cm: float
    kept: Path
    seed: int

    def answer(self, group: TestGroup) -> Answer:
        """The truth, but for twins."""
        events = events_of_sounds(group.sounds, self.kept), events_of_videos(group.videos, self.kept)
        fits = are_twin_events(*events, self.still_cm)
        fits |= group.truth[:, None] == np.arange(len(group.videos))
        gain = np.where(fits, 1.0, -1.0) + 1e-3 * group.lots(self.seed).random(fits.shape)
        return Answer(assign(-gain) if group.task == COMPLETE_TASK else assign_partially(gain), gain)


def all_but_twins(train_folder: Path, seed: int, kept: Path) -> AllButTwins:
    """What moves less than 1 cm lies still."""
    return AllButTwins(1.0, kept / "features", seed)


def all_but_motionless(train_folder: Path, seed: int, kept: Path) -> AllButTwins:
    """What moves less than 2 mm lies still."""
    return AllButTwins(0.2, kept / "features", seed)
