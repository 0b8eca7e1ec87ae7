"""The panels, driven as a browser drives them: by setting values and clicking, with trainings that cost nothing."""

import re
import threading
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from labutils import widgets
from labutils.clips import CLASS_NAMES, WALLS
from labutils.simulate.drop import drop_object
from labutils.training import REPORT_TOWERS

WAIT_S = 60


def pictures(html):
    """Every SVG in a piece of HTML, parsed; fails on numbers that are not numbers."""
    found = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    for text in found:
        assert not re.search(r"\b(nan|inf)\b", re.sub(r'href="data:[^"]*"', "", text), re.IGNORECASE)
    return [ElementTree.fromstring(text) for text in found]


def alert(panel):
    return re.fullmatch(r'<div role="alert">(.*)</div>', panel.alert.value)[1]


def every_value(box):
    """The ends, the middle and the start of a control, or all options of a list."""
    if isinstance(box, ipywidgets.Checkbox):
        return [True, False]
    if isinstance(box, ipywidgets.Dropdown):
        return [value for _, value in box._options_full]
    return [box.min, box.max, type(box.value)((box.min + box.max) / 2), box.value]


def history(epochs, **curves):
    return SimpleNamespace(
        curves={name.replace("_", " "): values[:epochs] for name, values in curves.items()}
    )


def quick_training(settings, on_epoch, should_stop):
    for epoch in range(1, settings["epochs"] + 1):
        on_epoch(history(epoch, train_loss=[1 / k for k in range(1, 201)], train_accuracy=[0.5] * 200))
    return settings


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


@pytest.fixture
def patient():
    training = PatientTraining()
    panel = widgets.classifier_panel(training)
    yield training, panel
    panel.stop()
    panel.join(WAIT_S)


TRAINING_PANELS = [widgets.classifier_panel, widgets.contrastive_training_panel]


def formula_panels():
    rng = np.random.default_rng(0)
    cost, truth = rng.random((12, 9)), np.r_[rng.permutation(9), -1, -1, -1]
    matching = widgets.matching_panel(cost, truth, solve=solve, classes=["brick", "ball", "salt"] * 4)
    return {
        "spectrogram": widgets.spectrogram_panel(rng.normal(0, 0.1, (20000, 4))),
        "contrastive": widgets.contrastive_panel(),
        "matching": matching,
    }


def solve(cost, threshold):
    """The Hungarian answer without the pairs beyond the threshold."""
    answers = np.full(len(cost), -1)
    sounds, videos = linear_sum_assignment(np.nan_to_num(cost, posinf=1e6))
    near = cost[sounds, videos] <= threshold
    answers[sounds[near]] = videos[near]
    return answers


# Controls


@pytest.mark.parametrize(
    "control",
    [
        widgets.whole_number("n", "a number", 3, 1, 9),
        widgets.decimal_number("n", "a number", 0.5, 0, 1, step=0.05),
        widgets.power_of_ten("n", "a number", 1e-3, -5, -1),
    ],
    ids=["whole", "decimal", "power"],
)
def test_slider_and_number_box_move_together(control):
    box, slider = control.view.children
    assert box is control.box
    assert box.description == "a number"  # the name that a screen reader says
    for value in (slider.max, slider.min):
        slider.value = slider.base**value if hasattr(slider, "base") else value
        assert box.value == pytest.approx(slider.value)
    box.value = box.max
    assert slider.value == pytest.approx(box.max)


def test_slider_waits_for_the_hand_to_let_go():
    for panel in [*formula_panels().values(), *(make(quick_training) for make in TRAINING_PANELS)]:
        for view in panel.children:
            for part in getattr(view, "children", []):
                assert getattr(part, "continuous_update", False) is False


def test_logarithmic_slider_shows_a_short_number():
    control = widgets.power_of_ten("rate", "learning rate", 0.05, -4, 0)
    control.view.children[1].value = 10**-2.5
    assert control.box.value == 0.0032


def test_number_box_hides_the_last_bits_of_a_sum():
    control = widgets.decimal_number("weight", "weight", 0.5, 0, 1, step=0.1)
    control.view.children[1].value = 0.1 + 0.2
    assert control.box.value == 0.3


