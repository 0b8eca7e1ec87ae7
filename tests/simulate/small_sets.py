"""Data sets of a few clips, and how the tests make them."""

import hashlib

from labutils.simulate.generate import generate
from labutils.simulate.plan import Preset

SMALL = Preset("small", (3, 2) + (0,) * 8, 2, task1=3, groups=1, group_size=4)
SMALLEST = Preset("smallest", (0, 2) + (0,) * 8, 2, task1=0, groups=0, group_size=0)
"""Two sessions of one clip each: as few as two processes can share."""


def contents(folder) -> dict:
    """Return the SHA-256 of every file that shows, by path."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def make(out, preset=SMALL, seed=5, **options):
    return generate(out, preset, seed, workers=1, progress=False, **options)


def kill_at(monkeypatch, module, name: str, call: int):
    """Make the n-th call of a function of a module die as Ctrl-C would."""
    real, calls = getattr(module, name), [0]

    def dying(*args, **kwargs):
        calls[0] += 1
        if calls[0] == call:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, dying)
