"""The command answers what is missing and nothing twice, and refuses to mix data."""

import json
from pathlib import Path

import matching as command
import pandas as pd
import pytest
from matchers import course_report, simple
from small_systems import SMALL

from labutils.errors import LabError

NAMES = ["chance", "no partner", "class"]
QUICK = NAMES[:2]


def run(data, kept, out, names=NAMES, seeds=(0, 1)):
    return command.run(data, [data], names, seeds, kept=kept, out=out)


def test_tables_and_figure_are_written(click_data, kept, tmp_path):
    summary = run(click_data, kept, tmp_path)
    assert summary.groupby("method")["seeds"].max().to_dict() == {"chance": 2, "no partner": 1, "class": 2}
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert len(rows) == 2 * (2 + 1 + 2), "two tasks of one group each"
    none = summary[(summary["task"] == "task3") & (summary["method"] == "no partner")]
    assert none["accuracy"].item() == pytest.approx(2 / 6)
    assert (tmp_path / "methods.png").stat().st_size > 5000
    assert pd.read_csv(tmp_path / "summary.csv")["method"].tolist() == summary["method"].tolist()


def test_run_goes_on_where_it_stopped(click_data, kept, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "draw", lambda summary, path: None)
    whole = run(click_data, kept, tmp_path / "whole", QUICK)
    answer, calls = simple.Chance.answer, []

    def killed(self, group):
        calls.append(group.task)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return answer(self, group)

    monkeypatch.setattr(simple.Chance, "answer", killed)
    with pytest.raises(KeyboardInterrupt):
        run(click_data, kept, tmp_path / "parts", QUICK)
    again = run(click_data, kept, tmp_path / "parts", QUICK)
    pd.testing.assert_frame_equal(again, whole)
    assert len(calls) == 5, "four answers, one of them begun twice"
    run(click_data, kept, tmp_path / "parts", QUICK)
    assert len(calls) == 5


def test_rows_of_other_data_are_not_mixed_in(click_data, kept, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "draw", lambda summary, path: None)
    run(click_data, kept, tmp_path, names=["chance"])
    card = json.loads((tmp_path / "card.json").read_text())
    (tmp_path / "card.json").write_text(json.dumps(card | {"train": "another"}))
    with pytest.raises(LabError, match="other data"):
        run(click_data, kept, tmp_path, names=["chance"])
    with pytest.raises(LabError, match="two test folders have one name"):
        command.check_card(tmp_path / "new", click_data, [click_data, click_data])


def test_every_method_has_its_sentence_and_the_command_line_its_defaults():
    options = command.parse_options([])
    assert options.methods is None and options.seeds == [0, 1, 2]
    assert all(method.sentence and callable(method.make) for method in command.METHODS.values())
    with pytest.raises(SystemExit):
        command.parse_options(["--methods", "magic"])


def test_report_at_its_own_size_is_never_replaced_by_its_fast_variant(
    click_data, click_models, kept, tmp_path, monkeypatch
):
    monkeypatch.setattr(course_report, "REPORT", tmp_path / "nowhere")
    assert "report" not in command.methods_that_can_run(click_data)
    with pytest.raises(LabError, match=r"nowhere: holds no system trained on .*--system report"):
        course_report.report_system(click_data, 0, kept)
    monkeypatch.setattr(course_report, "REPORT", click_models)
    assert command.methods_that_can_run(click_data) == list(command.METHODS)
    assert course_report.report_system(click_data, 0, kept).system.settings == SMALL


def test_networks_of_two_data_sets_are_kept_apart(monkeypatch, tmp_path):
    monkeypatch.setattr(course_report, "data_set_fingerprint", lambda data: data.name * 8)
    monkeypatch.setattr(course_report.catalogue, "load_or_train", lambda *_, models, **__: models)
    folders = [
        course_report.report_fast(Path(data), seed, tmp_path).system
        for data, seed in (("a", 0), ("a", 1), ("b", 0))
    ]
    assert len(set(folders)) == 3 and all(folder.parent == tmp_path for folder in folders)
