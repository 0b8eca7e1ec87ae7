"""What the lab writes, as small as possible: six actions that can be broken off and done again."""

import contextlib
import hashlib
import io
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import labutils.__main__ as command_line
from labutils.clips import train_clips
from labutils.errors import LabError
from labutils.simulate import recording
from labutils.simulate.generate import generate
from labutils.simulate.plan import Preset
from labutils.systems import catalogue, contact, model_files

sys.path.insert(0, str(Path(__file__).parents[2]))
import run

NOTEBOOKS = Path(run.__file__).parent / "notebooks"

PRESET = Preset("small", (2, 2) + (0,) * 8, 2, task1=2, groups=1, group_size=2)
SETTINGS = replace(
    contact.QUICK,
    maps=replace(contact.QUICK.maps, width=4, channels=2, epochs=2),
    path=replace(contact.QUICK.path, widths=(4, 4, 8), hidden=4, epochs=2),
    sound=replace(contact.QUICK.sound, width=4, epochs=2),
    groups_per_fold=1,
)


@dataclass(frozen=True)
class Action:
    """Something that writes into a folder: `prepare` once, then `do`; `keeps_working` must hold even after a kill."""

    name: str
    do: Callable[[Path], None]
    prepare: Callable[[Path], None] = lambda folder: None
    keeps_working: Callable[[Path], None] = lambda folder: None


def actions(data: Path, models: Path) -> list[Action]:
    """The six actions.

    Args:
        data: a `tiny` data set.
        models: a system that was trained on it with `SETTINGS`, and its features.
    """
    clips = train_clips(data)[:3]

    def features(folder: Path) -> None:
        contact.sound_features(clips, cache=folder / "cache", progress=False)
        contact.video_features(clips, cache=folder / "cache", progress=False)

    def with_features(folder: Path) -> None:
        shutil.copytree(models / ".features", folder / "models" / ".features")

    def with_models(folder: Path) -> None:
        shutil.copytree(models, folder / "models", ignore=shutil.ignore_patterns(".features"))

    def predict(folder: Path) -> None:
        words = ["predict", "task1", data / "dataset" / "task1" / "test", "--models", models]
        _quietly(command_line.main, [*map(str, words), "--out", str(folder / "answers.json")])

    def save(folder: Path) -> None:
        system = model_files.load(models)
        system.metadata = {**system.metadata, "training_clips": 7}
        model_files.save(system, folder / "models")

    def copy(folder: Path) -> None:
        run.copy_notebooks(NOTEBOOKS, folder / "my-lab")

    return [
        Action("simulate", lambda folder: generate(folder / "data", PRESET, 5, workers=1, progress=False)),
        Action("features", features),
        Action(
            "train",
            lambda folder: catalogue.train(SETTINGS, data, models=folder / "models", progress=False),
            with_features,
        ),
        Action("save", save, with_models, lambda folder: model_files.load(folder / "models")),
        Action("predict", predict),
        Action("copy", copy),
    ]


def _quietly(action: Callable, *arguments) -> None:
    """Run a command; what it says on one line when it fails is the sentence of a LabError."""
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        failed = action(*arguments)
    if failed:
        one_line = said.getvalue().startswith("error: ") and said.getvalue().count("\n") == 1
        raise (LabError if one_line else RuntimeError)(said.getvalue().strip())


def without_physics() -> None:
    """Sessions of constant sound and grey pictures in this process: files are what is tested, not the tray."""

    def film(self, motion, obj, times_s, rng):
        return np.full((2, 480, 640, 3), motion.seed % 251, np.uint8), np.zeros((2, 440, 440), bool)

    recording.simulate_session = lambda obj, *, duration_s, seed: SimpleNamespace(
        duration_s=duration_s, seed=seed
    )
    recording.synthesise = lambda motion, obj, rig, rng: np.full(
        (round(motion.duration_s * 44100), 4), motion.seed % 97 / 100, np.float32
    )
    recording.find_contacts = lambda audio: np.arange(2.5, len(audio) / 44100, 1.5)
    recording.Camera.film = film


def without_clock() -> None:
    """Every training of this process takes no time: its card says how long it took, and cards are compared."""
    catalogue.time = SimpleNamespace(monotonic=lambda: 0.0)


class FileOperations:
    """Counts what this process does with files, and does something at one of them."""

    _EVENTS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.utime", "os.truncate", "os.link")

    def __init__(self, folder: Path, at: int = -1, then: Callable[[], None] = lambda: None):
        self.folder, self.at, self.then, self.done, self.is_on = str(folder), at, then, 0, True
        sys.addaudithook(self._hook)  # stays for the life of the process: use it in a fork

    def _hook(self, event: str, arguments: tuple) -> None:
        if not self.is_on or (event != "open" and event not in self._EVENTS):
            return
        is_write = event != "open" or (
            isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if is_write and self.folder in os.fsdecode(os.fspath(arguments[0])):
            self.done += 1
            if self.done == self.at:
                self.then()


def kill_this_process() -> None:
    """As `kill -9` does: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def in_fork(action: Callable[[], object]) -> tuple[int, str]:
    """Carry out an action in a process of its own; its wait status, and what it returned or how it failed, as text."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            said, status = str(action()), 0
        except BaseException as error:
            said, status = f"{type(error).__name__}: {error}", 1
        with contextlib.suppress(OSError):
            os.write(write, os.fsencode(said)[:4000])
        os._exit(status)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = os.fsdecode(pipe.read())
    return os.waitpid(child, 0)[1], said


def contents(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file, hidden ones too, by path."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
