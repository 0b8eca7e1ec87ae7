"""Options refuse what makes no sense in words, and results come as text or as JSON."""

import argparse
import json

import pytest

from labutils.commands import options
from labutils.errors import LabError


@pytest.mark.parametrize("text", ["abc", "-1", "1.5", ""])
def test_a_number_that_is_none_is_named(text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"from 0 on, found '{text}'"):
        options.whole_number(0)(text)


@pytest.mark.parametrize("text", ["0", "1", "nan", "half", "-inf"])
def test_a_share_that_is_none_is_named(text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"between 0 and 1, found '{text}'"):
        options.share(text)
    assert options.share("0.95") == 0.95


def test_results_are_text_or_json_and_remarks_can_be_silenced(capsys):
    given = argparse.Namespace(quiet=False, json=False)
    options.say(given, "a remark")
    options.give(given, {"a": 1}, "a is 1")
    assert capsys.readouterr().out == "a remark\na is 1\n"
    given.json = True
    options.say(given, "a remark")
    options.give(given, {"a": 1}, "a is 1")
    assert json.loads(capsys.readouterr().out) == {"a": 1}
    options.warn("odd")
    assert capsys.readouterr().err == "warning: odd\n"


def test_every_wanted_output_is_looked_at_before_the_work(tmp_path):
    options.expect_outputs(None, tmp_path / "new" / "scores.json")
    assert not list(tmp_path.iterdir())
    with pytest.raises(LabError, match="is a folder: expected the name of a file"):
        options.expect_outputs(tmp_path / "page.html", tmp_path)
