"""What a sweep tries, and how good it finds it: settings of the lab's own system, scored on held-out training sessions.

No test group is ever looked at: the training sessions are divided into folds, networks learn from all folds but one, and are
asked about groups drawn from that one. The matcher of a fold, too, learned from the other folds alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from labutils.clips import Clip, train_clips
from labutils.matching import draw_group
from labutils.progress import progress_bar
from labutils.splits import session_folds
from labutils.systems.contact import ContactSettings, sound_features, video_features
from labutils.systems.contact_training import (
    Examples,
    assemble,
    class_log_prior,
    fit_matcher,
    fit_networks,
    network_costs,
)

RANGES: dict[str, tuple[float, float]] = {
    "maps.width": (16, 64),
    "maps.learning_rate": (1e-3, 2e-2),
    "path.hidden": (32, 128),
    "path.learning_rate": (1e-3, 2e-2),
    "path.dropout": (0.05, 0.4),
    "sound.width": (24, 96),
    "sound.learning_rate": (5e-4, 1e-2),
    "sound.label_smoothing": (0.01, 0.2),
}
"""Smallest and largest value of every setting that is tried, by part and name; drawn by their logarithm."""


def values_of(settings: ContactSettings) -> dict[str, float]:
    """The settings that a sweep tries, as they are: name -> value."""
    names = [name.split(".") for name in RANGES]
    return {f"{part}.{field}": getattr(getattr(settings, part), field) for part, field in names}


def change(settings: ContactSettings, values: dict[str, float]) -> ContactSettings:
    """The same settings with other values, named as in `RANGES`."""
    for name, value in values.items():
        part, field = name.split(".")
        settings = replace(settings, **{part: replace(getattr(settings, part), **{field: value})})
    return settings


def objective(
    data: Path, settings: ContactSettings, *, cache: Path, workers: int, progress: bool
) -> Callable[[dict[str, float]], float]:
    """Read a data set once; return what scores values of `RANGES` on it.

    Args:
        data: folder with `train/`.
        settings: what is not tried.
        cache: folder for features.
        workers: networks that are trained at the same time.
        progress: show progress bars.

    Raises:
        LabError: if the data cannot be read or are too few.
    """
    clips = train_clips(data)
    options = {"cache": cache, "progress": progress}
    examples = Examples(
        sound_features(clips, **options),
        video_features(clips, **options),
        np.array([clip.label for clip in clips]),
    )

    def score(values: dict[str, float]) -> float:
        return held_out_score(examples, clips, change(settings, values), workers=workers, progress=progress)

    return score


def held_out_score(
    examples: Examples,
    clips: Sequence[Clip],
    settings: ContactSettings,
    *,
    workers: int = 1,
    progress: bool = True,
) -> float:
    """Share of right answers in groups of held-out sessions: mean of groups like task 2 and groups like task 3."""
    folds = session_folds(clips, settings.folds, seed=settings.seed)
    learned_from = [known for known, _ in folds]
    total = sum(network_costs([len(known) for known in learned_from], settings))
    with progress_bar(total=total, desc="training a trial", progress=progress) as bar:
        by_fold = fit_networks(examples, learned_from, settings, bar, workers=workers)
    terms = []
    for (known, held_out), fitted in zip(folds, by_fold, strict=True):
        log_prior = class_log_prior(examples.labels[known])
        parts = assemble(*(network for network, _ in fitted), examples, known, log_prior)
        terms.append(parts.pair_terms(examples.sounds[held_out], examples.videos[held_out]))
    return cross_fitted_accuracy(terms, [held_out for _, held_out in folds], clips, settings)


def cross_fitted_accuracy(
    terms: Sequence[np.ndarray], held_out: Sequence[np.ndarray], clips: Sequence[Clip], settings: Any
) -> float:
    """Accuracy in groups of every fold, by a matcher that learned from the other folds.

    Args:
        terms: for every fold, the scores [n, n, K] of its held-out clips.
        held_out: for every fold, the indices of these clips.
        clips: all, with label and session.
        settings: size, number and missing rate of the groups, seed.
    """
    shares, rng = [], np.random.default_rng(settings.seed)
    for fold, (scores, indices) in enumerate(zip(terms, held_out, strict=True)):
        others = [[*rows[:fold], *rows[fold + 1 :]] for rows in (terms, held_out)]
        matcher, own = fit_matcher(*others, clips, settings), [clips[i] for i in indices]
        for missing_rate in [0.0, settings.missing_rate] * settings.groups_per_fold:
            group = draw_group(own, np.arange(len(own)), settings.group_size, missing_rate, rng)
            asked = scores[np.ix_(group.sounds, group.videos)]
            answers, _ = matcher.match(asked, complete=missing_rate == 0)
            shares.append(np.mean(answers == group.truth))
    return float(np.mean(shares))
