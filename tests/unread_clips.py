"""Clips that are only names, labels and sessions: no file is behind them."""

from labutils.clips import Clip


def clips_of(sessions: int, size: int) -> list[Clip]:
    """Clips of ten classes in some sessions each."""
    return [
        Clip(f"{label}/{session}-{i}", None, None, label, f"{label}/{session}")
        for label in range(10)
        for session in range(sessions)
        for i in range(size)
    ]
