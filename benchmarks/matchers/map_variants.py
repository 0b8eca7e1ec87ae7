"""Contact maps less one idea: each class is complete, and stands in for `ContactMaps` in training and scoring."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from labutils.contact_maps import (
    MOVEMENT_NUMBERS,
    ContactMaps,
    MapSettings,
    movement_from_walls,
    sound_from_walls,
)
from labutils.physics_score import STEPS


class UnsharedWallNetwork(nn.Module):
    """The layers of `WallNetwork`, with weights of its own for every wall; [B, 4, C, T] -> [B, 4, channels, T].

    The four walls are four groups of each convolution.
    """

    def __init__(self, inputs: int, settings: MapSettings):
        super().__init__()
        width = 4 * settings.width
        self.register_buffer("mean", torch.zeros(inputs, 1))
        self.register_buffer("std", torch.ones(inputs, 1))
        self.first = nn.Conv1d(4 * inputs, width, 5, padding=2, groups=4)
        self.first_norm = nn.BatchNorm1d(width)
        self.second = nn.Conv1d(width, width, 5, padding=4, dilation=2, groups=4)
        self.second_norm = nn.BatchNorm1d(width)
        self.context = nn.Linear(settings.width, width)
        self.last = nn.Conv1d(width, 4 * settings.channels, 3, padding=1, groups=4)
        self.dropout = nn.Dropout(0.1)

    def forward(self, views: Tensor) -> Tensor:
        x = ((views - self.mean) / self.std).flatten(1, 2)  # (B, 4, C, T) -> (B, 4 C, T)
        x = self.dropout(functional.relu(self.first_norm(self.first(x))))  # -> (B, 4 width, T)
        everywhere = x.mean(dim=2).unflatten(1, (4, -1)).mean(dim=1)  # -> (B, width)
        context = self.context(everywhere).unsqueeze(2)  # -> (B, 4 width, 1)
        x = x + self.dropout(functional.relu(self.second_norm(self.second(x)) + context))
        return self.last(x).unflatten(1, (4, -1))  # -> (B, 4, channels, T)


class UnsharedMaps(ContactMaps):
    """What is learned at one wall is not known at the others."""

    def __init__(self, bands: int, settings: MapSettings):
        super().__init__(bands, settings)
        self.audio = UnsharedWallNetwork(4 * bands, settings)
        self.video = UnsharedWallNetwork(MOVEMENT_NUMBERS, settings)


class FreeLengthMaps(ContactMaps):
    """Maps of any length: a loud or long event can score high with everything.

    Entries are divided by the fourth root of their number, so that scores begin in the range that a softmax can use.
    """

    def __init__(self, bands: int, settings: MapSettings):
        super().__init__(bands, settings)
        self.scale = (4 * settings.channels * STEPS) ** -0.25
        self.log_temperature = nn.Parameter(torch.tensor(math.log(1.0)))

    def audio_maps(self, levels: Tensor) -> Tensor:
        """Maps as the network draws them; [N, 4, C, T] -> [N, 4, channels, T]."""
        return self.scale * self.audio(sound_from_walls(levels))

    def video_maps(self, movement: Tensor) -> Tensor:
        """Maps as the network draws them; [M, 6, T] -> [M, 4, channels, T]."""
        return self.scale * self.video(movement_from_walls(movement))
