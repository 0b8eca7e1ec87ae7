"""Whether two answers are the same and, if not, in which words they differ.

An answer is a number, an array or tensor, a word, a tuple of answers, or a dictionary of named answers.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

RELATIVE, ABSOLUTE = 1e-4, 1e-6  # what float32 instead of float64 may change


def are_same(found: Any, expected: Any) -> bool:
    """Tell whether two answers agree: same shape, and same numbers up to rounding."""
    if isinstance(expected, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and are_same(found[name], part) for name, part in expected.items()
        )
    if isinstance(expected, tuple):
        return _has_parts(found, len(expected)) and all(map(are_same, found, expected))
    found, expected = as_array(found), as_array(expected)
    if found.shape != expected.shape or _is_number(found) != _is_number(expected):
        return False
    if not _is_number(expected):
        return bool(np.all(found == expected))
    return bool(np.allclose(found, expected, rtol=RELATIVE, atol=ABSOLUTE))


def as_array(answer: Any) -> np.ndarray:
    """An answer as an array; what is no array at all becomes one object."""
    if hasattr(answer, "detach"):
        answer = answer.detach().numpy()
    try:
        return np.asarray(answer)
    except ValueError:  # a ragged list
        return np.array(repr(answer))


def _is_number(array: np.ndarray) -> bool:
    return array.dtype.kind in "biufc"


def _has_parts(answer: Any, count: int) -> bool:
    is_sequence = isinstance(answer, tuple | list) or (isinstance(answer, np.ndarray) and answer.ndim > 0)
    return is_sequence and len(answer) == count


def describe_difference(found: Any, expected: Any) -> str:
    """Say in one or two sentences how an answer differs from the expected one: kind, shape, sign, factor, place."""
    if isinstance(expected, Mapping):
        name = next(n for n in expected if not are_same(found.get(n), expected[n]))
        return f"{name}: {describe_difference(found.get(name), expected[name])}"
    if isinstance(expected, tuple):
        return _describe_parts(found, expected)
    found, expected = as_array(found), as_array(expected)
    if found.shape != expected.shape:
        return _describe_shape(found.shape, expected.shape)
    if not (_is_number(found) and _is_number(expected)):
        return f"Expected {describe(expected)}, found {describe(found)}."
    return _describe_numbers(found, expected)


def _describe_parts(found: Any, expected: tuple) -> str:
    if not _has_parts(found, len(expected)):
        return f"Expected {len(expected)} things (return a, b, ...), found {describe(found)}."
    part = next(i for i, (a, b) in enumerate(zip(found, expected, strict=True)) if not are_same(a, b))
    return f"Part {part + 1} of {len(expected)}: {describe_difference(found[part], expected[part])}"


def _describe_shape(found: tuple, expected: tuple) -> str:
    text = f"Expected shape {expected}, found shape {found}"
    if len(expected) > 1 and found == expected[::-1]:
        return f"{text}: the axes are swapped."
    return f"{text}."


def _describe_numbers(found: np.ndarray, expected: np.ndarray) -> str:
    """Numbers of the right shape that differ."""
    found, expected = (a.astype(complex if np.iscomplexobj(a) else float) for a in (found, expected))
    if not np.isfinite(found).all() and np.isfinite(expected).all():
        return "Yours holds nan or infinity: is something divided by 0, or the logarithm of 0 taken?"
    return _describe_factor(found, expected) or _describe_place(found, expected)


def _describe_factor(found: np.ndarray, expected: np.ndarray) -> str:
    """One factor, or one number added, that explains all; empty if there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = (found / expected)[expected != 0]
    if len(factor) and factor[0] != 0 and are_same(found, factor[0] * expected):
        return f"Yours is {_short(factor[0])} x the right answer: is a factor or a sign missing?"
    offset = (found - expected).ravel()[0]
    if found.size > 1 and np.isfinite(offset) and are_same(found, expected + offset):
        return f"Yours is the right answer plus {_short(offset)} everywhere."
    return ""


def _describe_place(found: np.ndarray, expected: np.ndarray) -> str:
    """The first number that differs, and both ranges."""
    wrong = ~np.isclose(found, expected, rtol=RELATIVE, atol=ABSOLUTE)
    if not found.ndim:
        return f"Expected {_short(expected)}, found {_short(found)}."
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = place[0] if len(place) == 1 else place
    text = f"At index {where}: expected {_short(expected[place])}, found {_short(found[place])}."
    if np.iscomplexobj(found) or found.size < 4:
        return text
    ranges = (f"{_short(a.min())} to {_short(a.max())}" for a in (expected, found))
    return "{} All together: expected from {}, found from {}.".format(text, *ranges)


def describe(answer: Any) -> str:
    """A short text of an answer or an argument: small things as they are, large ones by their shape."""
    if callable(answer):
        return getattr(answer, "__name__", "a function")
    if isinstance(answer, str | bool | int | float | type(None)):
        return repr(answer) if not isinstance(answer, float) else _short(answer)
    array = as_array(answer)
    if not array.ndim and array.dtype.kind == "U":
        return repr(str(array))
    if array.size > 8 or array.dtype.kind == "O":
        return f"{type(answer).__name__} of shape {array.shape}"
    return np.array2string(array, precision=4, separator=", ").replace("\n", "")


def _short(number: Any) -> str:
    """A number in at most four digits."""
    if np.iscomplexobj(number):
        return f"{complex(number):.4g}"
    return f"{float(number):.4g}"
