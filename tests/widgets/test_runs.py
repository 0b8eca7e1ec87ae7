"""Runs are kept: one row each, their curves over each other, and a file that a spreadsheet reads."""

from dataclasses import replace

from labutils import widgets
from labutils.widgets import runs as runs_module
from labutils.widgets.runs import Run, compare_runs, draw_runs, link_to_csv, rows_of
from widgets.conftest import WAIT_S, pictures, quick_training, saved_rows

LABELS = {"learning_rate": "learning rate", "epochs": "epochs"}
CURVES = {"train loss": [2.0, 1.0], "validation loss": [2.5, 1.5], "train accuracy": [0.1, 0.6]}
RUNS = [
    Run({"learning_rate": 0.1, "epochs": 2}, CURVES, 3.21, stopped=False),
    Run({"learning_rate": 0.01, "epochs": 2}, {"train loss": [2.2]}, 1.0, stopped=True),
]


def test_a_row_says_what_was_set_what_came_of_it_and_how_long_it_took():
    first, second = rows_of(RUNS, LABELS)
    assert first == {
        "run": 1,
        "learning rate": 0.1,
        "epochs": 2,
        "train loss": 1.0,
        "validation loss": 1.5,
        "train accuracy": 0.6,
        "seconds": 3.2,
        "ended": "finished",
    }
    assert second["run"] == 2 and second["ended"] == "stopped early"


def test_the_table_has_a_cell_for_every_figure_of_every_run():
    table = compare_runs(RUNS, LABELS)
    assert table.count("<tr>") == 3 and table.count("<td>") == 16 and "<td>stopped early</td>" in table
    assert compare_runs([], LABELS) == link_to_csv([], LABELS) == ""


def test_the_file_holds_the_rows():
    rows = saved_rows(link_to_csv(RUNS, LABELS))
    assert [row["learning rate"] for row in rows] == ["0.1", "0.01"] and rows[1]["train accuracy"] == ""


def test_a_run_that_is_judged_and_one_that_is_not_have_one_table():
    judged = replace(RUNS[0], judged=(0.75, 0.5, 0.9))
    table = compare_runs([RUNS[1], judged], LABELS)
    assert "<td><b>0.75</b></td><td>0.5</td><td>0.9</td>" in table and "nan" not in table
    assert table.count("<b>") == 1


def test_a_run_without_curves_is_not_drawn():
    empty = Run({"epochs": 2}, {}, 1.0, stopped=False, judged=(0.5, 0.4, 0.6))
    assert draw_runs([RUNS[0], empty], LABELS) == ""


def test_two_runs_are_drawn_over_each_other_and_one_is_not():
    ((words, pixels),) = pictures(draw_runs(RUNS, LABELS))
    assert words == "Curves of runs 1, 2, over each other" and pixels.std() > 0
    assert draw_runs(RUNS[:1], LABELS) == draw_runs([], LABELS) == ""


def test_no_word_is_cut_when_many_runs_differ_in_all_that_can_be_set(monkeypatch):
    shown = []
    monkeypatch.setattr(runs_module, "show_figure", lambda figure, words: shown.append(figure) or "")
    panel = widgets.classifier_panel(quick_training)
    labels = {name: box.description for name, box in panel.controls.items()}
    settings = [{name: value + run / 100 for name, value in panel.settings.items()} for run in range(8)]
    draw_runs([Run(one, CURVES, 1.0, stopped=False) for one in settings], labels)
    figure = shown[0]
    figure.canvas.draw()
    words = [*figure.axes[-1].get_legend().get_texts(), *(ax.yaxis.label for ax in figure.axes)]
    assert len(words) == 8 + 2 and words[-1].get_text() == "train accuracy"
    for place in (word.get_window_extent() for word in words):
        assert figure.bbox.containsx(place.x0) and figure.bbox.containsx(place.x1)
        assert figure.bbox.containsy(place.y0) and figure.bbox.containsy(place.y1)


def test_a_panel_keeps_its_runs_until_they_are_forgotten():
    panel = widgets.classifier_panel(quick_training, epochs=2)
    for momentum in (0.9, 0.5):
        panel.controls["momentum"].value = momentum
        panel.run_button.click()
        panel.join(WAIT_S)
    assert [run.settings["momentum"] for run in panel.kept] == [0.9, 0.5]
    assert panel.table.value.count("<tr>") == 3 and "runs.csv" in panel.export.value
    assert "busy" not in panel.status.value and len(pictures(panel.overlay.value)) == 1
    panel.forget_button.click()
    assert panel.kept == [] and panel.table.value == panel.overlay.value == ""
