"""Shortcut controls: questions whose right answers must stay at chance, or the data could be solved without hits.

Motors hum while the arm moves, so a sound could tell how the tray was tilted, and with it where the object went, before
anything was hit. Rig and object are drawn together, so silence could tell the class. Both are tested where nothing else is
heard: the object rests, it neither slides nor rolls nor hits. Each control learns on some sessions, by a linear map unless
another learner is given, and is asked about others.

A sound may tell that the arm moves now, as in the recordings. Stretches of sound are therefore aligned with the beginning
of a move.

Source: Geirhos et al., "Shortcut learning in deep neural networks", Nature Machine Intelligence 2, 2020.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Any

import numpy as np
from joblib import delayed
from scipy import signal
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from labutils.clips import SAMPLE_RATE_HZ
from labutils.evaluation import cluster_interval
from labutils.processes import processes
from labutils.progress import counted
from labutils.simulate.hits import find_hits
from labutils.simulate.objects import OBJECTS
from labutils.simulate.rig import Rig
from labutils.simulate.sound import synthesise
from labutils.simulate.tray import Motion, simulate_session
from labutils.validation.comparison import Comparison

SESSIONS, SESSION_S = 80, 20.0  # eight of every class
MOVE_S = 0.28  # shorter than any move of the arm
SILENCE_S = 0.25
GROUP_SIZE = 10

Learner = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]

_ARM_MOVES_RAD_S = 0.02
_STILL_M_S, _STILL_RAD_S = 0.002, 0.02  # slower than this, an object on the floor makes no sound
_RING_S = 0.30  # after this time the last hit has died out
_START_S = 0.10  # the motors' sound swells over this time around the beginning of a move
_STEP_S = 0.035
_BANDS_HZ = np.geomspace(80, 16000, 17)


@dataclass(frozen=True)
class ShortcutControl:
    """The answer of a control: how often it was right, within which interval (95 %), and what guessing gives."""

    share_right: float
    interval: tuple[float, float]
    chance: float
    questions: int

    @property
    def is_near_chance(self) -> bool:
        """Tell whether guessing explains the answer: chance lies in the interval, or above it."""
        return self.interval[0] <= self.chance


@dataclass(frozen=True)
class QuietSession:
    """What the controls keep of one session: a row for every move of the arm that left the object where it was."""

    label: int
    silence: np.ndarray  # (rests, 4, bands) mean log spectrum before the arm moves
    sound: np.ndarray  # (moves, features) band levels over time in every channel while it moves
    tilt: np.ndarray  # (moves, features) the two tilts, their rates and the size of these over the same time
    position: np.ndarray  # (moves, features) where the object is seen over the same time


def quiet_sessions(
    count: int, seed: int, duration_s: float = 30.0, *, workers: int = 1
) -> Iterator[QuietSession]:
    """Simulate sessions, classes in turn, each with a rig of its own, and keep what the controls need.

    Args:
        count: number of sessions; a multiple of ten gives every class the same share.
        seed: any number from 0.
        duration_s: length of a session in seconds.
        workers: processes at the same time.

    Yields:
        Session after session; each worker holds the sound of one.
    """
    numbered = (delayed(_quiet_session)(number, seed, duration_s) for number in range(count))
    yield from processes(workers, return_as="generator")(numbered)


def _quiet_session(number: int, seed: int, duration_s: float) -> QuietSession:
    rng = np.random.default_rng([seed, number])
    obj, rig = OBJECTS[number % len(OBJECTS)], Rig.draw(rng)
    motion = simulate_session(obj, duration_s=duration_s, seed=int(rng.integers(2**32)))
    audio = synthesise(motion, obj, rig, rng)
    hits_s = np.array([hit.time_s for hit in find_hits(motion, obj)])
    return describe_quiet(motion, audio, hits_s, number % len(OBJECTS))


def describe_quiet(motion: Motion, audio: np.ndarray, hits_s: np.ndarray, label: int) -> QuietSession:
    """Cut the stretches of a session in which the object rests, and describe them.

    Args:
        motion: from `simulate_session`.
        audio: [samples, 4] at 44.1 kHz.
        hits_s: times of all hits in seconds.
        label: class number.
    """
    begins_s = move_beginnings_s(motion)
    silent = [
        s for s in begins_s if is_quiet(motion, hits_s, s - _START_S - SILENCE_S - _RING_S, s - _START_S)
    ]
    moved = [s for s in begins_s if is_quiet(motion, hits_s, s - _RING_S, s + MOVE_S)]
    times_s = np.arange(0, MOVE_S, _STEP_S)
    indices = [np.round((s + times_s) * motion.rate_hz).astype(int) for s in moved]
    rates = motion.tilt_rate_rad_s
    tilts = np.concatenate([motion.tilt_rad, rates, np.abs(rates)], axis=1)
    return QuietSession(
        label,
        np.array([band_levels(audio, s - _START_S - SILENCE_S, SILENCE_S, SILENCE_S)[0] for s in silent]),
        np.array([band_levels(audio, s, MOVE_S, _STEP_S).ravel() for s in moved]),
        np.array([tilts[at].ravel() for at in indices]),
        np.array([motion.position_m[at, :2].ravel() for at in indices]),
    )


def move_beginnings_s(motion: Motion) -> np.ndarray:
    """Return when the arm begins to move, after rest, for `MOVE_S` or longer; seconds, rising."""
    moves = np.abs(motion.tilt_rate_rad_s).max(axis=1) > _ARM_MOVES_RAD_S
    rest, length = round((SILENCE_S + _START_S) * motion.rate_hz), round(MOVE_S * motion.rate_hz)
    begins = np.flatnonzero(moves[1:] & ~moves[:-1]) + 1
    kept = [b for b in begins if b >= rest and not moves[b - rest : b].any() and moves[b : b + length].all()]
    return np.array([b for b in kept if b + length <= len(moves)]) / motion.rate_hz


def is_quiet(motion: Motion, hits_s: np.ndarray, start_s: float, end_s: float) -> bool:
    """Tell whether the object rests from start to end: no slip, no roll, no hit."""
    if start_s < 0 or np.any((hits_s > start_s) & (hits_s < end_s)):
        return False
    part = slice(round(start_s * motion.rate_hz), round(end_s * motion.rate_hz))
    speed = np.linalg.norm(motion.velocity_m_s[part], axis=1).max()
    spin = np.linalg.norm(motion.spin_rad_s[part], axis=1).max()
    return bool(speed < _STILL_M_S and spin < _STILL_RAD_S)


def band_levels(audio: np.ndarray, start_s: float, length_s: float, step_s: float) -> np.ndarray:
    """Return the level of a stretch of sound in bands of equal ratio, step after step.

    Args:
        audio: [samples, 4] at 44.1 kHz.
        start_s: where the stretch begins.
        length_s: how long it is.
        step_s: length of a step.

    Returns:
        [steps, 4, 16] in dB re full scale squared.
    """
    first, step = round(start_s * SAMPLE_RATE_HZ), round(step_s * SAMPLE_RATE_HZ)
    steps = round(length_s / step_s)
    pieces = audio[first : first + steps * step].reshape(steps, step, -1)
    frequency, power = signal.periodogram(pieces, SAMPLE_RATE_HZ, window="hann", axis=1)
    edges = np.searchsorted(frequency, _BANDS_HZ)
    bands = [power[:, a : max(b, a + 1)].mean(axis=1) for a, b in pairwise(edges)]
    return 10 * np.log10(np.stack(bands, axis=-1) + 1e-20)


def ridge_distances(
    heard: np.ndarray, seen: np.ndarray, asked_heard: np.ndarray, asked_seen: np.ndarray
) -> np.ndarray:
    """Ridge regression learns the picture from the sound; how far what it expects is from what is seen.

    Args:
        heard, seen: n moves to learn from, [n, features] each.
        asked_heard, asked_seen: m other moves.

    Returns:
        float [m, m], of every sound to every picture.
    """
    scale = StandardScaler().fit(seen)
    model = make_pipeline(StandardScaler(), RidgeCV(np.geomspace(1, 1e5, 11)))
    model.fit(heard, scale.transform(seen))
    return cdist(model.predict(asked_heard), scale.transform(asked_seen))


def match_moves(
    sessions: Sequence[QuietSession],
    seen: Callable[[QuietSession], np.ndarray],
    seed: int = 0,
    *,
    learn: Learner = ridge_distances,
) -> ShortcutControl:
    """Match the sound of the arm's moves with what is seen of them, in groups of ten, while the object rests.

    A learner is shown one half of the sessions; on the other half every group of ten is matched by the least sum of
    distances. Then the halves change places.

    Args:
        sessions: from `quiet_sessions`.
        seen: what is seen of the moves of a session, [moves, features].
        seed: of the groups.
        learn: what is learned, and how far a sound is from a picture; as `ridge_distances`.

    Returns:
        ShortcutControl; its interval is that of a bootstrap over groups.

    Raises:
        ValueError: less than ten moves in one half.
    """
    rng, right = np.random.default_rng(seed), []
    for fold in range(2):
        known, ask = (_moves(_half(sessions, half), seen) for half in (1 - fold, fold))
        if len(ask[0]) < GROUP_SIZE or len(known[0]) < GROUP_SIZE:
            raise ValueError(
                f"{len(ask[0])} and {len(known[0])} moves: expected {GROUP_SIZE} or more in each half"
            )
        distance = learn(*known, *ask)
        order = rng.permutation(len(distance))[: len(distance) // GROUP_SIZE * GROUP_SIZE]
        right += [_right_in_group(distance, rng.permutation(g)) for g in order.reshape(-1, GROUP_SIZE)]
    return _control(right, 1 / GROUP_SIZE, seed)


def _half(sessions: Sequence[QuietSession], half: int) -> list[QuietSession]:
    """Return every other round of ten sessions, so that both halves hold every class."""
    return [session for number, session in enumerate(sessions) if number // len(OBJECTS) % 2 == half]


def _moves(
    sessions: list[QuietSession], seen: Callable[[QuietSession], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is heard and what is seen of all moves, a row each."""
    moved = [session for session in sessions if len(session.sound)]
    if not moved:
        return np.empty((0, 1)), np.empty((0, 1))
    sound = np.concatenate([session.sound for session in moved])
    return sound, np.concatenate([seen(session) for session in moved])


