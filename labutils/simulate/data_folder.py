"""What the folder of a data set holds: the wanted set, another one, an unfinished one, or foreign files.

Nothing here simulates, so that a notebook which finds its data needs no physics engine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from labutils.clips import ClipError, read_manifest
from labutils.progress import acquire_watching
from labutils.simulate.plan import PRESETS, Plan, Preset, Session
from labutils.simulate.version import FROZEN, SIMULATOR_VERSION


def find_preset(preset: str | Preset) -> Preset:
    """Return the preset of a name; a preset is returned as it is.

    Raises:
        ClipError: if there is none of that name.
    """
    if isinstance(preset, str) and preset not in PRESETS:
        raise ClipError(f"{preset!r} is no preset: expected one of {', '.join(PRESETS)}.")
    return PRESETS[preset] if isinstance(preset, str) else preset


def is_complete(out: Path, preset: Preset, seed: int, audio_format: str | None = None) -> bool:
    """Tell whether the wanted data set is there, complete.

    Args:
        out: the folder.
        preset: the wanted preset.
        seed: the wanted seed.
        audio_format: the wanted format; None accepts any.

    Raises:
        ClipError: if another data set is there.
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


def refuse_foreign(out: Path, staging: Path) -> None:
    """Refuse a folder that holds anything else than the beginnings of this data set.

    Args:
        out: the folder.
        staging: the hidden folder in it where this data set is made.

    Raises:
        ClipError: if it is a file, or holds another unfinished set or foreign files.
    """
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


def staging_name(plan: Plan) -> str:
    """Return the name of the hidden folder in which a data set is made."""
    return f".staging-{plan.preset.name}-{plan.seed}-{plan.audio_format}-version{SIMULATOR_VERSION}"


def session_folder(staging: Path, session: Session) -> Path:
    """Return where the clips of a session lie until the data set is complete."""
    return staging / "sessions" / session.key


def count_clips(plan: Plan, staging: Path) -> int:
    """Return how many clips of a data set that is being made are there already."""
    return sum(len(session.takes) for session in plan.sessions if session_folder(staging, session).exists())


@contextmanager
def hold_lock(out: Path, staging: Path, plan: Plan, bar) -> Iterator[None]:
    """Hold the folder's lock; while another process holds it, show that one's progress.

    Args:
        out: the folder.
        staging: the hidden folder in it.
        plan: of the data set.
        bar: a bar of `progress_bar`, which counts the clips that are made.
    """
    lock = FileLock(out / ".simulating.lock")
    acquire_watching(lock, bar, lambda: count_clips(plan, staging))
    try:
        yield
    finally:
        lock.release()
