"""The fit loop: what it measures, how it stops, and that an interrupted run ends in the very same weights."""

import dataclasses
import threading
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from labutils.towers import PairedClips, Towers, TowerSettings, fit_towers
from labutils.training import (
    ClassifierSettings,
    Examples,
    History,
    classification_loss,
    epoch_rng,
    fit,
    fit_classifier,
    in_bfloat16,
    measure,
    outputs,
)

QUICK = ClassifierSettings(epochs=4, batch_size=8, learning_rate=0.05)


def small_network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))


def assert_same_weights(a: nn.Module, b: nn.Module) -> None:
    for (name, left), right in zip(a.state_dict().items(), b.state_dict().values(), strict=True):
        assert torch.equal(left, right), name


def small_towers() -> Towers:
    return Towers(small_network(), small_network())


@pytest.fixture(scope="module")
def points() -> Examples:
    """40 points in three clusters."""
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 3
    return Examples.of((rng.normal(0, 0.5, (40, 5)) + 2 * np.eye(3, 5)[labels]).astype(np.float32), labels)


@pytest.fixture(scope="module")
def halves() -> PairedClips:
    """Sounds and videos of 20 clips that share what happened."""
    rng = np.random.default_rng(1)
    happened = rng.normal(size=(20, 5))
    sounds, videos = (torch.tensor(happened @ rng.normal(size=(5, 5)), dtype=torch.float32) for _ in range(2))
    return PairedClips(sounds, videos)


def test_history_keeps_one_value_an_epoch():
    history = History()
    assert history.epochs == 0
    history.add({"train loss": 2.0, "train accuracy": 0.5})
    history.add({"train loss": 1.0, "train accuracy": 0.7})
    assert history.curves == {"train loss": [2.0, 1.0], "train accuracy": [0.5, 0.7]}
    assert (history.epochs, history.last("train loss")) == (2, 1.0)


def test_measured_loss_and_accuracy_equal_those_of_the_whole_set(points):
    network = small_network()
    found = measure(network, points.batches(), classification_loss(network))
    scores = network.eval()(points.inputs)
    assert found["validation loss"] == pytest.approx(
        functional.cross_entropy(scores, points.labels).item(), abs=1e-5
    )
    assert found["validation accuracy"] == pytest.approx(
        (scores.argmax(dim=1) == points.labels).float().mean().item()
    )


def test_measuring_changes_nothing(points):
    network, untouched = small_network(), small_network()
    measure(network, points.batches(), classification_loss(network))
    assert_same_weights(network, untouched)
    assert all(parameter.grad is None for parameter in network.parameters())


def test_one_step_is_the_step_of_sgd_with_weight_decay_by_hand():
    network = nn.Linear(2, 2, bias=False)
    weight = network.weight.detach().clone().requires_grad_()
    x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([1])
    functional.cross_entropy(x @ weight.T, y).backward()
    expected = weight - 0.1 * (weight.grad + 0.01 * weight)
    settings = ClassifierSettings(epochs=1, learning_rate=0.1, weight_decay=0.01)
    fit_classifier(network, Examples(x, y), settings, seed=0)
    torch.testing.assert_close(network.weight.detach(), expected.detach())


def test_learning_rate_falls_along_a_cosine(points):
    network, rates = nn.Linear(5, 3), []
    settings = ClassifierSettings(epochs=4, batch_size=40, learning_rate=1.0)
    step = torch.optim.SGD.step

    def noted(optimiser, *args, **options):
        rates.append(optimiser.param_groups[0]["lr"])
        return step(optimiser, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.optim.SGD, "step", noted)
        fit_classifier(network, points, settings, seed=0)
    assert rates == pytest.approx([(1 + np.cos(np.pi * epoch / 4)) / 2 for epoch in range(4)])


def test_classifier_learns_the_clusters(points):
    network = small_network()
    history = fit_classifier(
        network, points, dataclasses.replace(QUICK, epochs=15), seed=0, validation=points
    )
    assert history.last("validation accuracy") > 0.9
    assert history.last("train loss") < history.curves["train loss"][0]
    assert {len(curve) for curve in history.curves.values()} == {15}


