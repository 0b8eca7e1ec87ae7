"""What the lab keeps between two starts: damaged, written by two at once, or not permitted."""

import contextlib
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import torch

from attacks.actions import NOTEBOOKS, SETTINGS, Action, contents, in_fork, run
from attacks.outcome import Outcome, answer_or_sentence
from labutils.clips import audio_clips, read_manifest, read_truth, train_clips, video_clips
from labutils.errors import LabError
from labutils.storage import write_json
from labutils.systems import catalogue, contact, contact_training, model_files

_DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "zeroed": lambda data: bytes(len(data)),
}


def damaged_state(data: Path, models: Path, folder: Path) -> Outcome:
    """Caches, checkpoints, kept networks, weights and cards emptied, cut or zeroed: the same system again."""
    outcome = Outcome("damaged state")
    whole = contents(models)
    for kind in (
        ".features/*.npy",
        ".checkpoints/*.checkpoint",
        ".checkpoints/*.safetensors",
        "*.safetensors",
        "*.json",
    ):
        for name, damage in _DAMAGES.items():
            own = folder / "damaged"
            shutil.rmtree(own, ignore_errors=True)
            shutil.copytree(models, own)
            if kind.startswith(".checkpoints"):
                in_fork(lambda o=own: _interrupted(data, o))
            found = sorted(own.glob(kind))
            for path in found:
                path.write_bytes(damage(path.read_bytes()))
            status, said = in_fork(
                lambda o=own: catalogue.load_or_train(SETTINGS, data, models=o, progress=False) and ""
            )
            differs = {path for path in whole if contents(own).get(path) != whole[path]}
            if kind.startswith(".features"):  # a system that is whole needs no features
                differs = set()
            trouble = said * bool(status) or f"differs: {differs}" * bool(differs)
            outcome.count(f"{kind} {name}", trouble or "nothing to damage" * (not found))
    return outcome


def _interrupted(data: Path, models: Path) -> None:
    """A training that ended after some networks were finished and one was begun."""
    for name in (model_files.WEIGHTS, model_files.CARD):
        (models / name).unlink()
    calls = []
    save = torch.save

    def stop(*arguments, **options):
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return save(*arguments, **options)

    torch.save = stop
    contact_training.train(
        data, SETTINGS, checkpoints=models / ".checkpoints", cache=models / ".features", progress=False
    )


def two_at_once(actions: list[Action], data: Path, models: Path, folder: Path) -> Outcome:
    """Every action by two processes in one folder: the bytes of one alone, or one is told to wait."""
    outcome = Outcome("two at once")
    for action in actions:
        places = [folder / f"two-{action.name}-{number}" for number in range(2)]
        for place in places:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            action.prepare(place)
        in_fork(lambda a=action, p=places[0]: a.do(p))
        children = [os.fork(), 0]
        if children[0] == 0:
            os._exit(_told(lambda a=action, p=places[1]: a.do(p)))
        children[1] = os.fork()
        if children[1] == 0:
            os._exit(_told(lambda a=action, p=places[1]: a.do(p)))
        ends = [os.waitpid(child, 0)[1] for child in children]
        differs = {
            path for path, digest in contents(places[0]).items() if contents(places[1]).get(path) != digest
        }
        outcome.count(
            action.name, f"exit {ends}" * any(ends) or f"differs: {sorted(differs)[:3]}" * bool(differs)
        )
    outcome.count("train and predict", _train_and_load(data, models, folder / "two-mixed"))
    return outcome


def _told(action: Callable[[], None]) -> int:
    """0 if the action went well, or another was writing, which was said."""
    try:
        action()
    except LabError as error:
        return 0 if "another training" in str(error) else 1
    except BaseException:
        return 2
    return 0


def _train_and_load(data: Path, models: Path, folder: Path) -> str:
    """Networks read while they are trained anew are the old ones or the new ones."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(models, folder)
    child = os.fork()
    if child == 0:
        os._exit(_told(lambda: catalogue.train(SETTINGS, data, models=folder, progress=False)))
    trouble = ""
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        trouble = trouble or answer_or_sentence(lambda: model_files.load(folder))
    return trouble


def permissions(data: Path, models: Path, folder: Path) -> Outcome:
    """Files that may not be read and folders that may not be written to: an answer or one sentence."""
    outcome = Outcome("permissions")
    root = folder / "permissions"
    shutil.copytree(data / "dataset", root / "dataset")
    shutil.copytree(models, root / "models")
    group = root / "dataset" / "task2" / "test" / "0"
    clip = next(path for path in (root / "dataset" / "train").glob("*/*") if path.is_dir())
    reads = {
        next(group.glob("audio_0000.*")): lambda: [one.audio() for one in audio_clips(group)],
        group / "video_0000": lambda: [one.masks() for one in video_clips(group)],
        group / "video_0000" / "mask": lambda: [one.masks() for one in video_clips(group)],
        group / "video_0000" / "mask" / "0000.png": lambda: [one.masks() for one in video_clips(group)],
        group: lambda: audio_clips(group),
        clip: lambda: train_clips(root),
        clip.parent: lambda: train_clips(root),
        root / "dataset" / "manifest.json": lambda: read_manifest(root),
        root / "dataset" / "task2" / "truth.json": lambda: read_truth(root, "task2"),
        root / "models" / model_files.WEIGHTS: lambda: model_files.load(root / "models"),
        root / "models" / model_files.CARD: lambda: model_files.load(root / "models"),
    }
    clips = train_clips(root)[:2]
    writes = {
        "answers": lambda: write_json(root / "models" / "answers.json", {}),
        "features": lambda: contact.sound_features(clips, cache=root / "models" / ".new", progress=False),
        "train": lambda: catalogue.train(SETTINGS, root, models=root / "models", progress=False),
        "copy": lambda: run.copy_notebooks(NOTEBOOKS, root / "models" / "my-lab"),
    }
    for path, read in reads.items():
        before = path.stat().st_mode
        path.chmod(0)
        outcome.count(f"read {path.name}", in_fork(lambda r=read: _as_nobody(r))[1])
        path.chmod(before)
    for name, write in writes.items():
        outcome.count(f"write {name}", in_fork(lambda w=write: _as_nobody(w))[1])
    return outcome


def _as_nobody(action: Callable[[], object]) -> str:
    with contextlib.suppress(PermissionError):
        os.setuid(65534)
    return answer_or_sentence(action)


def same_again(data: Path, models: Path, folder: Path) -> Outcome:
    """The same training once more, without network, and on files that were written in another order: the same bytes."""
    outcome = Outcome("same bytes again")
    whole = {name: contents(models)[name] for name in (model_files.WEIGHTS, model_files.CARD)}
    shuffled = folder / "shuffled" / data.name
    for path in sorted((data / "dataset").rglob("*"), key=lambda path: path.name[::-1]):
        if path.is_file():
            target = shuffled / "dataset" / path.relative_to(data / "dataset")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    for name, source in (("again", data), ("files in another order", shuffled)):
        own = folder / f"same-{name}"

        def train(own: Path = own, source: Path = source) -> None:
            socket.socket = None
            catalogue.train(SETTINGS, source, models=own, progress=False)

        status, said = in_fork(train)
        same = not status and all(contents(own)[part] == digest for part, digest in whole.items())
        outcome.count(name, said * bool(status) or "other bytes" * (not same))
    return outcome
