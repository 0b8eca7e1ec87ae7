"""Some rows of an array that stay where they are, in memory or in a file: only a batch of them is copied at a time."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """Looks like the tensor `array[indices]` to whoever asks for its length, its shape or a part of it.

    Attributes:
        array: [N, ...].
        indices: of the rows, [n].
    """

    array: np.ndarray
    indices: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, which: slice | np.ndarray | Tensor) -> Tensor:
        """The chosen ones of these rows, copied."""
        # NumPy takes a tensor of one number for a number, and would give a row and no batch of one.
        chosen = which if isinstance(which, slice) else np.asarray(which)
        return torch.from_numpy(self.array[self.indices[chosen]])

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, ...)."""
        return len(self), *self.array.shape[1:]

    @property
    def dtype(self) -> np.dtype:
        """Of the numbers."""
        return self.array.dtype
