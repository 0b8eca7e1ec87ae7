"""What the networks are fed: features of clips, computed once; pairs; and splits that do not leak.

Notebook: 02_resnet_classifier (splits), 03_centroids_and_contrastive_mlp (pairs).
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from sklearn.model_selection import StratifiedGroupKFold
from torch.utils.data import Dataset
from tqdm.auto import tqdm

from labutils.centroid import VECTOR_FRAMES, trajectory, trajectory_vector
from labutils.clips import Clip, ClipError
from labutils.spectrogram import Scale, close_up, shrink, spectrogram

View = (
    Scale | Literal["close-up"]
)  # what a picture of a sound shows: the whole clip in even or mel bands, or the hit
MASK_PIXELS = 60
FEATURES_VERSION = 2  # raise when a feature changes, so that no cache survives it


@dataclass(frozen=True)
class VideoFeatures:
    """What is kept of N videos: `vectors` float32 [N, 70], `masks` uint8 [N, 35, 60, 60], `frames` int [N]."""

    vectors: np.ndarray
    masks: np.ndarray
    frames: np.ndarray

    def __getitem__(self, rows) -> "VideoFeatures":
        return VideoFeatures(self.vectors[rows], self.masks[rows], self.frames[rows])

    def __len__(self) -> int:
        return len(self.vectors)


def audio_features(
    clips: Sequence[Clip],
    factor: tuple[int, int],
    *,
    views: Sequence[View] = ("even",),
    cache: Path | None = None,
    progress: bool = True,
) -> np.ndarray:
    """Spectrogram of every clip, shrunk by `factor` (1, 1 keeps 513 x 196).

    Args:
        clips: N clips with sound.
        factor: (frequencies, moments) averaged into one number, see `spectrogram.shrink`.
        views: what is shown, one below the other: "even" or "mel" bands of frequency, a "close-up" of the hit (see
            `spectrogram.close_up`), all from one transform.
        cache: folder in which the result is kept; None keeps nothing.
        progress: show a progress bar.

    Returns:
        float16 [N, 4, rows of all views, 196 // factor[1]], in dB; a picture of the whole clip has 513 // factor[0] rows.
    """

    def compute() -> dict[str, np.ndarray]:
        rows = _over_clips(lambda clip: _pictures(clip, factor, views), clips, "spectrograms", progress)
        return {"spectrograms": np.stack(rows)}

    files = [clip.audio_path for clip in clips]
    return _cached(f"audio-{'+'.join(views)}-{factor[0]}x{factor[1]}", files, compute, cache)["spectrograms"]


def _pictures(clip: Clip, factor: tuple[int, int], views: Sequence[View]) -> np.ndarray:
    whole = spectrogram(clip.audio())
    pictures = [
        close_up(whole, factor) if view == "close-up" else shrink(whole, factor, scale=view) for view in views
    ]
    return np.concatenate(pictures, axis=1).astype(np.float16)


def video_features(
    clips: Sequence[Clip], *, cache: Path | None = None, progress: bool = True
) -> VideoFeatures:
    """Trajectory vector and small masks of every clip.

    Args:
        clips: N clips with a video.
        cache: folder in which the result is kept; None keeps nothing.
        progress: show a progress bar.
    """

    def compute() -> dict[str, np.ndarray]:
        rows = _over_clips(_video_row, clips, "trajectories", progress)
        vectors, masks, frames = (np.stack(column) for column in zip(*rows, strict=True))
        return {"vectors": vectors, "masks": masks, "frames": frames}

    files = [clip.video_path and clip.video_path / "mask" for clip in clips]
    return VideoFeatures(**_cached("video", files, compute, cache))


def _video_row(clip: Clip) -> tuple[np.ndarray, np.ndarray, int]:
    masks = clip.masks()
    vector = trajectory_vector(trajectory(masks, clip.frame_times_s(), name=str(clip.video_path)))
    small = np.zeros((VECTOR_FRAMES, MASK_PIXELS, MASK_PIXELS), dtype=np.uint8)
    kept = [small_mask(mask) for mask in masks[:VECTOR_FRAMES]]
    small[: len(kept)] = kept
    small[len(kept) :] = kept[-1]
    return vector, small, len(kept)


def small_mask(mask: np.ndarray) -> np.ndarray:
    """A 60 x 60 picture of how much of each square the object covers; bool [440, 440] -> uint8 [60, 60], 0-255."""
    picture = Image.fromarray(mask.astype(np.uint8) * 255)
    return np.asarray(picture.resize((MASK_PIXELS, MASK_PIXELS), Image.Resampling.BOX))


def _over_clips(feature: Callable, clips: Sequence[Clip], what: str, progress: bool) -> list:
    """`feature` of every clip, on as many threads as the machine has processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = tqdm(pool.map(feature, clips), total=len(clips), desc=what, unit="clip", disable=not progress)
        return list(rows)


def _cached(kind: str, files: Sequence[Path | None], compute: Callable[[], dict], cache: Path | None) -> dict:
    """The arrays of `compute`, from the cache if none of `files` (or of the files in such a folder) has changed since."""
    if cache is None or not all(file and file.exists() for file in files):
        return compute()  # which says what is missing
    stamps = "\n".join(_stamp(part) for file in files for part in _parts(file))
    key = hashlib.sha256(f"{FEATURES_VERSION}\n{stamps}".encode()).hexdigest()[:16]
    path = cache / f"{kind}-{key}.npz"
    if not path.exists():
        arrays = compute()
        cache.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}.partial")
        with open(aside, "wb") as file:
            np.savez(file, **arrays)
        aside.replace(path)
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _parts(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def _stamp(file: Path) -> str:
    status = file.stat()
    return f"{file} {status.st_size} {status.st_mtime_ns}"


def turn_channels(spectrogram: torch.Tensor, turns: int, mirrored: bool) -> torch.Tensor:
    """What the four microphones would have heard in a tray mirrored left to right, then turned clockwise.

    Args:
        spectrogram: [..., 4, F, T], channels bottom, left, top, right.
        turns: quarter turns clockwise.
        mirrored: left and right swapped first.
    """
    order = [0, 3, 2, 1] if mirrored else [0, 1, 2, 3]
    return spectrogram[..., order, :, :].roll(turns, dims=-3)


def turn_mask(mask: torch.Tensor, turns: int, mirrored: bool) -> torch.Tensor:
    """What the camera would have seen of a tray mirrored left to right, then turned clockwise; [..., H, W]."""
    return torch.rot90(mask.flip(-1) if mirrored else mask, -turns, dims=(-2, -1))


def turn_vector(vectors: torch.Tensor, turns: int, mirrored: bool) -> torch.Tensor:
    """The trajectories in a tray mirrored left to right, then turned clockwise; [B, 70] -> [B, 70]."""
    x, y = vectors.unflatten(1, (-1, 2)).unbind(-1)  # (B, 70) -> twice (B, 35)
    if mirrored:
        x = 1 - x
    for _ in range(turns % 4):
        x, y = 1 - y, x
    return torch.stack([x, y], dim=-1).flatten(1)


SYMMETRIES = tuple((turns, mirrored) for turns in range(4) for mirrored in (False, True))
"""The eight ways to lay a square tray down: (quarter turns, mirrored)."""


def turn_each(inputs: torch.Tensor, turn: Callable, symmetry: np.ndarray) -> torch.Tensor:
    """Every input through a symmetry of its own.

    Args:
        inputs: [B, ...].
        turn: `turn_channels`, `turn_mask` or `turn_vector`.
        symmetry: int [B], places in `SYMMETRIES`.
    """
    turned = torch.empty_like(inputs)
    for place in np.unique(symmetry):
        rows = torch.from_numpy(symmetry == place)
        turned[rows] = turn(inputs[rows], *SYMMETRIES[place])
    return turned


def shift_sound(spectrograms: torch.Tensor, moments: torch.Tensor) -> torch.Tensor:
    """Every sound later by its own number of 35ths of a clip; its first or last moment fills the gap; [B, 4, F, T]."""
    width = spectrograms.shape[-1]
    columns = (moments * width / VECTOR_FRAMES).round().long()
    source = (torch.arange(width) - columns[:, None]).clamp(0, width - 1)  # (B, T)
    return spectrograms.take_along_dim(source[:, None, None, :], dim=-1)


def shift_vector(vectors: torch.Tensor, moments: torch.Tensor) -> torch.Tensor:
    """Every trajectory later by its own number of 35ths of a clip; its first or last place fills the gap; [B, 70]."""
    source = (torch.arange(VECTOR_FRAMES) - moments[:, None]).clamp(0, VECTOR_FRAMES - 1)  # (B, 35)
    return vectors.unflatten(1, (-1, 2)).take_along_dim(source[:, :, None], dim=1).flatten(1)


def even_vectors(videos: VideoFeatures) -> np.ndarray:
    """Trajectories at 35 moments spread evenly over the clip, instead of one for each frame; float32 [N, 70].

    Cameras are never quite on time: a clip has some twenty to thirty-five frames, so the same number in a padded vector is
    another moment in every clip. Here it is the same moment, which the sound can be compared with.
    """
    return np.stack([_evenly(*row) for row in zip(videos.vectors, videos.frames, strict=True)])


def _evenly(vector: np.ndarray, frames: int) -> np.ndarray:
    places = vector.reshape(-1, 2)[:frames]  # (70,) -> (T, 2)
    seen_at, wanted = ((np.arange(count) + 0.5) / count for count in (len(places), VECTOR_FRAMES))
    return (
        np.stack([np.interp(wanted, seen_at, axis) for axis in places.T], axis=1).astype(np.float32).ravel()
    )


@dataclass(frozen=True)
class Variation:
    """One random look at the same clip: the tray is square, and when a clip begins is chance."""

    turns: int
    mirrored: bool
    shift: float  # share of the clip by which it is rolled around
    gain_db: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Variation":
        return cls(int(rng.integers(4)), bool(rng.integers(2)), rng.random(), 1.5 * rng.standard_normal())

    def of_sound(self, spectrogram: torch.Tensor) -> torch.Tensor:
        """[4, F, T] in dB, turned, rolled in time, a little louder or softer."""
        moments = round(self.shift * spectrogram.shape[-1])
        return turn_channels(spectrogram, self.turns, self.mirrored).roll(moments, dims=-1) + self.gain_db

    def of_mask(self, mask: torch.Tensor) -> torch.Tensor:
        """[1, 60, 60], turned."""
        return turn_mask(mask, self.turns, self.mirrored)


class Varied(Dataset):
    """Another data set of (input, class), every example seen through a variation of its own."""

    def __init__(self, data: "Spectrograms | Frames", rng: np.random.Generator):
        self.data, self.variations = data, [Variation.draw(rng) for _ in range(len(data))]

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, row: int):
        example, label = self.data[row]
        return self.data.vary(example, self.variations[row]), label