def test_every_control_has_a_name():
    for panel in [*formula_panels().values(), *(make(quick_training) for make in TRAINING_PANELS)]:
        assert all(box.description for box in panel.controls.values())


# Training


@pytest.mark.parametrize("make", TRAINING_PANELS)
def test_training_gets_every_value_of_every_control(make):
    panel = make(quick_training)
    for name, box in panel.controls.items():
        for value in every_value(box):
            box.value = value
            panel.run_button.click()
            assert panel.join(WAIT_S)[name] == box.value
            assert alert(panel) == ""


def test_a_training_panel_starts_at_the_settings_of_the_library():
    settings = widgets.contrastive_training_panel(quick_training, epochs=20).settings
    assert settings.pop("epochs") == 20
    usual = REPORT_TOWERS
    assert settings == {name: getattr(usual, name) for name in settings}
    assert widgets.classifier_panel(quick_training, epochs=2).settings["epochs"] == 2


def test_finished_training_shows_its_curves_and_result():
    panel = widgets.classifier_panel(quick_training, epochs=4)
    panel.run_button.click()
    panel.join(WAIT_S)
    assert panel.result["epochs"] == 4
    assert "Run 1: finished, 4 epochs, train loss 0.25, train accuracy 0.5" in panel.status.value
    assert len(pictures(panel.picture.value)) == 2
    assert pictures(panel.picture.value)[0].get("aria-label") == "loss over the epochs: 4 epochs, train 0.25"


def test_values_are_read_before_the_thread_starts(patient):
    training, panel = patient
    seen = []
    panel._train = lambda settings, on_epoch, should_stop: (
        seen.append(settings),
        training(settings, on_epoch, should_stop),
    )
    before = panel.settings
    panel.run_button.click()
    assert training.running.wait(WAIT_S)
    panel.controls["epochs"].value = 17
    panel.stop_button.click()
    panel.join(WAIT_S)
    assert seen == [before]


def test_stop_ends_the_training_within_a_step(patient):
    training, panel = patient
    panel.run_button.click()
    assert training.running.wait(WAIT_S)
    panel.stop_button.click()
    steps = training.steps
    assert panel.join(WAIT_S) == "partial"
    assert training.steps <= steps + 1
    assert "Run 1: stopped" in panel.status.value


def test_second_run_while_one_lives_is_ignored(patient):
    training, panel = patient
    panel.run_button.click()
    assert training.running.wait(WAIT_S)
    panel.run_button.click()
    assert (training.starts, panel.runs) == (1, 1)
    assert panel.run_button.disabled and not panel.stop_button.disabled


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


def test_error_of_a_training_is_one_sentence_and_the_next_run_clears_it():
    fails = [True]

    def train(settings, on_epoch, should_stop):
        if fails.pop():
            raise ValueError("no clips in <data>\nsecond line")
        fails.append(False)
        return "fine"

    panel = widgets.classifier_panel(train)
    panel.run_button.click()
    assert panel.join(WAIT_S) is None
    assert alert(panel) == "<b>That did not work:</b> no clips in &lt;data&gt;"
    assert isinstance(panel.error, ValueError)
    assert "failed" in panel.status.value
    fails[:] = [False]
    panel.run_button.click()
    assert panel.join(WAIT_S) == "fine"
    assert alert(panel) == "" and panel.error is None


def test_error_without_a_message_is_named_by_its_kind():
    def train(settings, on_epoch, should_stop):
        raise RuntimeError

    panel = widgets.classifier_panel(train)
    panel.run_button.click()
    panel.join(WAIT_S)
    assert "RuntimeError" in alert(panel)


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


def test_curves_that_are_not_finite_are_drawn_with_gaps():
    html = widgets.draw_curves(
        {"train loss": [1.0, np.nan, np.inf], "validation loss": [np.nan] * 3}, epochs=5
    )
    assert len(pictures(html)) == 1


def test_curves_of_one_epoch_and_of_none():
    assert len(pictures(widgets.draw_curves({"train loss": [0.3], "train accuracy": [0.1]}, epochs=1))) == 2
    assert widgets.draw_curves({}) == ""
    assert widgets.draw_curves({"train loss": []}) == ""


def test_train_and_validation_differ_by_line_style():
    html = widgets.draw_curves({"train loss": [2.0, 1.0], "validation loss": [2.0, 1.5]})
    styles = re.findall(r'stroke-dasharray="([^"]*)"', html)
    assert len(set(styles)) == 2


