"""A whole data set: sessions simulated, cut into clips, and written in the course's layout.

Everything is made aside, in a hidden folder, one folder a session that appears complete. At the end the data set is put in
place by one rename. A run that was killed goes on with the sessions that are missing, and ends with the same bytes.
"""

import errno
import logging
import shutil
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from labutils.clips import ClipError
from labutils.cores import usable_cores
from labutils.progress import progress_bar
from labutils.simulate.assembly import assemble
from labutils.simulate.data_folder import (
    count_clips,
    find_preset,
    hold_lock,
    is_complete,
    refuse_foreign,
    session_folder,
    staging_name,
)
from labutils.simulate.plan import Plan, Preset, make_plan
from labutils.simulate.recording import is_whole
from labutils.simulate.workers import record_sessions

_BYTES_PER_CLIP = 2_000_000


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
    out, preset = Path(out), find_preset(preset)
    plan = make_plan(preset, seed, audio_format)
    staging = out / staging_name(plan)
    if is_complete(out, preset, seed, audio_format):
        shutil.rmtree(staging, ignore_errors=True)  # a kill may have come between the last two steps
        return out
    refuse_foreign(out, staging)
    out.mkdir(parents=True, exist_ok=True)
    options = {"desc": f"simulating {preset.name}", "unit": "clip", "progress": progress}
    with (
        progress_bar(total=plan.clips, kept=count_clips(plan, staging), **options) as bar,
        hold_lock(out, staging, plan, bar),
    ):
        if not is_complete(out, preset, seed, audio_format):
            _record_missing(plan, staging, workers or usable_cores(), bar)
            assemble(plan, staging, out)
    return out


def _record_missing(plan: Plan, staging: Path, workers: int, bar) -> None:
    """Record every session that has no folder yet."""
    if not (staging / "dataset").exists():  # else clips have been moved from whole sessions already
        _remove_damaged(plan, staging)
    missing = [session for session in plan.sessions if not session_folder(staging, session).exists()]
    bar.skip(plan.clips - sum(len(session.takes) for session in missing) - bar.n)
    (staging / "sessions").mkdir(parents=True, exist_ok=True)
    for leftover in (staging / "sessions").glob(".*"):
        shutil.rmtree(leftover, ignore_errors=True)
    _check_room(staging, sum(len(session.takes) for session in missing))
    jobs = [(session, plan.seed, plan.audio_format, session_folder(staging, session)) for session in missing]
    try:
        for clips in record_sessions(jobs, min(workers, len(jobs))):
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


def _remove_damaged(plan: Plan, staging: Path) -> None:
    """Remove sessions of an earlier run that a power cut or a full disk damaged: they are recorded anew."""
    for folder in (session_folder(staging, session) for session in plan.sessions):
        if folder.exists() and not is_whole(folder):
            logging.getLogger(__name__).warning("%s is damaged: the session is recorded anew", folder)
            shutil.rmtree(folder)


def _check_room(staging: Path, clips: int) -> None:
    need, free = clips * _BYTES_PER_CLIP, shutil.disk_usage(staging).free
    if free < need:
        raise ClipError(
            f"{staging.parent}: the disk has {free / 1e9:.1f} GB free, the clips need about {need / 1e9:.1f} GB: "
            "make room or choose another folder."
        )
