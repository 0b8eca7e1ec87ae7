"""Errors that a user meets."""

from labutils.clips import ClipError as SameError
from labutils.errors import ClipError, LabError


def test_clip_error_is_a_lab_error_and_both_are_value_errors():
    assert issubclass(ClipError, LabError) and issubclass(LabError, ValueError)
    assert SameError is ClipError
