"""Fewer training clips: whole recording sessions are taken away, as if the course had been recorded on fewer days."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from matchers.training_set import TrainingSet, training_set_of

from conditions.sweep import Fit, Row, Setting, Sweep, answer_rows
from labutils.clips import Clip, train_clips
from labutils.systems.contact import ContactSettings

COUNTS = (100, 200, 400, 800, 1600)
FEWEST_SESSIONS = 2  # of a class: one is held out for the calibration
MOST_EPOCHS = 3  # times those of all clips


def counts(setting: Setting) -> list[int]:
    """Numbers of clips to train on, the last one all."""
    clips = len(train_clips(setting.train))
    return [*(count for count in COUNTS if count < 0.8 * clips), clips]


def fewer_clips(clips: Sequence[Clip], count: int, rng: np.random.Generator) -> np.ndarray:
    """Indices of about `count` clips, after sessions were taken away by lot.

    The class with the most clips loses the next session. Two sessions of a class stay; if that is still too much, each of
    them keeps its first clips only.

    Args:
        clips: with label and session.
        count: wanted; at least two clips of each session stay.
        rng: draws the sessions that stay.
    """
    of_class: dict[int, dict[str, list[int]]] = {}
    for index in range(len(clips)):
        sessions = of_class.setdefault(clips[index].label, {})
        sessions.setdefault(clips[index].session, []).append(index)
    kept = {label: list(rng.permutation(list(sessions))) for label, sessions in of_class.items()}

    def size(label: int) -> int:
        return sum(len(of_class[label][session]) for session in kept[label])

    while sum(map(size, kept)) > count:
        rich = [label for label in kept if len(kept[label]) > FEWEST_SESSIONS]
        if not rich:
            break
        kept[max(rich, key=size)].pop()
    share = min(1.0, count / sum(map(size, kept)))
    chosen = [of_class[label][session] for label in kept for session in kept[label]]
    return np.sort(np.concatenate([own[: max(2, round(share * len(own)))] for own in chosen]))


def with_as_many_steps(settings: ContactSettings, share: float) -> ContactSettings:
    """Settings for a share of the clips: more epochs, so that training takes about as many steps, up to three times."""
    factor = min(1 / share, MOST_EPOCHS)
    longer = {
        part: replace(own, epochs=round(factor * own.epochs))
        for part in ("maps", "path", "sound")
        if (own := getattr(settings, part))
    }
    return replace(settings, **longer)


def smaller(training: TrainingSet, count: int) -> TrainingSet:
    """The training set with about so many clips."""
    settings, clips = training.settings, training.clips
    if count >= len(clips):
        return training
    indices = fewer_clips(clips, count, np.random.default_rng(settings.seed))
    settings = with_as_many_steps(settings, len(indices) / len(clips))
    return training_set_of([clips[index] for index in indices], settings, training.kept)


def points(
    setting: Setting, fit: Fit, seed: int, counts: Sequence[float]
) -> Iterator[tuple[float, list[Row]]]:
    """Train on fewer clips, and answer the test groups as they are."""
    training = setting.training_set(seed)
    for count in counts:
        matcher = fit(smaller(training, int(count)))
        yield count, answer_rows(matcher, setting.groups())


TRAINING_CLIPS = Sweep(
    label="training clips (about)",
    values=counts,
    points=points,
    methods=("ours", "ours without class", "physics"),
    logarithmic=True,
)