# Pictures that follow their controls


@pytest.mark.parametrize("name", ["spectrogram", "contrastive", "matching"])
def test_picture_follows_every_control_over_its_range(name):
    panel = formula_panels()[name]
    for box in panel.controls.values():
        shown = set()
        for value in every_value(box):
            box.value = value
            assert alert(panel) == ""
            assert len(pictures(panel.picture.value)) == 1
            shown.add(panel.picture.value)
        assert len(shown) > 1


def test_resolution_in_words():
    words = widgets.describe_resolution(1024, 896, (513, 196))
    assert "23.2 ms" in words and "43.1 Hz" in words and "20.3 ms" in words and "513 x 196" in words
    assert "never looked at" not in words
    assert "never looked at" in widgets.describe_resolution(256, 896, (129, 196))


def test_sound_shorter_than_the_window_is_said_in_the_alert():
    panel = widgets.spectrogram_panel(np.zeros((3000, 4)))
    panel.controls["n_fft"].value = 4096
    assert "3000 samples" in alert(panel)
    panel.controls["n_fft"].value = 512
    assert alert(panel) == ""


def test_silence_is_drawn():
    assert len(pictures(widgets.spectrogram_panel(np.zeros((20000, 4))).picture.value)) == 1


def test_contrastive_panel_says_what_a_negative_pair_costs():
    panel = widgets.contrastive_panel()
    panel.controls["margin"].value, panel.controls["weight"].value = 6, 0.25
    assert "costs 4.5 at D = 0 and nothing from D = m = 6 on" in panel.picture.value


def test_matching_counts_by_hand():
    counts = widgets.count_answers(np.array([0, 2, -1, -1, 1]), np.array([0, 1, -1, 3, -1]))
    assert counts == {
        "matches": "3",
        "of them right": "1",
        "of them wrong": "2",
        "correct −1": "1 of 2",
        "accuracy": "0.40",
    }


def test_threshold_below_everything_leaves_no_match():
    cost = np.array([[1.0, 5.0], [5.0, 2.0]])
    panel = widgets.matching_panel(cost, np.array([0, -1]), solve=solve)
    cells = {t: re.search(rf">{t}</th><td>([^<]*)<", panel.picture.value)[1] for t in ("matches", "accuracy")}
    assert cells == {"matches": "2", "accuracy": "0.50"}
    panel.controls["threshold"].value = 1.5
    assert ">matches</th><td>1<" in panel.picture.value and ">accuracy</th><td>1.00<" in panel.picture.value


def test_threshold_reaches_from_the_smallest_to_the_largest_distance():
    cost = np.array([[0.37, np.inf], [12.2, 3.0]])
    box = widgets.matching_panel(cost, np.array([0, 1]), solve=solve).controls["threshold"]
    assert box.min <= 0.37 and box.max >= 12.2


def test_one_class_alone_is_counted_and_drawn():
    cost = np.full((4, 4), np.inf)
    cost[:2, :2], cost[2:, 2:] = 1.0, 2.0
    panel = widgets.matching_panel(
        cost, np.arange(4), solve=lambda c, t: np.arange(4), classes=np.array(["a", "a", "b", "b"])
    )
    panel.controls["class_name"].value = "b"
    assert ">matches</th><td>2<" in panel.picture.value


def test_matching_of_nothing_is_drawn():
    panel = widgets.matching_panel(np.zeros((0, 0)), np.zeros(0), solve=lambda cost, threshold: np.zeros(0))
    assert alert(panel) == "" and "no sounds" in panel.picture.value


def test_error_while_drawing_is_shown():
    def draw(settings):
        raise ValueError("too loud")

    panel = widgets.FormulaPanel(draw, [widgets.switch("on", "on", True)], title="A picture")
    assert "too loud" in alert(panel)


# What a reader sees without a kernel


def test_text_of_a_panel_is_friendly_and_the_same_every_time():
    makers = [
        lambda: widgets.contrastive_panel(),
        *(lambda make=make: make(quick_training) for make in TRAINING_PANELS),
    ]
    for make in makers:
        text = repr(make())
        assert text == repr(make())
        assert "run this cell" in text and " at 0x" not in text
        assert len(text) <= 110  # ipywidgets cuts what is longer


