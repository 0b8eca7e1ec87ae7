"""The instrument that attacks the lab: it counts what goes well, and sees what does not."""

import os
from pathlib import Path

import numpy as np
import pytest
from attacks import broken_off, odd_input
from attacks.actions import Action
from attacks.outcome import answer_or_sentence, try_all

from labutils.errors import ClipError
from labutils.storage import write_json

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system with fork")


def write_whole_files(folder: Path) -> None:
    for name in ("a", "b"):
        write_json(folder / name, {"content": name})


def write_in_place(folder: Path) -> None:
    """As nothing in the lab may: a file that is there is taken for whole."""
    for name in ("a", "b"):
        if not (folder / name).exists():
            with open(folder / name, "w") as file:
                # a moment to be killed at, with the file begun
                (folder / f"{name} parts").mkdir(exist_ok=True)
                file.write(name)


def fail_in_many_words(folder: Path) -> None:
    raise RuntimeError("not one sentence")


def test_kills_and_full_disks_are_survived_by_whole_files(tmp_path):
    actions = [Action("whole", write_whole_files)]
    for attack in (broken_off.kills, broken_off.full_disk):
        outcome = attack(actions, tmp_path, 100)
        assert outcome.good == outcome.tried > 4, outcome.bad


def test_a_file_that_is_written_in_place_does_not_survive_a_kill(tmp_path):
    outcome = broken_off.kills([Action("in place", write_in_place)], tmp_path, 100)
    assert outcome.good < outcome.tried and "other bytes" in outcome.bad[0]


def test_an_action_that_fails_undisturbed_is_an_error_of_the_instrument(tmp_path):
    with pytest.raises(RuntimeError, match="fails undisturbed"):
        broken_off.kills([Action("broken", fail_in_many_words)], tmp_path, 3)


def test_only_answers_and_sentences_are_good():
    def refuse():
        raise ClipError("a.pkl is no sound: expected one.")

    assert answer_or_sentence(refuse) == "" == answer_or_sentence(lambda: 1)
    assert "KeyError" in answer_or_sentence(lambda: {}["a"])
    outcome = try_all("mixed", [("good", refuse), ("bad", lambda: [][0])])
    assert (outcome.good, outcome.tried) == (1, 2) and "IndexError" in outcome.bad[0]


def test_no_hostile_pickle_runs_and_each_is_refused(tmp_path):
    outcome = odd_input.hostile_pickles(tmp_path)
    assert outcome.good == outcome.tried >= 400, outcome.bad[:5]


def test_mutations_are_repeatable_and_change_something():
    first, again = (odd_input.mutate(bytes(range(200)), np.random.default_rng(3)) for _ in range(2))
    assert first == again != bytes(range(200))
