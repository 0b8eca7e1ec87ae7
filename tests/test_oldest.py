"""What tools/oldest.py installs: the lower end of every range."""

import importlib.util
from pathlib import Path

from packaging.requirements import Requirement

TOOL = Path(__file__).resolve().parents[1] / "tools" / "oldest.py"
SPEC = importlib.util.spec_from_file_location("oldest", TOOL)
oldest = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(oldest)


def test_lowest_is_the_lower_end_of_a_range_or_the_exact_version():
    asked = [Requirement("a>=1.2,<3"), Requirement("b==2.0"), Requirement("c<4,>=3")]
    assert oldest.lowest(asked) == ["a==1.2", "b==2.0", "c==3"]


def test_every_dependency_has_a_lower_end_and_every_test_is_there():
    asked = oldest.requirements()
    assert len(oldest.lowest(asked)) == len(asked) > 30
    assert all((TOOL.parents[1] / test).exists() for test in oldest.TESTS)