class Spectrograms(Dataset):
    """(spectrogram float32 [4, F, T], class) of labelled clips."""

    vary = staticmethod(lambda spectrogram, variation: variation.of_sound(spectrogram))

    def __init__(self, spectrograms: np.ndarray, labels: np.ndarray):
        self.spectrograms, self.labels = torch.from_numpy(spectrograms), torch.as_tensor(labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, row: int):
        return self.spectrograms[row].float(), self.labels[row]


class Frames(Dataset):
    """(mask float32 [1, 60, 60] in 0-1, class) of single frames, `frames_per_clip` of every clip, evenly spread.

    Empty masks are left out. (Mended: the report fed masks of 0 and 255.)
    """

    vary = staticmethod(lambda mask, variation: variation.of_mask(mask))

    def __init__(self, videos: VideoFeatures, labels: np.ndarray, *, frames_per_clip: int | None = None):
        rows = [_spread(n, frames_per_clip) for n in videos.frames]
        self.places = [(i, t) for i, row in enumerate(rows) for t in row if videos.masks[i, t].any()]
        self.masks, self.labels = torch.from_numpy(videos.masks), torch.as_tensor(labels)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, place: int):
        clip, frame = self.places[place]
        return self.masks[clip, frame].float().unsqueeze(0) / 255, self.labels[clip]


