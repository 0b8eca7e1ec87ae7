"""Several trainings at the same time, one core each, with one bar over all of them.

The same calculations run in this process, in others or on a cluster, each on one thread, so the results are the same bits.
"""

import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
import torch
from joblib import delayed

from labutils.cluster import is_on_cluster
from labutils.errors import LabError
from labutils.processes import processes

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
        workers: processes at the same time; 1 works in this process, unless there is a cluster.

    Raises:
        LabError: if a process was killed; whatever a job raises. The other processes are ended.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        board = Path(folder) / "board.f8"
        np.zeros((2, len(jobs))).tofile(board)
        numbered = list(enumerate(zip(jobs, costs, strict=True)))
        if workers == 1 and not is_on_cluster():
            return [_run(job, number, cost, board, bar) for number, (job, cost) in numbered]
        calls = (delayed(_run_elsewhere)(job, number, cost, board) for number, (job, cost) in numbered)
        try:
            with _watching(board, bar, sum(costs)):
                return [pickle.loads(own) for own in processes(workers, pre_dispatch="all")(calls)]
        except BrokenProcessPool as error:
            raise LabError(
                "a process that trained networks was killed (too little memory?): start again to go on where it was."
            ) from error


def _run_elsewhere(job, number: int, cost: float, board: Path) -> bytes:
    """One job in another process; pickled here, for the way of dask with networks fails for recurrent ones."""
    return pickle.dumps(_run(job, number, cost, board))


def _run(job, number: int, cost: float, board: Path, bar: Any = None):
    """One job on one thread; what is done of it, and what needed no time, is noted on the board and on the bar, if given."""
    done, skipped = _open(board, "r+") if board.exists() else np.zeros((2, number + 1))  # on another machine

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
def _watching(board: Path, bar: Any, total: float) -> Iterator[None]:
    """Move the bar on while other processes write on the board; the part of other machines is added at the end."""
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
    bar.update(max(total - shown.sum(), 0.0))
