"""The largest memory that a training of the lab's own system holds, and its time, measured in a process of its own.

The features are made up, as many and as large as those of real clips, and go the way of real ones: through `clip_features`
into its file, then to all folds, networks and the calibration. Each network learns for one epoch, in one process.

    python -m costs.training_memory CLIPS      (in benchmarks/) prints the peak in MB and processor time in s
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from simulator import ONE_THREAD, peak_memory_mb

from costs.row import Row
from labutils import physics_score
from labutils.clips import CLASS_NAMES, Clip
from labutils.features import clip_features
from labutils.systems import contact, contact_training

BENCHMARKS = Path(__file__).resolve().parents[1]
SESSION_CLIPS = 5
_PARTS = ("maps", "path", "sound")
ONE_EPOCH = replace(
    contact.CONTACT, **{name: replace(getattr(contact.CONTACT, name), epochs=1) for name in _PARTS}
)


def memory_rows(sizes: list[int]) -> list[Row]:
    """Peak memory, and processor time of an epoch of all networks on all folds with the calibration, by numbers of clips."""
    peaks, times_s = zip(*map(measure, sizes), strict=True)
    smallest = f"{sizes[0]} clips"
    return [
        row
        for clips, peak, spent_s in zip(sizes, peaks, times_s, strict=True)
        for row in (
            Row(f"{clips} clips", peak, {smallest: peak / peaks[0]}, unit="MB"),
            Row(f"{clips} clips: epoch, calibration", spent_s, {smallest: spent_s / times_s[0]}),
        )
    ]


def measure(clips: int) -> tuple[float, float]:
    """Peak memory in MB, and processor time in s, of a training with so many clips."""
    path = os.pathsep.join([str(BENCHMARKS.parent), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "costs.training_memory", str(clips)]
    env = {**os.environ, **ONE_THREAD, "PYTHONPATH": path}
    done = subprocess.run(command, cwd=BENCHMARKS, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"training on {clips} made-up clips failed: {done.stderr}")
    peak_mb, spent_s = map(float, done.stdout.split())
    return peak_mb, spent_s


def main() -> None:
    """Train on so many made-up clips."""
    torch.set_num_threads(1)
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train" / "clip"
        file.parent.mkdir()
        file.touch()
        clips = [made_up_clip(number, file) for number in range(count)]
        contact_training.train_clips = lambda _: clips
        contact_training.sound_features = lambda own, **o: contact.Sounds(
            **_features(made_up_sound, own, "sounds", o)
        )
        contact_training.video_features = lambda own, **o: contact.Videos(
            **_features(made_up_video, own, "videos", o)
        )
        cache = Path(folder) / "features"
        start_s = time.process_time()
        contact_training.train(Path(folder), ONE_EPOCH, cache=cache, progress=False, workers=1)
        print(peak_memory_mb(), time.process_time() - start_s)


def _features(feature, clips: list[Clip], name: str, options: dict) -> dict[str, np.ndarray]:
    return clip_features(clips, feature, name=name, files=[clip.audio_path for clip in clips], **options)


def made_up_clip(number: int, file: Path) -> Clip:
    """A clip of one of the ten classes, in one of its sessions."""
    label, of_class = number % len(CLASS_NAMES), number // len(CLASS_NAMES)
    return Clip(str(number), file, file, label, f"{label}-{of_class // SESSION_CLIPS}")


def made_up_sound(clip: Clip) -> dict[str, np.ndarray]:
    """Noise of the shapes of `contact.Sounds`."""
    rng = np.random.default_rng([int(clip.name), 0])
    return {
        "steps": rng.normal(-60, 12, (4, contact.STEP_BANDS, physics_score.STEPS)).astype(np.float32),
        "levels": rng.normal(-60, 12, (4, 64, 98)).astype(np.float16),
        "tones": rng.normal(-60, 12, 1536).astype(np.float32),
    }


def made_up_video(clip: Clip) -> dict[str, np.ndarray]:
    """Noise of the shapes of `contact.Videos`."""
    rng = np.random.default_rng([int(clip.name), 1])
    return {
        "movement": rng.uniform(0.1, 0.9, (6, physics_score.STEPS)).astype(np.float32),
        "shape": rng.normal(0, 1, contact.SHAPE_NUMBERS).astype(np.float32),
    }


if __name__ == "__main__":
    main()
