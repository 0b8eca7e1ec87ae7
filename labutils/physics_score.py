"""Which sound fits which movement, from physics alone: nothing here is trained.

Three things agree between what is heard and what is seen of one event. A *contact* at a wall makes its microphone jump
up when the camera sees the object turn back there. A *fast* object is loud. The microphone of the *near* wall is louder
than the others. Each of them is a picture over time, drawn once from the sound and once from the movement. The score of
a pair is the correlation of the two pictures at the best of a few lags, because the clocks of sound and camera differ.

Sounds come as levels [N, 4, C, T] in dB (`spectrogram.step_levels`), movements as [M, 6, T] (`mask_shape.moments`, at the
middle of the same steps). Walls and microphones are ordered bottom, left, top, right; x points right, y down, both in shares
of the tray's width.

Notebook: 05_contact_maps.
"""

import numpy as np

from labutils.clips import CLIP_S

STEPS = 49
STEP_S = CLIP_S / STEPS
STEP_TIMES_S = (np.arange(STEPS) + 0.5) * STEP_S
LAGS = (-2, -1, 0, 1, 2)  # steps that the sound may be later than the picture
WALL_DECAY_LENGTH = 0.08  # tray widths: how far the nearness of a wall reaches
EDGE_STDS = 1.6  # the edge of an object lies about so many standard deviations of its mask from its middle
WEAKEST_CONTACT = 0.4  # of the strongest one in the clip: what is weaker is not marked
AT_REST = 0.005  # widths a step: added to every speed, because the camera cannot tell a slower object from one at rest


def contact_score(levels: np.ndarray, movement: np.ndarray) -> np.ndarray:
    """How well contacts heard agree with contacts seen, wall by wall; [N, 4, C, T], [M, 6, T] -> [N, M], -1 to 1."""
    return best_correlation(heard_contacts(levels), seen_contacts(movement))


def loudness_score(levels: np.ndarray, movement: np.ndarray) -> np.ndarray:
    """How well loudness follows the logarithm of the speed; [N, 4, C, T], [M, 6, T] -> [N, M], -1 to 1."""
    loudness = wall_levels(levels).mean(axis=1, keepdims=True)  # (N, 4, T) -> (N, 1, T)
    return best_correlation(loudness, log_speed(movement)[:, None])


def wall_score(levels: np.ndarray, movement: np.ndarray) -> np.ndarray:
    """How well the louder microphones agree with the nearer walls; [N, 4, C, T], [M, 6, T] -> [N, M], -1 to 1."""
    return best_correlation(_against_mean(wall_levels(levels)), _against_mean(wall_nearness(movement)))


def physics_scores(levels: np.ndarray, movement: np.ndarray) -> np.ndarray:
    """The three scores of every pair: contacts, loudness, wall; [N, 4, C, T], [M, 6, T] -> [N, M, 3]."""
    scores = contact_score, loudness_score, wall_score
    return np.stack([score(levels, movement) for score in scores], axis=-1)


def wall_levels(levels: np.ndarray) -> np.ndarray:
    """Peak level of each microphone in each step, all bands together; [N, 4, C, T] -> [N, 4, T], dB."""
    peaks = levels[:, :, : levels.shape[2] // 2]
    return 10 * np.log10((10 ** (peaks / 10)).sum(axis=2))


def heard_contacts(levels: np.ndarray) -> np.ndarray:
    """How far each microphone jumps up from the step before, against the mean of all four; [N, 4, C, T] -> [N, 4, T], dB."""
    loudness = wall_levels(levels)
    rise = np.diff(loudness, axis=2, prepend=loudness[:, :, :1])
    return _against_mean(np.maximum(rise, 0))


def seen_contacts(movement: np.ndarray) -> np.ndarray:
    """Where each wall pushes the object back: root of its acceleration away from this wall, times the nearness.

    Args:
        movement: [M, 6, T].

    Returns:
        float [M, 4, T], 0 or more.
    """
    push = np.gradient(np.gradient(wall_distances(movement), axis=2), axis=2)
    return np.sqrt(np.maximum(push, 0) * wall_nearness(movement))


def strongest(contacts: np.ndarray) -> np.ndarray:
    """Moments at which a contact is stronger than the steps beside it and not much weaker than the clip's strongest.

    Args:
        contacts: float [N, 4, T], 0 or less where there is none.

    Returns:
        bool [N, 4, T].
    """
    before, after = (np.pad(contacts, ((0, 0), (0, 0), side))[..., keep] for side, keep in _NEIGHBOURS)
    peak = (contacts > before) & (contacts >= after)
    return peak & (contacts > WEAKEST_CONTACT * contacts.max(axis=(1, 2), keepdims=True)) & (contacts > 0)


_NEIGHBOURS = (((1, 0), slice(None, -1)), ((0, 1), slice(1, None)))


def wall_distances(movement: np.ndarray) -> np.ndarray:
    """From the middle of the object to each wall, tray widths; [M, 6, T] -> [M, 4, T]."""
    x, y = movement[:, 0], movement[:, 1]
    return np.stack([1 - y, x, y, 1 - x], axis=1)


def wall_nearness(movement: np.ndarray) -> np.ndarray:
    """1 where the edge of the object touches a wall, falling to 0 away from it; [M, 6, T] -> [M, 4, T]."""
    reach = EDGE_STDS * np.sqrt(np.maximum(movement[:, [3, 2, 3, 2]], 0))  # (M, 4, T), along y, x, y, x
    return np.exp(-np.maximum(wall_distances(movement) - reach, 0) / WALL_DECAY_LENGTH)


def log_speed(movement: np.ndarray) -> np.ndarray:
    """Natural logarithm of the speed in widths a step; [M, 6, T] -> [M, T]."""
    x_speed, y_speed = np.gradient(movement[:, 0], axis=1), np.gradient(movement[:, 1], axis=1)
    return np.log(np.hypot(x_speed, y_speed) + AT_REST)


def best_correlation(heard: np.ndarray, seen: np.ndarray, lags: tuple[int, ...] = LAGS) -> np.ndarray:
    """The correlation of every heard picture with every seen one, at its best lag.

    The first and last steps of the sound, which have no partner at every lag, are left out at all of them.

    Args:
        heard: float [N, walls, T].
        seen: float [M, walls, T].
        lags: in steps; at +1 the sound is one step later than the picture.

    Returns:
        float [N, M], -1 to 1; 0 for a picture in which nothing changes.
    """
    reach, steps = max(map(abs, lags)), heard.shape[-1]
    sounds = _standardised(heard[..., reach : steps - reach])
    windows = [seen[..., reach - lag : steps - reach - lag] for lag in lags]
    return np.max([sounds @ _standardised(window).T for window in windows], axis=0)


def _standardised(pictures: np.ndarray) -> np.ndarray:
    """Each picture as one row of mean 0 and length 1; [N, walls, T] -> [N, walls * T]."""
    rows = pictures.reshape(len(pictures), -1).astype(float)
    rows -= rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def _against_mean(walls: np.ndarray) -> np.ndarray:
    """What each wall has more than the mean of the four; [N, 4, T] -> [N, 4, T]."""
    return walls - walls.mean(axis=1, keepdims=True)
