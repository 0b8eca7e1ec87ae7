"""The panel that trains contact maps: every run is a row of the table and of the file, and the best stands out."""

import time

import pytest

from labutils import widgets
from labutils.contact_maps import MapSettings
from widgets.conftest import WAIT_S, alert, every_value, quick_training, saved_rows

USUAL = MapSettings(epochs=4)


def judge(settings) -> tuple[float, float, float]:
    """Wider is better, until it is judged on sessions."""
    accuracy = settings["width"] / 100
    return accuracy, accuracy - 0.1, accuracy + 0.1


@pytest.fixture
def panel() -> widgets.MapTrainingPanel:
    return widgets.MapTrainingPanel(quick_training, judge, usual=USUAL)


def run(panel: widgets.MapTrainingPanel, **settings) -> None:
    for name, value in settings.items():
        panel.controls[name].value = value
    panel.run_button.click()
    panel.join(WAIT_S)


def test_training_gets_every_value_of_every_control(panel, no_pictures):
    for name, box in panel.controls.items():
        for value in every_value(box):
            run(panel, **{name: value})
            assert panel.result[name] == box.value and alert(panel) == ""
            MapSettings(**panel.result)  # each is a setting of the maps


def test_controls_begin_where_the_settings_are(panel):
    names = ["longest_lag", "longest_shift", "inverse_temperature", "width", "epochs"]
    assert panel.settings == {name: getattr(USUAL, name) for name in names}


def test_runs_are_compared_in_a_table_and_the_best_is_bold(panel):
    run(panel, width=40)
    run(panel, width=16, longest_lag=0)
    assert [(kept.settings["width"], kept.judged) for kept in panel.kept] == [
        (40, pytest.approx((0.4, 0.3, 0.5))),
        (16, pytest.approx((0.16, 0.06, 0.26))),
    ]
    head, *rows = panel.table.value.split("<tr>")[1:]
    assert [row.startswith(f"<td>{number}</td>") for number, row in enumerate(rows, 1)] == [True, True]
    assert "<td><b>0.4</b></td><td>0.3</td><td>0.5</td>" in rows[0] and "<b>" not in rows[1]
    assert "held-out accuracy 0.16" in panel.status.value
    names = (
        "longest&nbsp;lag (steps)",
        "95&nbsp;% to",
        "temperature",
        "width",
        "train loss",
        "seconds",
        "ended",
    )
    assert all(name in head for name in names)


def test_the_file_holds_accuracy_and_interval(panel):
    run(panel, width=40)
    (row,) = saved_rows(panel.export.value)
    kept = [float(row[name]) for name in ("held-out accuracy", "95 % from", "95 % to")]
    assert kept == pytest.approx([0.4, 0.3, 0.5])
    assert (row["width (channels)"], row["train loss"], row["ended"]) == ("40", "0.25", "finished")


def test_judging_is_no_time_of_training():
    def judge_slowly(settings):
        time.sleep(0.3)
        return 0.5, 0.4, 0.6

    panel = widgets.MapTrainingPanel(lambda *_: None, judge_slowly, usual=USUAL)
    run(panel)
    assert panel.kept[0].seconds < 0.25


def test_forgotten_runs_leave_no_row_and_no_picture(panel):
    run(panel, width=40)
    run(panel, width=16)
    assert "over each other" in panel.overlay.value and "runs.csv" in panel.export.value
    panel.forget_button.click()
    assert panel.kept == [] and panel.forget_button.disabled
    assert panel.table.value == panel.overlay.value == panel.export.value == ""


def test_training_that_was_stopped_says_so_in_its_row():
    def train(settings, on_epoch, should_stop):
        panel.stop()

    panel = widgets.MapTrainingPanel(train, lambda result: (0.5, 0.4, 0.6), usual=USUAL)
    run(panel)
    assert "<td>stopped early</td>" in panel.table.value


def test_failed_run_adds_no_row():
    def fail(settings, on_epoch, should_stop):
        raise ValueError("too wide")

    panel = widgets.MapTrainingPanel(fail, judge, usual=USUAL)
    run(panel)
    assert panel.kept == [] and "too wide" in alert(panel)


def test_panel_has_a_friendly_text(panel):
    assert "a panel with controls" in repr(panel)
