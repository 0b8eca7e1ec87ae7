"""Trials in a file: several processes share it, a killed one loses only its own trial, and the page shows them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from labutils.errors import LabError
from labutils.systems.study import open_study, read_study, run_trials, study_section

RANGES, START = {"a.rate": (0.01, 10.0), "b.width": (2, 64)}, {"a.rate": 1.0, "b.width": 8}
ABOUT = {"system": "contact", "data": "fingerprint"}


def score(values: dict[str, float]) -> float:
    return 1 - abs(values["a.rate"] - 0.5) / 10 + values["b.width"] / 1000


def sweep(path: Path, trials: int, objective=score, seed: int = 0) -> optuna.Study:
    study = open_study(path, ABOUT)
    run_trials(study, objective, RANGES, START, trials=trials, seed=seed)
    return study


CHILD = f"""
import os, sys
from pathlib import Path
from labutils.systems.study import open_study, run_trials
done = []
def score(values):
    if done:
        os._exit(9)  # killed in its second trial
    done.append(1)
    return 0.25
folder = Path(sys.argv[1])
run_trials(open_study(folder / "journal", {ABOUT!r}), score, {RANGES!r}, {START!r}, trials=6, seed=0)
"""


def test_two_processes_share_a_study_and_a_killed_one_loses_its_own_trial(tmp_path):
    def wait_for_the_other(values: dict[str, float]) -> float:
        end_s = time.monotonic() + 100
        while child.poll() is None and time.monotonic() < end_s:
            time.sleep(0.05)
        return score(values)

    child = subprocess.Popen([sys.executable, "-c", CHILD, tmp_path])
    study = sweep(tmp_path / "journal", 6, wait_for_the_other)
    assert child.returncode == 9
    done = [trial for trial in study.trials if trial.state == TrialState.COMPLETE]
    assert len(done) == 6 and 0.25 in [trial.value for trial in done]
    assert [trial.state for trial in study.trials].count(TrialState.RUNNING) == 1
    assert len({tuple(trial.params.values()) for trial in done}) == 6, "each drew its own values"


def test_a_sweep_begins_with_the_present_settings_stays_in_range_and_repeats(tmp_path):
    first, again, other = (
        [trial.params for trial in sweep(tmp_path / name, 4, seed=seed).trials]
        for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )
    assert first == again and first[0] == other[0] == START and first[1] != other[1]
    assert all(low <= values[name] <= high for values in first for name, (low, high) in RANGES.items())
    assert all(isinstance(values["b.width"], int) for values in first)


def test_a_sweep_goes_on_where_it_was(tmp_path):
    sweep(tmp_path / "journal", 2)
    assert [trial.number for trial in sweep(tmp_path / "journal", 3).trials] == [0, 1, 2]
    assert len(sweep(tmp_path / "journal", 3).trials) == 3


def test_a_trial_that_failed_is_no_result(tmp_path):
    with pytest.raises(ZeroDivisionError):
        sweep(tmp_path / "journal", 1, lambda values: 1 / 0)
    with pytest.raises(LabError, match="no finished trial"):
        read_study(tmp_path / "journal")


def test_what_is_no_study_of_these_data_is_one_sentence(tmp_path):
    sweep(tmp_path / "journal", 1)
    with pytest.raises(LabError, match="data fingerprint, expected another"):
        open_study(tmp_path / "journal", ABOUT | {"data": "another"})
    with pytest.raises(LabError, match="does not exist"):
        read_study(tmp_path / "nothing")
    for number, content in enumerate(
        (b"no journal\n\n", b"[1]\n[2]\n", b"\x00" * 100 + b"\n" * 3, b'{"op_code": 99}\n' * 2)
    ):
        (tmp_path / f"broken{number}").write_bytes(content)
        with pytest.raises(LabError, match="no journal of a sweep"):
            open_study(tmp_path / f"broken{number}", ABOUT)


def test_without_optuna_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(LabError, match=r"impact-lab\[scale\]"):
        open_study(tmp_path / "journal", ABOUT)
    assert not os.listdir(tmp_path)


def test_the_section_shows_the_best_trials_and_three_figures(tmp_path):
    few, many = sweep(tmp_path / "few", 1), sweep(tmp_path / "many", 8)
    assert study_section(few).count("<img") == 1
    section = study_section(many)
    assert section.count("<img") == 3
    assert f"{many.best_value:.3f}" in section
