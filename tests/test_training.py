"""The fit loop: what it measures, how it stops, and that an interrupted run ends in the very same weights."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import TensorDataset

from labutils.contrastive_loss import contrastive_loss, weighted_contrastive_loss
from labutils.training import (
    REPORT_TOWERS,
    ClassifierSettings,
    History,
    PairedClips,
    Standardise,
    Towers,
    TowerSettings,
    classification_loss,
    epoch_seed,
    fit,
    fit_classifier,
    fit_towers,
    load_or_train,
    loader,
    measure,
    tower_loss,
)

QUICK = ClassifierSettings(epochs=4, batch_size=8, learning_rate=0.05, vary=False)


def small_network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))


def small_towers() -> Towers:
    return Towers(small_network(), small_network())


@pytest.fixture(scope="module")
def points() -> TensorDataset:
    """40 points in three clusters."""
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 3
    inputs = rng.normal(0, 0.5, (40, 5)) + 2 * np.eye(3, 5)[labels]
    return TensorDataset(torch.tensor(inputs, dtype=torch.float32), torch.tensor(labels))


@pytest.fixture(scope="module")
def halves() -> PairedClips:
    """Sounds and videos of 20 clips of one class that share what happened."""
    rng = np.random.default_rng(1)
    happened = rng.normal(size=(20, 5))
    sounds, videos = (torch.tensor(happened @ rng.normal(size=(5, 5)), dtype=torch.float32) for _ in range(2))
    return PairedClips(sounds, videos, np.zeros(20, dtype=int))


def report_towers(**changes) -> TowerSettings:
    return dataclasses.replace(REPORT_TOWERS, **changes)


def assert_same_weights(a: nn.Module, b: nn.Module) -> None:
    for (name, left), right in zip(a.state_dict().items(), b.state_dict().values(), strict=True):
        assert torch.equal(left, right), name


# What is measured


def test_history_keeps_one_value_an_epoch():
    history = History()
    assert history.epochs == 0
    history.add({"train loss": 2.0, "train accuracy": 0.5})
    history.add({"train loss": 1.0, "train accuracy": 0.7})
    assert history.curves == {"train loss": [2.0, 1.0], "train accuracy": [0.5, 0.7]}
    assert history.epochs == 2
    assert history.last("train accuracy") == 0.7


def test_measured_loss_and_accuracy_equal_those_of_the_whole_set(points):
    network, (inputs, labels) = small_network().train(), points.tensors
    found = measure(network, loader(points, 7), classification_loss(network))
    scores = network.eval()(inputs)
    assert found == pytest.approx(
        {
            "validation loss": functional.cross_entropy(scores, labels).item(),
            "validation accuracy": np.mean(scores.argmax(dim=1).numpy() == labels.numpy()),
        }
    )


def test_measuring_changes_nothing(points):
    network, untouched = small_network(), small_network()
    measure(network, loader(points, 7), classification_loss(network))
    assert_same_weights(network, untouched)
    assert all(parameter.grad is None for parameter in network.parameters())


def test_one_step_is_the_step_of_the_optimiser_by_hand():
    network = nn.Linear(2, 2, bias=False)
    weight = network.weight.detach().clone().requires_grad_()
    x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([1])
    functional.cross_entropy(x @ weight.T, y).backward()
    expected = weight - 0.1 * (weight.grad + 0.01 * weight)
    settings = ClassifierSettings(epochs=1, learning_rate=0.1, weight_decay=0.01, vary=False)
    fit_classifier(network, TensorDataset(x, y), settings, seed=0)
    torch.testing.assert_close(network.weight.detach(), expected.detach())


def test_learning_rate_falls_along_a_cosine():
    network, rates = nn.Linear(1, 1), []
    optimiser = torch.optim.SGD(network.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 4)
    batches = [(torch.ones(2, 1),)]

    def loss_of(batch):
        rates.append(optimiser.param_groups[0]["lr"])
        losses = network(batch[0]).square()
        return losses.mean(), {"loss": losses}

    fit(network, lambda epoch: batches, loss_of, optimiser, epochs=4, scheduler=scheduler)
    assert rates == pytest.approx([(1 + np.cos(np.pi * epoch / 4)) / 2 for epoch in range(4)])


def test_classifier_learns_the_clusters(points):
    network = small_network()
    history = fit_classifier(
        network, points, dataclasses.replace(QUICK, epochs=15), seed=0, validation=points
    )
    assert history.last("validation accuracy") > 0.9
    assert history.last("train loss") < history.curves["train loss"][0]
    assert {len(curve) for curve in history.curves.values()} == {15}


def test_towers_learn_to_tell_pairs(halves):
    settings = report_towers(loss="plain", epochs=60, learning_rate=1e-2, margin=3.0, pairs_per_clip=2)
    history = fit_towers(small_towers(), halves, settings, seed=0, validation=halves)
    assert history.last("validation accuracy") > 0.8 > history.curves["train accuracy"][0]
    parts = ("loss", "positive loss", "negative loss", "accuracy")
    assert set(history.curves) == {f"{side} {part}" for side in ("train", "validation") for part in parts}


def test_shuffled_batches_leave_out_the_incomplete_last_one_but_never_the_only_one(points):
    assert [len(batch[0]) for batch in loader(points, 16)] == [16, 16, 8]
    assert [len(batch[0]) for batch in loader(points, 16, seed=0)] == [16, 16]
    assert [len(batch[0]) for batch in loader(points, 64, seed=0)] == [40]


def test_epochs_are_shuffled_differently_and_repeatably(points):
    orders = [
        torch.cat([labels for _, labels in loader(points, 8, seed=epoch_seed(run, epoch))]).tolist()
        for run, epoch in ((0, 0), (0, 0), (0, 1), (1, 0))
    ]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2] != orders[3] != orders[0]


# Losses of towers


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("plain", lambda d, same: contrastive_loss(d, same, margin=3.0)),
        ("weighted", lambda d, same: weighted_contrastive_loss(d, same, margin=3.0, weight=0.2)),
    ],
)
def test_tower_loss_is_the_chosen_loss_of_the_embedded_pairs(halves, name, loss):
    towers, settings = small_towers().eval(), TowerSettings(loss=name, margin=3.0, weight=0.2)
    sound, video = torch.tensor([0, 3, 3, 5, 0]), torch.tensor([0, 3, 4, 1, 2])
    same = torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0])
    found, metrics = tower_loss(towers, settings)((halves.audio, halves.video, sound, video, same))
    distance = (towers.audio(halves.audio[sound]) - towers.video(halves.video[video])).norm(dim=1)
    torch.testing.assert_close(found, loss(distance, same))
    torch.testing.assert_close(metrics["loss"][:2], metrics["positive loss"])
    torch.testing.assert_close(metrics["loss"][2:], metrics["negative loss"])


def test_each_clip_of_a_batch_passes_its_tower_once(halves):
    towers, rows = small_towers(), {"audio": [], "video": []}
    for name, seen in rows.items():
        getattr(towers, name).register_forward_hook(
            lambda _, inputs, __, seen=seen: seen.append(len(inputs[0]))
        )
    settings = report_towers(batch_size=20, pairs_per_clip=5)
    (batch,) = halves.batches(settings, np.random.default_rng(0), vary=False)
    assert len(batch[-1]) == 2 * 5 * 20
    tower_loss(towers, settings)(batch)
    assert rows == {"audio": [20], "video": [20]}


def test_every_clip_is_in_one_batch_of_an_epoch(halves):
    batches = list(halves.batches(report_towers(batch_size=6), np.random.default_rng(0), vary=False))
    assert [len(sounds) for sounds, *_ in batches] == [7, 7, 6]
    seen = torch.cat([sounds for sounds, *_ in batches])
    assert {tuple(row) for row in seen.tolist()} == {tuple(row) for row in halves.audio.tolist()}


def tray_clips() -> PairedClips:
    """Twelve clips in each of which one microphone alone is loud at one moment, and the object is at its wall only then."""
    walls = torch.tensor([[0.5, 1.0], [0.0, 0.5], [0.5, 0.0], [1.0, 0.5]])  # bottom, left, top, right
    ways, sounds = torch.full((12, 35, 2), 0.5), torch.zeros(12, 4, 3, 35)
    for clip in range(12):
        ways[clip, 8 + clip] = walls[clip % 4]
        sounds[clip, clip % 4, :, 8 + clip] = 1
    return PairedClips(sounds, ways.flatten(1), np.zeros(12, dtype=int))


@pytest.mark.parametrize("kind", ["motion", "centroids"])
def test_sound_and_video_of_a_clip_are_varied_together(kind):
    """Wherever and whenever the microphone is loud, there and then the object is at the wall."""
    clips, moments, walls = tray_clips(), set(), set()
    for seed in range(20):
        settings = TowerSettings(video=kind)
        ((sounds, ways, *_),) = clips.batches(settings, np.random.default_rng(seed), vary=True)
        loud = sounds[:, :, 0].flatten(1).argmax(dim=1)  # (12, 4, 3, 35) -> (12, 140) -> (12,)
        wall, moment = loud // 35, loud % 35
        x, y = ways.unflatten(1, (35, 2))[torch.arange(12), moment].T
        assert torch.equal(torch.stack([1 - y, x, y, 1 - x]).argmin(dim=0), wall)
        assert torch.allclose((torch.stack([x, y]) - 0.5).abs().sum(dim=0), torch.tensor(0.5))
        order = sounds.sum(dim=(1, 2, 3))
        assert torch.equal(order, torch.full((12,), 3.0))
        moments |= set(moment.tolist())
        walls |= set(wall.tolist())
    assert walls == {0, 1, 2, 3}
    assert (min(moments) < 8 and max(moments) > 19) == (kind == "motion"), "time is shifted where it is known"


def test_held_out_clips_are_not_varied():
    clips = tray_clips()
    ((sounds, *_),) = clips.batches(TowerSettings(), np.random.default_rng(0), vary=False)
    assert {tuple(s.flatten().tolist()) for s in sounds} == {tuple(s.flatten().tolist()) for s in clips.audio}


# Stopping and going on


def run_classifier(points, network, **options) -> History:
    return fit_classifier(network, points, QUICK, seed=3, validation=points, **options)


def run_towers(halves, towers, **options) -> History:
    settings = report_towers(epochs=4, batch_size=6)
    return fit_towers(towers, halves, settings, seed=3, validation=halves, **options)


@pytest.fixture(params=["classifier", "towers"])
def training(request, points, halves):
    """A function that makes a network and one that trains it for four epochs."""
    if request.param == "classifier":
        return small_network, lambda network, **options: run_classifier(points, network, **options)
    return small_towers, lambda towers, **options: run_towers(halves, towers, **options)


def test_same_seed_gives_the_same_weights_and_curves(training):
    make, train = training
    first, second = make(), make()
    assert train(first).curves == train(second).curves
    assert_same_weights(first, second)


class Interrupted(Exception):
    """Stands for Ctrl-C or a power cut."""


def interrupt_after(epochs: int):
    def on_epoch(history: History) -> None:
        if history.epochs == epochs:
            raise Interrupted

    return on_epoch


def test_resumed_run_ends_in_the_same_weights_and_curves(training, tmp_path):
    make, train = training
    whole, first, second = make(), make(), make()
    curves = train(whole).curves
    checkpoint = tmp_path / "run.pt"
    with pytest.raises(Interrupted):
        train(first, checkpoint=checkpoint, on_epoch=interrupt_after(2))
    seen = []
    resumed = train(second, checkpoint=checkpoint, on_epoch=lambda history: seen.append(history.epochs))
    assert seen == [3, 4], "it began again instead of going on"
    assert resumed.curves == curves
    assert_same_weights(second, whole)
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


def test_interrupted_inside_an_epoch_loses_only_that_epoch(training, tmp_path):
    make, train = training
    whole, first, second = make(), make(), make()
    train(whole)
    steps = iter(range(1000))
    train(first, checkpoint=tmp_path / "run.pt", should_stop=lambda: next(steps) == 7)
    history = train(second, checkpoint=tmp_path / "run.pt")
    assert history.epochs == 4
    assert_same_weights(second, whole)


def test_finished_run_is_not_trained_again(training, tmp_path):
    make, train = training
    whole, again = make(), make()
    curves = train(whole, checkpoint=tmp_path / "run.pt").curves
    assert (
        train(
            again, checkpoint=tmp_path / "run.pt", should_stop=lambda: pytest.fail("a step was made")
        ).curves
        == curves
    )
    assert_same_weights(again, whole)


def test_stop_ends_the_training_before_the_next_step(training):
    make, train = training
    network, steps = make(), []
    part = getattr(network, "audio", network)
    part.register_forward_hook(lambda *_: steps.append(part.training))

    def stop_at_the_third_step() -> bool:
        return steps.count(True) == 2

    history = train(network, should_stop=stop_at_the_third_step)
    assert steps == [True, True]
    assert history.curves == {}


def test_stopped_training_keeps_its_finished_epochs(points):
    stop = []
    history = run_classifier(
        points,
        small_network(),
        on_epoch=lambda history: stop.append(True) if history.epochs == 2 else None,
        should_stop=lambda: bool(stop),
    )
    assert {len(curve) for curve in history.curves.values()} == {2}


def test_every_epoch_is_reported_once_with_its_curves(training):
    make, train = training
    seen = []
    train(
        make(), on_epoch=lambda history: seen.append((history.epochs, len(history.curves["validation loss"])))
    )
    assert seen == [(1, 1), (2, 2), (3, 3), (4, 4)]


# Kept networks


def test_network_is_trained_once_and_taken_from_its_file_afterwards(points, tmp_path):
    first, second, path = small_network(), small_network(), tmp_path / "new" / "network.safetensors"
    trained = load_or_train(first, lambda: run_classifier(points, first), path)
    loaded = load_or_train(second, lambda: pytest.fail("it was trained again"), path)
    assert loaded == trained
    assert_same_weights(second, first)
    assert [file.name for file in path.parent.iterdir()] == ["network.safetensors"]


def test_network_of_another_recipe_is_trained_again(points, tmp_path):
    path, runs = tmp_path / "network.safetensors", []

    def train():
        runs.append(1)
        return History({"train loss": [float(len(runs))]})

    for recipe, expected in (("a", 1), ("a", 1), ("b", 2), ("b", 2), ("a", 3)):
        history = load_or_train(small_network(), train, path, recipe=recipe)
        assert (len(runs), history.last("train loss")) == (expected, expected)


def test_interrupted_training_keeps_no_network(points, tmp_path):
    network, path = small_network(), tmp_path / "network.safetensors"
    with pytest.raises(Interrupted):
        load_or_train(network, lambda: run_classifier(points, network, on_epoch=interrupt_after(1)), path)
    assert not path.exists()


# Standardising


def test_standardised_training_data_have_mean_zero_and_deviation_one():
    values = np.random.default_rng(0).normal(-70, 8, (6, 4, 5, 7)).astype(np.float16)
    layer = Standardise()
    layer.set_to(values)
    out = layer(torch.tensor(values, dtype=torch.float32))
    assert out.mean().item() == pytest.approx(0, abs=1e-3)
    assert out.std(correction=0).item() == pytest.approx(1, abs=1e-3)


def test_louder_microphone_stays_louder():
    values = np.stack([np.full((5, 7), level) for level in (-20.0, -40, -60, -80)])[None]
    layer = Standardise()
    layer.set_to(values)
    levels = layer(torch.tensor(values))[0, :, 0, 0]
    torch.testing.assert_close(
        levels.diff(), torch.full((3,), -20 / np.std([20, 40, 60, 80]), dtype=levels.dtype)
    )


def test_constant_data_are_not_divided_by_zero():
    layer = Standardise()
    layer.set_to(np.full((2, 3), -100.0))
    assert torch.equal(layer(torch.full((2, 3), -100.0)), torch.zeros(2, 3))


def test_mean_and_deviation_are_saved_with_the_weights():
    layer, loaded = Standardise(), Standardise()
    layer.set_to(np.array([1.0, 5.0]))
    loaded.load_state_dict(layer.state_dict())
    assert (loaded.mean.item(), loaded.deviation.item()) == (3.0, 2.0)
