"""A whole data set: sessions simulated, cut into clips as the recordings were, and written in the course's layout.

As in the paper, an object moves in the tilting tray for a while, contacts are found as peaks of the sound, and 4 s clips
are cut with such a peak in their middle. Selections that this makes, as it did there: nothing that moved unheard is in a
clip's middle, clips do not overlap, and the first ones of a session are kept until the plan has enough.

Everything is made aside, in a hidden folder, one folder a session that appears complete; at the end the whole is put in
place by one rename. What was killed goes on with the sessions that are missing, and ends with the same bytes.

Source: Gandhi, Gupta, Pinto, "Swoosh! Rattle! Thump!", RSS 2020, section III.
"""

import errno
import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from tqdm.auto import tqdm

from labutils.clips import (
    CLIP_S,
    SAMPLE_RATE_HZ,
    ClipError,
    read_manifest,
    write_audio,
    write_video,
)
from labutils.simulate.camera import Camera
from labutils.simulate.objects import OBJECTS
from labutils.simulate.plan import PRESETS, Plan, Preset, Session, Take, make_plan
from labutils.simulate.sound import Rig, find_contacts, synthesise
from labutils.simulate.tray import Motion, simulate_session

__all__ = ["PRESETS", "SIMULATOR_VERSION", "Preset", "ensure_dataset", "generate"]

SIMULATOR_VERSION = 1
FROZEN = "2026-11-24"  # the day from which this version is what it is; data made before were drafts

_SECONDS_PER_CLIP = 7.0  # a session's first guess: an object is heard about so often
_LONGEST_PART_S = 90.0  # bounds the memory
_MOST_PARTS = 30
_FRAME_RATE_HZ, _FRAME_RATE_SPREAD, _FRAME_JITTER_S = 6.45, 0.07, 0.008
_DROPPED_FRAMES, _MOST_FRAMES = 0.02, 35
_BYTES_PER_CLIP = 2_000_000
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def ensure_dataset(data: str | Path, preset: str | Preset, seed: int) -> Path:
    """Return a simulated data set, made now, with a progress bar, if it is not there yet.

    If another process is making it, its progress is shown until it is done.

    Args:
        data: the folder.
        preset: its name, or a preset of your own.
        seed: any number from 0.

    Returns:
        The folder; the clips are in `dataset/` in it.

    Raises:
        ClipError: if the folder holds something else.
    """
    return Path(data) if _is_made(Path(data), _preset(preset), seed) else generate(data, preset, seed)


def generate(
    out: str | Path,
    preset: str | Preset,
    seed: int,
    audio_format: str = "flac",
    workers: int | None = None,
    progress: bool = True,
) -> Path:
    """Make a data set; one that was begun is finished, one that is complete is left as it is.

    Args:
        out: a new or empty folder, or one where the same was begun.
        preset: the name of one of PRESETS, or a preset of your own.
        seed: same preset and seed, same files, whatever the number of workers.
        audio_format: "flac", or "pkl" for exchange with other solutions.
        workers: processes at the same time; default: one a core; 1 works in this process.
        progress: whether to show a progress bar.

    Returns:
        The folder `out`.

    Raises:
        ClipError: if the folder holds something else, or the disk has no room.
    """
    out, preset = Path(out), _preset(preset)
    if _is_made(out, preset, seed, audio_format):
        return out
    plan = make_plan(preset, seed, audio_format)
    staging = out / _staging_name(plan)
    _refuse_foreign(out, staging)
    out.mkdir(parents=True, exist_ok=True)
    with (
        tqdm(total=plan.clips, desc=f"simulating {preset.name}", unit="clip", disable=not progress) as bar,
        _only_one(out, staging, plan, bar),
    ):
        if not _is_made(out, preset, seed, audio_format):
            _record_missing(plan, staging, workers or os.cpu_count() or 1, bar)
            _assemble(plan, staging, out)
    return out


def _preset(preset: str | Preset) -> Preset:
    if isinstance(preset, str) and preset not in PRESETS:
        raise ClipError(f"{preset!r} is no preset: expected one of {', '.join(PRESETS)}.")
    return PRESETS[preset] if isinstance(preset, str) else preset


# What is in the folder already


def _is_made(out: Path, preset: Preset, seed: int, audio_format: str | None = None) -> bool:
    """Tell whether the wanted set is there, complete.

    Raises:
        ClipError: if another one is.
    """
    if not (out / "dataset" / "manifest.json").is_file():
        return False
    found = read_manifest(out) or {}
    wanted = {"simulator_version": SIMULATOR_VERSION, "simulator_frozen": FROZEN}
    wanted |= {"preset": preset.name, "seed": seed}
    if audio_format:
        wanted["audio_format"] = audio_format
    if any(found.get(key) != value for key, value in wanted.items()):
        has = ", ".join(f"{key} {found.get(key)}" for key in wanted)
        wants = ", ".join(f"{key} {value}" for key, value in wanted.items())
        raise ClipError(
            f"{out} holds another data set ({has}; expected {wants}): delete it or choose another folder."
        )
    return True


