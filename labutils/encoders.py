"""The networks that bring a video to the embedding: the report's MLP and its 3-D CNN.

Notebook: 03_centroids_and_contrastive_mlp.
"""

from itertools import pairwise

from torch import Tensor, nn

EMBEDDING = 10


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
