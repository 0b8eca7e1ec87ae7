"""What a sweep tries, and that it scores on nothing that was learned from."""

from dataclasses import replace

import numpy as np

from labutils import tones
from labutils.clips import Clip
from labutils.physics_score import STEPS
from labutils.splits import session_folds
from labutils.systems import contact_training, sweep
from labutils.systems.contact import CONTACT, QUICK, SHAPE_NUMBERS, STEP_BANDS, Sounds, Videos
from labutils.systems.contact_training import Examples


def test_every_setting_that_is_tried_has_its_present_value_in_range_and_can_be_changed():
    values = sweep.values_of(CONTACT)
    assert sweep.change(CONTACT, values) == CONTACT
    assert all(low < values[name] < high for name, (low, high) in sweep.RANGES.items())
    changed = sweep.change(CONTACT, {"maps.width": 17, "sound.learning_rate": 0.5})
    assert (changed.maps.width, changed.sound.learning_rate) == (17, 0.5)
    assert replace(changed, maps=CONTACT.maps, sound=CONTACT.sound) == CONTACT


def made_up(folds: int, size: int) -> tuple[list[np.ndarray], list[np.ndarray], list[Clip]]:
    """Scores in which true pairs stand out, and clips of two classes; one session a fold and class."""
    rng = np.random.default_rng(0)
    clips = [
        Clip(str(i), None, None, label=i % 2, session=f"{i % 2}-{fold}")
        for fold in range(folds)
        for i in range(size)
    ]
    indices = [np.arange(fold * size, (fold + 1) * size) for fold in range(folds)]
    terms = [rng.normal(size=(size, size, 3)) + 9 * np.eye(size)[..., None] for _ in indices]
    return terms, indices, clips


def test_clear_scores_are_all_right_and_scores_of_nothing_are_not():
    terms, indices, clips = made_up(3, 12)
    assert sweep.cross_fitted_accuracy(terms, indices, clips, QUICK) > 0.95
    shuffled = [own[np.random.default_rng(1).permutation(len(own))] for own in terms]
    assert sweep.cross_fitted_accuracy(shuffled, indices, clips, QUICK) < 0.5


def test_the_matcher_of_a_fold_learned_from_the_others(monkeypatch):
    terms, indices, clips = made_up(3, 12)
    learned, fit = [], sweep.fit_matcher

    def noted(scores, held_out, *others):
        learned.append([own.tolist() for own in held_out])
        assert [id(own) for own in scores] == [id(terms[own[0] // 12]) for own in held_out]
        return fit(scores, held_out, *others)

    monkeypatch.setattr(sweep, "fit_matcher", noted)
    sweep.cross_fitted_accuracy(terms, indices, clips, QUICK)
    folds = [own.tolist() for own in indices]
    assert learned == [folds[1:], [folds[0], folds[2]], folds[:2]]


def made_up_examples() -> tuple[Examples, list[Clip]]:
    """Noise of the shapes of real features: two classes, two sessions each, three clips a session."""
    rng, count = np.random.default_rng(0), 12
    clips = [Clip(str(i), None, None, label=i % 2, session=f"{i % 2}-{i // 6}") for i in range(count)]
    sounds = Sounds(
        rng.normal(-60, 12, (count, 4, STEP_BANDS, STEPS)).astype(np.float32),
        rng.normal(-60, 12, (count, 4, 64, 98)).astype(np.float16),
        rng.normal(-60, 12, (count, tones.NUMBERS)).astype(np.float32),
    )
    movement, shape = rng.uniform(0.1, 0.9, (count, 6, STEPS)), rng.normal(size=(count, SHAPE_NUMBERS))
    videos = Videos(movement.astype(np.float32), shape.astype(np.float32))
    return Examples(sounds, videos, np.array([clip.label for clip in clips])), clips


def test_networks_are_asked_about_sessions_that_they_did_not_hear(monkeypatch):
    heard, asked = [], []
    examples, clips = made_up_examples()

    def untrained(kind, examples, indices, settings, *_):
        heard.append(indices.tolist())
        return kind.new(settings).eval(), None

    def noted_score(terms, held_out, clips, settings):
        assert [own.shape for own in terms] == [(len(own), len(own), 4) for own in held_out]
        asked.extend(own.tolist() for own in held_out)
        return 0.5

    monkeypatch.setattr(contact_training, "fit_network", untrained)
    monkeypatch.setattr(sweep, "cross_fitted_accuracy", noted_score)
    assert sweep.held_out_score(examples, clips, QUICK, progress=False) == 0.5
    folds = [(known.tolist(), own.tolist()) for known, own in session_folds(clips, QUICK.folds)]
    assert heard == [known for known, _ in folds] * 3 and asked == [own for _, own in folds]


def test_the_values_of_a_trial_reach_the_networks(monkeypatch, tmp_path):
    examples, clips = made_up_examples()
    monkeypatch.setattr(sweep, "train_clips", lambda data: clips)
    monkeypatch.setattr(sweep, "sound_features", lambda *_, **__: examples.sounds)
    monkeypatch.setattr(sweep, "video_features", lambda *_, **__: examples.videos)
    monkeypatch.setattr(sweep, "held_out_score", lambda _, __, settings, **___: settings.maps.width)
    score = sweep.objective(tmp_path, QUICK, cache=tmp_path, workers=1, progress=False)
    assert (score({"maps.width": 17}), score({})) == (17, QUICK.maps.width)