def _right_in_group(distance: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Match the members of a group with each other; tell which got their own, [10] bool."""
    _, column = linear_sum_assignment(distance[np.ix_(group, group)])
    return column == np.arange(len(group))


def classify_silence(
    sessions: Sequence[QuietSession], per_session: int = 2, seed: int = 0
) -> ShortcutControl:
    """Tell the object from the silence before it moves, while the arm rests too.

    Logistic regression on the mean log spectrum of every channel; every fold is asked about sessions it has not seen.

    Args:
        sessions: from `quiet_sessions`.
        per_session: silences taken from a session; one that has less is left out.
        seed: of the bootstrap.

    Returns:
        ShortcutControl; its interval is that of a bootstrap over sessions.

    Raises:
        ValueError: no fold is left to learn from, or only one class.
    """
    rounds = [number // len(OBJECTS) for number, s in enumerate(sessions) if len(s.silence) >= per_session]
    kept = [session for session in sessions if len(session.silence) >= per_session]
    folds = np.repeat([number % 5 for number in rounds], per_session)
    labels = np.repeat([session.label for session in kept], per_session)
    if len(set(folds)) < 2 or len(set(labels)) < 2:
        raise ValueError(
            f"{len(kept)} sessions with enough silence: expected two folds and two classes or more"
        )
    # sessions x (silences, 4, bands) -> (N, features)
    features = np.concatenate([s.silence[:per_session].reshape(per_session, -1) for s in kept])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=500))
    guesses = cross_val_predict(model, features, labels, cv=PredefinedSplit(folds))
    return _control((guesses == labels).reshape(len(kept), per_session), 1 / len(OBJECTS), seed)


def _control(answers: Sequence[np.ndarray], chance: float, seed: int) -> ShortcutControl:
    """Return the share of right answers, given by clusters, and its bootstrap interval over the clusters."""
    right, cluster = np.concatenate(answers), np.repeat(np.arange(len(answers)), [len(a) for a in answers])
    return ShortcutControl(
        float(right.mean()), cluster_interval(right, cluster, seed=seed), chance, len(right)
    )


def run_controls(seed: int, *, bar: Any = None, workers: int = 1) -> dict[str, ShortcutControl]:
    """Run all shortcut controls.

    Args:
        seed: of the sessions that are simulated for them.
        bar: moved on by one for every session; None shows nothing.
        workers: processes at the same time.

    Returns:
        What is asked -> answer.
    """
    sessions = quiet_sessions(SESSIONS, seed, duration_s=SESSION_S, workers=workers)
    recorded = list(counted(sessions, bar))
    moves = "matching ten moves of the arm by the motors' sound, nothing hit: the tilts themselves"
    return {
        moves: match_moves(recorded, attrgetter("tilt"), seed),
        "the same: where the video shows the object": match_moves(recorded, attrgetter("position"), seed),
        "telling the object from a quarter of a second of silence": classify_silence(recorded, seed=seed),
    }


def compare_controls(answers: Mapping[str, ShortcutControl]) -> list[Comparison]:
    """Judge the controls: guessing must explain the answers to questions that no hit decides.

    Args:
        answers: what is asked -> answer.
    """
    return [
        Comparison(
            "shortcuts",
            f"{question} ({answer.questions} questions)",
            f"{answer.share_right:.2f} ({answer.interval[0]:.2f} to {answer.interval[1]:.2f})",
            f"{answer.chance:.2f} (chance)",
            "chance in the 95 % interval or above",
            answer.is_near_chance,
        )
        for question, answer in answers.items()
    ]