def _spread(frames: int, wanted: int | None) -> np.ndarray:
    if wanted is None or wanted >= frames:
        return np.arange(frames)
    return np.linspace(0, frames - 1, wanted).round().astype(int)


class BalancedPairs(Dataset):
    """(sound, video, same) by number: for every clip k true pairs and k pairs with another clip's video.

    Args:
        clips: n, how many clips the pairs are drawn from; at least 2.
        pairs_per_clip: k, the size of the set: 2 n k pairs, half of them true.
        rng: draws the other videos.

    Source: the course report (k = 1).
    Notebook: 03_centroids_and_contrastive_mlp.
    """

    def __init__(self, clips: int, *, pairs_per_clip: int = 1, rng: np.random.Generator):
        if clips < 2:
            raise ValueError(f"a pair set needs at least 2 clips to draw from, found {clips}")
        sound = np.repeat(np.arange(clips), pairs_per_clip)
        other = (sound + rng.integers(1, clips, len(sound))) % clips  # any clip but the sound's own
        self.sound = np.concatenate([sound, sound])
        self.video = np.concatenate([sound, other])
        self.same = np.concatenate([np.ones(len(sound)), np.zeros(len(sound))]).astype(np.float32)

    def __len__(self) -> int:
        return len(self.same)

    def __getitem__(self, row: int):
        return self.sound[row], self.video[row], self.same[row]


