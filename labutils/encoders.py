"""The networks that bring a video to the embedding: the report's MLP and its 3-D CNN, and an MLP that sees motion.

Notebook: 03_centroids_and_contrastive_mlp.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

EMBEDDING = 10
NEAR = 0.08  # tray widths: how far the nearness of a wall reaches


class TrajectoryMLP(nn.Module):
    """70 - 15 - 10 - 10, with ELU and batch norm after every layer but the last.

    Source: the course report.
    Notebook: 03_centroids_and_contrastive_mlp.
    """

    def __init__(self, sizes: tuple[int, ...] = (70, 15, 10, EMBEDDING)):
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(sizes[:-1]):
            layers += [nn.Linear(inputs, outputs), nn.ELU(), nn.BatchNorm1d(outputs)]
        self.layers = nn.Sequential(*layers, nn.Linear(*sizes[-2:]))

    def forward(self, vectors: Tensor) -> Tensor:
        return self.layers(vectors)  # (B, 70) -> (B, 10)


class MotionMLP(nn.Module):
    """A wider MLP on what makes a sound: not only places, but steps, blows, speed and nearness of the walls.

    Mended: from places alone the report's MLP has to find out that a hit is a change of velocity at a wall; a few hundred
    clips are not enough for that.

    Notebook: 03_centroids_and_contrastive_mlp.
    """

    def __init__(self, hidden: tuple[int, ...] = (64, 64)):
        super().__init__()
        inputs = motion(torch.zeros(1, 70)).shape[1]
        self.norm = nn.BatchNorm1d(inputs)
        self.mlp = TrajectoryMLP((inputs, *hidden, EMBEDDING))

    def forward(self, vectors: Tensor) -> Tensor:
        return self.mlp(self.norm(motion(vectors)))  # (B, 70) -> (B, 378) -> (B, 10)


def motion(vectors: Tensor) -> Tensor:
    """Places, steps, changes of steps, speeds and nearness of the four walls at every moment; [B, 70] -> [B, 378]."""
    place = vectors.unflatten(1, (-1, 2))  # (B, 70) -> (B, 35, 2)
    step = place.diff(dim=1)
    speed = step.norm(dim=2, keepdim=True)
    near_low, near_high = torch.exp(-place / NEAR), torch.exp((place - 1) / NEAR)
    parts = [place, step, step.diff(dim=1), speed, near_low, near_high]
    return torch.cat([part.flatten(1) for part in parts], dim=1)


class Normalise(nn.Module):
    """Embeddings of length 1; [B, d] -> [B, d]."""

    def forward(self, embedding: Tensor) -> Tensor:
        return functional.normalize(embedding, dim=1)


class MaskCNN3D(nn.Module):
    """Four 3-D convolutions over the stacked masks, then one linear layer: the report's ablation.

    Every convolution halves height and width; the first and the third halve time as well.

    Source: the course report, "tried and dropped".
    Notebook: 03_centroids_and_contrastive_mlp.
    """

    def __init__(self, embedding: int = EMBEDDING, planes: tuple[int, ...] = (8, 16, 32, 32)):
        super().__init__()
        layers: list[nn.Module] = []
        channels = 1
        for depth, width in enumerate(planes):
            stride = (2 - depth % 2, 2, 2)
            layers += [
                nn.Conv3d(channels, width, 3, stride=stride, padding=1),
                nn.ELU(),
                nn.BatchNorm3d(width),
            ]
            channels = width
        self.layers = nn.Sequential(*layers)
        self.linear = nn.Linear(channels * 9 * 4 * 4, embedding)

    def forward(self, masks: Tensor) -> Tensor:
        out = self.layers(masks.unsqueeze(1))  # (B, 35, 60, 60) -> (B, 32, 9, 4, 4)
        return self.linear(out.flatten(1))  # -> (B, 10)
