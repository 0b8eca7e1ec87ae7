"""One line of a table of costs, and how a time is taken on a machine that others use too."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One measured thing.

    Attributes:
        what: was measured.
        amount: of it, in `unit`.
        ratios: yardstick -> how many times as much this is.
        unit: "s" or "MB".
    """

    what: str
    amount: float
    ratios: dict[str, float] = field(default_factory=dict)
    unit: str = "s"


def best_s(action: Callable[[], object], repeats: int = 3) -> float:
    """The shortest of a few runs, in s: what else the machine does only ever makes it longer."""
    times_s = []
    for _ in range(repeats):
        start_s = time.perf_counter()
        action()
        times_s.append(time.perf_counter() - start_s)
    return min(times_s)


def table(title: str, rows: list[Row]) -> str:
    """Write rows as text."""
    lines = [title]
    for row in rows:
        ratios = ", ".join(f"{ratio:.2g} x {name}" for name, ratio in row.ratios.items())
        digits = 0 if row.amount >= 100 else 3
        lines.append(f"  {row.what:<52}{row.amount:>9.{digits}f} {row.unit:<4}{ratios}".rstrip())
    return "\n".join(lines)
