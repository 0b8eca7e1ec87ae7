"""Errors that a user meets."""

from labutils.clips import ClipError as SameError
from labutils.errors import ClipError, LabError


def test_clip_error_is_a_lab_error_and_both_are_value_errors():
    assert issubclass(ClipError, LabError) and issubclass(LabError, ValueError)
    assert SameError is ClipError


def test_a_message_is_one_line_whatever_a_name_holds():
    error = LabError("a\nb\x1b[31m \udcbf 课.pkl")
    assert str(error) == "a\\nb\\x1b[31m \\udcbf 课.pkl"
