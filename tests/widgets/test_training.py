"""Trainings in a panel: live curves, the time that is left, Pause and Stop at the next step."""

import threading
import time

import matplotlib.pyplot as plt
import numpy as np
import pytest

from labutils import widgets
from labutils.widgets.pictures import new_figure, show_figure
from labutils.widgets.training import CURVES_HEIGHT_INCH, CURVES_WIDTH_INCH, draw_curves
from widgets.conftest import WAIT_S, alert, every_value, history, pictures, quick_training, training_panels

CURVES = {
    f"{part} {quantity}": list(np.linspace(1, 0, 40) + 0.1 * np.sin(np.arange(40)))
    for part in ("train", "validation")
    for quantity in ("loss", "accuracy")
}


class PatientTraining:
    """Trains until it is told to stop (or the test is lost), and counts its starts and steps."""

    def __init__(self):
        self.starts, self.steps, self.running = 0, 0, threading.Event()

    def __call__(self, settings, on_epoch, should_stop):
        self.starts += 1
        on_epoch(history(1, train_loss=[1.0]))
        self.running.set()
        latest_s = time.monotonic() + WAIT_S / 2
        while not should_stop() and time.monotonic() < latest_s:
            self.steps += 1
            time.sleep(0.001)
        return "partial"


def wait_for(condition) -> None:
    """Wait until something is so; fail after a while."""
    latest_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < latest_s
        time.sleep(0.005)


@pytest.fixture
def patient():
    training = PatientTraining()
    panel = widgets.classifier_panel(training)
    yield training, panel
    panel.stop()
    panel.join(WAIT_S)


@pytest.mark.parametrize("panel", training_panels(), ids=lambda panel: panel.title)
def test_training_gets_every_value_of_every_control(panel, no_pictures):
    for name, box in panel.controls.items():
        for value in every_value(box):
            box.value = value
            panel.run_button.click()
            assert panel.join(WAIT_S)[name] == box.value
            assert alert(panel) == ""


def test_finished_training_shows_its_curves_and_result():
    panel = widgets.classifier_panel(quick_training, epochs=4)
    panel.run_button.click()
    panel.join(WAIT_S)
    assert panel.result["epochs"] == 4
    words = "4 epochs, train loss 0.25, train accuracy 0.5"
    assert f"Run 1: finished, {words}" in panel.status.value
    assert [description for description, _ in pictures(panel.picture.value)] == [
        f"loss and accuracy over the epochs: {words}"
    ]
    assert plt.get_fignums() == []


def test_stop_ends_the_training_within_a_step(patient):
    training, panel = patient
    panel.run_button.click()
    assert training.running.wait(WAIT_S)
    assert not panel.stop_button.disabled
    panel.stop_button.click()
    steps = training.steps
    assert panel.join(WAIT_S) == "partial"
    assert training.steps <= steps + 1
    assert "Run 1: stopped" in panel.status.value


def test_a_paused_training_waits_and_goes_on_where_it_was(patient):
    training, panel = patient
    start_s = time.monotonic()
    panel.run_button.click()
    assert training.running.wait(WAIT_S)
    panel.pause_button.click()
    wait_for(lambda: "Run 1: paused, 1 epoch, train loss 1" in panel.status.value)
    assert panel.pause_button.description == "Go on" and "progress" not in panel.status.value
    assert 'value="1"' in panel.progress.value and pictures(panel.picture.value), "the last epoch is shown"
    steps = training.steps
    time.sleep(0.3)
    assert training.steps == steps
    panel.pause_button.click()
    wait_for(lambda: training.steps > steps)
    assert (training.starts, panel.pause_button.description) == (1, "Pause")
    panel.stop_button.click()
    panel.join(WAIT_S)
    assert panel.kept[0].seconds < time.monotonic() - start_s - 0.25, "a pause is no time of training"


def test_a_paused_training_can_be_stopped(patient):
    _, panel = patient
    panel.run_button.click()
    panel.pause_button.click()
    wait_for(lambda: "paused" in panel.status.value)
    panel.stop_button.click()
    assert panel.join(WAIT_S) == "partial"
    assert panel.pause_button.disabled and panel.pause_button.description == "Pause"


def test_stop_of_one_run_does_not_reach_the_next(patient):
    training, panel = patient
    for run in (1, 2):
        training.running.clear()
        panel.run_button.click()
        assert training.running.wait(WAIT_S)
        assert not panel._stop.is_set()
        panel.stop_button.click()
        panel.join(WAIT_S)
        assert panel.runs == run
    assert not panel.run_button.disabled and panel.stop_button.disabled


