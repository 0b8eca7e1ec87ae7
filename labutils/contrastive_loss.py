"""The loss that pulls true pairs together and pushes other pairs apart.

Notebook: 03_centroids_and_contrastive_mlp.
"""

import math
from dataclasses import dataclass

from torch import Tensor

from labutils.errors import LabError, expect_ranges


def euclidean_distance(a: Tensor, b: Tensor) -> Tensor:
    """Distance between the rows of two embeddings; [B, d], [B, d] -> [B].

    The tiny constant keeps the slope finite where two embeddings coincide.
    """
    return ((a - b).square().sum(dim=-1) + 1e-12).sqrt()


def contrastive_loss(
    distance: Tensor, same: Tensor, *, margin: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """Mean of  Y D^2 / 2  +  (1 - Y) max(0, m - D)^2 / 2.

    Args:
        distance: D, float [B], not negative.
        same: Y, float or bool [B]; 1 for a sound and a video of the same event, 0 otherwise.
        margin: m; pairs of different events further apart than m cost nothing.
        reduction: "mean", or "none" for the loss of every pair.

    Returns:
        A scalar, or [B] with reduction "none".

    Source: Hadsell, Chopra, LeCun, "Dimensionality reduction by learning an invariant mapping", CVPR 2006, eq. 4 (whose Y
    is 0 for similar pairs).
    Notebook: 03_centroids_and_contrastive_mlp.
    """
    same = same.to(distance.dtype)
    pull = same * distance.square() / 2
    push = (1 - same) * (margin - distance).clamp(min=0).square() / 2
    losses = pull + push
    return losses.mean() if reduction == "mean" else losses


def weighted_contrastive_loss(
    distance: Tensor,
    same: Tensor,
    *,
    margin: float = 10.0,
    weight: float = 0.5,
    reduction: str = "mean",
) -> Tensor:
    """Mean of  lambda Y D^2  +  (1 - lambda) (1 - Y) max(0, m - D).

    Args:
        distance: D, float [B], not negative.
        same: Y, float or bool [B]; 1 for a sound and a video of the same event, 0 otherwise.
        margin: m; pairs of different events further apart than m cost nothing.
        weight: lambda, 0-1: how much a true pair counts against a random one.
        reduction: "mean", or "none" for the loss of every pair.

    Returns:
        A scalar, or [B] with reduction "none".

    Source: the course report; note the first power of the hinge.
    Notebook: 03_centroids_and_contrastive_mlp.
    """
    if not 0 <= weight <= 1:
        raise LabError(
            f"lambda is {weight!r}, expected a number from 0 to 1: it weighs true pairs against others."
        )
    same = same.to(distance.dtype)
    pull = weight * same * distance.square()
    push = (1 - weight) * (1 - same) * (margin - distance).clamp(min=0)
    losses = pull + push
    return losses.mean() if reduction == "mean" else losses


@dataclass(frozen=True)
class HadsellLoss:
    """`contrastive_loss` with its margin, as a setting: distances [B] and same [B] -> the loss of every pair, [B]."""

    margin: float = 1.0

    def __post_init__(self) -> None:
        expect_ranges(self, margin=(0, math.inf))

    def __call__(self, distance: Tensor, same: Tensor) -> Tensor:
        return contrastive_loss(distance, same, margin=self.margin, reduction="none")


@dataclass(frozen=True)
class ReportLoss:
    """`weighted_contrastive_loss` with its margin and lambda, as a setting: [B], [B] -> the loss of every pair, [B]."""

    margin: float = 10.0
    weight: float = 0.5

    def __post_init__(self) -> None:
        expect_ranges(self, margin=(0, math.inf), weight=(0, 1))

    def __call__(self, distance: Tensor, same: Tensor) -> Tensor:
        return weighted_contrastive_loss(
            distance, same, margin=self.margin, weight=self.weight, reduction="none"
        )


def pairs_right(distance: Tensor, same: Tensor, *, margin: float) -> Tensor:
    """Which pairs a threshold at half the margin tells right; bool [B]."""
    return (distance < margin / 2) == same.bool()
