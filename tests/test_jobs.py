"""Jobs give the same results in one process and in several, and the bar ends where it should."""

import time
from functools import partial

import pytest
import torch
from joblib.externals.loky.process_executor import TerminatedWorkerError

from labutils import jobs
from labutils.errors import LabError
from labutils.jobs import run_jobs
from labutils.progress import progress_bar


def square(number: float, say_done) -> tuple[float, int]:
    """A job: half is said to be done on the way."""
    say_done(0.5)
    time.sleep(0.05 * (4 - number))
    return number**2, torch.get_num_threads()


def fail(say_done) -> None:
    raise ValueError("no such luck")


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_jobs(workers):
    with progress_bar(total=4.0, desc="jobs", progress=False) as bar:
        found = list(run_jobs([partial(square, n) for n in range(4)], [1.0] * 4, bar, workers=workers))
    assert found == [(0, 1), (1, 1), (4, 1), (9, 1)], "each on one thread"


@pytest.mark.parametrize("workers", [1, 2])
def test_bar_is_moved_by_the_costs(workers):
    with progress_bar(total=10.0, desc="jobs") as bar:
        bar.update(3)
        run_jobs([partial(square, n) for n in range(3)], [1.0, 2.0, 4.0], bar, workers=workers)
        assert bar.n == pytest.approx(10.0)


@pytest.mark.parametrize("workers", [1, 2])
def test_error_of_a_job_is_raised_here(workers):
    threads = torch.get_num_threads()
    with (
        progress_bar(total=2.0, desc="jobs", progress=False) as bar,
        pytest.raises(ValueError, match="no such luck"),
    ):
        run_jobs([fail, partial(square, 1)], [1.0, 1.0], bar, workers=workers)
    assert torch.get_num_threads() == threads


def test_a_killed_process_is_one_sentence(monkeypatch):
    def broken(_):
        raise TerminatedWorkerError

    monkeypatch.setattr(jobs, "processes", lambda *_, **__: broken)
    with (
        progress_bar(total=1.0, desc="jobs", progress=False) as bar,
        pytest.raises(LabError, match="start again"),
    ):
        run_jobs([fail], [1.0], bar, workers=2)


def test_the_bar_ends_where_it_should_if_another_machine_cannot_write_on_the_board(monkeypatch):
    run = jobs._run
    monkeypatch.setattr(jobs, "is_on_cluster", lambda: True)  # one worker that sees no board
    monkeypatch.setattr(
        jobs, "_run", lambda job, number, cost, board: run(job, number, cost, board / "not there")
    )
    with progress_bar(total=3.0, desc="jobs") as bar:
        assert run_jobs([partial(square, n) for n in range(2)], [1.0, 2.0], bar, workers=1) == [
            (0, 1),
            (1, 1),
        ]
        assert bar.n == pytest.approx(3.0)


def test_networks_come_back_in_plain_pickles(monkeypatch):
    """dask takes networks apart by itself, and stops for ever at a recurrent one."""

    def expect_bytes(calls):
        results = [function(*arguments) for function, arguments, _ in calls]
        assert all(isinstance(own, bytes) for own in results)
        return results

    monkeypatch.setattr(jobs, "processes", lambda *_, **__: expect_bytes)
    with progress_bar(total=1.0, desc="jobs", progress=False) as bar:
        assert run_jobs([partial(square, 3)], [1.0], bar, workers=2) == [(9, 1)]
