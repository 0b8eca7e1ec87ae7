"""Pair sets for the contrastive loss: as many true pairs as others, and as many as wanted.

Notebook: 03_centroids_and_contrastive_mlp.
"""

import numpy as np
from torch.utils.data import Dataset


class BalancedPairs(Dataset):
    """(sound, video, same) by number: for every clip k true pairs and k pairs with another clip's video.

    Args:
        clips: n, how many clips the pairs are drawn from; at least 2.
        pairs_per_clip: k, the size of the set: 2 n k pairs, half of them true.
        rng: draws the other videos.

    Raises:
        ValueError: if there are fewer than 2 clips.

    Source: the course report (k = 1).
    Notebook: 03_centroids_and_contrastive_mlp.
    """

    def __init__(self, clips: int, *, pairs_per_clip: int = 1, rng: np.random.Generator):
        if clips < 2:
            raise ValueError(f"a pair set needs at least 2 clips to draw from, found {clips}")
        sound = np.repeat(np.arange(clips), pairs_per_clip)
        other = (sound + rng.integers(1, clips, len(sound))) % clips  # any clip but the sound's own
        self.sound = np.concatenate([sound, sound])
        self.video = np.concatenate([sound, other])
        self.same = np.concatenate([np.ones(len(sound)), np.zeros(len(sound))]).astype(np.float32)

    def __len__(self) -> int:
        return len(self.same)

    def __getitem__(self, index: int):
        return self.sound[index], self.video[index], self.same[index]
