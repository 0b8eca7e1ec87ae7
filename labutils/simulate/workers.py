"""Many sessions at the same time: in processes of this machine, or on a cluster."""

from collections.abc import Iterator
from pathlib import Path

from joblib import delayed
from threadpoolctl import threadpool_limits

from labutils.cluster import is_on_cluster
from labutils.processes import processes
from labutils.simulate.plan import Session
from labutils.simulate.recording import record_session


def record_sessions(jobs: list[tuple], workers: int) -> Iterator[int]:
    """Record sessions, here, in other processes or on a cluster.

    Args:
        jobs: the arguments of `record_session` for each.
        workers: processes at the same time; 1 works in this process.

    Yields:
        The number of clips of each session that is done.

    Raises:
        BrokenProcessPool: if a process of this machine was killed; a cluster gives its session to another one.
    """
    if workers <= 1 and not is_on_cluster():
        yield from (_record(*job) for job in jobs)
        return
    yield from processes(workers, return_as="generator_unordered")(delayed(_record)(*job) for job in jobs)


def _record(session: Session, seed: int, audio_format: str, folder: Path) -> int:
    """One session, on one thread: more add up in another order, to other last bits."""
    if folder.exists():  # by a worker of a cluster that was lost before it could say so
        return len(session.takes)
    with threadpool_limits(1):
        return record_session(session, seed, audio_format, folder)
