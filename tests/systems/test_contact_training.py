"""Training of the lab's own system: what it is calibrated on, how its groups are made, and that it repeats itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_systems import SMALL_CONTACT

from labutils.clips import Clip, train_clips
from labutils.splits import session_folds
from labutils.systems import contact_training
from labutils.systems.contact import sound_features, video_features
from labutils.systems.contact_training import calibrate, draw_group, fit_confidence, fit_pairs, train


def clips_of(sessions: int, size: int) -> list[Clip]:
    """Clips of ten classes in some sessions each."""
    return [
        Clip(f"{label}/{session}-{i}", None, None, label, f"{label}/{session}")
        for label in range(10)
        for session in range(sessions)
        for i in range(size)
    ]


def test_group_is_made_as_the_course_makes_them():
    clips, rng = clips_of(3, 12), np.random.default_rng(0)
    indices = np.arange(0, len(clips))
    for _ in range(20):
        group = draw_group(clips, indices, 50, 0.25, rng)
        heard, seen = set(group.sounds.tolist()), set(group.videos.tolist())
        assert len(heard) == len(group.sounds) and len(seen) == len(group.videos)
        assert len(heard - seen) == len(seen - heard) == 12
        assert 0.6 < len(heard & seen) / len(heard) < 0.8
        sessions = {(clips[i].label, clips[i].session) for i in heard | seen}
        assert len(sessions) == len({label for label, _ in sessions}), "a class comes from one session"
        partner = {int(c): i for i, c in enumerate(group.videos)}
        assert group.truth.tolist() == [partner.get(int(c), -1) for c in group.sounds]


def test_complete_group_misses_nobody():
    group = draw_group(clips_of(2, 12), np.arange(240), 50, 0.0, np.random.default_rng(1))
    assert set(group.sounds) == set(group.videos) and (group.truth >= 0).all()


def test_confidence_is_the_probability_of_being_right():
    rng = np.random.default_rng(0)
    margin = rng.normal(0, 3, 20000)
    right = rng.random(20000) < 1 / (1 + np.exp(-(0.8 * margin + 0.5)))
    np.testing.assert_allclose(fit_confidence(margin, right), [0.8, 0.5], atol=0.1)
    assert fit_confidence(margin, np.ones(20000, dtype=bool)).tolist() == [1.0, 0.0]


@pytest.fixture(scope="module")
def data(click_data):
    clips = train_clips(click_data)
    return clips, sound_features(clips, progress=False), video_features(clips, progress=False)


def test_calibration_asks_parts_only_about_sessions_they_have_not_heard(click_data, data, monkeypatch):
    clips = data[0]
    heard, asked = [], []
    fit, real = contact_training._Trainer.fit, contact_training.calibrate

    def noted_fit(self, indices):
        heard.append(set(indices.tolist()))
        return fit(self, indices)

    def noted_calibrate(parts, *others):
        asked.extend(set(held_out.tolist()) for _, held_out in parts)
        return real(parts, *others)

    monkeypatch.setattr(contact_training._Trainer, "fit", noted_fit)
    monkeypatch.setattr(contact_training, "calibrate", noted_calibrate)
    short = replace(
        SMALL_CONTACT,
        maps=replace(SMALL_CONTACT.maps, epochs=1),
        sound=replace(SMALL_CONTACT.sound, epochs=1),
    )
    train(click_data, short, progress=False)
    folds = session_folds(clips, SMALL_CONTACT.folds, seed=SMALL_CONTACT.seed)
    assert len(heard) == len(folds) + 1 and heard[-1] == set(range(len(clips)))
    for parts_heard, questions in zip(heard[:-1], asked, strict=True):
        assert not parts_heard & questions
        assert not {clips[i].session for i in parts_heard} & {clips[i].session for i in questions}
    assert set.union(*asked) == set(range(len(clips)))


class KnowsAll:
    """Parts whose map scores and classes are right, but for a little noise."""

    def __init__(self, labels: np.ndarray):
        self.labels, self.rng = labels, np.random.default_rng(0)

    def map_scores(self, sounds, videos):
        return 4.0 * (sounds.number[:, None] == videos.number) + self.rng.normal(
            0, 1, (len(sounds.number), len(videos.number))
        )

    def sound_classes(self, sounds):
        return np.log(0.9 * np.eye(10)[self.labels[sounds.number]] + 0.01)

    video_classes = sound_classes


class Numbers:
    """Features that are only the number of their clip."""

    def __init__(self, number: np.ndarray):
        self.number = number

    def __getitem__(self, indices):
        return Numbers(self.number[indices])

    def __len__(self) -> int:
        return len(self.number)


def test_calibration_weighs_both_scores_and_knows_how_often_it_is_right():
    clips = clips_of(4, 12)
    labels = np.array([clip.label for clip in clips])
    numbers = Numbers(np.arange(len(clips)))
    asked = [(KnowsAll(labels), held_out) for _, held_out in session_folds(clips, 2)]
    settings = replace(SMALL_CONTACT, group_size=50, groups_per_fold=10)
    found = calibrate(asked, numbers, numbers, clips, settings)
    assert found.pair.weights[0] == pytest.approx(4.0, rel=0.25) and found.pair.weights[1] > 0.3
    np.testing.assert_allclose(np.exp(found.log_prior), 0.1, atol=1e-3)
    assert found.confidence.mean() == pytest.approx(found.right.mean(), abs=0.05)
    assert -2 < found.offset < 2


def test_pairs_are_calibrated_over_all_pairs_of_each_fold():
    clips = clips_of(2, 6)
    labels = np.array([clip.label for clip in clips])
    numbers = Numbers(np.arange(len(clips)))
    asked = [(KnowsAll(labels), held_out) for _, held_out in session_folds(clips, 2)]
    prior = np.log(np.full(10, 0.1))
    first, again = (
        fit_pairs([(KnowsAll(labels), h) for _, h in asked], numbers, numbers, prior) for _ in range(2)
    )
    assert np.array_equal(first.weights, again.weights) and first.bias < 0


def test_same_seed_trains_the_same_system_and_an_interrupted_training_goes_on(
    click_data, tmp_path, monkeypatch
):
    short = replace(
        SMALL_CONTACT,
        maps=replace(SMALL_CONTACT.maps, epochs=2),
        sound=replace(SMALL_CONTACT.sound, epochs=2),
    )
    whole = train(click_data, short, progress=False)
    real, calls = contact_training.fit_temporal_network, []

    def killed(*args, **options):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(contact_training, "fit_temporal_network", killed)
        with pytest.raises(KeyboardInterrupt):
            train(click_data, short, checkpoints=tmp_path / "c", progress=False)
    again = train(click_data, short, checkpoints=tmp_path / "c", progress=False)
    for name, array in whole.state().items():
        assert torch.equal(torch.as_tensor(array), torch.as_tensor(again.state()[name])), name
    assert not (tmp_path / "c").exists()
