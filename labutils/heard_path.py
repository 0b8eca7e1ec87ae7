"""The heard path: where the object is at every moment of a clip, told from the sound alone.

The microphone of the nearest wall is loudest, so the place of a hit is in the differences between the four microphones. What
happens between two hits is not heard, but it follows from them: a network that reads the clip forwards and backwards fills
the gaps. It says how sure it is, too: for every moment a place, and along each axis a scale.

The path explains a match. Drawn over the right film it runs along with the object; drawn over a wrong one it does not.
`path_log_likelihood` says the same as a number.

Source: the scale that a network learns with each number is from Kendall and Gal, "What uncertainties do we need in Bayesian
deep learning for computer vision?", 2017, eq. 5, with the Laplace distribution in place of the Gaussian.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from labutils.augmentation import SYMMETRIES, Symmetry
from labutils.centroid import Trajectory
from labutils.clips import CLIP_S
from labutils.errors import expect_ranges
from labutils.one_cycle import fit_one_cycle, shuffled_indices, some_clips
from labutils.rows import Rows
from labutils.spectrogram import MEL_BANDS
from labutils.training import BATCH, History, LossOf

MOMENTS = 49


@dataclass(frozen=True)
class PathSettings:
    """Size of the network and how it is trained.

    Args:
        widths: channels of the convolutions; the first of them leaves a quarter of the mel bands, each other one a half.
        hidden: state of the recurrent network, in each direction.
    """

    widths: tuple[int, ...] = (16, 24, 32)
    hidden: int = 64
    epochs: int = 40
    batch_size: int = 32
    learning_rate: float = 5e-3
    weight_decay: float = 1e-2
    dropout: float = 0.1

    def __post_init__(self) -> None:
        expect_ranges(self, hidden=(1, math.inf), epochs=(1, math.inf), batch_size=(1, math.inf))
        expect_ranges(self, learning_rate=(0, 100), dropout=(0, 1))


@dataclass(frozen=True)
class HeardPath:
    """Where N objects were heard, at T moments.

    Attributes:
        place: float32 [N, T, 2] in tray widths, x right, y down.
        scale: float32 [N, T, 2], the mean distance along each axis that is to be expected between heard and true place.
    """

    place: np.ndarray
    scale: np.ndarray

    def __getitem__(self, indices) -> "HeardPath":
        return HeardPath(self.place[indices], self.scale[indices])

    def __len__(self) -> int:
        return len(self.place)


def moments_s(moments: int = MOMENTS) -> np.ndarray:
    """Times at which a path is told: the middles of equal parts of the clip; [T], s."""
    return (np.arange(moments) + 0.5) * CLIP_S / moments


def seen_path(trajectory: Trajectory, moments: int = MOMENTS) -> np.ndarray:
    """Where the object is seen at the moments of a heard path; float32 [T, 2] in tray widths."""
    times_s = moments_s(moments)
    path = [np.interp(times_s, trajectory.time_s, places) for places in trajectory.position.T]
    return np.stack(path, axis=1).astype(np.float32)


class PathNetwork(nn.Module):
    """Hears where the object is; [B, 4, 64, T] in dB -> (place, logarithm of its scale), [B, T / 2, 2] both.

    Convolutions take in the neighbouring steps and leave fewer and fewer bands; a gated recurrent unit (GRU) reads
    the result forwards and backwards. Place and scale are in tray widths, x right, y down.
    """

    def __init__(self, settings: PathSettings):
        super().__init__()
        for name in ("mean", "std", "difference_std"):
            self.register_buffer(name, torch.tensor(1.0))
        first, *others = settings.widths
        stages = [_stage(5, first, size=5, stride=(4, 2))]  # (B, 5, 64, T) -> (B, width, 16, T / 2)
        stages += [_stage(a, b, size=3, stride=(2, 1)) for a, b in pairwise(settings.widths)]
        self.stages = nn.Sequential(*stages)
        numbers = settings.widths[-1] * (MEL_BANDS // 4 >> len(others))
        self.recurrent = nn.GRU(numbers, settings.hidden, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(settings.dropout)
        self.last = nn.Linear(2 * settings.hidden, 4)

    def fit_scale(self, levels: Tensor) -> None:
        """Take the mean and the standard deviations of the training clips; [N, 4, 64, T] in dB."""
        mean_level = levels.mean(dim=1)
        self.mean.fill_(mean_level.mean())
        self.std.fill_(mean_level.std())
        self.difference_std.fill_((levels - mean_level[:, None]).std())

    def forward(self, levels: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stages(self._inputs(levels))  # (B, 4, 64, T) -> (B, 5, 64, T) -> (B, width, 4, T / 2)
        x = x.flatten(1, 2).transpose(1, 2)  # -> (B, T / 2, 4 width)
        x, _ = self.recurrent(x)  # -> (B, T / 2, 2 hidden)
        place, spread = self.last(self.dropout(x)).split(2, dim=-1)
        return 0.5 + 0.5 * place, 3 * torch.tanh(spread / 3) - 2  # scales from 0.007 to 2.7 tray widths

    def _inputs(self, levels: Tensor) -> Tensor:
        """Each microphone against the mean of the four, and that mean: the place is in the small differences."""
        mean_level = levels.mean(dim=1, keepdim=True)
        differences = (levels - mean_level) / self.difference_std
        inputs = torch.cat([differences, (mean_level - self.mean) / self.std], dim=1)
        return inputs.contiguous(memory_format=torch.channels_last)  # convolutions take a quarter less time


def _stage(inputs: int, outputs: int, *, size: int, stride: tuple[int, int]) -> nn.Module:
    """A convolution that leaves fewer bands and steps; [B, inputs, F, T] -> [B, outputs, F / stride[0], T / stride[1]]."""
    convolution = nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


def laplace_loss(place: Tensor, log_scale: Tensor, seen: Tensor) -> Tensor:
    """Negative log-likelihood of a seen path, mean over moments and axes; three times [B, T, 2] -> [B].

    -log p(y) = |y - place| / scale + log(2 scale), the Laplace distribution. A large error costs less with a large scale, a
    large scale costs something itself: so the network learns to say how sure it is.
    """
    losses = (seen - place).abs() * torch.exp(-log_scale) + log_scale + np.log(2)
    return losses.mean(dim=(1, 2))


def augment_paths(levels: Tensor, path: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Sound and path of every clip through one of the eight symmetries of the tray.

    Args:
        levels: [B, 4, 64, T] in dB.
        path: [B, T / 2, 2] in tray widths.
        rng: the source of randomness.
    """
    drawn = [SYMMETRIES[number] for number in rng.integers(len(SYMMETRIES), size=len(levels))]
    levels = torch.stack([s.of_microphones(own) for s, own in zip(drawn, levels, strict=True)])
    path = torch.stack([s.of_positions(own) for s, own in zip(drawn, path, strict=True)])
    return levels, path


