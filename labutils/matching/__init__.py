"""Which sound belongs to which video: a small library of its own, for the scores of any networks.

In: scores of every pair of a group, [N, M, K]; `class_term` makes one of them from class probabilities. And the same scores
of pairs that are known and that the networks were not trained on. Out: for every sound its video or -1, with a confidence.

    matcher = GroupMatcher.fit([known_scores], missing_rate=0.25)  # [n, n, K], true pairs on the diagonal
    answers, confidence = matcher.match(scores, complete=False)  # [N, M, K] -> int [N], float [N]

Its parts can be used alone: `assign` and `assign_partially` solve, `PairCalibration` weighs, `match_threshold` says when a
match is worth it, `match_margin` and `ConfidenceCurve` say how sure it is, `draw_group` makes groups. The report's rules
(`match_within_classes`, `reject`, `calibrate_threshold`) are here too.

What happens at the edges:

- Nothing to match (N = 0 or M = 0): every answer is -1.
- More sounds than videos: even where every sound should have a video, the sounds that fit worst get -1.
- A pair with -inf is never matched; a sound that may have no video at all gets -1.
- Scores that are nan or plus infinity: `LabError`, which names the first pair.
- Equal scores: one of the best assignments; two rivals that are equally good leave no margin, and little confidence.
- Known pairs that are all matched rightly: the margin itself is taken for log-odds.
- One known pair: `LabError`, there is nothing to compare it with.

Notebook: 04_hungarian_matching, 05_contact_maps.
"""

from labutils.matching.assignment import (
    UNMATCHED,
    Matching,
    assign,
    assign_partially,
    assigned,
    distance_matrix,
    match_margin,
    match_threshold,
)
from labutils.matching.by_class import (
    calibrate_threshold,
    match_within_classes,
    pair_unmatched,
    reject,
    split_by_class,
)
from labutils.matching.calibration import (
    ConfidenceCurve,
    PairCalibration,
    class_term,
    precision_cut,
    tune_offset,
)
from labutils.matching.group_matcher import OFFSETS, GroupMatcher
from labutils.matching.groups import Group, draw_group, random_group

__all__ = [
    "OFFSETS",
    "UNMATCHED",
    "ConfidenceCurve",
    "Group",
    "GroupMatcher",
    "Matching",
    "PairCalibration",
    "assign",
    "assign_partially",
    "assigned",
    "calibrate_threshold",
    "class_term",
    "distance_matrix",
    "draw_group",
    "match_margin",
    "match_threshold",
    "match_within_classes",
    "pair_unmatched",
    "precision_cut",
    "random_group",
    "reject",
    "split_by_class",
    "tune_offset",
]