def _refuse_foreign(out: Path, staging: Path) -> None:
    if out.exists() and not out.is_dir():
        raise ClipError(f"{out} is a file: expected a folder for the data set.")
    for path in sorted(out.iterdir()) if out.exists() else ():
        if path.name.startswith(".staging-") and path != staging:
            raise ClipError(
                f"{out} holds an unfinished data set ({path.name[9:]}; expected {staging.name[9:]}): "
                f"finish that one, delete {path}, or choose another folder."
            )
        if not path.name.startswith("."):
            raise ClipError(
                f"{out} holds {path.name}, which the simulator has not made: "
                "expected an empty or new folder; choose another one."
            )


def _staging_name(plan: Plan) -> str:
    return f".staging-{plan.preset.name}-{plan.seed}-{plan.audio_format}-version{SIMULATOR_VERSION}"


@contextmanager
def _only_one(out: Path, staging: Path, plan: Plan, bar: tqdm) -> Iterator[None]:
    """Hold the folder's lock; while another process holds it, show its progress."""
    lock = FileLock(out / ".simulating.lock")
    while True:
        try:
            lock.acquire(timeout=0.5)
            break
        except Timeout:
            made = sum(len(s.takes) for s in plan.sessions if _folder(staging, s).exists())
            bar.update(max(0, made - bar.n))
    try:
        yield
    finally:
        lock.release()


def _folder(staging: Path, session: Session) -> Path:
    return staging / "sessions" / session.key


# Many sessions