def path_loss(network: PathNetwork) -> LossOf:
    """Loss of a batch (levels, path), with the mean error along an axis in tray widths."""

    def loss_of(batch):
        levels, path = batch
        place, log_scale = network(levels)
        losses = laplace_loss(place, log_scale, path)
        return losses.mean(), {"loss": losses, "error": (place - path).abs().mean(dim=(1, 2))}

    return loss_of


def fit_heard_path(
    network: PathNetwork,
    levels: Tensor | Rows,
    path: Tensor | Rows,
    settings: PathSettings,
    *,
    seed: int,
    **callbacks,
) -> History:
    """Train the network on the sounds and the seen paths of N clips.

    Args:
        network: trained in place.
        levels: [N, 4, 64, T] in dB, from `spectrogram.paired_levels`.
        path: float32 [N, T / 2, 2] in tray widths, from `seen_path`.
        settings: epochs, batches, augmentation, ...
        seed: draws batches, augmentation and dropout.
        callbacks: those of `training.fit`.
    """
    network.fit_scale(some_clips(levels))

    def batches(rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        for indices in shuffled_indices(len(levels), settings.batch_size, rng):
            yield augment_paths(levels[indices].float(), path[indices], rng)

    return fit_one_cycle(network, batches, path_loss(network), settings, seed=seed, **callbacks)


@torch.no_grad()
def hear_paths(
    network: PathNetwork, levels: np.ndarray, *, symmetries: Sequence[Symmetry] = SYMMETRIES
) -> HeardPath:
    """Where the objects of N sounds are.

    The network hears every sound turned and mirrored in several ways; each answer is turned back, then the mean is taken.

    Args:
        network: trained by `fit_heard_path`.
        levels: [N, 4, 64, T] in dB, from `spectrogram.paired_levels`.
        symmetries: how the sound is turned; all eight cost eight times as much as one.
    """
    network.eval()
    heard = []
    for batch in torch.from_numpy(levels).split(BATCH):
        answers = [_hear_turned(network, batch.float(), symmetry) for symmetry in symmetries]
        heard.append([torch.stack(parts).mean(dim=0) for parts in zip(*answers, strict=True)])
    place, scale = (torch.cat(parts) for parts in zip(*heard, strict=True))
    return HeardPath(place.numpy(), scale.numpy())


def _hear_turned(network: PathNetwork, levels: Tensor, symmetry: Symmetry) -> tuple[Tensor, Tensor]:
    """Place and scale, heard in the turned tray and turned back; [B, 4, 64, T] -> [B, T / 2, 2] twice."""
    place, log_scale = network(symmetry.of_microphones(levels))
    back = symmetry.inverse
    return back.of_positions(place), back.of_scales(log_scale.exp())


def path_log_likelihood(heard: HeardPath, seen: np.ndarray) -> np.ndarray:
    """How well each seen path fits each heard one: the log-likelihood of the Laplace distribution, mean over moments.

    Args:
        heard: N paths from `hear_paths`.
        seen: [M, T, 2] in tray widths, from `seen_path`.

    Returns:
        float64 [N, M] in nats a moment, higher = belongs together.
    """
    place, scale = heard.place.astype(float), heard.scale.astype(float)
    scores = [  # a row at a time: (M, T, 2) -> (M,)
        -(np.abs(seen - own_place) / own_scale + np.log(2 * own_scale)).sum(axis=2).mean(axis=1)
        for own_place, own_scale in zip(place, scale, strict=True)
    ]
    return np.stack(scores)
