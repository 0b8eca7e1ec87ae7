"""What the lab writes itself: whole files or none, settings as plain dictionaries, fingerprints of what is in memory."""

import dataclasses
import hashlib
import json
import logging
import os
import tempfile
import time
import types
import typing
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from labutils.errors import LabError, printable

if TYPE_CHECKING:  # the command line explains itself without loading numpy
    import numpy as np

    from labutils.rows import Rows

Settings = TypeVar("Settings")
_ROWS_AT_A_TIME = 256
_LEFTOVER_AGE_S = 3600.0  # a write takes seconds


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path aside, to be written to in the block; it takes the name `path` when the block ends well, else it is removed.

    A link stays, and what it points to is replaced. A device or a pipe is written into, and never replaced. What a killed
    process left of the same file is swept away.

    Args:
        path: the file to make or to replace; its folder is made.

    Raises:
        LabError: if a folder is in its place.
    """
    expect_writable(path)
    if path.exists() and not path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / "content"
            with open(path, "wb") as device:
                device.write((Path(folder) / "content").read_bytes())
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep_leftovers(path.parent, _aside_name(path, "*"))
    aside = path.with_name(_aside_name(path, os.getpid()))
    try:
        yield aside
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _aside_name(path: Path, process: object) -> str:
    """Hidden and short: `path` may have the longest name that the disk allows."""
    return f".{zlib.crc32(os.fsencode(path.name)):08x}.{process}.part"


def expect_writable(path: Path) -> None:
    """Refuse, before any work is done, a path to which a file could not be written.

    Raises:
        LabError: if a folder is in its place, or its folder cannot be made or written to.
    """
    if path.is_dir():
        raise LabError(f"{path} is a folder: expected the name of a file to write; add one, {path}/NAME.")
    target = path if path.exists() else Path(os.path.realpath(path))
    expect_writable_folder(target.parent if not path.exists() or path.is_file() else target)


def expect_writable_folder(folder: Path) -> None:
    """Refuse, before any work is done, a folder (or a device) to which nothing could be written; nothing is made.

    Raises:
        LabError: if it is a file, or it, or the nearest folder above it, may not be written to.
    """
    there = folder.absolute()
    while not os.path.lexists(there):
        there = there.parent
    if there.is_file():
        raise LabError(f"{there} is a file: expected a folder to write to; choose another path.")
    if not os.access(there, os.W_OK):
        raise LabError(f"{there} may not be written to: expected a folder of your own; choose another path.")


def sweep_leftovers(folder: Path, pattern: str = ".*.part") -> None:
    """Remove what killed processes left half written in a folder."""
    for leftover in folder.glob(pattern):
        if leftover.is_file() and not _is_being_written(leftover):
            leftover.unlink(missing_ok=True)


def _is_being_written(leftover: Path) -> bool:
    """Whether the process that began a file still runs; on Windows, where asking would disturb it, whether it is young."""
    process = leftover.name.split(".")[-2]
    if os.name != "nt" and process.isdecimal() and int(process) < 2**31:
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    return leftover.exists() and time.time() - leftover.stat().st_mtime < _LEFTOVER_AGE_S


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all; text becomes UTF-8."""
    with whole_file(path) as aside:
        aside.write_bytes(content.encode(errors="backslashreplace") if isinstance(content, str) else content)


def keep_if_possible(path: Path, write: Callable[[Path], object]) -> bool:
    """`whole_file` for what can be made again: a cache that cannot be written, on a full or foreign disk, stops no work.

    Args:
        path: the file to make or to replace.
        write: writes the path aside that it is given.

    Returns:
        Whether it was kept; what went wrong is said in a line.
    """
    try:
        with whole_file(path) as aside:
            write(aside)
        return True
    except (OSError, LabError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        logging.getLogger(__name__).warning("%s", printable(f"{path} is not kept: {reason}"))
        return False


def write_json(path: Path, content: Any) -> None:
    """Write JSON whole or not at all."""
    write_whole(path, json.dumps(content, indent=1) + "\n")


def settings_from_dict(kind: type[Settings], values: dict) -> Settings:
    """Make settings of what `dataclasses.asdict` and JSON turned into plain dictionaries and lists.

    Args:
        kind: a frozen dataclass; fields may be dataclasses and tuples.
        values: {field: value}; a field that is not there, because it is newer than the file, has its default.

    Raises:
        TypeError: if a field is unknown, or a value is of another type.
    """
    kinds = typing.get_type_hints(kind)
    restored = {name: _restore(kinds.get(name), value) for name, value in values.items()}
    for name, value in restored.items():
        if not _is_of(kinds.get(name, Any), value):
            raise TypeError(f"the setting {name} is {value!r}")
    return kind(**restored)


def _is_of(kind: Any, value: Any) -> bool:
    """Whether a value is what a type hint says; whole numbers are floats too, and truth values no numbers."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return any(_is_of(part, value) for part in parts)
    if origin is tuple and isinstance(value, tuple):
        hints = parts[:1] * len(value) if Ellipsis in parts else parts
        return len(hints) == len(value) and all(map(_is_of, hints, value))
    if kind in (int, float):
        return isinstance(value, (int, kind)) and not isinstance(value, bool)
    return isinstance(value, origin or kind) if isinstance(origin or kind, type) else True


def _restore(kind: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        return tuple(value) if isinstance(value, list) else value
    kinds = [one for one in typing.get_args(kind) or [kind] if dataclasses.is_dataclass(one)]
    for one in kinds:
        names = {field.name for field in dataclasses.fields(one)}
        if names == set(value) or (len(kinds) == 1 and value and names > set(value)):
            return settings_from_dict(one, value)
    raise TypeError(f"settings with the fields {sorted(value)} are not known")


def fingerprint(*arrays: "np.ndarray | Rows") -> str:
    """A short name for what is in the arrays; read a piece at a time, so that no array is copied."""
    import numpy as np

    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        pieces = range(0, len(array), _ROWS_AT_A_TIME) if array.shape else ()
        for piece in (array[start : start + _ROWS_AT_A_TIME] for start in pieces):
            digest.update(np.ascontiguousarray(piece).data)
        if not array.shape:
            digest.update(array.tobytes())
    return digest.hexdigest()[:16]
