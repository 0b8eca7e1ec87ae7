"""Scores of an answer by hand, rows that survive an interruption, and paired differences."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matchers.groups import Answer, read_groups
from score_table import SCORES, WHICH, RowFile, score, summarise

from labutils.errors import LabError


@pytest.fixture
def group(click_data):
    return read_groups(click_data, "task3")[0]  # truth 3, -1, 0, 1, -1, 2


def test_scores_of_an_incomplete_group(group):
    scores = np.zeros((6, 6))
    scores[[0, 2, 3, 5], [3, 0, 1, 4]] = 1  # the last one prefers a wrong video
    found = score(Answer(np.array([3, -1, 5, -1, -1, 2]), scores), group)
    assert found["accuracy"] == pytest.approx(4 / 6)
    assert found["precision"] == pytest.approx(2 / 3) and found["recall"] == pytest.approx(2 / 4)
    assert found["F1"] == pytest.approx(2 * 2 / (3 + 4))
    assert found["no partner precision"] == pytest.approx(2 / 3) and found["no partner recall"] == 1
    assert found["no partner F1"] == pytest.approx(4 / 5)
    assert found["R@1"] == pytest.approx(3 / 4)


def test_complete_groups_have_no_precision_and_methods_without_scores_no_recall(group):
    found = score(Answer(group.truth, None), replace(group, task="task2"))
    assert (
        found["accuracy"] == 1 and np.isnan([found["precision"], found["no partner F1"], found["R@1"]]).all()
    )


def test_rows_are_read_back_and_an_interrupted_addition_leaves_the_others(tmp_path):
    path = tmp_path / "rows.csv"
    rows = RowFile(path, ("method", "group"), ("accuracy",))
    rows.add([(("ours", 0), (0.5,)), (("ours", 1), (np.nan,))])

    def interrupted():
        yield ("ours", 2), (1.0,)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rows.add(interrupted())
    again = RowFile(path, ("method", "group"), ("accuracy",))
    assert again.holds("ours", 1) and not again.holds("ours", 2) and again.holds("ours")
    assert not again.holds("our")
    pd.testing.assert_frame_equal(
        again.frame(), pd.DataFrame({"method": "ours", "group": ["0", "1"], "accuracy": [0.5, np.nan]})
    )


def test_a_name_with_a_comma_is_one_name(tmp_path):
    for group in (0, 1):  # the second time it is read back
        rows = RowFile(tmp_path / "rows.csv", ("method", "group"), ("accuracy",))
        rows.add([(("report, fast", group), (0.5,))])
    assert rows.holds("report, fast", 0) and rows.frame()["method"].tolist() == ["report, fast"] * 2


@pytest.mark.parametrize("content", ["", "method,accuracy\n", "method,group,accuracy\nours,1\n"])
def test_file_with_other_columns_is_refused(tmp_path, content):
    (tmp_path / "rows.csv").write_text(content)
    with pytest.raises(LabError, match="expected method,group,accuracy"):
        RowFile(tmp_path / "rows.csv", ("method", "group"), ("accuracy",))


def table(accuracy: dict[tuple[str, int, int], float]) -> pd.DataFrame:
    """Rows of task 2: (method, seed, group) -> accuracy."""
    rows = [
        dict(zip(WHICH, (m, str(s), "lab", "task2", str(g)), strict=True))
        | dict.fromkeys(SCORES, np.nan)
        | {"accuracy": value}
        for (m, s, g), value in accuracy.items()
    ]
    return pd.DataFrame(rows)


def test_differences_are_paired_over_groups_after_the_mean_over_seeds():
    """Groups differ much, the methods by 0.1 in each: the difference is far surer than the accuracies."""
    ours = {("ours", seed, g): 0.5 + 0.1 * g + (0.02 if seed else -0.02) for seed in (0, 1) for g in range(4)}
    other = {("other", seed, g): 0.4 + 0.1 * g for seed in (0, 1) for g in range(4)}
    found = summarise(table(ours | other)).set_index("method")
    assert found.loc["ours", ["groups", "seeds"]].tolist() == [4, 2]
    assert found.loc["ours", "accuracy"] == pytest.approx(0.65)
    reach = found.loc["other", "accuracy high"] - found.loc["other", "accuracy"]
    assert reach == pytest.approx(3.1824 * np.std([0.4, 0.5, 0.6, 0.7], ddof=1) / 2, rel=1e-3)
    assert found.loc["other", ["minus ours", "minus ours low", "minus ours high"]].tolist() == pytest.approx(
        [-0.1] * 3
    )
    assert found.loc["ours", "minus ours"] == 0


def test_a_method_of_one_seed_is_set_beside_ours_of_that_seed():
    ours = {("ours", seed, g): 0.9 - 0.1 * seed for seed in (0, 1) for g in range(3)}
    found = summarise(table(ours | {("other", 1, g): 0.7 for g in range(3)})).set_index("method")
    assert found.loc["ours", "accuracy"] == pytest.approx(0.85)
    assert found.loc["other", "minus ours"] == pytest.approx(-0.1)


def test_without_ours_there_is_no_difference():
    found = summarise(table({("other", 0, g): 0.4 for g in range(3)}))
    assert np.isnan(found["minus ours"]).all() and found["accuracy"].tolist() == [pytest.approx(0.4)]
