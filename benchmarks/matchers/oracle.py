"""Oracles: what contacts alone could tell, if somebody knew the true ones and the true classes.

One oracle knows time, wall and strength of every contact on both sides, so that it compares two copies of one list: what it
gets wrong, contacts do not tell at all. The other knows them of the sound, and of the video only what a simple rule makes of
six pictures a second. It knows nothing of sliding and rolling, so it is no upper limit: contact maps may do better. Each
exists with the scores of the lab's own contact maps and heard path as well, calibrated together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labutils.clips import CLIP_S, Clip
from labutils.systems.contact import Sounds, Videos, sound_features, video_features
from matchers.calibrated import ScoreMatcher, ScorePairs, fit_matcher
from matchers.ours import own_scores
from matchers.training_set import TrainingSet, read_training_set
from matchers.true_events import WIDTH_CM, Event, events_of_sounds, events_of_videos

STEPS = 200
SPREAD_S = 0.045
"""Standard deviation of a time of which only the interval between two pictures is known: 155 ms / sqrt(12)."""
LEAST_CHANGE_M_S = 0.03
"""The weakest hit that counts as one (`simulate.hits`); strengths are counted in doublings above it."""
LEAST_SEEN_M_S = 0.05
"""The least change of speed that pictures show: four times what an error of 1 px in each of four places makes of it."""
_OUTWARD = np.array([(0, 1), (-1, 0), (0, -1), (1, 0)])  # x right, y down; walls bottom, left, top, right
_OTHER_CLASS = -100.0  # so that calibration makes a true class worth more than any contact


@dataclass(frozen=True)
class Contacts:
    """Contacts of one clip: `time_s` [H], `wall` int [H], `speed_change` [H] in m/s."""

    time_s: np.ndarray
    wall: np.ndarray
    speed_change: np.ndarray


def true_contacts(event: Event) -> Contacts:
    """All contacts, as they were."""
    return Contacts(event.time_s, event.wall, event.speed_change)


def contacts_in_pictures(event: Event) -> Contacts:
    """What is left of the contacts when only the places of the object in the pictures are known.

    A contact lies between two pictures. The object came along the straight line through the two pictures before and left
    along that through the two pictures after, both as seen across the wall: where they meet is the time, but no later and
    no earlier than the two pictures; how much the slope changes is the strength. A contact is lost if this change is below
    `LEAST_SEEN_M_S`, or if it lies before the first picture or after the last. Contacts with one wall between two pictures
    are one contact.
    """
    time_s, place_m = event.frame_time_s, WIDTH_CM / 100 * event.frame_place
    gap = np.searchsorted(time_s, event.time_s) - 1
    inside = (gap >= 0) & (gap < len(time_s) - 1)
    found = np.unique(np.stack([gap[inside], event.wall[inside]], axis=1), axis=0)  # (contacts, 2)
    gap, wall = found.T
    outward_m = place_m @ _OUTWARD.T  # (T, 4): how far towards each wall
    speed = np.diff(outward_m, axis=0) / np.diff(time_s)[:, None]  # (gaps, 4)
    before, after = speed[np.maximum(gap - 1, 0), wall], speed[np.minimum(gap + 1, len(speed) - 1), wall]
    seen = before - after > LEAST_SEEN_M_S
    gap, wall, before, after = gap[seen], wall[seen], before[seen], after[seen]
    first_s, last_s = time_s[gap], time_s[gap + 1]
    step_m = outward_m[gap + 1, wall] - outward_m[gap, wall]
    meet_s = (step_m + before * first_s - after * last_s) / (before - after)
    return Contacts(np.clip(meet_s, first_s, last_s), wall, before - after)


def picture_of(contacts: Contacts) -> np.ndarray:
    """Contacts as bumps on a map of walls and time; float [4, 200], a bump's sum of squares is its strength squared."""
    middle_s = (np.arange(STEPS) + 0.5) * CLIP_S / STEPS
    away = (middle_s - contacts.time_s[:, None]) / SPREAD_S  # (H, steps)
    bump = np.exp(-0.5 * away**2) * np.sqrt(CLIP_S / STEPS / SPREAD_S / np.sqrt(np.pi))
    strength = np.log1p(contacts.speed_change / LEAST_CHANGE_M_S)
    picture = np.zeros((4, STEPS))
    np.add.at(picture, contacts.wall, strength[:, None] * bump)
    return picture


