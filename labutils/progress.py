"""How far long work is: a bar in a terminal or a notebook, and a line now and then where nobody can see a bar move."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from filelock import BaseFileLock, Timeout
from tqdm import auto

from labutils.errors import LabError
from labutils.storage import write_whole

SECONDS_BETWEEN_LINES = 10.0
NOTE, SECONDS_BETWEEN_NOTES = "progress", 0.5


class _Bar(auto.tqdm):
    """tqdm's bar, which can also be told of work that an earlier run has done."""

    def skip(self, count: float) -> None:
        """Move on by what needed no time: the estimate does not count it."""
        if count and not self.disable:
            self.n, self.initial = self.n + count, self.initial + count
            self.last_print_n += count
            self.refresh()


class ProgressLines:
    """The same as lines, for a pipe or a log file: one at the start, one every ten seconds, one at the end.

    Args:
        items: what is gone through; None if the caller says `update`.
        desc: what is done.
        total: how many there will be; the length of `items` if None.
        unit: what is counted; None shows per cent alone.
        kept: what an earlier run has done: the first line counts it, the estimate does not.
        file: where the lines go; standard error if None.
    """

    def __init__(
        self,
        items: Iterable | None = None,
        *,
        desc: str = "",
        total: float | None = None,
        unit: str | None = None,
        kept: float = 0,
        file: TextIO | None = None,
    ):
        self.items, self.desc, self.unit = items, desc, unit
        self.total = len(items) if total is None and hasattr(items, "__len__") else total
        self.n, self._kept, self._file, self._said = kept, kept, file, ""
        self._start_s = self._spoke_s = time.monotonic()
        self._first: tuple[float, float] | None = None  # when something was done first, and how much
        self._say()

    def update(self, count: float = 1) -> None:
        """Say that `count` more are done."""
        self.n += count
        if self._first is None:
            self._first = time.monotonic(), count
        if time.monotonic() - self._spoke_s >= SECONDS_BETWEEN_LINES:
            self._say()

    def skip(self, count: float) -> None:
        """Move on by what needed no time: the estimate does not count it."""
        self.n, self._kept = self.n + count, self._kept + count

    def close(self) -> None:
        """Say where it ended."""
        self._say()

    def __enter__(self) -> "ProgressLines":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def __iter__(self) -> Iterator:
        for item in self.items:
            yield item
            self.update()
        self.close()

    def _say(self) -> None:
        self._spoke_s = time.monotonic()
        line = progress_line(self, self._spoke_s - self._start_s, self._pace_s())
        if line != self._said:
            print(line, file=self._file or sys.stderr, flush=True)
        self._said = line

    def _pace_s(self) -> float | None:
        """Seconds that one takes, in this run; None as long as this cannot be said.

        Processes take a while to start: what is done after the first counts, if that was long enough.
        """
        worked = self.n - self._kept
        if self._first is None or worked <= 0:
            return None
        first_s, first = self._first
        if worked > first and self._spoke_s - first_s >= SECONDS_BETWEEN_LINES / 2:
            return (self._spoke_s - first_s) / (worked - first)
        is_much = worked >= (self.total or 0) / 100
        return (self._spoke_s - self._start_s) / worked if is_much else None


def progress_line(bar: ProgressLines, elapsed_s: float, pace_s: float | None) -> str:
    """Write how far something is, and how long it will still take.

    Args:
        bar: what is counted.
        elapsed_s: since the start, s.
        pace_s: how long one takes, s; None if that is not known yet.
    """
    parts = []
    if bar.unit:
        parts.append(f"{bar.n} of {bar.total} {bar.unit}s" if bar.total else f"{bar.n} {bar.unit}s")
    if bar.total:
        parts.append(f"{100 * bar.n / bar.total:.0f} %")
    if bar.total and bar.n >= bar.total * (1 - 1e-9):  # parts that are added up may lack the last bit
        parts.append(f"done in {duration_in_words(elapsed_s)}")
    elif bar.total and pace_s is not None:
        parts.append(f"about {duration_in_words(pace_s * (bar.total - bar.n))} left")
    return f"{bar.desc}: {', '.join(parts)}"


