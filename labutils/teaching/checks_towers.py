"""The checks of notebook 3: centroid, gaps, a quarter turn, the contrastive loss, its balance point, balanced pairs.

Notebook: 03_centroids_and_contrastive_mlp.
"""

from collections.abc import Callable

import numpy as np

from labutils.centroid import centroid
from labutils.pairs import BalancedPairs
from labutils.teaching.check import Check


def _masks() -> list[tuple]:
    """Two masks wider than high, so that a width is not a height."""
    corner, bar = np.zeros((4, 6), dtype=bool), np.zeros((3, 8), dtype=bool)
    corner[1:3, 3:] = corner[3, 5] = True
    bar[2, 1:4] = True
    return [(corner,), (bar,)]


def _in_pixels(mask: np.ndarray) -> np.ndarray:
    return centroid(mask) * mask.shape[::-1]


check_centroid = Check(
    right=centroid,
    cases=_masks,
    mistakes={
        "You are half a pixel too far to the upper left: pixel 0 reaches from 0 to 1, so its middle is at 1/2.": (
            lambda mask: centroid(mask) - 0.5 / np.array(mask.shape[::-1])
        ),
        "That is (y, x). The order is x, y: first the columns, then the rows.": lambda mask: centroid(mask)[
            ::-1
        ],
        "These are pixels: divide x by the width and y by the height.": _in_pixels,
        "You divide x by the height and y by the width: mask.shape is (height, width).": lambda mask: (
            _in_pixels(mask) / mask.shape
        ),
        "Your y points up. In pictures y points down: row 0 is the top.": lambda mask: np.array(
            [centroid(mask)[0], 1 - centroid(mask)[1]]
        ),
        "That is the middle of the box around the object. Every pixel counts alike.": lambda mask: np.array(
            [
                (np.flatnonzero(mask.any(axis=axis))[[0, -1]].mean() + 0.5) / mask.shape[1 - axis]
                for axis in (0, 1)
            ]
        ),
    },
    praise="The same as labutils.centroid.centroid.",
)


def _gaps() -> list[tuple]:
    """Pictures at uneven times, some without an object."""
    time_s = np.array([0.0, 0.1, 0.4, 0.5, 0.9, 1.0])
    x = np.array([0.2, 0.25, 0.0, 0.0, 0.9, 0.7])
    return [
        (time_s, x, np.array([True, True, False, False, True, True])),
        (time_s, x[::-1], np.array([True, False, False, False, True, True])),
    ]


def _hold_last(time_s: np.ndarray, x: np.ndarray, seen: np.ndarray) -> np.ndarray:
    return x[np.maximum.accumulate(np.where(seen, np.arange(len(x)), 0))]


check_fill_gaps = Check(
    right=lambda time_s, x, seen: np.interp(time_s, time_s[seen], x[seen]),
    cases=_gaps,
    mistakes={
        'What was not seen is 0 in yours: that says "at the left wall", which is a lie.': lambda time_s, x, seen: (
            np.where(seen, x, 0.0)
        ),
        "You draw the straight line over the numbers of the pictures. They are not equally far apart: use the times.": (
            lambda time_s, x, seen: np.interp(np.arange(len(x)), np.flatnonzero(seen), x[seen])
        ),
        "The object waits in yours until it is seen again, then jumps: take a straight line in time.": _hold_last,
        "You left the unseen pictures out: the answer has as many numbers as there are times.": (
            lambda time_s, x, seen: x[seen]
        ),
        "You put the mean into the gaps: take a straight line between the neighbours in time.": (
            lambda time_s, x, seen: np.where(seen, x, x[seen].mean())
        ),
        "You changed nothing: where seen is False, x holds no position.": lambda time_s, x, seen: x.copy(),
    },
    praise="A gap is bridged in time, never filled with zeros.",
)

check_quarter_turn = Check(
    right=lambda x, y: (1 - y, x),
    cases=lambda: [(0.1, 0.4), (0.8, 0.7)],
    mistakes={
        "You turned the other way. y points down: clockwise, the left wall becomes the top wall.": (
            lambda x, y: (y, 1 - x)
        ),
        "You turned about the corner (0, 0) and left the tray. Turn about its middle, (1/2, 1/2).": (
            lambda x, y: (-y, x)
        ),
        "You mirrored the tray at its diagonal: turned twice, that is the old place again.": lambda x, y: (
            y,
            x,
        ),
        "That is a half turn.": lambda x, y: (1 - x, 1 - y),
    },
    praise="Left becomes top, top becomes right, right becomes bottom.",
)


def _hadsell(D: np.ndarray, Y: np.ndarray, m: float) -> np.ndarray:
    return 0.5 * Y * D**2 + 0.5 * (1 - Y) * np.maximum(0, m - D) ** 2


def _pairs() -> list[tuple]:
    return [
        (np.array([0.0, 0.5, 2.0, 0.0, 0.4, 1.5]), np.array([1, 1, 1, 0, 0, 0]), 1.0),
        (np.array([3.0, 3.0, 7.0, 4.5]), np.array([0, 1, 0, 0]), 4.0),
    ]