def test_failed_training_leaves_run_and_stop_ready():
    def train(settings, on_epoch, should_stop):
        raise ValueError("no clips in <data>")

    panel = widgets.classifier_panel(train)
    panel.run_button.click()
    panel.join(WAIT_S)
    assert "no clips in &lt;data&gt;" in alert(panel) and "failed" in panel.status.value
    assert panel.stop_button.disabled and not panel.run_button.disabled and panel.progress.value == ""


def test_live_curve_is_drawn_at_most_seven_times_a_second():
    drawn = []

    def train(settings, on_epoch, should_stop):
        start_s, epoch = time.monotonic(), 0
        while time.monotonic() - start_s < 0.5:
            epoch = (epoch + 1) % 1000  # every epoch has a line of its own to show
            on_epoch(history(1, train_loss=[epoch]))

    panel = widgets.classifier_panel(train)
    panel.status.observe(lambda change: drawn.append(change["new"]), names="value")
    panel.run_button.click()
    panel.join(WAIT_S)
    training = [text for text in drawn if "training" in text]
    assert 1 <= len(training) <= 4


def test_drawing_takes_a_small_part_of_the_time_of_a_training(monkeypatch):
    panel = widgets.classifier_panel(quick_training)
    clock = iter([100.0, 100.3])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    panel._show({}, "training")
    assert panel._next_picture_s == pytest.approx(101.5)


def plain_curves() -> None:
    """What matplotlib needs for as many lines in as large a picture."""
    figure = new_figure(2 * CURVES_WIDTH_INCH, CURVES_HEIGHT_INCH)
    for ax in figure.subplots(1, 2):
        for name in ("train", "validation"):
            ax.plot([1, 2], [1, 2], label=name)
        ax.legend()
        ax.set(xlabel="epoch", ylabel="loss")
    show_figure(figure, "curves")


def test_live_update_is_quick():
    def cost_s(draw) -> float:
        start_s = time.process_time()
        draw()
        return time.process_time() - start_s

    costs = [(cost_s(lambda: draw_curves(CURVES, epochs=50)), cost_s(plain_curves)) for _ in range(6)]
    ours_s, plain_s = map(min, zip(*costs, strict=True))
    assert ours_s < 2 * plain_s  # a layout that measures all labels would take more


def test_panel_shows_the_time_that_is_left(patient):
    training, panel = patient
    seen = []
    panel.progress.observe(lambda change: seen.append(change["new"]), names="value")
    panel.controls["epochs"].value = 7
    panel._train = lambda settings, on_epoch, should_stop: (
        time.sleep(0.2),
        training(settings, on_epoch, should_stop),
    )
    panel.run_button.click()
    assert training.running.wait(WAIT_S)
    panel.stop()
    panel.join(WAIT_S)
    assert "epoch 0 of 7, the first epoch is running" in seen[0]
    assert "epoch 1 of 7, about" in seen[1] and "left" in seen[1]
    assert seen[-1] == ""


def test_curves_that_are_not_finite_are_drawn_with_gaps():
    curves = {"train loss": [1.0, np.nan, np.inf], "validation loss": [np.nan] * 3}
    ((description, _),) = pictures(draw_curves(curves, epochs=5))
    assert description.endswith("train loss not a finite number, validation loss not a finite number")


@pytest.mark.parametrize(("epochs", "right_end"), [(20, 20.5), (None, 3.5), (2, 3.5)])
def test_axis_reaches_to_the_last_epoch_that_is_to_come(epochs, right_end, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "labutils.widgets.training.show_figure", lambda figure, description: shown.append(figure) or ""
    )
    draw_curves({"train loss": [3.0, 2.0, 1.0]}, epochs=epochs)
    (ax,) = shown[0].axes
    assert ax.get_xlim() == (0.5, right_end)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[1, 3], [2, 2], [3, 1]])


@pytest.mark.parametrize("loss", [[3e4, 1e4], [2.3021, 2.3047], [9999.0, 1e-5], [1e-5, 2e-5], [3e30, 1.0]])
def test_no_label_is_cut_whatever_the_loss(loss):
    curves = {"train loss": loss, "train accuracy": [0.0, 1.0]}
    for shown in (curves, {"train loss": loss}):
        ((_, pixels),) = pictures(draw_curves(shown, epochs=2))
        rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        assert (rim == 255).all()


def test_curves_of_one_epoch_and_of_none():
    assert len(pictures(draw_curves({"train loss": [0.3], "train accuracy": [0.1]}, epochs=1))) == 1
    assert draw_curves({}) == draw_curves({"train loss": []}) == ""


def test_picture_is_opaque_and_grows_with_the_quantities():
    ((_, one),) = pictures(draw_curves({"train loss": [0.3]}))
    ((_, two),) = pictures(draw_curves({"train loss": [0.3], "train accuracy": [0.1]}))
    assert one.shape[2] == two.shape[2] == 3 and (one[0, 0] == 255).all()
    assert two.shape[1] == 2 * one.shape[1]
