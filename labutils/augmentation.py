"""The symmetries of the tray and shifts in time: the same clip, seen as another one that could have happened.

The tray is square and its four walls are alike, so a clip stays a possible clip when the tray is turned or mirrored, if
sound and picture are turned and mirrored together.

Notebook: 02_resnet_classifier.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Symmetry:
    """One of the eight symmetries of the square (the group D4): mirrored left to right first, then turned clockwise.

    Args:
        turns: quarter turns clockwise.
        mirrored: left and right swapped.
    """

    turns: int
    mirrored: bool

    def of_microphones(self, sound: Tensor) -> Tensor:
        """What the four microphones would have heard; [..., 4, F, T], channels bottom, left, top, right."""
        order = [0, 3, 2, 1] if self.mirrored else [0, 1, 2, 3]
        return sound[..., order, :, :].roll(self.turns, dims=-3)

    def of_masks(self, masks: Tensor) -> Tensor:
        """What the camera would have seen; [..., H, W]."""
        return torch.rot90(masks.flip(-1) if self.mirrored else masks, -self.turns, dims=(-2, -1))

    def of_positions(self, positions: Tensor) -> Tensor:
        """Where the object would have been; [..., 2], x right and y down in tray widths."""
        x, y = positions.unbind(-1)
        if self.mirrored:
            x = 1 - x
        for _ in range(self.turns % 4):
            x, y = 1 - y, x
        return torch.stack([x, y], dim=-1)

    def of_scales(self, scales: Tensor) -> Tensor:
        """Uncertainties along x and y after the symmetry; [..., 2]. They change places in a quarter turn."""
        return scales.flip(-1) if self.turns % 2 else scales

    @property
    def inverse(self) -> "Symmetry":
        """The symmetry that undoes this one; a mirrored one undoes itself."""
        return self if self.mirrored else Symmetry(-self.turns % 4, False)


SYMMETRIES = tuple(Symmetry(turns, mirrored) for turns in range(4) for mirrored in (False, True))


def augment_sounds(spectrograms: Tensor, rng: np.random.Generator) -> Tensor:
    """Every sound through a symmetry of its own, rolled in time, a little louder or softer; [B, 4, F, T] in dB.

    The object stays what it was, and so does its class. The gain has a standard deviation of 1.5 dB.
    """
    frames = spectrograms.shape[-1]
    return torch.stack(
        [
            SYMMETRIES[rng.integers(8)].of_microphones(sound).roll(int(rng.integers(frames)), dims=-1)
            + 1.5 * rng.standard_normal()
            for sound in spectrograms
        ]
    )


def shift_in_time(values: Tensor, steps: Tensor) -> Tensor:
    """Every row of a batch later by its own number of steps; its first or last value fills the gap.

    Args:
        values: [B, ..., T].
        steps: int [B]; negative is earlier.
    """
    length = values.shape[-1]
    source = (torch.arange(length) - steps[:, None]).clamp(0, length - 1)  # (B, T)
    source = source.reshape(len(values), *[1] * (values.dim() - 2), length)
    return values.take_along_dim(source, dim=-1)
