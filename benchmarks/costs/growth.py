"""How the cost of a group grows with its size N: every clip passes its networks once, and every pair is compared."""

import numpy as np

from costs.row import Row, best_s
from labutils.matching import GroupMatcher
from labutils.systems.contact import Parts, Sounds, Videos


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
        alone = parts.pass_clips(heard, seen)
        passes_s = best_s(lambda h=heard, v=seen: parts.pass_clips(h, v), 1)
        pairs_s = best_s(lambda a=alone: parts.compare(a), 1)
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