def test_training_sees_augmented_and_validation_plain_examples(points):
    seen = []

    def augment(inputs, rng):
        return inputs + 100

    class Spy(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(5, 3)

        def forward(self, x):
            seen.append((self.training, float(x.mean())))
            return self.linear(x)

    fit_classifier(Spy(), points, QUICK, seed=0, validation=points, augment=augment)
    assert all((mean > 50) == training for training, mean in seen)


def test_shuffled_batches_leave_out_the_incomplete_last_one_but_never_the_only_one(points):
    rng = np.random.default_rng(0)
    assert [len(labels) for _, labels in points.shuffled_batches(16, rng)] == [16, 16]
    assert [len(labels) for _, labels in points.shuffled_batches(64, rng)] == [40]
    assert sum(len(labels) for _, labels in points.batches()) == 40


def test_epochs_are_shuffled_differently_and_repeatably(points):
    orders = [
        torch.cat([x for x, _ in points.shuffled_batches(8, epoch_rng(run, epoch))])[:, 0].tolist()
        for run, epoch in ((0, 0), (0, 0), (0, 1), (1, 0))
    ]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2] != orders[3] != orders[0]


def test_outputs_are_those_of_one_pass_in_evaluation_mode():
    network = small_network().train()
    inputs = np.random.default_rng(0).normal(size=(150, 5)).astype(np.float16)
    expected = small_network().eval()(torch.from_numpy(inputs).float()).detach().numpy()
    np.testing.assert_allclose(outputs(network, inputs), expected, atol=1e-6)


def test_bfloat16_gives_nearly_the_same_loss(points):
    network = small_network().eval()
    batch = points.inputs, points.labels
    plain, rounded = (
        loss(batch)[0].item()
        for loss in (classification_loss(network), in_bfloat16(classification_loss(network)))
    )
    assert rounded != plain
    assert rounded == pytest.approx(plain, rel=0.02)


def run_classifier(points, network, **options) -> History:
    return fit_classifier(network, points, QUICK, seed=3, validation=points, **options)


def run_towers(halves, towers, **options) -> History:
    settings = TowerSettings(epochs=4, batch_size=6)
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


def test_damaged_checkpoint_is_told_of_and_the_training_begins_anew(training, tmp_path, caplog):
    make, train = training
    whole, again, checkpoint = make(), make(), tmp_path / "run.pt"
    train(whole, checkpoint=checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:200])
    assert train(again, checkpoint=checkpoint).epochs == 4
    assert_same_weights(again, whole)
    assert str(checkpoint) in caplog.text


OTHERS = {
    "learning rate": {"settings": dataclasses.replace(QUICK, learning_rate=0.04)},
    "weight decay": {"settings": dataclasses.replace(QUICK, weight_decay=0.0)},
    "seed": {"seed": 1},
    "augmentation": {"augment": lambda inputs, rng: inputs + 1},
    "first weights": {"scale": 2.0},
    "a clip": {"change": 1.0},
}


def keep_one(points, folder, *, settings=QUICK, seed=0, augment=None, scale=1.0, change=0.0):
    """Train a small network, kept in a folder; its curves."""
    network = small_network()
    network[0].weight.data *= scale
    inputs = points.inputs.clone()
    inputs[0, 0] += change
    return network, fit_classifier(
        network, Examples(inputs, points.labels), settings, seed=seed, augment=augment, keep=folder
    )


def test_kept_network_is_trained_once_and_taken_from_its_file_afterwards(points, tmp_path, monkeypatch):
    network, history = keep_one(points, tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".safetensors"]
    monkeypatch.setattr("labutils.training.fit", lambda *_, **__: pytest.fail("it was trained again"))
    again, curves = keep_one(points, tmp_path)
    assert curves == history
    assert_same_weights(again, network)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_changed_setting_is_a_changed_network(points, tmp_path, other):
    _, history = keep_one(points, tmp_path)
    _, changed = keep_one(points, tmp_path, **other)
    assert changed.curves != history.curves
    assert len(list(tmp_path.iterdir())) == 2


