"""The deliberate mistakes of tools/mutants.py: all still apply, and a tenth of them is noticed each time."""

import importlib.util
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[1] / "tools" / "mutants.py"
SPEC = importlib.util.spec_from_file_location("mutants", TOOL)
mutants = importlib.util.module_from_spec(SPEC)
sys.modules["mutants"] = mutants
SPEC.loader.exec_module(mutants)
TABLE = mutants.read_table()
# Their tests are quick: none waits for the networks that several tests share.
QUICK = [
    mutant for mutant in TABLE if "/systems/" not in mutant.killed_by and "trained" not in mutant.killed_by
]
TENTH = QUICK[::10]


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


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    mutants.copy_tree(folder)
    return folder


@pytest.mark.parametrize("mutant", TENTH, ids=lambda mutant: mutant.name)
def test_mistake_is_noticed(mutant, copy):
    assert mutants.is_killed(mutant, copy)


def test_without_the_mistakes_the_same_tests_pass(copy):
    nodes = dict.fromkeys(mutant.killed_by for mutant in TENTH)
    assert mutants.run_test(*nodes, folder=copy) == 0
