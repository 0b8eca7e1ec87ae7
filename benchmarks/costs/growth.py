"""How the cost of a group grows with its size N: every clip passes its networks once, and every pair is compared."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from costs.row import Row, best_s
from labutils.heard_path import HeardPath, path_log_likelihood
from labutils.matching import GroupMatcher, class_term
from labutils.systems.contact import Parts, Sounds, Videos


@dataclass(frozen=True)
class Passed:
    """What the networks made of N sounds and N videos: all that a comparison of pairs needs."""

    heard: HeardPath
    paths: np.ndarray
    audio_maps: Tensor
    video_maps: Tensor
    audio_log_p: np.ndarray
    video_log_p: np.ndarray
    log_reach: np.ndarray


@torch.no_grad()
def pass_networks(parts: Parts, sounds: Sounds, videos: Videos) -> Passed:
    """What is done once a clip."""
    maps = (
        parts.maps.audio_maps(torch.from_numpy(sounds.steps)),
        parts.maps.video_maps(torch.from_numpy(videos.movement)),
    )
    classes = parts.sound_classes(sounds), parts.video_classes(videos)
    return Passed(parts.hear(sounds), videos.path, *maps, *classes, videos.log_reach)


@torch.no_grad()
def compare_pairs(parts: Parts, passed: Passed) -> np.ndarray:
    """What is done once a pair: the same as `Parts.pair_terms`, [N, N, 4]."""
    terms = (
        parts.maps.scores(passed.audio_maps, passed.video_maps).double().numpy(),
        path_log_likelihood(passed.heard, passed.paths),
        np.broadcast_to(passed.log_reach, (len(passed.audio_log_p), len(passed.video_log_p))),
        class_term(passed.audio_log_p, passed.video_log_p, parts.log_prior),
    )
    return np.stack(terms, axis=-1)


def pass_and_pair_costs(parts: Parts, sounds: Sounds, videos: Videos, sizes: list[int]) -> list[Row]:
    """Time of both.

    Args:
        parts: trained.
        sounds, videos: some features; taken again and again to make up a larger group.
        sizes: N sounds and N videos.
    """
    rows = []
    for size in sizes:
        heard, seen = sounds[np.arange(size) % len(sounds)], videos[np.arange(size) % len(videos)]
        passed = pass_networks(parts, heard, seen)
        passes_s = best_s(lambda h=heard, v=seen: pass_networks(parts, h, v), 1)
        pairs_s = best_s(lambda p=passed: compare_pairs(parts, p), 1)
        rows.append(Row(f"N = {size}: {2 * size} clips through the networks", passes_s))
        rows.append(
            Row(f"N = {size}: {size**2} pairs compared", pairs_s, {"the networks": pairs_s / passes_s})
        )
    return rows


def matching_costs(matcher: GroupMatcher, sizes: list[int]) -> list[Row]:
    """Time of one assignment with its margins, on log-likelihood ratios like those of a good system."""
    spent_s = []
    for size in sizes:
        rng = np.random.default_rng(0)
        ratios = rng.normal(-8, 4, (size, size)) + np.diag(rng.normal(14, 4, size))
        spent_s.append(best_s(lambda r=ratios: matcher.solve(r, complete=False), 1))
    names = [f"N = {size}: assignment and margins" for size in sizes]
    return [
        Row(name, own_s, {f"N = {sizes[0]}": own_s / spent_s[0]})
        for name, own_s in zip(names, spent_s, strict=True)
    ]
