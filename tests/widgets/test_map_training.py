"""The panel that trains contact maps: every run is a row of the table, and the best stands out."""

import re

import pytest

from labutils import widgets
from labutils.contact_maps import MapSettings
from labutils.widgets.map_training import KNOBS, compare_judged
from widgets.conftest import WAIT_S, alert, every_value, quick_training

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


def test_knobs_begin_where_the_settings_are(panel):
    assert panel.settings == {name: getattr(USUAL, name) for name in KNOBS}


def test_runs_are_compared_in_a_table_and_the_best_is_bold(panel):
    run(panel, width=40)
    run(panel, width=16, longest_lag=0)
    assert [kept["width"] for kept in panel.compared] == [40, 16]
    rows = re.findall(r'<th scope="row">(\d)</th>(.*?)</tr>', panel.table.value)
    assert [number for number, _ in rows] == ["1", "2"]
    assert "<b>0.40 (0.30 to 0.50)</b>" in rows[0][1] and "<b>" not in rows[1][1]
    assert "held-out groups 0.16" in panel.status.value
    assert all(
        label in panel.table.value for label in ("longest lag", "longest shift", "temperature", "width")
    )


def test_forgotten_runs_leave_no_row_and_no_picture(panel):
    run(panel, width=40)
    run(panel, width=16)
    assert "over each other" in panel.overlay.value and "runs.csv" in panel.export.value
    panel.forget_button.click()
    assert panel.compared == panel.kept == [] and panel.forget_button.disabled
    assert panel.table.value == panel.overlay.value == panel.export.value == ""


def test_training_that_was_stopped_says_so_in_its_row(panel):
    stopped = {**panel.settings, "accuracy": (0.5, 0.4, 0.6), "stopped": True}
    assert "stopped early" in compare_judged([stopped])


def test_failed_run_adds_no_row():
    def fail(settings, on_epoch, should_stop):
        raise ValueError("too wide")

    panel = widgets.MapTrainingPanel(fail, judge, usual=USUAL)
    run(panel)
    assert panel.compared == [] and "too wide" in alert(panel)


def test_panel_has_a_friendly_text(panel):
    assert "a panel with controls" in repr(panel)