def test_interrupted_kept_training_goes_on_and_leaves_no_checkpoint(points, tmp_path):
    whole = small_network()
    fit_classifier(whole, points, QUICK, seed=0)
    with pytest.raises(Interrupted):
        fit_classifier(small_network(), points, QUICK, seed=0, keep=tmp_path, on_epoch=interrupt_after(2))
    assert [path.suffix for path in tmp_path.iterdir()] == [".checkpoint"]
    network, seen = small_network(), []
    fit_classifier(network, points, QUICK, seed=0, keep=tmp_path, on_epoch=lambda h: seen.append(h.epochs))
    assert seen == [3, 4]
    assert_same_weights(network, whole)
    assert [path.suffix for path in tmp_path.iterdir()] == [".safetensors"]


def test_who_wants_a_network_that_another_trains_waits_sees_how_far_it_is_and_takes_it(
    points, tmp_path, monkeypatch
):
    is_begun, may_end, trained, seen = threading.Event(), threading.Event(), [], []
    fits = Mock(wraps=fit)
    monkeypatch.setattr("labutils.training.fit", fits)

    def hold_on(history):
        trained.append(history.epochs)
        is_begun.set()
        assert history.epochs < 2 or may_end.wait(60)

    def look(history):
        seen.append(history.epochs)
        may_end.set()

    first, second = small_network(), small_network()
    options = {"seed": 0, "keep": tmp_path}
    other = threading.Thread(
        target=fit_classifier, args=(first, points, QUICK), kwargs={**options, "on_epoch": hold_on}
    )
    other.start()
    assert is_begun.wait(60)
    curves = fit_classifier(second, points, QUICK, **options, on_epoch=look)
    other.join()
    assert trained == [1, 2, 3, 4] and seen and set(seen) <= {1, 2, 3, 4}
    assert curves.epochs == 4 and fits.call_count == 1
    assert_same_weights(first, second)
    assert [path.suffix for path in tmp_path.iterdir()] == [".safetensors"]


def test_damaged_kept_network_is_told_of_and_trained_anew(points, tmp_path, caplog):
    network, history = keep_one(points, tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100])
    again, curves = keep_one(points, tmp_path)
    assert curves == history
    assert_same_weights(again, network)
    assert str(path) in caplog.text


def test_fit_runs_with_any_loss():
    network, batches = nn.Linear(1, 1), [(torch.ones(2, 1),)]
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)

    def loss_of(batch):
        losses = network(batch[0]).square()
        return losses.mean(), {"loss": losses}

    history = fit(network, lambda epoch: batches, loss_of, optimiser, epochs=3)
    assert history.curves["train loss"] == sorted(history.curves["train loss"], reverse=True)


@pytest.mark.parametrize("part", ["optimiser", "curves"])
def test_checkpoint_with_one_wrong_part_is_passed_over_as_a_whole(training, tmp_path, part, caplog):
    make, train = training
    whole, again, checkpoint = make(), make(), tmp_path / "run.pt"
    curves = train(whole, checkpoint=checkpoint).curves
    torch.save(torch.load(checkpoint, weights_only=True) | {part: {"state": [1]}}, checkpoint)
    assert train(again, checkpoint=checkpoint).curves == curves
    assert_same_weights(again, whole)
    assert caplog.text.count("begins anew") == 1


@pytest.mark.parametrize("damage", ["empty", "zeroed", "zeroed weights"])
def test_kept_network_of_which_bytes_are_missing_is_trained_anew(points, tmp_path, damage, caplog):
    network, _ = keep_one(points, tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little") if damage == "zeroed weights" else 0
    path.write_bytes(b"" if damage == "empty" else whole[:header] + bytes(len(whole) - header))
    again, _ = keep_one(points, tmp_path)
    assert_same_weights(again, network)
    assert caplog.text.count("trained anew") == 1 and path.read_bytes() == whole


def test_checkpoints_that_cannot_be_written_stop_no_training(points, tmp_path, caplog):
    (tmp_path / "file").write_text("in the place of the folder")
    _, history = keep_one(points, tmp_path / "file")
    assert history.epochs == QUICK.epochs and caplog.text.count("checkpoint is not kept") == 1