def class_pairs(
    labels: np.ndarray, pairs_per_clip: int, rng: np.random.Generator
) -> tuple[torch.Tensor, ...]:
    """Balanced pairs inside every class of a batch: (sound, video, same), places in the batch; [P] each.

    Other pairs inside a class are the ones that matter: that a sound and a video of two objects do not belong together, the
    classifiers know. A class with one clip in the batch makes no pairs.
    """
    parts = []
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        if len(own) > 1:
            pairs = BalancedPairs(len(own), pairs_per_clip=pairs_per_clip, rng=rng)
            parts.append((own[pairs.sound], own[pairs.video], pairs.same))
    if not parts:
        return torch.empty(0, dtype=int), torch.empty(0, dtype=int), torch.empty(0)
    return tuple(torch.from_numpy(np.concatenate(column)) for column in zip(*parts, strict=True))


def session_folds(clips: Sequence[Clip], folds: int, *, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cross-validation folds in which no recording session is on both sides.

    Neighbouring clips begin where the last one ended, so a random split lets a network meet its test clips in training.

    Args:
        clips: labelled clips with a session each.
        folds: how many; fewer where a class has fewer sessions.
        seed: draws which sessions go together.

    Returns:
        (training rows, validation rows) of every fold; each class is in every validation set.

    Raises:
        ClipError: if a class has only one session.

    Notebook: 02_resnet_classifier.
    """
    labels, sessions = [clip.label for clip in clips], [clip.session for clip in clips]
    of_class: dict[int, set] = {}
    for label, session in zip(labels, sessions, strict=True):
        of_class.setdefault(label, set()).add(session)
    splits = min([folds, *map(len, of_class.values())])
    if splits < 2:
        poor = min(of_class, key=lambda label: len(of_class[label]))
        raise ClipError(
            f"class {poor} has clips of {len(of_class[poor])} session, expected at least 2 for every class, to keep one "
            "for validation; record or simulate more."
        )
    split = StratifiedGroupKFold(splits, shuffle=True, random_state=seed)
    return list(split.split(np.zeros(len(labels)), labels, sessions))
