"""Trained networks in files: named by all that decided what came out, and read with distrust.

Notebook: 02_resnet_classifier.
"""

import copy
import hashlib
import json
import logging
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import is_dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from labutils.errors import printable
from labutils.progress import acquire_looking
from labutils.rows import Rows
from labutils.storage import fingerprint, keep_if_possible

DAMAGED = (
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    EOFError,
    TypeError,
    AttributeError,
    IndexError,
    pickle.UnpicklingError,
    SafetensorError,
)
"""What reading a damaged file of torch or safetensors raises."""


def fingerprint_recipe(network: nn.Module, recipe: Sequence[object]) -> str:
    """A short name for a network, its first weights and everything in the recipe of its training."""
    parts = [_structure(network), *map(_print_of, [network, *recipe])]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _structure(network: nn.Module) -> str:
    """All modules with their plain attributes: a switch such as a shortcut shows neither in the weights nor in `str`."""
    plain = [
        (
            name,
            type(module).__name__,
            {k: v for k, v in vars(module).items() if k[0] != "_" and k != "training"},
        )
        for name, module in network.named_modules()
    ]
    return repr(plain)


def _print_of(part: object) -> str:
    """A text that is another one for another network, array, data set or setting."""
    if isinstance(part, nn.Module):
        return fingerprint(*(tensor.cpu().numpy() for tensor in part.state_dict().values()))
    if isinstance(part, Rows):
        return fingerprint(part)
    if isinstance(part, Tensor | np.ndarray):
        return fingerprint(np.asarray(part))
    if is_dataclass(part):
        return " ".join(f"{name} {_print_of(value)}" for name, value in vars(part).items())
    return repr(part)


def keep_network(network: nn.Module, curves: dict[str, list[float]], path: Path) -> None:
    """Keep a trained network and its curves in a file, if the disk lets us."""
    weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    # one entry, for their order is random
    described = {"kept": json.dumps({"curves": curves, "checksum": _print_of(network)})}
    keep_if_possible(path, lambda aside: aside.write_bytes(save_tensors(weights, metadata=described)))


def load_kept(network: nn.Module, path: Path) -> dict[str, list[float]] | None:
    """Load the weights of a kept network and return its curves; None if there is none, or none that can be read."""
    if not path.exists():
        return None
    before = copy.deepcopy(network.state_dict())
    try:
        content = path.read_bytes()
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        network.load_state_dict(load_tensors(content))
        kept = json.loads(header["kept"])
        if kept["checksum"] != _print_of(network):
            raise ValueError("other weights than were kept")
        return checked_curves(kept["curves"])
    except DAMAGED:
        network.load_state_dict(before)
        say_damaged(path, "its network is trained anew")
        return None


@contextmanager
def trained_by_one(path: Path, look: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a network that is to be kept: two processes that want the same one train it once.

    The lock dies with its process. Where nothing may be written or locked, nothing is kept either, and each trains its own.

    Args:
        path: file of the network.
        look: called now and then while another process holds the lock.
    """
    lock = FileLock(path.with_suffix(".lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        acquire_looking(lock, look)
    except (OSError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):  # Windows keeps it until it is released
            path.with_suffix(".lock").unlink()
        lock.release()


def checked_curves(curves: object) -> dict[str, list[float]]:
    """Curves from a file, as many values in each; anything else is a TypeError."""
    lists = list(curves.values()) if isinstance(curves, dict) else [None]
    if not all(isinstance(curve, list) and all(type(value) is float for value in curve) for curve in lists):
        raise TypeError("no curves")
    if len(set(map(len, lists))) > 1:
        raise TypeError("curves of different lengths")
    return curves


def say_damaged(path: Path, consequence: str) -> None:
    """Tell in a line that a file of ours cannot be read, and what follows."""
    logging.getLogger(__name__).warning("%s", printable(f"{path} cannot be read: {consequence}"))
