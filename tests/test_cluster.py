"""The same work on a dask cluster of this machine: same results, and a killed worker loses nothing."""

import os
import signal
from functools import partial
from pathlib import Path

import joblib
import pytest
from distributed import LocalCluster

from labutils import cluster
from labutils.cluster import is_on_cluster, on_cluster
from labutils.errors import LabError
from labutils.jobs import run_jobs
from labutils.processes import processes
from labutils.progress import progress_bar
from labutils.simulate import workers
from labutils.simulate.plan import Session, Take

QUIET = {"dashboard_address": None, "silence_logs": 50}


def test_two_processes_record_the_same_bytes_and_a_killed_one_loses_nothing(tmp_path):
    sessions = [Session(f"key {label}", label, (Take("audio", None),)) for label in (1, 2)]
    here, there, died = tmp_path / "here", tmp_path / "there", tmp_path / "died"
    here.mkdir(), there.mkdir()

    def die_once() -> int:
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()

    with LocalCluster(2, threads_per_worker=1, **QUIET) as local, on_cluster(local.scheduler_address):
        jobs = [(session, 0, "flac", there / session.key) for session in sessions]
        assert sorted(workers.record_sessions(jobs, 1)) == [1, 1]
        (pid,) = processes(1)([joblib.delayed(die_once)()])
    assert died.exists() and pid != os.getpid()
    assert list(workers.record_sessions([(*job[:3], here / job[3].name) for job in jobs], 1)) == [1, 1]
    assert contents(here) == contents(there)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def double(number: int, say_done) -> int:
    return 2 * number


def test_networks_are_given_to_the_cluster_even_if_this_machine_would_work_alone():
    with (
        LocalCluster(1, threads_per_worker=1, processes=False, **QUIET) as local,
        on_cluster(local.scheduler_address),
        progress_bar(total=3.0, desc="jobs") as bar,
    ):
        assert is_on_cluster()
        assert run_jobs([partial(double, n) for n in range(3)], [1.0] * 3, bar, workers=1) == [0, 2, 4]
        assert bar.n == pytest.approx(3.0)
    assert not is_on_cluster()


def test_workers_of_several_threads_are_refused():
    with (
        LocalCluster(1, threads_per_worker=2, processes=False, **QUIET) as local,
        pytest.raises(LabError, match="one thread each"),
        on_cluster(local.scheduler_address),
    ):
        pass


def test_no_scheduler_is_one_sentence(monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE_S", 0.2)
    for address in ("tcp://127.0.0.1:1", "nonsense://"):
        with pytest.raises(LabError, match="no dask scheduler answers"), on_cluster(address):
            pass


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(LabError, match=r"impact-lab\[scale\]"), on_cluster("tcp://127.0.0.1:1"):
        pass


def test_without_an_address_all_stays_here():
    with on_cluster(None):
        assert not is_on_cluster()
