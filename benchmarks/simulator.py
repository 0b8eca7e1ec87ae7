"""What a simulated clip costs: processor time by stage, and memory, on one core.

    python benchmarks/simulator.py [--clips 3]

Simulates one session of a few clips of every object as the generator does, in one process with one thread, and prints a
table. The target is half a second of processor time a clip in all. Not a test: the figures depend on the machine.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

from labutils.simulate import recording
from labutils.simulate.camera import Camera
from labutils.simulate.objects import OBJECTS
from labutils.simulate.plan import Session, Take

TARGET_S = 0.5
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

STAGES = (
    (recording, "simulate_session", "physics"),
    (recording, "synthesise", "sound"),
    (recording, "find_contacts", "finding contacts"),
    (Camera, "film", "film and masks"),
    (recording, "write_audio", "writing sound"),
    (recording, "write_video", "writing pictures"),
)
"""Which function is which stage of the generator."""


class Stopwatch:
    """Adds up the processor time of wrapped functions, by stage."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = defaultdict(float)

    def time(self, stage: str, function: Callable) -> Callable:
        """Return the function with its time added to a stage."""

        @wraps(function)
        def timed(*args, **options):
            start_s = time.process_time()
            try:
                return function(*args, **options)
            finally:
                self.spent_s[stage] += time.process_time() - start_s

        return timed

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Time the stages of the generator in the block."""
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in STAGES]
        for owner, name, stage in STAGES:
            setattr(owner, name, self.time(stage, getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)


def record(label: int, clips: int, folder: Path) -> float:
    """Record one session of an object; processor time in seconds."""
    takes = tuple(Take(f"{number}/audio_data", str(number)) for number in range(clips))
    start_s = time.process_time()
    recording.record_session(Session(f"benchmark-{label}", label, takes), 0, "flac", folder / str(label))
    return time.process_time() - start_s


def time_stages(clips: int) -> tuple[dict[str, float], float]:
    """Record `clips` of every object; return the time of every stage, and of all, in s."""
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder, watch.attached():
        record(0, 1, Path(folder) / "first")  # loads what is loaded once
        watch.spent_s.clear()
        total_s = sum(record(label, clips, Path(folder)) for label in range(len(OBJECTS)))
    return dict(watch.spent_s), total_s


def peak_memory_mb() -> float | None:
    """Return the largest memory this process has held, where the system tells."""
    status = Path("/proc/self/status")
    if status.exists():  # `getrusage` also counts what the parent held
        return int(re.search(r"VmHWM:\s*(\d+)", status.read_text())[1]) / 1e3
    try:
        import resource
    except ImportError:  # Windows
        return None
    kilobyte = 1e6 if platform.system() == "Darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / kilobyte


def table(stages_s: dict[str, float], total_s: float, clips: int, memory_mb: float | None) -> str:
    """Return the table as text."""
    stages_s = stages_s | {"other": total_s - sum(stages_s.values())}
    lines = [f"{'stage':<18}{'s a clip':>9}{'share':>8}"]
    lines += [f"{name:<18}{spent / clips:>9.3f}{spent / total_s:>8.0%}" for name, spent in stages_s.items()]
    lines.append(f"{'all':<18}{total_s / clips:>9.3f}{'':>8}   target: at most {TARGET_S}")
    lines.append(f"{clips} clips; peak memory {'not known' if memory_mb is None else f'{memory_mb:.0f} MB'}")
    return "\n".join(lines)


def expect_one_thread() -> None:
    """Begin this script again on one thread, unless it runs on one: numpy has started its threads already."""
    if not ONE_THREAD.items() <= os.environ.items():
        sys.exit(subprocess.run([sys.executable, *sys.argv], env=os.environ | ONE_THREAD).returncode)


def main() -> None:
    """Record a session of every object and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clips", type=int, default=3, help="clips of every object (default: 3)")
    options = parser.parse_args()
    expect_one_thread()
    stages_s, total_s = time_stages(options.clips)
    print(table(stages_s, total_s, options.clips * len(OBJECTS), peak_memory_mb()))


if __name__ == "__main__":
    main()
