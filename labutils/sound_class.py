"""The class of a sound, told by two unlike models: a small temporal convolution network and a linear discriminant.

Neither cares which wall was hit: the network sees the loudest microphone and the mean of the others, the discriminant the
mean of all. The network follows how the sound goes on, step by step; the discriminant reads from long windows which tones
there are and how they ring on (`tones`), and from the whole clip how the sound comes and goes (`modulation`): what rolls,
slides or rattles has a rhythm of its own. They make different mistakes, so the mean of their log-probabilities is right more
often than either.

Sources: Hansen and Salamon, "Neural network ensembles", IEEE PAMI 1990; Atlas and Shamma, "Joint acoustic and modulation
frequency", EURASIP Journal on Applied Signal Processing 2003.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from scipy.special import log_softmax
from torch import Tensor, nn
from torch.nn import functional

from labutils.clips import CLASS_NAMES
from labutils.errors import expect_ranges
from labutils.linear_discriminant import LinearDiscriminant
from labutils.one_cycle import fit_one_cycle, shuffled_indices, some_clips
from labutils.rows import Rows
from labutils.spectrogram import MEL_BANDS
from labutils.training import BATCH, History, outputs

_SHRINKAGE = 0.2
LOGIT_SCALE = 0.2
MODULATED_BANDS = 32
MODULATION_EDGES = (1, 2, 3, 5, 8, 12, 18, 26, 37, 50)
"""Of the ranges of modulation frequencies, in quarters of a hertz: a clip lasts 4 s. The last one ends at 12 Hz."""
MODULATION_NUMBERS = MODULATED_BANDS * (len(MODULATION_EDGES) - 1)


@dataclass(frozen=True)
class SoundSettings:
    """Size and training of the temporal convolution network; gain, tilt and masks are its augmentation."""

    width: int = 48
    epochs: int = 80
    batch_size: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    label_smoothing: float = 0.05
    gain_std_db: float = 4.0
    tilt_std_db: float = 4.0
    longest_roll: int = 10
    widest_mask: int = 8

    def __post_init__(self) -> None:
        expect_ranges(self, width=(1, math.inf), epochs=(1, math.inf), batch_size=(1, math.inf))
        expect_ranges(self, learning_rate=(0, 100), label_smoothing=(0, 1))


def loudest_and_others(levels: Tensor) -> Tensor:
    """The loudest microphone in each band and step, and the mean of the others; [B, 4, F, T] -> [B, 2, F, T]."""
    loudest = levels.amax(dim=1)
    return torch.stack([loudest, (levels.sum(dim=1) - loudest) / (levels.shape[1] - 1)], dim=1)


class TemporalNetwork(nn.Module):
    """Convolutions over time with growing reach, then three ways to sum up a clip; [B, 4, 64, T] -> [B, 10].

    The clip is summed up by an attention (which moments matter is learned), by the mean and by the maximum.
    """

    def __init__(self, width: int, classes: int = len(CLASS_NAMES)):
        super().__init__()
        self.register_buffer("mean", torch.tensor(-70.0))
        self.register_buffer("std", torch.tensor(12.0))
        self.stem = nn.Conv1d(2 * MEL_BANDS, width, 5, stride=2, padding=2)
        self.norm = nn.BatchNorm1d(width)
        self.blocks = nn.ModuleList(_temporal_block(width, dilation) for dilation in (1, 2, 4))
        self.attention = nn.Conv1d(width, 1, 1)
        self.dropout = nn.Dropout(0.3)
        self.linear = nn.Linear(3 * width, classes)

    def fit_scale(self, levels: Tensor) -> None:
        """Take the mean and the standard deviation of the training clips; [N, 4, 64, T] in dB."""
        heard = loudest_and_others(levels)
        self.mean.fill_(heard.mean())
        self.std.fill_(heard.std())

    def forward(self, levels: Tensor) -> Tensor:
        heard = loudest_and_others(levels)  # (B, 4, 64, T) -> (B, 2, 64, T)
        x = ((heard - self.mean) / self.std).flatten(1, 2)  # -> (B, 128, T)
        x = functional.relu(self.norm(self.stem(x)))  # -> (B, width, T / 2)
        for block in self.blocks:
            x = x + block(x)
        attended = (x * self.attention(x).softmax(dim=2)).sum(dim=2)
        summary = torch.cat([attended, x.mean(dim=2), x.amax(dim=2)], dim=1)  # -> (B, 3 width)
        return self.linear(self.dropout(summary))


def _temporal_block(width: int, dilation: int) -> nn.Module:
    convolution = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
    return nn.Sequential(convolution, nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(0.1))


def modulation(levels: np.ndarray | Rows) -> np.ndarray:
    """How fast a sound comes and goes: the modulation spectrum of its level in 32 bands.

    Args:
        levels: [N, 4, 64, 98] in dB, from `spectrogram.paired_levels`; taken a batch at a time.

    Returns:
        float32 [N, 288]: the logarithm of the mean amplitude in nine ranges of modulation frequencies, for each band.
    """
    starts = range(0, max(len(levels), 1), BATCH)
    return np.concatenate([_modulation(np.asarray(levels[start : start + BATCH])) for start in starts])


def _modulation(levels: np.ndarray) -> np.ndarray:
    count, _, bands, steps = levels.shape
    mean_level = levels.astype(np.float32).mean(axis=1)  # (N, 4, 64, 98) -> (N, 64, 98)
    level = mean_level.reshape(count, MODULATED_BANDS, bands // MODULATED_BANDS, steps).mean(axis=2)
    swing = (level - level.mean(axis=2, keepdims=True)) * np.hanning(steps)
    amplitude = np.abs(np.fft.rfft(swing))  # -> (N, 32, 50)
    ranges = [amplitude[..., low:high].mean(axis=2) for low, high in pairwise(MODULATION_EDGES)]
    return np.log1p(np.stack(ranges, axis=2)).reshape(count, MODULATION_NUMBERS).astype(np.float32)


def sound_numbers(levels: np.ndarray | Rows, tones: np.ndarray) -> np.ndarray:
    """What the discriminant sees of N sounds: tones and modulation; [N, 4, 64, 98], [N, 1536] -> [N, 1824]."""
    return np.concatenate([tones, modulation(levels)], axis=1)


def augment_levels(levels: Tensor, settings: SoundSettings, rng: np.random.Generator) -> Tensor:
    """Every sound louder or softer, brighter or darker, rolled in time, some bands set to the mean; [B, 4, 64, T] in dB."""
    count, reach = len(levels), settings.longest_roll
    ramp = torch.linspace(-1, 1, levels.shape[2])[:, None]
    gain, tilt = torch.from_numpy(rng.standard_normal((2, count, 1, 1, 1))).float()
    levels = levels + settings.gain_std_db * gain + settings.tilt_std_db * tilt * ramp
    levels = levels.roll(int(rng.integers(-reach, reach + 1)), dims=-1)
    first, wide = rng.integers(levels.shape[2] - settings.widest_mask), rng.integers(settings.widest_mask + 1)
    levels[:, :, first : first + wide] = levels.mean()
    return levels


def fit_temporal_network(
    network: TemporalNetwork,
    levels: Tensor | Rows,
    labels: np.ndarray,
    settings: SoundSettings,
    *,
    seed: int,
    **callbacks,
) -> History:
    """Train the network by AdamW on augmented sounds.

    Args:
        network: trained in place.
        levels: [N, 4, 64, T] in dB, from `spectrogram.paired_levels`.
        labels: int [N].
        settings: epochs, augmentation, ...
        seed: draws order and augmentation.
        callbacks: those of `training.fit`.
    """
    targets = torch.as_tensor(labels)
    network.fit_scale(some_clips(levels))

    def batches(rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        for indices in shuffled_indices(len(targets), settings.batch_size, rng):
            yield augment_levels(levels[indices].float(), settings, rng), targets[indices]

    def loss_of(batch):
        inputs, labels = batch
        scores = network(inputs)  # (B, 4, 64, T) -> (B, 10)
        losses = functional.cross_entropy(
            scores, labels, reduction="none", label_smoothing=settings.label_smoothing
        )
        return losses.mean(), {"loss": losses, "accuracy": scores.argmax(dim=1) == labels}

    return fit_one_cycle(network, batches, loss_of, settings, seed=seed, **callbacks)


@dataclass(frozen=True)
class SoundClassifier:
    """The network and the discriminant; each has one vote."""

    network: TemporalNetwork
    discriminant: LinearDiscriminant

    def log_probabilities(self, levels: np.ndarray, tones: np.ndarray) -> np.ndarray:
        """The mean of what the two say, normalised again; [N, 4, 64, T], [N, 1536] -> log-probabilities [N, 10]."""
        by_network = log_softmax(outputs(self.network, levels), axis=1)
        by_discriminant = self.discriminant.log_probabilities(sound_numbers(levels, tones))
        return log_softmax((by_network + by_discriminant) / 2, axis=1)


def fit_sound_discriminant(numbers: np.ndarray, labels: np.ndarray) -> LinearDiscriminant:
    """The linear discriminant on `sound_numbers`; [N, 1824], int [N]."""
    return LinearDiscriminant.fit(
        numbers, labels, classes=len(CLASS_NAMES), shrinkage=_SHRINKAGE, scale=LOGIT_SCALE
    )
