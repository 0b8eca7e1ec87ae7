"""Two towers: the loss of embedded pairs, batches of balanced pairs, and that pairs are learned."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from labutils.contrastive_loss import (
    HadsellLoss,
    ReportLoss,
    contrastive_loss,
    weighted_contrastive_loss,
)
from labutils.towers import PairedClips, Towers, TowerSettings, fit_towers, tower_loss


def small_towers() -> Towers:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Towers(
            *(nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3)) for _ in range(2))
        )


@pytest.fixture(scope="module")
def halves() -> PairedClips:
    """Sounds and videos of 20 clips that share what happened."""
    rng = np.random.default_rng(1)
    happened = rng.normal(size=(20, 5))
    sounds, videos = (torch.tensor(happened @ rng.normal(size=(5, 5)), dtype=torch.float32) for _ in range(2))
    return PairedClips(sounds, videos)


@pytest.mark.parametrize(
    ("setting", "loss"),
    [
        (HadsellLoss(margin=3.0), lambda d, same: contrastive_loss(d, same, margin=3.0)),
        (
            ReportLoss(margin=3.0, weight=0.2),
            lambda d, same: weighted_contrastive_loss(d, same, margin=3.0, weight=0.2),
        ),
    ],
)
def test_tower_loss_is_the_chosen_loss_of_the_embedded_pairs(halves, setting, loss):
    towers = small_towers().eval()
    sound, video = torch.tensor([0, 3, 3, 5, 0]), torch.tensor([0, 3, 4, 1, 2])
    same = torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0])
    found, metrics = tower_loss(towers, setting)((halves.audio, halves.video, sound, video, same))
    distance = (towers.audio(halves.audio[sound]) - towers.video(halves.video[video])).norm(dim=1)
    torch.testing.assert_close(found, loss(distance, same))
    torch.testing.assert_close(metrics["loss"][:2], metrics["positive loss"])
    torch.testing.assert_close(metrics["loss"][2:], metrics["negative loss"])


def test_each_clip_of_a_batch_passes_its_tower_once(halves):
    towers, passed = small_towers(), []
    towers.audio.register_forward_hook(lambda _, inputs, __: passed.append(len(inputs[0])))
    settings = TowerSettings(batch_size=6, pairs_per_clip=5)
    batches = list(halves.batches(settings, np.random.default_rng(0)))
    for batch in batches:
        tower_loss(towers, settings.loss)(batch)
    assert sum(passed) == 20 and [len(batch[2]) for batch in batches] == [2 * 5 * n for n in passed]


def test_every_clip_is_in_one_batch_with_its_own_video_and_pairs_are_balanced(halves):
    for sounds, videos, sound, video, same in halves.batches(TowerSettings(), np.random.default_rng(0)):
        assert same.mean() == 0.5 and torch.equal(sound == video, same.bool())
        for one, other in zip(sounds, videos, strict=True):
            index = int((halves.audio == one).all(dim=1).nonzero())
            assert torch.equal(halves.video[index], other)


def test_towers_learn_to_tell_pairs(halves):
    settings = TowerSettings(epochs=60, learning_rate=1e-2, pairs_per_clip=2, loss=HadsellLoss(margin=3.0))
    history = fit_towers(small_towers(), halves, settings, seed=0, validation=halves)
    assert history.last("validation accuracy") > 0.8 > history.curves["train accuracy"][0]
    parts = ("loss", "positive loss", "negative loss", "accuracy")
    assert set(history.curves) == {f"{side} {part}" for side in ("train", "validation") for part in parts}


def test_sound_and_video_are_augmented_together_in_training_only(halves):
    seen = []

    def augment(sounds, videos, rng):
        seen.append((len(sounds), len(videos)))
        return sounds, videos

    settings = TowerSettings(epochs=1, batch_size=20)
    fit_towers(small_towers(), halves, settings, seed=0, validation=halves, augment=augment)
    assert seen == [(20, 20)]


def test_a_changed_loss_is_another_kept_file(halves, tmp_path):
    settings = TowerSettings(epochs=1)
    for one in (settings, replace(settings, loss=ReportLoss(weight=0.3)), settings):
        fit_towers(small_towers(), halves, one, seed=0, keep=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