def _record_missing(plan: Plan, staging: Path, workers: int, bar: tqdm) -> None:
    """Record every session that has no folder yet."""
    missing = [session for session in plan.sessions if not _folder(staging, session).exists()]
    bar.update(plan.clips - sum(len(session.takes) for session in missing) - bar.n)
    (staging / "sessions").mkdir(parents=True, exist_ok=True)
    for leftover in (staging / "sessions").glob(".*"):
        shutil.rmtree(leftover, ignore_errors=True)
    _check_room(staging, sum(len(session.takes) for session in missing))
    jobs = [(session, plan.seed, plan.audio_format, _folder(staging, session)) for session in missing]
    try:
        for clips in _run(jobs, min(workers, len(jobs))):
            bar.update(clips)
    except BrokenProcessPool as error:
        raise ClipError(
            f"A process that made {staging.parent} was killed (too little memory?): start again to go on where it was."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ClipError(
                f"{staging.parent}: the disk is full; make room and start again to go on."
            ) from error
        raise


def _check_room(staging: Path, clips: int) -> None:
    need, free = clips * _BYTES_PER_CLIP, shutil.disk_usage(staging).free
    if free < need:
        raise ClipError(
            f"{staging.parent}: the disk has {free / 1e9:.1f} GB free, the clips need about {need / 1e9:.1f} GB: "
            "make room or choose another folder."
        )


def _run(jobs: list[tuple], workers: int) -> Iterator[int]:
    """Do the jobs, here or in other processes; yield the number of clips of each that is done."""
    if workers <= 1:
        yield from (record_session(*job) for job in jobs)
        return
    before = set(multiprocessing.active_children())
    spawn = multiprocessing.get_context("spawn")
    with _single_threaded_children(), ProcessPoolExecutor(workers, spawn, _start_worker) as pool:
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


# One session


def record_session(session: Session, seed: int, audio_format: str, folder: Path) -> int:
    """Simulate one session and write its clips to a folder, which appears complete.

    Args:
        session: what to record.
        seed: of the data set.
        audio_format: "flac" or "pkl".
        folder: where; the clips lie in it as they will in the data set.

    Returns:
        The number of clips.
    """
    part = folder.with_name(f".{folder.name}.{os.getpid()}")
    rng = np.random.default_rng([seed, zlib.crc32(session.key.encode())])
    camera, obj = Camera.draw(rng), OBJECTS[session.label]
    try:
        for take, (motion, audio, start_s) in zip(session.takes, cut_clips(session, rng), strict=False):
            if take.audio:
                write_audio(part / take.audio, audio, audio_format)
            if take.video:
                frames, masks = camera.film(motion, obj, start_s + frame_times_s(rng), rng)
                write_video(part / take.video, frames, masks)
        (part / "fingerprint").write_text(_fingerprint(part))
        os.rename(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return len(session.takes)


def cut_clips(session: Session, rng: np.random.Generator) -> Iterator[tuple[Motion, np.ndarray, float]]:
    """Simulate a session, in parts, and cut clips from it until there are enough.

    Yields:
        Motion of the part, sound of the clip float32 [176400, 4], start of the clip in the part in seconds.

    Raises:
        RuntimeError: if the object was hardly ever heard.
    """
    obj, rig, missing = OBJECTS[session.label], Rig.draw(rng), len(session.takes)
    for _ in range(_MOST_PARTS):
        duration_s = min(missing * _SECONDS_PER_CLIP + CLIP_S, _LONGEST_PART_S)
        motion = simulate_session(obj, duration_s=duration_s, seed=int(rng.integers(2**32)))
        audio = synthesise(motion, obj, rig, rng)
        for start_s in clip_starts_s(find_contacts(audio), duration_s)[:missing]:
            first = round(start_s * SAMPLE_RATE_HZ)
            yield motion, audio[first : first + round(CLIP_S * SAMPLE_RATE_HZ)], start_s
            missing -= 1
        if not missing:
            return
    raise RuntimeError(
        f"session {session.key}: {obj.name} was hardly ever heard, {missing} clips are missing"
    )


def clip_starts_s(contacts_s: np.ndarray, duration_s: float) -> list[float]:
    """Choose clips with a contact in their middle, one after the other, without overlap.

    Args:
        contacts_s: [contacts] times of audio peaks in seconds, rising.
        duration_s: length of the recording in seconds.

    Returns:
        Starts of the clips in seconds, rising by at least 4 s.
    """
    starts: list[float] = []
    for contact_s in contacts_s:
        start_s = float(contact_s) - CLIP_S / 2
        if start_s >= (starts[-1] + CLIP_S if starts else 0) and start_s + CLIP_S <= duration_s:
            starts.append(start_s)
    return starts


def frame_times_s(rng: np.random.Generator) -> np.ndarray:
    """Draw when the pictures of a clip are taken: about 6 a second, with jitter and a few dropped ones.

    Returns:
        [T] seconds from the start of the clip, rising; 25.3 on average, at most 35.
    """
    rate_hz = _FRAME_RATE_HZ * np.exp(_FRAME_RATE_SPREAD * rng.standard_normal())
    times_s = (np.arange(CLIP_S * rate_hz + 1) - rng.random()) / rate_hz
    times_s += _FRAME_JITTER_S * rng.standard_normal(len(times_s))
    kept = (rng.random(len(times_s)) >= _DROPPED_FRAMES) & (times_s >= 0) & (times_s < CLIP_S)
    return np.sort(times_s[kept])[:_MOST_FRAMES]


def _fingerprint(folder: Path) -> str:
    """Return the SHA-256 of all names and contents in a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


# The whole


def _assemble(plan: Plan, staging: Path, out: Path) -> None:
    """Move all clips to their places, add truth and manifest, and put the whole in place by one rename."""
    dataset = staging / "dataset"
    for session in plan.sessions:
        for path in (path for take in session.takes for path in _paths(take, plan.audio_format)):
            if not (dataset / path).exists():  # else it was moved before a kill
                (dataset / path).parent.mkdir(parents=True, exist_ok=True)
                os.rename(_folder(staging, session) / path, dataset / path)
    for task, truth in plan.truth.items():
        (dataset / task).mkdir(parents=True, exist_ok=True)
        _set_one_time(dataset / task / "test")
        _write_json(dataset / task / "truth.json", truth)
    _write_json(dataset / "manifest.json", _manifest(plan, staging))
    os.rename(dataset, out / "dataset")
    shutil.rmtree(staging, ignore_errors=True)


def _set_one_time(folder: Path) -> None:
    """Give a folder and all in it the same time: a sound and its video were written one after the other."""
    now_ns = time.time_ns()
    for path in [folder, *folder.rglob("*")] if folder.exists() else ():
        os.utime(path, ns=(now_ns, now_ns))


def _paths(take: Take, audio_format: str) -> list[str]:
    """Return what is moved for a clip: its whole folder in training, file and folder apart in the tests."""
    if take.audio and take.video and take.audio.startswith(f"{take.video}/"):
        return [take.video]
    return [path for path in (take.audio and f"{take.audio}.{audio_format}", take.video) if path]


def _manifest(plan: Plan, staging: Path) -> dict:
    prints = [(_folder(staging, session) / "fingerprint").read_text() for session in plan.sessions]
    groups = [plan.preset.group_size] * plan.preset.groups
    return {
        "simulator_version": SIMULATOR_VERSION,
        "simulator_frozen": FROZEN,
        "preset": plan.preset.name,
        "seed": plan.seed,
        "audio_format": plan.audio_format,
        "counts": {
            "train": {OBJECTS[label].name: clips for label, clips in enumerate(plan.preset.train)},
            "task1": plan.preset.task1,
            "task2": groups,
            "task3": groups,
        },
        "sessions": plan.train_ids,
        "fingerprint": hashlib.sha256("".join(prints).encode()).hexdigest(),
    }


def _write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