check_contrastive_loss = Check(
    right=_hadsell,
    cases=_pairs,
    mistakes={
        "Your loss is 2 x too large: is the factor 1/2 there, in both halves?": lambda D, Y, m: (
            2 * _hadsell(D, Y, m)
        ),
        "The factor 1/2 of the true pairs is missing: it stands before both halves.": lambda D, Y, m: (
            Y * D**2 + 0.5 * (1 - Y) * np.maximum(0, m - D) ** 2
        ),
        "The factor 1/2 of the other pairs is missing: it stands before both halves.": lambda D, Y, m: (
            0.5 * Y * D**2 + (1 - Y) * np.maximum(0, m - D) ** 2
        ),
        "Your loss is 4 x too large: the factor 1/2 stands before the square, and you have a 2 there.": (
            lambda D, Y, m: 4 * _hadsell(D, Y, m)
        ),
        "Your factor 1/2 is inside the square, where it becomes 1/4.": lambda D, Y, m: _hadsell(D, Y, m) / 2,
        "You summed over the batch: return the loss of every pair.": lambda D, Y, m: _hadsell(D, Y, m).sum(),
        "You averaged over the batch: return the loss of every pair.": lambda D, Y, m: _hadsell(
            D, Y, m
        ).mean(),
        "Your Y is turned round: here 1 means that sound and video belong together.": lambda D, Y, m: (
            _hadsell(D, 1 - Y, m)
        ),
        "Other pairs beyond the margin still pay: max(0, m - D) before you square.": lambda D, Y, m: (
            0.5 * Y * D**2 + 0.5 * (1 - Y) * (m - D) ** 2
        ),
        "Your hinge is not squared: that is the report's form. Hadsell's is max(0, m - D)².": lambda D, Y, m: (
            0.5 * Y * D**2 + 0.5 * (1 - Y) * np.maximum(0, m - D)
        ),
        "Your hinge points the wrong way: the loss of another pair is m - D, large where it is near.": (
            lambda D, Y, m: 0.5 * Y * D**2 + 0.5 * (1 - Y) * np.maximum(0, D - m) ** 2
        ),
        "True pairs pay D in yours: it is D squared.": lambda D, Y, m: (
            0.5 * Y * D + 0.5 * (1 - Y) * np.maximum(0, m - D) ** 2
        ),
    },
    praise="True pairs are pulled like springs, others are pushed until they are m apart.",
)

check_balance_point = Check(
    right=lambda lam, others: others * (1 - lam) / (2 * lam),
    cases=lambda: [(0.5, 1), (0.1, 1), (0.1, 3), (0.8, 5)],
    mistakes={
        "The slope of λ D² is 2 λ D: is the 2 there?": lambda lam, others: others * (1 - lam) / lam,
        "λ and 1 - λ have changed places: a small λ lets the pairs drift far apart.": lambda lam, others: (
            others * lam / (2 * (1 - lam))
        ),
        "You forgot the others: k of them push at once, each with 1 - λ.": lambda lam, others: (
            (1 - lam) / (2 * lam)
        ),
        "More other pairs push further apart: k belongs above the line.": lambda lam, others: (
            (1 - lam) / (2 * lam * others)
        ),
        "That is the force that is left, not the distance: solve 2 λ D = k (1 - λ) for D.": lambda lam, others: (
            others * (1 - lam) - 2 * lam
        ),
    },
    praise="With one other pair for a true one, this is D* of above.",
)


def _properties(draw: Callable, clips: int) -> dict[str, float]:
    """What a balanced set of pairs must fulfil, whatever was drawn: tried with twenty seeds."""
    sets = [[np.asarray(part) for part in draw(clips, np.random.default_rng(seed))] for seed in range(20)]
    sound, video, same = (np.concatenate(parts) for parts in zip(*sets, strict=True))
    own, true = sound == video, same == 1
    return {
        "The number of pairs": len(sound) / len(sets),
        "The share of pairs with same = 1": true.mean(),
        "The share of the true pairs that have the sound's own video": own[true].mean(),
        "That no other pair has the sound's own video": not own[~true].any(),
        "The number of sounds that are in a true pair": len(set(sound[true])),
        "The number of sounds that are in another pair": len(set(sound[~true])),
        "That another seed draws other videos": any(not np.array_equal(sets[0][1], s[1]) for s in sets),
    }


def _balanced(clips: int, rng: np.random.Generator) -> tuple:
    pairs = BalancedPairs(clips, rng=rng)
    return pairs.sound, pairs.video, pairs.same


def _any_video(clips: int, rng: np.random.Generator) -> tuple:
    sound = np.arange(clips)
    return np.tile(sound, 2), np.concatenate([sound, rng.integers(0, clips, clips)]), np.repeat([1, 0], clips)


def _next_video(clips: int, rng: np.random.Generator) -> tuple:
    sound = np.arange(clips)
    return np.tile(sound, 2), np.concatenate([sound, (sound + 1) % clips]), np.repeat([1, 0], clips)


def _all_pairs(clips: int, rng: np.random.Generator) -> tuple:
    sound, video = (index.ravel() for index in np.indices((clips, clips)))
    return sound, video, sound == video


def _turned_round(clips: int, rng: np.random.Generator) -> tuple:
    sound, video, same = _balanced(clips, rng)
    return sound, video, 1 - same


check_balanced_pairs = Check(
    right=_balanced,
    cases=lambda: [(6,), (9,)],
    ask=_properties,
    mistakes={
        "Another pair may not get the sound's own video: that would be a true pair that is called false.": _any_video,
        "Your other video is always the next one: draw it, so that each epoch meets other pairs.": _next_video,
        "These are all pairs, and true ones are rare among them. Take one true and one other pair for each clip.": (
            _all_pairs
        ),
        "Your labels are turned round: same is 1 where sound and video are of one clip.": _turned_round,
    },
    praise="As many true pairs as others, and each epoch can draw anew.",
)
