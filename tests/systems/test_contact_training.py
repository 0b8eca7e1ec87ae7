"""Training of the lab's own system: what it is calibrated on, how its groups are made, and that it repeats itself."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from small_systems import QUICKEST, SMALL_CONTACT, interrupted
from unread_clips import clips_of

from labutils.clips import train_clips
from labutils.matching import class_term
from labutils.splits import session_folds
from labutils.systems import contact_training
from labutils.systems.contact import ContactSystem
from labutils.systems.contact_training import Examples, calibrate, class_log_prior, train


@dataclass
class Watched:
    """A training: what it made, which clips every network was fitted on, and which parts were asked about which clips."""

    system: ContactSystem
    fitted: list  # (kind, network, indices)
    asked: list  # (parts, indices)


@pytest.fixture(scope="module")
def watched(click_data) -> Watched:
    """The quickest training, in this process."""
    fitted, asked = [], []
    fit, real = contact_training.fit_network, contact_training.calibrate

    def noted_fit(kind, examples, indices, *others, **options):
        network, history = fit(kind, examples, indices, *others, **options)
        fitted.append((kind.name, network, set(indices.tolist())))
        return network, history

    def noted_calibrate(parts, held_out, *others):
        asked.extend((own, set(indices.tolist())) for own, indices in zip(parts, held_out, strict=True))
        return real(parts, held_out, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contact_training, "fit_network", noted_fit)
        patch.setattr(contact_training, "calibrate", noted_calibrate)
        system = train(click_data, QUICKEST, progress=False, workers=1)
    return Watched(system, fitted, asked)


def test_calibration_asks_parts_only_about_sessions_they_have_not_heard(click_data, watched):
    clips = train_clips(click_data)
    folds = session_folds(clips, QUICKEST.folds, seed=QUICKEST.seed)
    for name in ("heard path", "contact maps", "sound network"):
        own = [indices for kind, _, indices in watched.fitted if kind == name]
        assert len(own) == len(folds) + 1 and own[-1] == set(range(len(clips)))
        for parts_heard, (_, questions) in zip(own[:-1], watched.asked, strict=True):
            assert not parts_heard & questions
            assert not {clips[i].session for i in parts_heard} & {clips[i].session for i in questions}
    assert set.union(*(questions for _, questions in watched.asked)) == set(range(len(clips)))


def test_each_fold_is_asked_its_own_networks(watched):
    learned_from = {id(network): indices for _, network, indices in watched.fitted}
    assert len(watched.asked) == QUICKEST.folds
    for parts, questions in watched.asked:
        for network in (parts.maps, parts.path, parts.sound.network):
            assert not learned_from[id(network)] & questions


class KnowsAll:
    """Parts whose map scores and classes are right, but for a little noise; the path says nothing."""

    def __init__(self, labels: np.ndarray):
        self.labels, self.rng = labels, np.random.default_rng(0)

    def pair_terms(self, sounds, videos):
        shape = len(sounds.number), len(videos.number)
        same = sounds.number[:, None] == videos.number
        classes = [np.log(0.9 * np.eye(10)[self.labels[side.number]] + 0.01) for side in (sounds, videos)]
        term = class_term(*classes, np.log(np.full(10, 0.1)))
        noise = self.rng.normal(0, 1, (2, *shape))
        return np.stack([4.0 * same + noise[0], noise[1], term], axis=-1)


class Numbers:
    """Features that are only the number of their clip."""

    def __init__(self, number: np.ndarray):
        self.number = number

    def __getitem__(self, indices):
        return Numbers(self.number[indices])

    def __len__(self) -> int:
        return len(self.number)


def test_calibration_weighs_what_tells_and_knows_how_often_it_is_right():
    clips = clips_of(4, 12)
    labels = np.array([clip.label for clip in clips])
    numbers = Numbers(np.arange(len(clips)))
    held_out = [indices for _, indices in session_folds(clips, 2)]
    settings = replace(SMALL_CONTACT, group_size=50, groups_per_fold=10)
    found = calibrate([KnowsAll(labels)] * 2, held_out, Examples(numbers, numbers, labels), clips, settings)
    w = found.pair.weights
    assert w[0] == pytest.approx(4.0, rel=0.25) and w[1] == pytest.approx(0, abs=0.4) and w[2] > 0.3
    assert found.confidence.mean() == pytest.approx(found.right.mean(), abs=0.05)
    assert -2 < found.offset < 2


def test_many_clips_are_compared_in_parts_of_whole_sessions(monkeypatch):
    clips = clips_of(4, 12)
    labels = np.array([clip.label for clip in clips])
    numbers = Numbers(np.arange(len(clips)))
    held_out = [indices for _, indices in session_folds(clips, 2)]
    seen = []
    monkeypatch.setattr(contact_training, "fit_matcher", lambda terms, parts, *_: seen.append((terms, parts)))
    for most in (len(clips), len(clips) // 4):
        monkeypatch.setattr(contact_training, "MOST_COMPARED", most)
        calibrate([KnowsAll(labels)] * 2, held_out, Examples(numbers, numbers, labels), clips, SMALL_CONTACT)
    (whole, folds), (terms, parts) = seen
    assert len(whole) == 2 and all(np.array_equal(*each) for each in zip(folds, held_out, strict=True))
    assert len(terms) == 4 and sorted(np.concatenate(parts)) == sorted(np.concatenate(held_out))
    assert [scores.shape[:2] for scores in terms] == [(len(part), len(part)) for part in parts]
    assert all(
        not {clips[i].session for i in parts[0]} & {clips[i].session for i in part} for part in parts[1:]
    )


def test_prior_is_the_share_of_each_class_and_never_nothing():
    log_prior = class_log_prior(np.array([0, 0, 0, 1]))
    np.testing.assert_allclose(np.exp(log_prior[:2]), [0.75, 0.25], atol=5e-3)
    assert np.isfinite(log_prior).all() and np.exp(log_prior[2:]).max() < 1e-3


def test_an_interrupted_training_goes_on_in_two_processes_to_the_same_system(
    click_data, watched, tmp_path, monkeypatch
):
    # as features of many clips: mapped, also by the other processes
    monkeypatch.setattr("labutils.features.MAPPED_FROM_BYTES", 1)
    with monkeypatch.context() as patch:
        patch.setattr(contact_training, "fit_network", interrupted(contact_training.fit_network))
        with pytest.raises(KeyboardInterrupt):
            train(click_data, QUICKEST, checkpoints=tmp_path / "c", cache=tmp_path, progress=False, workers=1)
    again = train(click_data, QUICKEST, checkpoints=tmp_path / "c", cache=tmp_path, progress=False, workers=2)
    expect_same(watched.system, again)
    assert (tmp_path / "c").exists()  # whoever keeps the system removes them then


def expect_same(one, other) -> None:
    for name, array in one.state().items():
        assert torch.equal(torch.as_tensor(array), torch.as_tensor(other.state()[name])), name
    assert {n: h.curves for n, h in one.histories.items()} == {
        n: h.curves for n, h in other.histories.items()
    }
