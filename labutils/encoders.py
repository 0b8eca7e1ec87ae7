"""The networks that bring a clip to the embedding: an MLP on the trajectory, a 3-D CNN on the masks; and two small layers.

Notebook: 03_centroids_and_contrastive_mlp.
"""

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

EMBEDDING = 10


class Standardise(nn.Module):
    """Subtract one mean, divide by one standard deviation: the same for all four microphones, so that louder stays louder.

    Mended: the report did not normalise its inputs.

    Notebook: 02_resnet_classifier.
    """

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor(0.0))
        self.register_buffer("std", torch.tensor(1.0))

    def fit(self, values: np.ndarray) -> None:
        """Take mean and standard deviation of the training data."""
        self.mean.fill_(float(values.mean(dtype=np.float64)))
        self.std.fill_(float(values.std(dtype=np.float64)) or 1.0)

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


class Normalise(nn.Module):
    """Embeddings of length 1; [B, d] -> [B, d].

    Notebook: 03_centroids_and_contrastive_mlp.
    """

    def forward(self, embedding: Tensor) -> Tensor:
        return functional.normalize(embedding, dim=1)


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


class MaskCNN3D(nn.Module):
    """Four 3-D convolutions over the stacked masks, then one linear layer: the report's ablation.

    Every convolution halves height and width; the first and the third halve time as well.

    Source: the course report, "tried and dropped".
    Notebook: 03_centroids_and_contrastive_mlp.
    """

    def __init__(self, embedding: int = EMBEDDING, planes: tuple[int, ...] = (8, 16, 32, 32)):
        super().__init__()
        layers: list[nn.Module] = []
        for depth, (channels, width) in enumerate(pairwise((1, *planes))):
            stride = (2 - depth % 2, 2, 2)
            convolution = nn.Conv3d(channels, width, 3, stride=stride, padding=1)
            layers += [convolution, nn.ELU(), nn.BatchNorm3d(width)]
        self.layers = nn.Sequential(*layers)
        self.linear = nn.Linear(planes[-1] * 9 * 4 * 4, embedding)

    def forward(self, masks: Tensor) -> Tensor:
        out = self.layers(masks.unsqueeze(1))  # (B, 35, 60, 60) -> (B, 32, 9, 4, 4)
        return self.linear(out.flatten(1))  # -> (B, 10)
