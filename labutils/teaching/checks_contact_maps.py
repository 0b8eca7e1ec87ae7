"""The checks of notebook 5: the best of many lags, a shared shift, InfoNCE, a calibrated probability, partial assignment.

Notebook: 05_contact_maps.
"""

import numpy as np
from scipy.special import expit, logsumexp

from labutils.matching import UNMATCHED, assign, assign_partially, assigned
from labutils.teaching.check import Check


def _lags() -> list[tuple]:
    """Two easy cases, and one whose exponentials are too large for a computer."""
    p = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    agreement = np.array([0.1, 0.3, 0.8, -0.2, 0.0])
    return [(agreement, 10.0, p), (agreement[::-1], 3.0, p**2 / sum(p**2)), (agreement, 2000.0, p)]


def _log_sum_exp(agreement: np.ndarray, beta: float, p: np.ndarray) -> float:
    return logsumexp(beta * agreement + np.log(p))


check_score_over_lags = Check(
    right=_log_sum_exp,
    cases=_lags,
    mistakes={
        "The equation is right, but exp(2000) is too large for a computer: subtract the largest exponent before exp, and "
        "add it again after log.": lambda agreement, beta, p: np.log((p * np.exp(beta * agreement)).sum()),
        "You take the best lag alone. The sum counts every lag, with its probability.": (
            lambda agreement, beta, p: (beta * agreement + np.log(p)).max()
        ),
        "The factor β is missing before the agreement.": lambda agreement, beta, p: _log_sum_exp(
            agreement, 1.0, p
        ),
        "The probabilities of the lags are missing.": lambda agreement, beta, p: logsumexp(beta * agreement),
        "You average the agreements first. Exponentials first, then the sum, then the logarithm.": (
            lambda agreement, beta, p: beta * (p * agreement).sum()
        ),
        "The logarithm of each term is taken before the sum in yours: it comes last.": (
            lambda agreement, beta, p: (beta * agreement + np.log(p)).sum()
        ),
    },
    praise="A soft maximum over the lags, and no number overflows.",
)


def _clips() -> list[tuple]:
    rng = np.random.default_rng(7)
    sound, movement = rng.normal(size=(4, 3, 10)), rng.normal(size=(6, 10))
    return [(sound, movement, 2), (sound, movement, -3)]


def _later(values: np.ndarray, steps: int) -> np.ndarray:
    source = np.clip(np.arange(values.shape[-1]) - steps, 0, values.shape[-1] - 1)
    return values[..., source]


check_shift_together = Check(
    right=lambda sound, movement, steps: (_later(sound, steps), _later(movement, steps)),
    cases=_clips,
    mistakes={
        "You shift the sound alone: it no longer belongs to its video, and the network learns nonsense.": (
            lambda sound, movement, steps: (_later(sound, steps), movement)
        ),
        "You shift the movement alone: it no longer belongs to its sound, and the network learns nonsense.": (
            lambda sound, movement, steps: (sound, _later(movement, steps))
        ),
        "You shift the two in opposite directions.": lambda sound, movement, steps: (
            _later(sound, steps),
            _later(movement, -steps),
        ),
        "You shift both the other way: a positive number is later.": lambda sound, movement, steps: (
            _later(sound, -steps),
            _later(movement, -steps),
        ),
        "What leaves at the end comes in again at the start: np.roll joins the ends. Repeat the first (or last) step.": (
            lambda sound, movement, steps: (np.roll(sound, steps, axis=-1), np.roll(movement, steps, axis=-1))
        ),
        "You shift along the walls. Time is the last axis.": lambda sound, movement, steps: (
            np.roll(sound, steps, axis=0),
            np.roll(movement, steps, axis=0),
        ),
    },
    praise="Sound and movement stay together: the same event, at another time.",
)


def _by_sound(s: np.ndarray) -> np.ndarray:
    return logsumexp(s, axis=1) - np.diag(s)


