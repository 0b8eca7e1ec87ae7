"""Splits that do not leak: no recording session is on both sides.

Notebook: 02_resnet_classifier.
"""

import math
from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from labutils.clips import CLASS_NAMES, Clip
from labutils.errors import ClipError, LabError


def session_folds(clips: Sequence[Clip], folds: int, *, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cross-validation folds in which no recording session is on both sides.

    Neighbouring clips begin where the last one ended, so a random split lets a network meet its test clips in training.

    Args:
        clips: labelled clips with a session each.
        folds: how many; fewer where a class has fewer sessions.
        seed: draws which sessions go together.

    Returns:
        (training indices, held-out indices) of every fold; each class is on both sides of each fold.

    Raises:
        ClipError: if a class has only one session.
        LabError: if a fold lacks a class.

    Notebook: 02_resnet_classifier.
    """
    labels, sessions = np.array([clip.label for clip in clips]), [clip.session for clip in clips]
    of_class = _sessions_of_classes(clips)
    splits = min([folds, *map(len, of_class.values())])
    if splits < 2:
        poor = min(of_class, key=lambda label: len(of_class[label]))
        raise ClipError(
            f"class {poor} has clips of {len(of_class[poor])} session, expected at least 2 for every class, to hold one "
            "out for validation; record or simulate more."
        )
    split = StratifiedGroupKFold(splits, shuffle=True, random_state=seed)
    found = list(split.split(np.zeros(len(labels)), labels, sessions))
    _expect_every_class(labels, found)
    return found


def session_parts(
    clips: Sequence[Clip], indices: np.ndarray, size: int, *, seed: int = 0
) -> list[np.ndarray]:
    """Clips in parts of about `size`, whole sessions each, with every class in each part.

    Args:
        clips: all, labelled and with a session each.
        indices: of the clips to divide.
        size: clips of a part; more where a class has too few sessions.
        seed: draws which sessions go together.

    Returns:
        The indices of each part.
    """
    own = [clips[i] for i in indices]
    parts = min([math.ceil(len(own) / size), *map(len, _sessions_of_classes(own).values())])
    if parts < 2:
        return [indices]
    return [indices[part] for _, part in session_folds(own, parts, seed=seed)]


def _sessions_of_classes(clips: Sequence[Clip]) -> dict[int, set]:
    found: dict[int, set] = {}
    for clip in clips:
        found.setdefault(clip.label, set()).add(clip.session)
    return found


def _expect_every_class(labels: np.ndarray, folds: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Refuse folds that lack a class: scikit-learn 1.5 to 1.7 make such folds without a word."""
    for number, sides in enumerate(folds):
        for side, indices in zip(("training", "held-out"), sides, strict=True):
            missing = np.setdiff1d(labels, labels[indices])
            if len(missing):
                raise LabError(
                    f"fold {number}: the {side} side has no clip of {CLASS_NAMES[missing[0]]}, expected clips of every "
                    "class; use scikit-learn 1.8 or newer, fewer folds or another seed."
                )
