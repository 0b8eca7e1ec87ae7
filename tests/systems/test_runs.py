"""Cards side by side, and scores that stay with the networks that earned them."""

from dataclasses import replace

from labutils.storage import write_json
from labutils.systems.runs import differing_settings, find_runs, keep_scores
from labutils.systems.tasks import Score

SCORE = Score("task2", "all", 50, 0.5, 0.4, 0.6, 0.02)


def test_runs_are_found_in_a_folder_and_in_the_folders_in_it(click_models, contact_models, tmp_path):
    (tmp_path / "one").symlink_to(click_models)
    runs, problems = find_runs([tmp_path, contact_models])
    assert [run.system for run in runs] == ["report", "contact"]
    assert problems == []
    assert runs[0].settings["towers.loss.weight"] == 0.1
    assert runs[0].metadata["seconds"] >= 0


def test_only_settings_that_differ_are_compared(click_models, contact_models):
    runs, _ = find_runs([click_models, contact_models])
    different = differing_settings(runs)
    assert "seed" not in different
    assert not [name for name in different if name.startswith("towers.")]  # only one of the systems has them
    other = replace(runs[0], settings=runs[0].settings | {"towers.loss.weight": 0.5})
    assert differing_settings([*runs, other])["towers.loss.weight"] == [0.1, None, 0.5]


def test_scores_belong_to_the_networks_that_earned_them(tmp_path):
    write_json(tmp_path / "card.json", {"system": "contact", "checksum": "first"})
    keep_scores(tmp_path, [SCORE])
    assert find_runs([tmp_path])[0][0].accuracy("task2") == SCORE
    assert find_runs([tmp_path])[0][0].accuracy("task1") is None
    write_json(tmp_path / "card.json", {"system": "contact", "checksum": "trained again"})
    assert find_runs([tmp_path])[0][0].scores == []


def test_broken_scores_are_passed_over_and_a_broken_card_is_named(tmp_path):
    write_json(tmp_path / "a" / "card.json", {"system": "contact", "settings": 3, "metadata": []})
    (tmp_path / "a" / "scores.json").write_text("[" * 100000)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "card.json").write_text("[]")
    runs, problems = find_runs([tmp_path])
    assert [(run.scores, run.settings, run.metadata) for run in runs] == [([], {}, {})]
    assert len(problems) == 1 and str(tmp_path / "b") in problems[0]