@dataclass(frozen=True)
class Share:
    """Moves a bar on by what each item costs; many at once come from the cache and took no time."""

    bar: Any
    cost: float

    def update(self, items: int = 1) -> bool | None:
        """Say that so many more items are done."""
        return (self.bar.skip if items > 1 else self.bar.update)(self.cost * items)


class NotedBar:
    """A bar that also notes in a file how far it is, for another process that waits for this one.

    Args:
        bar: from `progress_bar`, with a total.
        folder: where the note is kept until the end; None makes none.
    """

    def __init__(self, bar: Any, folder: Path | None):
        self.bar, self.total, self.folder = bar, bar.total, folder
        self.n, self._next_s = 0.0, 0.0

    def update(self, count: float = 1) -> None:
        """Say that `count` more are done."""
        self.bar.update(count)
        self._note(count)

    def skip(self, count: float) -> None:
        """Move on by what needed no time."""
        self.bar.skip(count)
        self._note(count)

    def __enter__(self) -> "NotedBar":
        self.bar.__enter__()
        return self

    def __exit__(self, *raised) -> None:
        self.bar.__exit__(*raised)
        if self.folder is not None:
            with suppress(OSError):  # it was not written, or the folder has other files
                (self.folder / NOTE).unlink()
                self.folder.rmdir()

    def _note(self, count: float) -> None:
        self.n += count
        if self.folder is not None and time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + SECONDS_BETWEEN_NOTES
            with suppress(OSError, LabError):  # nobody but a waiting process misses it
                write_whole(self.folder / NOTE, f"{self.n / self.total:.4f}")


def noted_share(folder: Path) -> float:
    """The share that a `NotedBar` in another process has done, 0 to 1; 0 if there is no such note."""
    try:
        with open(folder / NOTE, "rb") as note:
            share = float(note.read(20))
    except (OSError, ValueError):
        return 0.0
    return min(max(share, 0.0), 1.0) if share == share else 0.0


def acquire_looking(lock: BaseFileLock, look: Callable[[], None]) -> None:
    """Acquire a lock; call `look` now and then while another process holds it."""
    while not lock.is_locked:
        try:
            lock.acquire(timeout=0.5)
        except Timeout:
            look()


def acquire_watching(lock: BaseFileLock, bar: Any, done: Callable[[], float]) -> None:
    """Acquire a lock; while another process holds it, move a bar on to what that one has done."""
    move_on = bar.skip  # what it did before it was looked at

    def look() -> None:
        nonlocal move_on
        move_on(max(0, done() - bar.n))
        move_on = bar.update

    acquire_looking(lock, look)


def counted(items: Iterable, bar: Any) -> Iterator:
    """The items as they come; `bar`, if there is one, is moved on by one for each."""
    for item in items:
        if bar is not None:
            bar.update()
        yield item


def progress_bar(
    items: Iterable | None = None,
    *,
    desc: str,
    total: float | None = None,
    unit: str | None = None,
    kept: float = 0,
    progress: bool = True,
) -> "_Bar | ProgressLines":
    """Show how far long work is.

    Args:
        items: what is gone through; None if the caller says `update`.
        desc: what is done.
        total: how many there will be; the length of `items` if None.
        unit: what is counted; None shows per cent alone.
        kept: what an earlier run has done.
        progress: False shows nothing.
    """
    is_notebook = any(kind.__name__ == "tqdm_notebook" for kind in auto.tqdm.__mro__)
    if progress and not is_notebook and not sys.stderr.isatty():
        return ProgressLines(items, desc=desc, total=total, unit=unit, kept=kept)
    only_share = None if unit else "{desc}: {percentage:3.0f}%|{bar}| {elapsed} < {remaining}"
    shown = {"desc": desc, "total": total, "unit": unit or "", "initial": kept, "bar_format": only_share}
    return _Bar(items, **shown, disable=not progress)


def duration_in_words(seconds: float) -> str:
    """Return a duration as one waits for it: "8 s", "5 min", "1 h 20 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