check_info_nce = Check(
    right=_by_sound,
    cases=lambda: [(np.random.default_rng(8).normal(size=(5, 5)),), (np.diag([3.0, 0.0, 1.0]),)],
    mistakes={
        "You compare all sounds of one video. Here each sound looks along its row: axis=1.": lambda s: (
            logsumexp(s, axis=0) - np.diag(s)
        ),
        "You averaged over the batch: return the loss of every sound.": lambda s: _by_sound(s).mean(),
        "You summed over the batch: return the loss of every sound.": lambda s: _by_sound(s).sum(),
        "The minus is missing: the logarithm of a probability is negative, a loss is not.": lambda s: (
            -_by_sound(s)
        ),
        "The own video is missing below the line: it is one of those to choose from.": lambda s: (
            logsumexp(np.where(np.eye(len(s), dtype=bool), -np.inf, s), axis=1) - np.diag(s)
        ),
        "These are probabilities: the logarithm is missing.": lambda s: np.exp(-_by_sound(s)),
        "That is a logarithm of base 2: np.log is the natural one.": lambda s: _by_sound(s) / np.log(2),
        "That is minus the score of the own video: what the others score must count too.": lambda s: (
            -np.diag(s)
        ),
        "You divide by the sum over the whole table. Each sound chooses in its own row.": lambda s: (
            logsumexp(s) - np.diag(s)
        ),
    },
    praise="Whoever knows nothing among B videos pays log B.",
)

check_probability = Check(
    right=lambda log_ratio, candidates: expit(log_ratio - np.log(candidates - 1)),
    cases=lambda: [(0.0, 2), (3.0, 50), (-1.0, 10), (5.0, 1000)],
    mistakes={
        "You forgot the prior: of N videos one is the own and N - 1 are not. Subtract log(N - 1).": (
            lambda log_ratio, candidates: expit(log_ratio)
        ),
        "The prior has the wrong sign: among more videos the same score is worth less.": (
            lambda log_ratio, candidates: expit(log_ratio + np.log(candidates - 1))
        ),
        "Of N videos one is the own, so N - 1 are not: the odds are 1 to N - 1, not 1 to N.": (
            lambda log_ratio, candidates: expit(log_ratio - np.log(candidates))
        ),
        "These are odds. A probability is odds / (1 + odds).": lambda log_ratio, candidates: (
            np.exp(log_ratio) / (candidates - 1)
        ),
        "These are odds, divided by N. Of N videos N - 1 are not the own, and a probability is odds / (1 + odds).": (
            lambda log_ratio, candidates: np.exp(log_ratio) / candidates
        ),
        "You divide a probability by N. The prior belongs to the odds: divide them by N - 1, then odds / (1 + odds).": (
            lambda log_ratio, candidates: expit(log_ratio) / candidates
        ),
        "These are log-odds. The logistic function 1 / (1 + exp(-x)) turns them into a probability.": (
            lambda log_ratio, candidates: log_ratio - np.log(candidates - 1)
        ),
        "That is the probability that the pair is wrong.": lambda log_ratio, candidates: expit(
            np.log(candidates - 1) - log_ratio
        ),
    },
    praise="A ratio of e³ = 20 is worth little among fifty videos.",
)


def _gains() -> list[tuple]:
    """Tables in which greed, rejecting afterwards and matching everybody go wrong."""
    rival = np.array([[5.0, 1.0], [1.0, -9.0]])
    trap, loss = np.array([[-1.0, 4.0], [3.5, 5.0], [-9.0, -0.5]]), np.array([[-1.0, -2.0], [3.0, -4.0]])
    return [(rival,), (trap,), (loss,), (np.random.default_rng(9).normal(0, 2, (5, 7)),)]


def _reject_afterwards(gain: np.ndarray) -> np.ndarray:
    found = assign(-gain)
    return np.where(assigned(gain, found, unmatched=-np.inf) > 0, found, UNMATCHED)


check_partial_assignment = Check(
    right=assign_partially,
    cases=_gains,
    mistakes={
        "You match everybody who can be matched, also at a loss: a pair with a negative gain stays unmatched.": (
            lambda gain: assign(-gain)
        ),
        "You solve first and reject afterwards. While solving, a bad pair for one sound already cost another its own: "
        "set negative gains to 0 before you solve.": _reject_afterwards,
        "Each sound decides alone in yours, and some video is taken twice: solve one assignment.": lambda gain: (
            np.where(gain.max(axis=1) > 0, gain.argmax(axis=1), UNMATCHED)
        ),
        "You make the total small. These are gains: give linear_sum_assignment their negative (or maximize=True).": (
            lambda gain: assign(gain)
        ),
        "Pairs with gain 0 stay in yours: what gains nothing is no match, its answer is -1.": lambda gain: (
            assign(-np.maximum(gain, 0))
        ),
    },
    praise="One solve decides matches and gaps together.",
)
