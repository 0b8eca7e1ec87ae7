"""Folds that do not leak."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labutils import splits
from labutils.clips import Clip, ClipError
from labutils.errors import LabError
from labutils.splits import session_folds, session_parts


def clips_of(sizes: list[list[int]]) -> list[Clip]:
    """Clips of class c in session s, sizes[c][s] of them."""
    return [
        Clip(f"{label}/{session}-{i}", None, None, label, f"{label}/{session}")
        for label, sessions in enumerate(sizes)
        for session, count in enumerate(sessions)
        for i in range(count)
    ]


SIZES = st.lists(st.lists(st.integers(1, 8), min_size=2, max_size=6), min_size=1, max_size=5)


@given(SIZES, st.integers(2, 6), st.integers(0, 50))
def test_no_session_is_on_both_sides_and_every_class_is_validated(sizes, folds, seed):
    clips = clips_of(sizes)
    split = session_folds(clips, folds, seed=seed)
    assert len(split) == min(folds, *map(len, sizes), 6)
    for training, validation in split:
        assert not {clips[i].session for i in training} & {clips[i].session for i in validation}
        assert sorted([*training, *validation]) == list(range(len(clips)))
        for side in (training, validation):
            assert {clips[i].label for i in side} == set(range(len(sizes)))
    assert sorted(np.concatenate([validation for _, validation in split])) == list(range(len(clips)))


def test_folds_are_the_same_for_the_same_seed_and_differ_between_seeds():
    clips = clips_of([[3] * 6, [3] * 6])
    validations = [[v.tolist() for _, v in session_folds(clips, 3, seed=seed)] for seed in (1, 1, 2)]
    assert validations[0] == validations[1] != validations[2]


def test_class_with_one_session_is_refused():
    with pytest.raises(ClipError, match="class 1 has clips of 1 session, expected at least 2"):
        session_folds(clips_of([[4, 4], [8]]), 5)


def test_fold_without_a_class_is_refused(monkeypatch):
    """scikit-learn 1.5 to 1.7 leave whole classes out of a fold without a word."""

    class Forgetful:
        def __init__(self, *_, **__):
            pass

        def split(self, _, labels, sessions):
            yield np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)

    monkeypatch.setattr(splits, "StratifiedGroupKFold", Forgetful)
    with pytest.raises(LabError, match=r"fold 0: the training side has no clip of green_basketball.*1\.8"):
        session_folds(clips_of([[4, 4], [4, 4]]), 2)


@given(SIZES, st.integers(1, 40), st.integers(0, 50))
def test_parts_hold_whole_sessions_of_every_class(sizes, size, seed):
    clips = clips_of([*sizes, [2, 2]])
    indices = np.flatnonzero([clip.label < len(sizes) for clip in clips])
    parts = session_parts(clips, indices, size, seed=seed)
    assert sorted(np.concatenate(parts)) == indices.tolist()
    assert len(parts) <= -(-len(indices) // size)
    sessions = [{clips[i].session for i in part} for part in parts]
    assert len(set.union(*sessions)) == sum(map(len, sessions))
    for part in parts:
        assert {clips[i].label for i in part} == set(range(len(sizes)))


def test_few_clips_and_a_class_of_one_session_are_not_divided():
    clips = clips_of([[5] * 8, [5] * 8])
    everything = np.arange(80)
    assert [len(part) for part in session_parts(clips, everything, 40)] == [40, 40]
    assert len(session_parts(clips, everything, 80)) == 1
    assert len(session_parts(clips_of([[5] * 15, [5]]), everything, 40)) == 1
