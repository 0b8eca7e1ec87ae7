"""Every score has the chance that ours has in the library: out of fold, weighed, one solve."""

import numpy as np
import pytest
from matchers import calibrated, ours, simple, training_set
from matchers.calibrated import fit_matcher
from matchers.groups import read_groups
from matchers.training_set import read_training_set

from labutils.systems import catalogue, contact_training


def test_ours_is_the_library_s_system_weights_offset_and_all(click_data, kept):
    found = ours.ours(click_data, 0, kept)
    features = {"cache": kept / "features", "progress": False}
    # a network that was trained by the same recipe is taken from where the other one kept it
    library = contact_training.train(
        click_data, catalogue.RECIPES["contact"], checkpoints=kept / "weights", **features
    )
    np.testing.assert_allclose(found.matcher.pair.weights, library.matcher.pair.weights, rtol=1e-4)
    assert found.matcher.pair.bias == pytest.approx(library.matcher.pair.bias, rel=1e-4)
    assert found.matcher.offset == pytest.approx(library.matcher.offset)
    for task in ("task2", "task3"):
        (group,) = read_groups(click_data, task)
        sides = (
            library.sound_features(group.sounds, **features),
            library.video_features(group.videos, **features),
        )
        answer = found.answer(group)
        np.testing.assert_allclose(answer.scores, library.pair_scores(*sides), atol=1e-3)
        same = library.match(*sides, complete=task == "task2").assignment
        assert answer.assignment.tolist() == same.tolist()


class Spy(simple.NoScore):
    """Notes which clips it learned from and which it was asked about."""

    def __init__(self):
        self.learned, self.asked = [], []

    def fit(self, training, indices):
        self.learned.append(set(indices.tolist()))
        number = {steps.tobytes(): index for index, steps in enumerate(training.sounds.steps)}

        def score(sounds, videos):
            self.asked.append({number[steps.tobytes()] for steps in sounds.steps})
            return np.zeros((len(sounds), len(videos), 1))

        return score


def test_scores_are_weighed_on_sessions_that_they_did_not_learn(click_data, kept):
    training, spy = read_training_set(click_data, 0, kept), Spy()
    fit_matcher(spy, training, with_class=False)
    assert len(spy.learned) == len(spy.asked) + 1 == len(training.folds) + 1
    for learned, asked in zip(spy.learned[:-1], spy.asked, strict=True):
        sessions = [{training.clips[i].session for i in side} for side in (learned, asked)]
        assert not sessions[0] & sessions[1]
    assert spy.learned[-1] == set(range(len(training.clips)))


def test_a_large_fold_is_asked_in_parts_as_in_the_library(click_data, kept, monkeypatch):
    monkeypatch.setattr(calibrated, "session_parts", lambda _, own, *__, **___: [own[::2], own[1::2]])
    training, spy = read_training_set(click_data, 0, kept), Spy()
    fit_matcher(spy, training, with_class=False)
    assert len(spy.asked) == 2 * len(training.folds)
    assert sum(map(len, spy.asked)) == len(training.clips)


def test_a_network_hears_the_same_sounds_once(click_data, kept, monkeypatch):
    training, asked = read_training_set(click_data, 0, kept), []
    network = training.network(contact_training.PATH, training.folds[0][0])
    monkeypatch.setattr(training_set, "_HEARD", {})
    monkeypatch.setattr(
        training_set, "hear_paths", lambda _, levels: asked.append(len(levels)) or len(levels)
    )
    other = training.network(contact_training.PATH, training.folds[1][0])
    for own, levels in [(network, 5), (network, 5), (network, 6), (other, 5)]:
        assert training_set.hear(own, training.sounds.levels[:levels]) == levels
    assert asked == [5, 6, 5]
