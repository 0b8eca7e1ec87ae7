"""The benchmarks are commands: as `python benchmarks/matching.py` does, their folder is put on the path."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from small_systems import SMALL_CONTACT

from labutils.storage import fingerprint
from labutils.systems import catalogue, contact_training

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

QUICKEST = replace(
    SMALL_CONTACT,
    maps=replace(SMALL_CONTACT.maps, epochs=3),
    path=replace(SMALL_CONTACT.path, widths=(4, 4, 8, 8), epochs=3),
    sound=replace(SMALL_CONTACT.sound, epochs=10),
)
"""As many epochs as the tests of the benchmarks need: most of them ask what is done, not how well."""


@pytest.fixture(scope="session")
def kept(tmp_path_factory) -> Path:
    """Where the tests of the matchers keep features and weights, for one another too."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(autouse=True)
def small_recipe(monkeypatch):
    """Our own system, small: it learns `click_data` in a few seconds."""
    monkeypatch.setitem(catalogue.RECIPES, "contact", QUICKEST)


@pytest.fixture(scope="session", autouse=True)
def discriminants_once():
    """The methods of a table share their classifiers: a discriminant that was fitted to the same sounds is taken again."""
    fit, found = contact_training.fit_sound_discriminant, {}

    def fit_once(tones, labels):
        key = fingerprint(tones, labels)
        if key not in found:
            found[key] = fit(tones, labels)
        return found[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contact_training, "fit_sound_discriminant", fit_once)
        yield
