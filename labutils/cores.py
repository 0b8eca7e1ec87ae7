"""How many processors this process may use."""

import os

MOST_PROCESSES = 60  # Windows cannot wait for more than 61 processes at once


def usable_cores() -> int:
    """Processors for this process: those that `taskset`, a container or a queue of a cluster left it, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
