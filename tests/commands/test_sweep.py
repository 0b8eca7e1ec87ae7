"""The sweep on the command line, and its figures in the page of an evaluation."""

import json
import shutil

import pytest

from labutils.__main__ import main
from labutils.systems import catalogue, score_page, sweep, tasks


@pytest.fixture
def quick_trials(monkeypatch):
    """Trials that train nothing: the more dropout the better."""
    seen = []

    def objective(data, settings, **options):
        seen.append(options)
        return lambda values: values["path.dropout"]

    monkeypatch.setattr(sweep, "objective", objective)
    return seen


def test_a_sweep_goes_on_gives_the_best_and_is_shown_in_the_page(
    quick_trials, click_data, tmp_path, capsys, monkeypatch
):
    journal, page = tmp_path / "sweep.journal", tmp_path / "page.html"
    arguments = ["--data", str(click_data), "--models", str(tmp_path), "--quiet"]
    sweep_twice = ["sweep", *arguments, "--study", str(journal)]
    assert main([*sweep_twice, "--trials", "2", "--workers", "3"]) == 0
    assert main([*sweep_twice, "--trials", "3", "--json"]) == 0
    first, best = capsys.readouterr().out.split("\n", 1)
    assert first.startswith("best of 2: trial ")
    found = json.loads(best)
    assert found["score"] == found["settings"]["path.dropout"] >= 0.1
    assert quick_trials[0]["workers"] == 3
    monkeypatch.setattr(tasks, "answer_tests", lambda *_, **__: [])
    monkeypatch.setattr(tasks, "score_groups", lambda groups: [])
    monkeypatch.setattr(score_page, "score_page", lambda system, groups, facts, others: "".join(others))
    shutil.copytree(catalogue.SHIPPED, tmp_path, dirs_exist_ok=True)
    assert main(["evaluate", *arguments, "--report", str(page), "--study", str(journal)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "Sweep of hyper-parameters" in text and f"{found['score']:.3f}" in text


def test_figures_of_a_sweep_without_a_page_are_refused_before_the_work(click_data, tmp_path, capsys):
    arguments = ["evaluate", "--data", str(click_data), "--study", str(tmp_path / "sweep.journal")]
    assert main(arguments) == 1
    assert "--report" in capsys.readouterr().err
    assert main([*arguments, "--report", str(tmp_path / "page.html")]) == 1
    assert "does not exist" in capsys.readouterr().err
