"""Every score has the chance that ours has in the library: out of fold, weighed, one solve."""

import numpy as np
import pytest
from matchers import ours, simple
from matchers.calibrated import Fusion, HeldOut, calibrate, fit_matcher
from matchers.groups import read_groups
from matchers.training_set import read_training_set
from small_systems import SMALL_CONTACT

from labutils import matching
from labutils.clips import Clip
from labutils.systems import contact_training


def clips_of(sessions: int, size: int) -> list[Clip]:
    """Clips of ten classes in some sessions each."""
    return [
        Clip(f"{label}/{session}-{i}", None, None, label, f"{label}/{session}")
        for label in range(10)
        for session in range(sessions)
        for i in range(size)
    ]


def test_ours_is_the_library_s_system_weights_offset_and_all(click_data, kept):
    found = ours.ours(click_data, 0, kept)
    library = contact_training.train(click_data, SMALL_CONTACT, progress=False)
    np.testing.assert_allclose(found.fusion.pair.weights, library.calibration.pair.weights, rtol=1e-4)
    assert found.fusion.pair.bias == pytest.approx(library.calibration.pair.bias, rel=1e-4)
    assert found.fusion.offset == pytest.approx(library.calibration.offset)
    for task in ("task2", "task3"):
        (group,) = read_groups(click_data, task)
        features = (
            library.sound_features(group.sounds, progress=False),
            library.video_features(group.videos, progress=False),
        )
        answer = found.answer(group)
        np.testing.assert_allclose(answer.scores, library.pair_scores(*features), atol=1e-3)
        same = library.match(*features, complete=task == "task2").assignment
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


def gaussian_folds(clips: list[Clip], strength: float) -> list[HeldOut]:
    """Two folds; the first score tells true pairs by `strength` deviations, the second says nothing."""
    rng, labels = np.random.default_rng(0), np.array([int(clip.session[-1]) % 2 for clip in clips])
    folds = []
    for fold in range(2):
        indices = np.flatnonzero(labels == fold)
        scores = rng.normal(0, 1, (len(indices), len(indices), 2))
        scores[..., 0] += strength * np.eye(len(indices))
        folds.append(HeldOut(indices, scores))
    return folds


def test_weights_are_those_of_the_likelihood_ratio():
    """Two Gaussians of deviation 1 that are 4 apart: the log-ratio is 4 x - 8."""
    clips = clips_of(4, 12)
    settings = contact_training.ContactSettings(groups_per_fold=4)
    found = calibrate(gaussian_folds(clips, 4.0), clips, settings)
    np.testing.assert_allclose(found.pair.weights, [4, 0], atol=0.4)
    assert found.pair.bias == pytest.approx(-8, abs=0.8)


def test_threshold_is_tuned_on_incomplete_groups():
    """Scores that tell little: in complete groups it would pay to match everything, at whatever price."""
    clips = clips_of(4, 12)
    settings = contact_training.ContactSettings(groups_per_fold=8)
    assert calibrate(gaussian_folds(clips, 3.0), clips, settings).offset > -1.5


def test_complete_groups_match_all_and_incomplete_ones_only_what_pays():
    fusion = Fusion(matching.PairCalibration(np.array([1.0, 2.0]), 0.5), 0.3, 0.25)
    scores = np.zeros((3, 3, 2))
    scores[np.arange(3), [1, 2, 0], 0] = 4
    scores[np.arange(3), [1, 2, 0], 1] = [5, 5, -5]
    ratios = fusion.log_ratios(scores)
    assert ratios[0, 1] == 14.5 and ratios[0, 0] == 0.5
    assert fusion.assign(ratios, complete=True).tolist() == [1, 2, 0]
    assert fusion.threshold(3, 3) == pytest.approx(matching.match_threshold(3, 3, 0.25) + 0.3)
    assert fusion.assign(ratios, complete=False).tolist() == [1, 2, -1]
