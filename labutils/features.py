"""Features of many clips: computed once, on all cores, and kept in a file until a clip changes.

What a feature is, each system says for itself; `spectrogram`, `centroid` and `mask_shape` have the features of one clip.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from labutils.clips import Clip
from labutils.progress import progress_bar
from labutils.storage import whole_file

Arrays = dict[str, np.ndarray]


def clip_features(
    clips: Sequence[Clip],
    feature: Callable[[Clip], Arrays],
    *,
    name: str,
    files: Sequence[Path | None],
    cache: Path | None = None,
    progress: bool = True,
    bar: Any = None,
) -> Arrays:
    """The features of every clip, stacked.

    Args:
        clips: N clips.
        feature: named arrays of one clip, of the same shapes for every clip.
        name: of the feature and its version; another name is another file in the cache.
        files: [N] what each clip's features depend on, a file or a folder of files; None if the clip lacks it.
        cache: folder in which the result is kept; None keeps nothing.
        progress: show a progress bar.
        bar: a bar of the caller, moved on by one for every clip; then no other is shown.

    Returns:
        {name: array [N, ...]}.
    """
    kept = _cache_file(name, files, cache)
    if kept is not None and kept.exists():
        if bar is not None:
            bar.update(len(clips))
        with np.load(kept, allow_pickle=False) as arrays:
            return dict(arrays)
    rows = _over_clips(feature, clips, name, progress, bar)
    arrays = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
    if kept is not None:
        with whole_file(kept) as aside, open(aside, "wb") as file:
            np.savez(file, **arrays)
    return arrays


def _over_clips(
    feature: Callable[[Clip], Arrays], clips: Sequence[Clip], name: str, progress: bool, bar: Any
) -> list[Arrays]:
    """`feature` of every clip, on as many threads as the machine has processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = pool.map(feature, clips)
        if bar is None:
            return list(progress_bar(rows, total=len(clips), desc=name, unit="clip", progress=progress))
        return [row for row in rows if bar.update() or True]


def _cache_file(name: str, files: Sequence[Path | None], cache: Path | None) -> Path | None:
    """Where the features of these files are kept; None if they are not to be kept, or a file is missing."""
    if cache is None or not all(file and file.exists() for file in files):
        return None
    stamps = "\n".join(_stamp(part) for file in files for part in _parts(file))
    return cache / f"{name}-{hashlib.sha256(stamps.encode()).hexdigest()[:16]}.npz"


def _parts(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def _stamp(file: Path) -> str:
    status = file.stat()
    return f"{file} {status.st_size} {status.st_mtime_ns}"