# Dropping an object


@pytest.fixture(scope="module")
def a_drop():
    return drop_object(CLASS_NAMES.index("toothpaste_box"), seed=1, duration_s=1.0)


def dropped(drop):
    """A panel in which that drop has just ended, and what it was asked for."""
    asked = []
    panel = widgets.DropPanel(lambda label, *, seed: asked.append((label, seed)) or drop)
    panel.controls["label"].value, panel.controls["seed"].value = 6, 11
    panel.drop_button.click()
    assert panel.join(WAIT_S) is drop
    return panel, asked


def test_drop_panel_shows_every_picture_with_its_time_and_its_hits(a_drop):
    panel, asked = dropped(a_drop)
    assert asked == [(6, 11)]
    assert alert(panel) == "" and f"toothpaste_box, {len(a_drop.hits)} hit" in panel.status.value
    box, slider = panel.moment.view.children
    assert box.max == slider.max == len(a_drop.frames) - 1
    shown = []
    for number, time_s in enumerate(a_drop.times_s):
        slider.value = number
        picture = ElementTree.fromstring(panel.picture.value)
        assert f"at {time_s:.2f} s" in picture.find("img").get("alt")
        assert picture.find("img").get("src").startswith("data:image/jpeg;base64,")
        assert picture.find("figcaption").text.startswith(f"{time_s:.2f} s")
        shown.append(picture.find("figcaption").text)
    until_the_last = [hit for hit in a_drop.hits if hit.time_s <= a_drop.times_s[-1]]
    assert len(until_the_last) > 0
    assert "".join(shown).count("hit the") == len(until_the_last)


def test_drop_panel_lets_hear_the_microphones_and_lists_the_hits(a_drop):
    panel, _ = dropped(a_drop)
    assert panel.sound.value.count("<audio") == 5
    for wall in WALLS:
        assert f'aria-label="{wall} wall"' in panel.sound.value
    for hit in a_drop.hits:
        assert re.search(
            rf"at {hit.time_s:.2f} s</th><td>{WALLS[hit.wall]} wall, \d\.\d\d m/s<", panel.hits.value
        )
    assert panel.hits.value.count("<tr>") == len(a_drop.hits)


def test_drop_panel_says_that_no_wall_was_hit(a_drop):
    panel, _ = dropped(replace(a_drop, hits=[]))
    assert "It hit no wall." in panel.hits.value and "0 hits" in panel.status.value


def test_a_shorter_drop_after_a_longer_one_starts_at_its_first_picture(a_drop):
    shorter = replace(a_drop, frames=a_drop.frames[:2], times_s=a_drop.times_s[:2])
    drops = [shorter, a_drop]
    panel = widgets.DropPanel(lambda label, *, seed: drops.pop())
    panel.run()
    panel.join(WAIT_S)
    panel.moment.box.value = len(a_drop.frames) - 1
    panel.run()
    panel.join(WAIT_S)
    assert (panel.moment.box.value, panel.moment.box.max, panel.runs) == (0, 1, 2)
    assert "0.00 s" in panel.picture.value


def test_second_drop_while_one_moves_is_ignored():
    goes_on, started = threading.Event(), []

    def drop(label, *, seed):
        started.append(seed)
        goes_on.wait(WAIT_S)
        raise ValueError("the <tray> is broken")

    panel = widgets.DropPanel(drop)
    assert panel.moment.view.layout.display == "none"
    panel.drop_button.click()
    panel.run()
    assert panel.drop_button.disabled and panel.runs == 1
    goes_on.set()
    assert panel.join(WAIT_S) is None
    assert len(started) == 1 and not panel.drop_button.disabled
    assert alert(panel) == "<b>That did not work:</b> the &lt;tray&gt; is broken"
    assert isinstance(panel.error, ValueError) and "failed" in panel.status.value
    assert panel.picture.value == panel.hits.value == panel.sound.value == ""


def test_every_part_of_a_drop_panel_has_a_name_and_its_text_is_friendly():
    panel = widgets.DropPanel(drop_object)
    assert all(box.description for box in [*panel.controls.values(), panel.moment.box])
    assert panel.drop_button.description == "Drop"
    assert "run this cell" in repr(panel) and len(repr(panel)) <= 110
