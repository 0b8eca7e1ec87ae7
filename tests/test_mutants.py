"""The deliberate mistakes of tools/mutants.py: all still apply, and a tenth of them is noticed each time."""

import importlib.util
import json
import subprocess
import sys
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


def test_a_tenth_of_the_mistakes_is_noticed_and_without_them_the_same_tests_pass():
    done = subprocess.run([sys.executable, TOOL, "--tenth"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" killed ") == len(mutants.choose_tenth(TABLE)) >= 20


def test_a_mistake_that_no_test_notices_is_told(tmp_path):
    first = (TOOL.parents[1] / "labutils" / "clip_names.py").read_text(encoding="utf-8").splitlines()[0]
    harmless = {"name": "no mistake", "file": "labutils/clip_names.py", "old": first, "new": first}
    (tmp_path / "table.json").write_text(json.dumps([harmless | {"killed_by": QUICK_TEST}]))
    command = [sys.executable, TOOL, "--table", tmp_path / "table.json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "SURVIVED" in done.stdout
