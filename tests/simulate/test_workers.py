"""Sessions in other processes: the same bytes, and no process outlives its parent."""

import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from labutils.clips import train_clips
from labutils.simulate import workers
from labutils.simulate.generate import generate
from labutils.simulate.plan import Session, Take
from labutils.simulate.version import SIMULATOR_VERSION

from .small_sets import SMALLEST, contents, make


def test_real_physics_gives_the_same_bytes_with_one_process_and_with_two(tmp_path):
    one = make(tmp_path / "one", SMALLEST)
    two = generate(tmp_path / "two", SMALLEST, 5, workers=2, progress=False)
    assert contents(one) == contents(two)
    for clip in train_clips(one):
        level = np.abs(clip.audio()).max(axis=1)
        middle = level[round(1.9 * 44100) : round(2.1 * 44100)].max()
        assert middle > 10 * np.median(level)  # a contact in the middle of the clip
        assert clip.masks().any(axis=(1, 2)).mean() > 0.8


def test_a_session_is_calculated_with_one_thread_everywhere(tmp_path, monkeypatch):
    monkeypatch.setattr(
        workers, "record_session", lambda *_: max(pool["num_threads"] for pool in threadpool_info())
    )
    with threadpool_limits(2):
        assert list(workers.record_sessions([(None, 0, "flac", tmp_path / "new")], 1)) == [1]
        assert max(pool["num_threads"] for pool in threadpool_info()) == 2


def test_a_session_that_a_lost_worker_finished_is_not_recorded_again(tmp_path):
    session = Session("key", 0, (Take("audio", "video"),) * 3)
    assert list(workers.record_sessions([(session, 0, "flac", tmp_path)], 1)) == [3]


@pytest.mark.skipif(shutil.which("ps") is None, reason="looks at the process table")
@pytest.mark.parametrize(("kill", "exit_code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_killed_command_takes_its_workers_along(kill, exit_code, tmp_path):
    command = [
        sys.executable,
        "-c",
        COMMAND,
        "simulate",
        "--preset",
        "tiny",
        "--workers",
        "2",
        "--out",
        tmp_path,
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    sessions = tmp_path / f".staging-tiny-0-flac-version{SIMULATOR_VERSION}" / "sessions"
    wait_until(lambda: sessions.exists() and len(processes_of(process.pid)) >= 3)  # at work, with two workers
    process.send_signal(kill)  # to the parent alone
    assert process.wait(60) == exit_code
    process.stderr.close()
    wait_until(lambda: not processes_of(process.pid))
    assert not (tmp_path / "dataset").exists()


COMMAND = """if __name__ == "__main__":
    import signal, sys
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a test runner in the background may ignore it
    from labutils.__main__ import main
    sys.exit(main())
"""


def wait_until(condition, patience_s: float = 60) -> None:
    end_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.1)


def processes_of(group: int) -> list[str]:
    """Return the living processes of a process group."""
    table = subprocess.run(["ps", "-eo", "pgid,stat"], capture_output=True, text=True).stdout
    rows = [line.split() for line in table.splitlines()[1:]]
    return [stat for number, stat in rows if int(number) == group and not stat.startswith("Z")]


def test_a_script_without_main_guard_works(tmp_path):
    script = tmp_path / "mine.py"
    script.write_text(
        f"from labutils.simulate import workers\nprint(*workers.record_sessions([{JOB}] * 2, 2))\n".replace(
            "FOLDER", repr(str(tmp_path))
        )
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=100)
    assert "bootstrapping" not in done.stderr
    assert "no attribute 'key'" in done.stderr  # each worker came as far as the job, which is none


JOB = "(None, 0, 'flac', __import__('pathlib').Path(FOLDER) / 's')"