def common_and_different(heard: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """How much two maps have in common, and how much they differ, negative; [N, 4, T], [M, 4, T] -> [N, M, 2].

    The first alone would not tell two objects that lie still: they have nothing in common, and nothing tells them apart.
    """
    heard, seen = heard.reshape(len(heard), -1), seen.reshape(len(seen), -1)
    common = heard @ seen.T
    different = (heard**2).sum(axis=1)[:, None] + (seen**2).sum(axis=1) - 2 * common
    return np.stack([common, -different], axis=-1)


@dataclass(frozen=True)
class Known:
    """What an oracle knows of n clips: `pictures` [n, 4, 200], true `labels` [n], and features of the lab's own system."""

    pictures: np.ndarray
    labels: np.ndarray
    own: Sounds | Videos

    def __getitem__(self, indices) -> "Known":
        return Known(self.pictures[indices], self.labels[indices], self.own[indices])

    def __len__(self) -> int:
        return len(self.labels)


class OracleScore:
    """True contacts of the sound against those of the video, and the true classes.

    Args:
        seen: what is known of the contacts in a video.
        with_ours: the scores of contact maps and heard path as well.
    """

    def __init__(self, seen: Callable[[Event], Contacts] = true_contacts, *, with_ours: bool = False):
        self.seen, self.with_ours = seen, with_ours

    def sound_features(self, clips: Sequence[Clip], **options) -> Known:
        """True contacts behind N sounds."""
        events = events_of_sounds(clips, options["cache"])
        return _known(events, true_contacts, sound_features(clips, **options))

    def video_features(self, clips: Sequence[Clip], **options) -> Known:
        """Contacts behind M videos."""
        events = events_of_videos(clips, options["cache"])
        return _known(events, self.seen, video_features(clips, **options))

    def fit(self, training: TrainingSet, indices: np.ndarray) -> ScorePairs:
        """Nothing is learned but, if wanted, contact maps and heard path."""
        ours = own_scores().fit(training, indices) if self.with_ours else None

        def score(sounds: Known, videos: Known) -> np.ndarray:
            found = [common_and_different(sounds.pictures, videos.pictures)]
            found.append(_OTHER_CLASS * (sounds.labels[:, None, None] != videos.labels[None, :, None]))
            if ours is not None:
                found.append(ours(sounds.own, videos.own))
            return np.concatenate(found, axis=-1)  # -> (N, M, 3 or 6)

        return score


def _known(events: Sequence[Event], contacts: Callable[[Event], Contacts], own: Sounds | Videos) -> Known:
    pictures = np.stack([picture_of(contacts(event)) for event in events])
    return Known(pictures, np.array([event.label for event in events]), own)


def _fit(score: OracleScore, train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    return fit_matcher(score, read_training_set(train_folder, seed, kept), with_class=False)


def oracle(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """True contacts on both sides, true classes."""
    return _fit(OracleScore(), train_folder, seed, kept)


def oracle_and_ours(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """True contacts on both sides, true classes, and the scores of ours."""
    return _fit(OracleScore(with_ours=True), train_folder, seed, kept)


def camera_oracle(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """True contacts of the sound, those of the video as six pictures a second show them, true classes."""
    return _fit(OracleScore(contacts_in_pictures), train_folder, seed, kept)


def camera_oracle_and_ours(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """As `camera_oracle`, and the scores of ours."""
    return _fit(OracleScore(contacts_in_pictures, with_ours=True), train_folder, seed, kept)
