"""A process whose parent was killed does not live on."""

import os
import signal
import subprocess
import sys
import time

import pytest

from labutils import processes

CHILD = """
import os, time
from labutils.processes import end_with
end_with(os.getppid())
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {CHILD!r}])"


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks at /proc")
def test_a_worker_ends_when_its_parent_was_killed():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.send_signal(signal.SIGKILL)
    end_s = time.monotonic() + 30
    while is_alive(child):
        assert time.monotonic() < end_s
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_no_more_processes_are_asked_for_than_windows_can_wait_for(monkeypatch):
    asked = []
    monkeypatch.setattr(processes.joblib, "Parallel", lambda n_jobs, **_: asked.append(n_jobs))
    processes.processes(200)
    assert asked == [60]
