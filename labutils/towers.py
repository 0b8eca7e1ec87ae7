"""Two towers: a network for sounds and a network for videos that meet in one embedding space.

Notebook: 03_centroids_and_contrastive_mlp.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from labutils.contrastive_loss import HadsellLoss, ReportLoss, euclidean_distance, pairs_right
from labutils.errors import expect_ranges
from labutils.pairs import BalancedPairs
from labutils.rows import Rows
from labutils.training import History, LossOf, epoch_rng, fit, in_bfloat16, measure, train_once

AugmentPair = Callable[[Tensor, Tensor, np.random.Generator], tuple[Tensor, Tensor]]


class Towers(nn.Module):
    """An audio tower and a video tower that meet in one embedding space."""

    def __init__(self, audio: nn.Module, video: nn.Module):
        super().__init__()
        self.audio, self.video = audio, video


@dataclass(frozen=True)
class TowerSettings:
    """How a pair of towers is trained: Adam on balanced pairs, by a contrastive loss; the learning rate falls by a cosine.

    The form of the loss, its margin and one true and one random pair a clip are the report's; it does not tell its epochs,
    batches, learning rate and lambda. `bfloat16`: see `training.in_bfloat16`.
    """

    epochs: int = 12
    batch_size: int = 8
    learning_rate: float = 2e-3
    pairs_per_clip: int = 1
    loss: ReportLoss | HadsellLoss = ReportLoss()
    bfloat16: bool = False

    def __post_init__(self) -> None:
        expect_ranges(self, epochs=(1, math.inf), batch_size=(1, math.inf), learning_rate=(0, 100))
        expect_ranges(self, pairs_per_clip=(1, math.inf))


@dataclass(frozen=True)
class PairedClips:
    """Both halves of n clips of one class: `audio` [n, 4, F, T], `video` [n, ...]."""

    audio: Tensor | Rows
    video: Tensor | Rows

    def __len__(self) -> int:
        return len(self.audio)

    def batches(
        self, settings: TowerSettings, rng: np.random.Generator, augment: AugmentPair | None = None
    ) -> Iterator[tuple]:
        """All clips in random order, `batch_size` or a few more at a time, with balanced pairs among them."""
        for indices in np.array_split(rng.permutation(len(self)), max(len(self) // settings.batch_size, 1)):
            sounds, videos = self.audio[indices].float(), self.video[indices].float()
            if augment:
                sounds, videos = augment(sounds, videos, rng)
            pairs = BalancedPairs(len(indices), pairs_per_clip=settings.pairs_per_clip, rng=rng)
            yield sounds, videos, *(torch.from_numpy(part) for part in (pairs.sound, pairs.video, pairs.same))


def tower_loss(towers: Towers, pair_loss: ReportLoss | HadsellLoss) -> LossOf:
    """Contrastive loss of a batch (sounds, videos, then pairs: sound, video, same), true and other pairs also apart.

    Mended: each clip passes its tower once, however many pairs it is in.
    """

    def loss_of(batch):
        sounds, videos, sound, video, same = batch
        # (n, ...) -> (n, d) -> (P, d), twice -> (P,)
        audio, video_embedding = towers.audio(sounds).float(), towers.video(videos).float()
        distance = euclidean_distance(audio[sound], video_embedding[video])
        losses = pair_loss(distance, same)
        true = same.bool()
        metrics = {
            "loss": losses,
            "positive loss": losses[true],
            "negative loss": losses[~true],
            "accuracy": pairs_right(distance, same, margin=pair_loss.margin),
        }
        return losses.mean(), metrics

    return loss_of


def fit_towers(
    towers: Towers,
    clips: PairedClips,
    settings: TowerSettings,
    *,
    seed: int,
    validation: PairedClips | None = None,
    augment: AugmentPair | None = None,
    keep: Path | None = None,
    **callbacks,
) -> History:
    """Train two towers on balanced pairs, drawn anew every epoch.

    Args:
        towers: trained in place.
        clips: of one class; at least 2.
        settings: loss, pairs per clip, ...
        seed: draws pairs and their order.
        validation: clips of other sessions, at least 2, measured after every epoch.
        augment: shows both halves of a batch anew, together; None shows the clips as they are.
        keep: folder in which the trained towers are kept, see `training.train_once`.
        callbacks: those of `training.fit`.

    Source: the course report, task 2; Hadsell et al. 2006, algorithm 1.
    Notebook: 03_centroids_and_contrastive_mlp.
    """
    loss_of = tower_loss(towers, settings.loss)
    if settings.bfloat16:
        loss_of = in_bfloat16(loss_of)
    optimiser = torch.optim.Adam(towers.parameters(), lr=settings.learning_rate)

    def validate() -> dict[str, float]:
        whole = replace(settings, batch_size=len(validation))
        return measure(towers, validation.batches(whole, np.random.default_rng(seed)), loss_of)

    def train(**options) -> History:
        return fit(
            towers,
            lambda epoch: clips.batches(settings, epoch_rng(seed, epoch), augment),
            loss_of,
            optimiser,
            epochs=settings.epochs,
            scheduler=torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, settings.epochs),
            validate=validation and validate,
            **{**callbacks, **options},
        )

    if keep is None:
        return train()
    recipe = [settings, seed, augment and augment.__qualname__, clips, validation]
    watch = callbacks.get("on_epoch")
    return train_once(towers, train, keep, recipe, epochs=settings.epochs, on_epoch=watch)
