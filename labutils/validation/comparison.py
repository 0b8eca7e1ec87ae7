"""One figure of the simulation beside one of the recordings, or of the physics, and whether they agree."""

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Comparison:
    """One figure of the simulation beside that of the recordings, or beside what physics asks.

    `passed` is None where the recordings are known in words only, or where a figure is shown without being judged.
    """

    section: str
    subject: str
    simulated: str
    real: str
    target: str
    passed: bool | None


@cache
def real_statistics() -> dict:
    """Return the table of the recordings, with its sources and the definition of every figure."""
    text = resources.files("labutils.validation").joinpath("real_statistics.json").read_text(encoding="utf-8")
    return json.loads(text)


def near_number(
    section: str, subject: str, ours: float, theirs: float, reach: float, *, words: str = "", digits: int = 2
) -> Comparison:
    """Compare two numbers that may differ by `reach`, which `words` may explain; what is not a number fails."""
    passed = abs(ours - theirs) <= reach + 1e-9
    target = f"within {words or f'{reach:g}'}"
    return Comparison(section, subject, number(ours, digits), number(theirs, digits), target, bool(passed))


def in_band(
    section: str, subject: str, ours: float, real: str, low: float, high: float, *, digits: int = 2
) -> Comparison:
    """Judge a number by a band, where the recordings give a range or words; what is not a number fails."""
    return Comparison(
        section, subject, number(ours, digits), real, f"{low:g} to {high:g}", bool(low <= ours <= high)
    )


def shown(section: str, subject: str, ours: float | str, real: float | str, *, digits: int = 2) -> Comparison:
    """Show a figure that is not judged."""
    texts = [value if isinstance(value, str) else number(value, digits) for value in (ours, real)]
    return Comparison(section, subject, *texts, "shown only", None)


def number(value: float, digits: int) -> str:
    """Write a number with a true minus sign."""
    if math.isnan(value):
        return "none"
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")
