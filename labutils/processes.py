"""Processes that work for this one, and end with it."""

import os
import threading
import time
from typing import Any

import joblib

from labutils.cores import MOST_PROCESSES

_LOOK_EVERY_S = 0.5


def processes(workers: int, **options: Any) -> joblib.Parallel:
    """What joblib gives calls to: processes of this machine, or a cluster in the block of `cluster.on_cluster`.

    Args:
        workers: processes of this machine at the same time; 1 works in this process. A cluster takes all its own.
        options: of `joblib.Parallel`.
    """
    return joblib.Parallel(
        n_jobs=min(workers, MOST_PROCESSES),
        batch_size=1,
        initializer=end_with,
        initargs=(os.getpid(),),
        **options,
    )


def end_with(parent: int) -> None:
    """Let this process end when its parent has ended: one that was killed cannot end its workers itself.

    On Windows nothing tells that a parent has ended: there a worker that was left alone ends after five idle minutes.
    """
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)  # nobody waits for the result
