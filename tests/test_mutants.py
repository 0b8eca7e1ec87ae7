"""The deliberate mistakes of tools/mutants.py: all still apply, and a tenth of them is noticed each time."""

import importlib.util
import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[1] / "tools" / "mutants.py"
SPEC = importlib.util.spec_from_file_location("mutants", TOOL)
mutants = importlib.util.module_from_spec(SPEC)
sys.modules["mutants"] = mutants
SPEC.loader.exec_module(mutants)
TABLE = mutants.read_table()
QUICK_TEST = "tests/test_clip_names.py::test_names_that_only_look_alike_are_accepted"


def test_there_are_sixty_mistakes_all_over_the_library_and_no_two_are_alike():
    assert len({(mutant.file, mutant.new) for mutant in TABLE}) == len(TABLE) >= 60
    touched = {part for mutant in TABLE for part in Path(mutant.file).with_suffix("").parts}
    assert touched >= {
        "matching",
        "evaluation",
        "augmentation",
        "splits",
        "pairs",
        "features",
        "resnet",
        "contrastive_loss",
        "training",
        "contact_maps",
        "contact",
        "contact_training",
        "report",
        "tasks",
        "clips",
    }


@pytest.mark.parametrize("mutant", TABLE, ids=lambda mutant: mutant.name)
def test_mistake_still_applies_and_its_test_is_there(mutant):
    assert mutants.find_problem(mutant) == ""


def test_a_tenth_of_the_mistakes_is_noticed_and_what_no_test_notices_is_told(tmp_path):
    tenth = mutants.choose_tenth(TABLE)
    first = (TOOL.parents[1] / "labutils" / "clip_names.py").read_text(encoding="utf-8").splitlines()[0]
    harmless = mutants.Mutant("no mistake", "labutils/clip_names.py", first, first, QUICK_TEST)
    table = tmp_path / "table.json"
    table.write_text(json.dumps([asdict(mutant) for mutant in (*tenth, harmless)]))
    done = subprocess.run([sys.executable, TOOL, "--table", table], capture_output=True, text=True)
    assert done.stdout.count(" killed ") == len(tenth) >= 20, done.stdout + done.stderr
    assert f"{len(tenth) + 1}/{len(tenth) + 1} SURVIVED" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("table, status", [([], 0), ([{"name": "a", "new": ""}], 1)])
def test_the_table_is_read_before_the_work(tmp_path, table, status, capsys, monkeypatch):
    gone = {"file": "labutils/clip_names.py", "old": "no such text", "killed_by": QUICK_TEST}
    (tmp_path / "table.json").write_text(json.dumps([gone | entry for entry in table]))
    monkeypatch.setattr(sys, "argv", ["mutants.py", "--check", "--table", str(tmp_path / "table.json")])
    assert mutants.main() == status
    assert ("its text is 0 times" in capsys.readouterr().out) == bool(status)


def test_a_test_that_waits_for_ever_is_ended(tmp_path):
    (tmp_path / "test_slow.py").write_text("import time\n\ndef test_it(): time.sleep(600)")
    start_s = time.monotonic()
    assert mutants.run_test("test_slow.py", folder=tmp_path, patience_s=1.0) == 1
    assert time.monotonic() - start_s < 60
