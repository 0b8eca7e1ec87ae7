"""Features of many clips: computed once, on all cores, and kept in a file until a clip changes.

What a feature is, each system says for itself; `spectrogram`, `centroid` and `mask_shape` have the features of one clip.
"""

import hashlib
import logging
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from labutils.clips import Clip
from labutils.cores import usable_cores
from labutils.errors import printable
from labutils.progress import progress_bar
from labutils.storage import keep_if_possible

Arrays = dict[str, np.ndarray]
_DAMAGED = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError)


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
        cache: folder in which the result is kept, in the place of that of an older version, or of the same files before
            they changed; None keeps nothing.
        progress: show a progress bar.
        bar: a bar of the caller, moved on by one for every clip; then no other is shown.

    Returns:
        {name: array [N, ...]}.
    """
    kept = _cache_file(name, files, cache)
    found = None if kept is None else _read_kept(kept, len(clips))
    if found is not None:
        if bar is not None:
            bar.update(len(clips))
        return found
    rows = _over_clips(feature, clips, name, progress, bar)
    arrays = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
    if kept is not None:
        keep_if_possible(kept, lambda aside: _save(aside, arrays))
        _sweep_superseded(kept)
    return arrays


def _save(path: Path, arrays: Arrays) -> None:
    with open(path, "wb") as file:  # given a name, numpy would add a suffix
        np.savez(file, **arrays)


def _read_kept(kept: Path, clips: int) -> Arrays | None:
    """What the cache holds; None if it holds nothing, or nothing that can be read: then it is computed again."""
    if not kept.exists():
        return None
    try:
        with np.load(kept, allow_pickle=False) as arrays:
            found = dict(arrays)
        if not found or any(array.ndim == 0 or len(array) != clips for array in found.values()):
            raise ValueError("other clips")
        return found
    except _DAMAGED:
        logging.getLogger(__name__).warning(
            "%s", printable(f"{kept} cannot be read: the features are computed anew")
        )
        return None


def _sweep_superseded(kept: Path) -> None:
    """Remove what the cache has of an older version of a feature or of the lab, or of the same files before they changed."""
    feature, clips, _ = kept.stem.rsplit("-", 2)
    base = re.escape(re.sub(r"-[0-9]+$", "", feature))
    alike = re.compile(rf"{base}(-[0-9]+)?-({clips}-)?[0-9a-f]{{16}}\.npz")
    for path in kept.parent.glob("*.npz") if kept.exists() else ():
        if path != kept and alike.fullmatch(path.name):
            path.unlink(missing_ok=True)


def _over_clips(
    feature: Callable[[Clip], Arrays], clips: Sequence[Clip], name: str, progress: bool, bar: Any
) -> list[Arrays]:
    """`feature` of every clip, on as many threads as there are processors for us, or on what joblib is told to use."""
    parallel = joblib.Parallel(usable_cores(), prefer="threads", return_as="generator")
    rows = parallel(joblib.delayed(feature)(clip) for clip in clips)
    if bar is None:
        return list(progress_bar(rows, total=len(clips), desc=name, unit="clip", progress=progress))
    return [row for row in rows if bar.update() or True]


def _cache_file(name: str, files: Sequence[Path | None], cache: Path | None) -> Path | None:
    """Where the features of these files are kept; None if they are not to be kept, or a file is missing."""
    if cache is None or not all(file and file.exists() for file in files):
        return None
    paths = _digest(os.fsencode(file) for file in files)[:8]
    stamps = _digest(_stamp(part) for file in files for part in _parts(file))
    return cache / f"{name}-{paths}-{stamps}.npz"


def _digest(parts: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:16]


def _parts(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def _stamp(file: Path) -> bytes:
    status = file.stat()
    return os.fsencode(file) + f" {status.st_size} {status.st_mtime_ns}".encode()
