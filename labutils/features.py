"""Features of many clips: computed once, on all cores, and kept in a file until a clip changes.

A large file is mapped into memory and not read into it: of many clips, only those take room that are looked at.

What a feature is, each system says for itself; `spectrogram`, `centroid` and `mask_shape` have the features of one clip.
"""

import hashlib
import logging
import os
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import joblib
import numpy as np

from labutils.clips import Clip
from labutils.cores import usable_cores
from labutils.errors import printable
from labutils.progress import counted, progress_bar
from labutils.storage import keep_if_possible

Arrays = dict[str, np.ndarray]
_DAMAGED = (OSError, ValueError, EOFError, MemoryError)
_CHECKSUM_BYTES, _PIECE_BYTES = 4, 2**20
MAPPED_FROM_BYTES = 2**29
"""A smaller file is read: who has mapped a file dies if somebody else shortens it."""


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
    table = _table(_over_clips(feature, clips, name, progress, bar), len(clips))
    if kept is not None and keep_if_possible(kept, lambda aside: _save(aside, table)):
        _sweep_superseded(kept)
        if kept.stat().st_size >= MAPPED_FROM_BYTES:
            table = _mapped(kept)  # what was computed takes no room any more
    return _columns(table)


def _table(rows: Iterable[Arrays], count: int) -> np.ndarray:
    """One record a clip, with a field for each array; [N]. Records are aligned, as torch wants it."""
    table = np.zeros(0)
    for number, row in enumerate(rows):
        if number == 0:
            fields = [(name, array.dtype, array.shape) for name, array in row.items()]
            table = np.zeros(count, np.dtype(fields, align=True))
        for name, array in row.items():
            table[name][number] = array
    return table


def _columns(table: np.ndarray) -> Arrays:
    return {name: np.asarray(table[name]) for name in table.dtype.names}


def _save(path: Path, table: np.ndarray) -> None:
    """The table as numpy writes it, then a checksum of all that."""
    with open(path, "w+b") as file:
        np.save(file, table)
        size = file.tell()
        file.seek(0)
        file.write(_checksum(file, size))


def _checksum(file: BinaryIO, size: int) -> bytes:
    """Of the next `size` bytes, a piece at a time."""
    checksum = 0
    for start in range(0, size, _PIECE_BYTES):
        checksum = zlib.crc32(file.read(min(_PIECE_BYTES, size - start)), checksum)
    return checksum.to_bytes(_CHECKSUM_BYTES, "little")


def _read_kept(kept: Path, clips: int) -> Arrays | None:
    """What the cache holds; None if it holds nothing, or nothing that can be read: then it is computed again."""
    if not kept.exists():
        return None
    try:
        size = kept.stat().st_size
        with open(kept, "rb") as file:
            if _checksum(file, size - _CHECKSUM_BYTES) != file.read():
                raise ValueError("other bytes than were written")
            file.seek(0)
            table = np.lib.format.read_array(file) if size < MAPPED_FROM_BYTES else _mapped(kept)
        if table.shape != (clips,) or not table.dtype.names:
            raise ValueError("other clips")
        return _columns(table)
    except _DAMAGED:
        logging.getLogger(__name__).warning(
            "%s", printable(f"{kept} cannot be read: the features are computed anew")
        )
        return None


def _mapped(kept: Path) -> np.ndarray:
    """The table as it lies on the disk; what is changed of it stays in memory."""
    return np.lib.format.open_memmap(kept, mode="c")


def _sweep_superseded(kept: Path) -> None:
    """Remove what the cache has of an older version of a feature or of the lab, or of the same files before they changed."""
    feature, clips, _ = kept.stem.rsplit("-", 2)
    base = re.escape(re.sub(r"-[0-9]+$", "", feature))
    alike = re.compile(rf"{base}(-[0-9]+)?-({clips}-)?[0-9a-f]{{16}}\.np[yz]")
    for path in kept.parent.glob("*.np[yz]"):
        if path != kept and alike.fullmatch(path.name):
            with suppress(OSError):  # Windows keeps a file that another process has mapped
                path.unlink()


def _over_clips(
    feature: Callable[[Clip], Arrays], clips: Sequence[Clip], name: str, progress: bool, bar: Any
) -> Iterable[Arrays]:
    """`feature` of every clip, on as many threads as there are processors for us, or on what joblib is told to use."""
    parallel = joblib.Parallel(usable_cores(), prefer="threads", return_as="generator")
    rows = parallel(joblib.delayed(feature)(clip) for clip in clips)
    if bar is None:
        return progress_bar(rows, total=len(clips), desc=name, unit="clip", progress=progress)
    return counted(rows, bar)


def _cache_file(name: str, files: Sequence[Path | None], cache: Path | None) -> Path | None:
    """Where the features of these files are kept; None if they are not to be kept, or a file is missing."""
    if cache is None or not all(file and file.exists() for file in files):
        return None
    paths = _digest(os.fsencode(file) for file in files)[:8]
    stamps = _digest(_stamp(part) for file in files for part in _parts(file))
    return cache / f"{name}-{paths}-{stamps}.npy"


def _digest(parts: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:16]


def _parts(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def _stamp(file: Path) -> bytes:
    status = file.stat()
    return os.fsencode(file) + f" {status.st_size} {status.st_mtime_ns}".encode()
