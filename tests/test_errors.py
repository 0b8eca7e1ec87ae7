"""Errors that a user meets."""

from types import SimpleNamespace

import pytest

from labutils.clips import ClipError as SameError
from labutils.errors import ClipError, LabError, expect_ranges


def test_clip_error_is_a_lab_error_and_both_are_value_errors():
    assert issubclass(ClipError, LabError) and issubclass(LabError, ValueError)
    assert SameError is ClipError


def test_a_message_is_one_line_whatever_a_name_holds():
    error = LabError("a\nb\x1b[31m \udcbf 课.pkl")
    assert str(error) == "a\\nb\\x1b[31m \\udcbf 课.pkl"


@pytest.mark.parametrize("value", [-1, 11, float("nan"), "3", None, True])
def test_a_setting_outside_its_range_is_named(value):
    with pytest.raises(LabError, match=r"SimpleNamespace: epochs is .*, expected a number from 0 to 10\."):
        expect_ranges(SimpleNamespace(epochs=value), epochs=(0, 10))
    expect_ranges(SimpleNamespace(epochs=10), epochs=(0, 10))
    with pytest.raises(LabError, match="expected 1 or more"):
        expect_ranges(SimpleNamespace(epochs=0), epochs=(1, float("inf")))
