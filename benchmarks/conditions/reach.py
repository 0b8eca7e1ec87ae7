"""How far the object moved: sounds with a video, in bins of the distance that is seen.

An object that lies still makes no contact that could be timed.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from matchers.stillness import reach_cm

from conditions.sweep import Fit, Row, Setting, Sweep, name_of, score_of
from labutils.matching import UNMATCHED
from labutils.systems.contact import video_features

EDGES_CM = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0)


def in_bins(reach: np.ndarray) -> np.ndarray:
    """Lower edge of the bin of every distance; [M] cm -> [M] cm."""
    return np.array(EDGES_CM)[np.searchsorted(EDGES_CM, reach, side="right") - 1]


def points(
    setting: Setting, fit: Fit, seed: int, edges: Sequence[float]
) -> Iterator[tuple[float, list[Row]]]:
    """Answer every group once, then count each bin by itself; nan where a group has no such sound."""
    matcher = fit(setting.training_set(seed))
    answered = []
    for group in setting.groups():
        videos = video_features(group.videos, cache=setting.kept / "features", progress=False)
        own = np.where(group.truth == UNMATCHED, np.nan, in_bins(reach_cm(videos))[group.truth])
        answered.append((group, matcher.answer(group), own))
    for edge in edges:
        yield (
            edge,
            [(name_of(g), score_of(a.assignment, a.scores, g.truth, own == edge)) for g, a, own in answered],
        )


REACH = Sweep(
    label="the object moves this far or farther, up to the next point (cm)",
    values=lambda setting: EDGES_CM,
    points=points,
    methods=("ours", "physics", "class"),
)
