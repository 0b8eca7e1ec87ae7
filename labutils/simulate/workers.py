"""Many sessions at the same time: a pool of processes that ends with its parent."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import spawn

from threadpoolctl import threadpool_limits

from labutils.cores import MOST_PROCESSES
from labutils.simulate.recording import record_session

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def record_sessions(jobs: list[tuple], workers: int) -> Iterator[int]:
    """Record sessions, here or in other processes.

    Args:
        jobs: the arguments of `record_session` for each.
        workers: processes at the same time; 1 works in this process.

    Yields:
        The number of clips of each session that is done.

    Raises:
        BrokenProcessPool: if a process was killed.
    """
    workers = min(workers, MOST_PROCESSES)
    if workers <= 1:
        with threadpool_limits(1):  # as in a worker: more threads add up in another order, to other last bits
            yield from (record_session(*job) for job in jobs)
        return
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    with (
        _single_threaded_children(),
        _children_without_main(),
        ProcessPoolExecutor(workers, context, _start_worker) as pool,
    ):
        try:
            futures = [pool.submit(record_session, *job) for job in jobs]
            for future in as_completed(futures):
                yield future.result()
        except BaseException:  # Ctrl-C or a failure: do not wait for what is running
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - before:
                process.terminate()
            raise


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # on Ctrl-C a worker ends without a word
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)  # the parent was killed: nobody waits for the result


@contextmanager
def _single_threaded_children() -> Iterator[None]:
    """Let new processes calculate with one thread each: as many processes as cores are enough."""
    old = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in old.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


@contextmanager
def _children_without_main() -> Iterator[None]:
    """Let new processes start without the program of the user: without a main guard, it would call us again in each."""
    prepare = spawn.get_preparation_data

    def without_main(name: str) -> dict:
        return {key: value for key, value in prepare(name).items() if not key.startswith("init_main")}

    spawn.get_preparation_data = without_main
    try:
        yield
    finally:
        spawn.get_preparation_data = prepare
