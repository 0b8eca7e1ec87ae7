"""The hits of a session: when the object hit a wall, where, and with which impulse, from the motion itself."""

from dataclasses import dataclass

import numpy as np

from labutils.simulate.objects import ImpactObject
from labutils.simulate.tray import Motion

_IMPULSE_S = 0.015  # a hit's impulse is summed over this time
_LEANING_S = 0.060  # the sustained push is the mean over this time before and after
_QUIET_S = 0.004  # a hit begins after this time without contact
_LEAST_SPEED_M_S = 0.03  # weaker hits are not heard as hits


@dataclass(frozen=True)
class Hit:
    """One hit of the object against a wall."""

    time_s: float
    wall: int
    impulse_n_s: float
    point_m: np.ndarray  # (3,) point of contact on the wall
    position_m: np.ndarray  # (3,) position of the object


def find_hits(motion: Motion, obj: ImpactObject) -> list[Hit]:
    """Return the hits against the walls, in order of time.

    A hit begins after 4 ms without contact. Its impulse is the sum over the next 15 ms, less what the mean push of the
    60 ms before and after would have given: an object may lean on a wall, or drum on it while it slides along. A hit counts
    if it changes the object's speed by 0.03 m/s. No impulse is counted twice.

    Args:
        motion: from `simulate_session`.
        obj: the object that moved.
    """
    quiet = round(_QUIET_S * motion.rate_hz)
    hits = []
    for wall in range(4):
        impulse = motion.wall_impulse_n_s[:, wall]
        for start in find_onsets(impulse > 0, quiet, round(_IMPULSE_S * motion.rate_hz)):
            total = _impulse_above_leaning(impulse, start, motion.rate_hz)
            if total > _LEAST_SPEED_M_S * obj.mass_kg:
                point_m, position_m = motion.wall_point_m[start, wall], motion.position_m[start]
                hits.append(Hit(start / motion.rate_hz, wall, total, point_m, position_m))
    return sorted(hits, key=lambda hit: hit.time_s)


def find_onsets(active: np.ndarray, quiet: int, dead: int) -> list[int]:
    """Return the samples where a state begins.

    Args:
        active: bool [n].
        quiet: the state must have been absent for at least so many samples before.
        dead: no other beginning is reported for so many samples after one.
    """
    indices = np.flatnonzero(active)
    onsets: list[int] = []
    for start in indices[np.diff(indices, prepend=-quiet - 1) > quiet]:
        if not onsets or start >= onsets[-1] + dead:
            onsets.append(int(start))
    return onsets


def _impulse_above_leaning(impulse: np.ndarray, start: int, rate_hz: float) -> float:
    window, around = round(_IMPULSE_S * rate_hz), round(_LEANING_S * rate_hz)
    hit = impulse[start : start + window]
    before, after = impulse[max(0, start - around) : start], impulse[start + window : start + window + around]
    leaning = (before.sum() + after.sum()) / (2 * around)
    return float(hit.sum() - len(hit) * leaning)
