"""The errors that a user meets: one sentence each, which the command line prints as it stands."""

import math
from numbers import Real


def printable(text: str) -> str:
    r"""The text on one line that every screen can show: what is not printable becomes `\n`, `\x1b`, `\udcbf`."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )


class LabError(ValueError):
    """Something given to the lab cannot be used; the message names it, what was found, what was expected and what to do."""

    def __init__(self, message: str = ""):
        super().__init__(printable(message))


class ClipError(LabError):
    """A file or folder is not what a clip needs."""


def expect_ranges(settings: object, **ranges: tuple[float, float]) -> None:
    """Refuse settings that make no sense.

    Args:
        settings: with the attributes that are named.
        ranges: name of an attribute -> its smallest and its largest value.

    Raises:
        LabError: if a value lies outside, or is no number.
    """
    for name, (low, high) in ranges.items():
        value = getattr(settings, name)
        if isinstance(value, bool) or not isinstance(value, Real) or not low <= value <= high:
            wanted = f"{low:g} or more" if high == math.inf else f"a number from {low:g} to {high:g}"
            raise LabError(f"{type(settings).__name__}: {name} is {value!r}, expected {wanted}.")
