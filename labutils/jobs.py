"""Several trainings at the same time, one core each, with one bar over all of them.

The same calculations run in this process or in others, each on one thread, so the results are the same bits.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import joblib
import numpy as np
import torch

Result = TypeVar("Result")
SayDone = Callable[[float], None]
"""Called by a job with how much of it is done, in the unit of the bar."""
_LOOK_EVERY_S = 0.5


def run_jobs(
    jobs: Sequence[Callable[[SayDone], Result]], costs: Sequence[float], bar: Any, *, workers: int
) -> list[Result]:
    """The results of all jobs, in their order.

    Args:
        jobs: functions that can be sent to another process.
        costs: of each job, in the unit of the bar.
        bar: from `progress.progress_bar`, moved on by the costs.
        workers: processes at the same time; 1 works in this process.

    Raises:
        whatever a job raises; the other processes are ended.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        board = Path(folder) / "board.f8"
        np.zeros((2, len(jobs))).tofile(board)
        numbered = list(enumerate(zip(jobs, costs, strict=True)))
        if workers == 1:
            return [_run(job, number, cost, board, bar) for number, (job, cost) in numbered]
        calls = (joblib.delayed(_run)(job, number, cost, board) for number, (job, cost) in numbered)
        with _watching(board, bar):
            return joblib.Parallel(n_jobs=workers, batch_size=1, pre_dispatch="all")(calls)


def _run(job, number: int, cost: float, board: Path, bar: Any = None):
    """One job on one thread; what is done of it, and what needed no time, is noted on the board and on the bar, if given."""
    done, skipped = _open(board, "r+")

    def say_done(amount: float) -> None:
        before, done[number] = done[number], min(amount, cost)
        if bar is not None:
            bar.update(done[number] - before)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        result = job(say_done)
    finally:
        torch.set_num_threads(threads)
    skipped[number] = cost - done[number]  # all of it, if the result was kept from an earlier run
    if bar is not None:
        bar.skip(skipped[number])
    return result


def _open(board: Path, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """The board in shared memory: what is done and what was skipped of every job."""
    return tuple(np.memmap(board, dtype=float, mode=mode).reshape(2, -1))


@contextmanager
def _watching(board: Path, bar: Any) -> Iterator[None]:
    """Move the bar on while other processes write on the board."""
    shown, over = np.zeros(2), threading.Event()

    def look() -> None:
        now = np.array([amounts.sum() for amounts in _open(board, "r")])
        worked, skipped = now - shown
        bar.update(worked)
        bar.skip(skipped)
        shown[:] = now

    def watch() -> None:
        while not over.wait(_LOOK_EVERY_S):
            look()
        look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
