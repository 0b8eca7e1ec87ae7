"""Bars that say how far something is and how long it will take: for a cell that trains or reads clips, and for panels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING

import ipywidgets
from IPython.display import display

from labutils.progress import duration_in_words

if TYPE_CHECKING:  # a bar alone needs no torch
    from labutils.training import History, OnEpoch

SECONDS_BETWEEN_UPDATES = 0.15


class ProgressBar(ipywidgets.HTML):
    """A bar for everything that one cell waits for, with an estimate of the time that is left; shown by `show_progress`.

    Args:
        total: how many epochs, clips, ... there will be.
        unit: what is counted.
    """

    def __init__(self, total: int, *, unit: str = "epoch"):
        super().__init__()
        self.total, self.unit, self.done = total, unit, 0
        self._worked = 0  # done now, and not kept from an earlier run: what the estimate is made of
        self._start_s = self._next_s = time.monotonic()
        self._show()

    def update(self, count: int = 1) -> None:
        """Say that `count` more are done."""
        self._worked += 1
        self._advance(self.done + count)

    @contextmanager
    def training(self, epochs: int) -> Iterator[OnEpoch]:
        """Follow one training of `epochs` epochs: gives what `fit` calls after every epoch.

        At the end of the block all its epochs are done, so a network that was kept moves the bar too. After an interruption
        the bar says how to go on.
        """
        before = self.done

        def on_epoch(history: History) -> None:
            self.update(before + history.epochs - self.done)

        try:
            yield on_epoch
        except BaseException:
            self.value = (
                f"{escape(_position(self.done, self.total, self.unit))}, stopped; run the cell again to go on"
            )
            raise
        self._advance(before + epochs)

    def _advance(self, done: int) -> None:
        self.done = done
        if done >= self.total or time.monotonic() >= self._next_s:
            self._show()

    def _show(self) -> None:
        now_s = time.monotonic()
        self._next_s = now_s + SECONDS_BETWEEN_UPDATES
        each_s = (now_s - self._start_s) / max(self._worked, 1)
        self.value = draw_progress(self.done, self.total, each_s * self.done, unit=self.unit)


def show_progress(total: int, *, unit: str = "epoch") -> ProgressBar:
    """Show a bar under the cell and return it.

    It is shown as a widget alone, without text, so it leaves nothing in a stored notebook.
    """
    bar = ProgressBar(total, unit=unit)
    display(bar, exclude={"text/plain"})
    return bar


def draw_progress(done: int, total: int | None, elapsed_s: float, *, unit: str = "epoch") -> str:
    """Draw a bar, and say how long the rest will take if it takes as long.

    Args:
        done: epochs, clips, ... done.
        total: how many there will be; None if nobody knows.
        elapsed_s: how long `done` of them took, s.
        unit: what is counted.
    """
    if total is None:
        return f"{unit}s: {done}"
    left = f"the first {unit} is running"
    if done:
        left = f"about {duration_in_words(elapsed_s / done * (total - done))} left"
    if done >= total:
        left = "done"
    words = escape(f"{_position(done, total, unit)}, {left}")
    return f'<progress max="{total}" value="{done}" aria-label="{unit}s done"></progress> {words}'


def _position(done: int, total: int, unit: str) -> str:
    return f"{unit} {done} of {total}"
