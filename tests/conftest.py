"""A small data set in the course layout, made of clicks and squares: the tests of the system need no simulator."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock

from labutils.clips import CLASS_NAMES, SAMPLE_RATE_HZ, write_audio, write_video

PITCH_HZ = (600, 2500, 8000)  # one for each of the three classes
SIDE = (40, 90, 150)  # pixels of the square of each class
SESSIONS = ((10, 13), (20, 23))  # first and last clip id: a gap between recordings
FRAMES = 6


def click(label: int, wall: int, rng: np.random.Generator) -> np.ndarray:
    """A decaying tone of the class, loudest at one wall, in faint noise; float32 [16000, 4]."""
    audio = rng.normal(0, 1e-4, (16000, 4))
    time_s = np.arange(8000) / SAMPLE_RATE_HZ
    tone = np.sin(2 * np.pi * PITCH_HZ[label] * time_s) * np.exp(-time_s / 0.03)
    loudness = np.where(np.arange(4) == wall, 0.8, 0.05)
    audio[4000:12000] += tone[:, None] * loudness
    return audio.astype(np.float32)


def square(label: int, wall: int) -> np.ndarray:
    """Masks of a square on its way from the middle to a wall; the second one is empty; bool [6, 440, 440]."""
    masks = np.zeros((FRAMES, 440, 440), dtype=bool)
    side, towards = SIDE[label], np.array([(0, 1), (-1, 0), (0, -1), (1, 0)][wall])
    for frame, share in enumerate(np.linspace(0, 1, FRAMES)):
        x, y = (220 + towards * share * (218 - side / 2) - side / 2).astype(int)
        masks[frame, y : y + side, x : x + side] = frame != 1
    return masks


def write_clip_video(folder: Path, label: int, wall: int) -> None:
    write_video(folder, np.zeros((FRAMES, 480, 640, 3), dtype=np.uint8), square(label, wall))


def write_training(root: Path, rng: np.random.Generator) -> None:
    for label in range(3):
        for clip_id in (i for first, last in SESSIONS for i in range(first, last + 1)):
            folder = root / "train" / CLASS_NAMES[label] / str(clip_id)
            write_audio(folder / "audio_data", click(label, clip_id % 4, rng))
            write_clip_video(folder, label, clip_id % 4)
    sessions = {CLASS_NAMES[label]: SESSIONS for label in range(3)}
    (root / "manifest.json").write_text(json.dumps({"sessions": sessions}))


def write_task1(root: Path, rng: np.random.Generator) -> None:
    labels = [2, 0, 1, 1, 0, 2]
    for number, label in enumerate(labels):
        write_audio(root / "task1" / "test" / f"audio_{number:04d}", click(label, number % 4, rng))
    truth = {f"audio_{number:04d}.flac": label for number, label in enumerate(labels)}
    (root / "task1" / "truth.json").write_text(json.dumps(truth))


def write_group(root: Path, task: str, matches: list[int], audio_format: str, rng: np.random.Generator):
    """One group of six sounds and six videos; sound i belongs to video matches[i], -1 to none."""
    folder = root / task / "test" / "0"
    video_kind = [(number % 3, number % 4) for number in range(6)]
    sounds = {}
    for number, video in enumerate(matches):
        label, wall = video_kind[video] if video >= 0 else (number % 3, (number + 2) % 4)
        path = write_audio(folder / f"audio_{number:04d}", click(label, wall, rng), audio_format)
        sounds[path.name] = (video, label)
    for number, (label, wall) in enumerate(video_kind):
        write_clip_video(folder / f"video_{number:04d}", label, wall)
    truth = {
        "matches": {name: video for name, (video, _) in sounds.items()},
        "audio_class": {name: label for name, (_, label) in sounds.items()},
        "video_class": {f"video_{number:04d}": label for number, (label, _) in enumerate(video_kind)},
    }
    (root / task / "truth.json").write_text(json.dumps({"0": truth}))


def make_once(tmp_path_factory, name: str, make: Callable[[Path], Any]) -> Path:
    """A folder that is made by whichever process of the run needs it first, and read by all."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, making = root / name, root / f"making-{name}"
    with FileLock(root / f"{name}.lock"):
        if not folder.exists():
            make(making)
            making.rename(folder)
    return folder


@pytest.fixture(scope="session")
def click_data(tmp_path_factory) -> Path:
    """24 training clips of three classes in two sessions each, and one group for every task; not to be changed."""
    return make_once(tmp_path_factory, "clicks", write_clicks)


def write_clicks(data: Path) -> None:
    rng = np.random.default_rng(5)
    root = data / "dataset"
    write_training(root, rng)
    write_task1(root, rng)
    write_group(root, "task2", [3, 5, 0, 1, 4, 2], "pkl", rng)
    write_group(root, "task3", [3, -1, 0, 1, -1, 2], "flac", rng)


@pytest.fixture(scope="session")
def click_models(click_data, tmp_path_factory) -> Path:
    """The report's system, small, trained on `click_data` and saved; not to be changed."""
    return make_once(tmp_path_factory, "models", train_small("SMALL", click_data))


@pytest.fixture(scope="session")
def contact_models(click_data, tmp_path_factory) -> Path:
    """The lab's own system, small, trained on `click_data` and saved; not to be changed."""
    return make_once(tmp_path_factory, "contact", train_small("SMALL_CONTACT", click_data))


def train_small(name: str, data: Path) -> Callable[[Path], Any]:
    """A training with settings of `small_systems`; to import networks takes seconds, so only tests of networks do."""

    def train(models: Path) -> Any:
        import small_systems

        from labutils.systems import catalogue

        return catalogue.train(getattr(small_systems, name), data, models=models, progress=False)

    return train
