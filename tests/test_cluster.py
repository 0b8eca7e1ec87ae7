"""The same work on a dask cluster of this machine: same results, and a killed worker loses nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import joblib
import numpy as np
import pytest

from labutils import cluster
from labutils.clips import Clip
from labutils.cluster import is_on_cluster, on_cluster
from labutils.errors import LabError
from labutils.features import clip_features
from labutils.jobs import run_jobs
from labutils.processes import processes
from labutils.progress import progress_bar
from labutils.simulate import workers
from labutils.simulate.plan import Session, Take
from labutils.systems import model_files, tasks

START_S = 120


@contextmanager
def dask(folder: Path, *words: str) -> Iterator[None]:
    """A process of a cluster whose scheduler is told in `folder`; killed at the end: its farewell has no bound."""
    command = [sys.executable, "-m", "dask", *words, "--scheduler-file", str(folder / "scheduler.json")]
    env = {**os.environ, "DASK_TEMPORARY_DIRECTORY": str(folder)}
    process = subprocess.Popen([*command, "--no-dashboard"], cwd=folder, env=env, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def a_cluster(folder: Path, threads: list[int]) -> Iterator[str]:
    """A scheduler and workers of so many threads each on this machine; the address of the scheduler."""
    # takes seconds that only the process of these tests should spend
    from distributed import Client

    with ExitStack() as stack:
        stack.enter_context(dask(folder, "scheduler", "--host", "127.0.0.1", "--port", "0"))
        for number in threads:
            options = ["--nthreads", str(number), "--no-nanny", "--death-timeout", str(START_S)]
            stack.enter_context(dask(folder, "worker", *options))
        with Client(
            scheduler_file=folder / "scheduler.json", timeout=START_S, set_as_default=False
        ) as client:
            client.wait_for_workers(len(threads), timeout=START_S)
            address = client.scheduler.address
        yield address


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory) -> Iterator[str]:
    """The address of a cluster of two processes."""
    with a_cluster(tmp_path_factory.mktemp("cluster"), [1, 1]) as address:
        yield address


def test_two_processes_record_the_same_bytes(scheduler, tmp_path):
    sessions = [Session(f"key {label}", label, (Take("audio", None),)) for label in (1, 2)]
    recorded = {}
    for name, address in {"there": scheduler, "here": None}.items():
        (tmp_path / name).mkdir()
        jobs = [(session, 0, "flac", tmp_path / name / session.key) for session in sessions]
        with on_cluster(address):
            assert list(workers.record_sessions(jobs, 1)) == [1, 1]
        recorded[name] = contents(tmp_path / name)
    assert recorded["here"] == recorded["there"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_networks_and_features_are_given_to_the_cluster_even_if_this_machine_would_work_alone(scheduler):
    def elsewhere(say_done) -> int:
        return os.getpid()

    def feature(clip: Clip) -> dict[str, np.ndarray]:
        return {"pid": np.array(os.getpid()), "clip": np.array(clip.name)}

    with on_cluster(scheduler), progress_bar(total=3.0, desc="jobs") as bar:
        assert is_on_cluster()
        assert os.getpid() not in run_jobs([elsewhere] * 3, [1.0] * 3, bar, workers=1)
        assert bar.n == pytest.approx(3.0)
        clips = [Clip(name, None, None) for name in "abc"]
        found = clip_features(clips, feature, name="where", files=[], progress=False)
        assert found["clip"].tolist() == ["a", "b", "c"] and os.getpid() not in found["pid"]
    assert not is_on_cluster()


def test_groups_are_matched_on_the_cluster(scheduler, contact_models, click_data, monkeypatch):
    """By the lab's own system, whose networks are recurrent; here, a group is not matched at all."""
    system, options = model_files.load(contact_models), {"progress": False}
    here = tasks.answer_tests(system, click_data, **options)
    monkeypatch.delattr(tasks, "match_folder")
    with on_cluster(scheduler):
        there = tasks.answer_tests(system, click_data, **options)
    for one, other in zip(here, there, strict=True):
        assert (one.task, one.group, one.answers) == (other.task, other.group, other.answers)
    np.testing.assert_allclose(there[1].found.scores, here[1].found.scores, atol=1e-4)


def test_a_killed_worker_loses_nothing(scheduler, tmp_path):
    """The last one with this cluster: with a single worker left, joblib works here instead."""
    died = tmp_path / "died"

    def die_once() -> int:
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()

    with on_cluster(scheduler):
        (pid,) = processes(1)([joblib.delayed(die_once)()])
    assert died.exists() and pid != os.getpid()


def test_workers_of_several_threads_are_refused(tmp_path):
    with (
        a_cluster(tmp_path, [2]) as address,
        pytest.raises(LabError, match="one thread each"),
        on_cluster(address),
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
