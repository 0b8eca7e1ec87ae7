"""The benchmarks are commands: as `python benchmarks/matching.py` does, their folder is put on the path."""

import sys
from pathlib import Path

import pytest
from small_systems import QUICKEST

from labutils.systems import catalogue

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))


@pytest.fixture(scope="session")
def kept(tmp_path_factory) -> Path:
    """Where the tests of the matchers keep features and weights, for one another too."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(autouse=True)
def small_recipe(monkeypatch):
    """Our own system, small: it learns `click_data` in a few seconds."""
    monkeypatch.setitem(catalogue.RECIPES, "contact", QUICKEST)
