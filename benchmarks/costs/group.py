"""A group of sounds and videos, from files to matches, stage by stage, against plain reading and a plain spectrogram."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
import soundfile
from PIL import Image

from costs.row import Row, best_s
from labutils.clips import Clip, audio_clips, video_clips
from labutils.systems.contact import ContactSystem

SOUNDFILE, STFT, PILLOW = "soundfile", "librosa STFT", "Pillow"


def group_costs(system: ContactSystem, folder: Path, repeats: int) -> list[Row]:
    """Time of every stage; each is measured alone, on what the stages before it gave.

    Args:
        system: answers.
        folder: of one test group.
        repeats: of every stage; the shortest counts.
    """
    sounds, videos = audio_clips(folder), video_clips(folder)
    yardsticks_s = {name: best_s(action, repeats) for name, action in _yardsticks(sounds, videos).items()}
    rows = [Row(f"yardstick: {name}", spent_s) for name, spent_s in yardsticks_s.items()]
    for what, action in _stages(system, sounds, videos).items():
        spent_s = best_s(action, repeats)
        rows.append(Row(what, spent_s, {name: spent_s / other_s for name, other_s in yardsticks_s.items()}))
    return rows


def _yardsticks(sounds: list[Clip], videos: list[Clip]) -> dict[str, Callable[[], object]]:
    """Reading the same files with the libraries alone, and the same short-time Fourier transform without the lab."""
    pictures = [path for clip in videos for path in sorted((clip.video_path / "mask").iterdir())]
    waves = [np.ascontiguousarray(clip.audio().T) for clip in sounds]
    return {
        SOUNDFILE: lambda: [soundfile.read(clip.audio_path, dtype="float32") for clip in sounds],
        STFT: lambda: [librosa.stft(wave, n_fft=1024, hop_length=896, center=False) for wave in waves],
        PILLOW: lambda: [np.asarray(Image.open(path)) for path in pictures],
    }


def _stages(system: ContactSystem, sounds: list[Clip], videos: list[Clip]) -> dict[str, Callable[[], object]]:
    """Reading, features without and with a cache, networks, matching."""
    heard, seen = system.sound_features(sounds, progress=False), system.video_features(videos, progress=False)
    terms = system.parts.pair_terms(heard, seen)
    kept = tempfile.TemporaryDirectory()  # removed when the last stage is forgotten

    def features(cache: Path | None = None) -> None:
        system.sound_features(sounds, cache=cache, progress=False)
        system.video_features(videos, cache=cache, progress=False)

    features(Path(kept.name))
    return {
        "reading the sounds": lambda: [clip.audio() for clip in sounds],
        "reading the masks": lambda: [clip.masks() for clip in videos],
        "features of the sounds, with reading, cold": lambda: system.sound_features(sounds, progress=False),
        "features of the videos, with reading, cold": lambda: system.video_features(videos, progress=False),
        "all features, warm (kept in a file)": lambda: features(Path(kept.name)),
        "networks: the scores of every pair": lambda: system.parts.pair_terms(heard, seen),
        "matching: one assignment, confidences": lambda: system.matcher.match(terms, complete=True),
    }
