"""What the lab writes itself: whole files or none, settings as plain dictionaries, fingerprints of what is in memory."""

import dataclasses
import hashlib
import json
import os
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

Settings = TypeVar("Settings")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path aside, to be written to in the block; it takes the name `path` when the block ends well, else it is removed.

    Args:
        path: the file to make or to replace; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield aside
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file whole or not at all; text becomes UTF-8."""
    with whole_file(path) as aside:
        aside.write_bytes(content.encode() if isinstance(content, str) else content)


def write_json(path: Path, content: Any) -> None:
    """Write JSON whole or not at all."""
    write_whole(path, json.dumps(content, indent=1) + "\n")


def settings_from_dict(kind: type[Settings], values: dict) -> Settings:
    """Make settings of what `dataclasses.asdict` and JSON turned into plain dictionaries and lists.

    Args:
        kind: a frozen dataclass; fields may be dataclasses and tuples.
        values: {field: value}; a field that is not there, because it is newer than the file, has its default.

    Raises:
        TypeError: if a field is unknown.
    """
    kinds = typing.get_type_hints(kind)
    return kind(**{name: _restore(kinds.get(name), value) for name, value in values.items()})


def _restore(kind: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        return tuple(value) if isinstance(value, list) else value
    kinds = [one for one in typing.get_args(kind) or [kind] if dataclasses.is_dataclass(one)]
    for one in kinds:
        names = {field.name for field in dataclasses.fields(one)}
        if names == set(value) or (len(kinds) == 1 and value and names > set(value)):
            return settings_from_dict(one, value)
    raise TypeError(f"settings with the fields {sorted(value)} are not known")


def fingerprint(*arrays: np.ndarray) -> str:
    """A short name for what is in the arrays."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]
