"""A kept network is taken only for the very same training: what changes the result changes the file."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from labutils.augmentation import augment_sounds
from labutils.resnet import ResNet
from labutils.training import ClassifierSettings, Examples, fit_classifier

SETTINGS = ClassifierSettings(epochs=1, batch_size=4, learning_rate=0.01)
RNG = np.random.default_rng(0)
EXAMPLES = Examples.of(RNG.normal(size=(8, 4, 8, 8)).astype(np.float32), np.arange(8) % 2)
OTHERS = Examples.of(RNG.normal(size=(8, 4, 8, 8)).astype(np.float32), np.arange(8) % 2)


def train(folder, *, examples=EXAMPLES, settings=SETTINGS, seed=0, weights=0, shortcuts=True, **options):
    """Train a small network and return how many epochs really ran."""
    torch.manual_seed(weights)
    network = ResNet(4, 2, input_size=(8, 8), blocks=(1, 1, 1), planes=(2, 4, 8), shortcuts=shortcuts)
    ran = []
    fit_classifier(network, examples, settings, seed=seed, keep=folder, on_epoch=ran.append, **options)
    return len(ran)


def test_the_same_training_runs_once(tmp_path):
    assert [train(tmp_path), train(tmp_path)] == [1, 0]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"settings": replace(SETTINGS, learning_rate=0.02)},
        {"settings": replace(SETTINGS, weight_decay=0.0)},
        {"seed": 1},
        {"weights": 1},
        {"shortcuts": False},
        {"examples": OTHERS},
        {"augment": augment_sounds},
        {"validation": OTHERS},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_trains_another_network(tmp_path, change):
    assert train(tmp_path) == 1
    assert train(tmp_path, **change) == 1


@pytest.mark.parametrize("error", [PermissionError(13, "read-only"), NotImplementedError("no flock here")])
def test_where_no_lock_can_be_had_the_network_is_trained_all_the_same(tmp_path, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr("labutils.kept_networks.FileLock.acquire", refuse)
    assert [train(tmp_path), train(tmp_path)] == [1, 0]
