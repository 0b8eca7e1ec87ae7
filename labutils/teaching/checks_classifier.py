"""The checks of notebook 2: a split that leaks, the residual block, cross-entropy, Wilson's interval, the majority vote.

Notebook: 02_resnet_classifier.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from labutils.evaluation import wilson_interval
from labutils.resnet import BasicBlock
from labutils.teaching.check import Check


def _splits() -> list[tuple]:
    """Two splits of twelve clips; sessions have different lengths, so that clips and sessions are different shares."""
    sessions = np.array(list("aaaabbbcccdd"))
    leaking = sessions, np.array([0, 1, 2, 4, 7, 8]), np.array([3, 5, 6, 9, 10, 11])
    other = sessions, np.array([0, 1, 10]), np.array([2, 3, 4, 5, 6, 7, 8, 9, 11])
    return [leaking, other]


check_leak = Check(
    right=lambda sessions, train, test: np.isin(sessions[test], sessions[train]).mean(),
    cases=_splits,
    mistakes={
        "You compare the numbers of the clips, and no clip is on both sides. Compare their sessions.": (
            lambda sessions, train, test: np.isin(test, train).mean()
        ),
        "You count sessions. Count clips: a long session leaks more.": lambda sessions, train, test: np.isin(
            np.unique(sessions[test]), sessions[train]
        ).mean(),
        "That is the share of the training clips. The clips that judge are the test clips.": (
            lambda sessions, train, test: np.isin(sessions[train], sessions[test]).mean()
        ),
        "That is the share of the clean clips: the leak is 1 minus that.": lambda sessions, train, test: (
            1 - np.isin(sessions[test], sessions[train]).mean()
        ),
        "That is a number of clips: divide by the number of test clips.": lambda sessions, train, test: (
            np.isin(sessions[test], sessions[train]).sum()
        ),
    },
    praise="Whoever splits by session gets 0.",
)


def _output_of_block(block_class: type, in_planes: int, planes: int, stride: int) -> Tensor:
    """The output of a block with the weights of the library's."""
    torch.manual_seed(0)
    library = BasicBlock(in_planes, planes, stride)
    block = block_class(in_planes, planes, stride)
    block.load_state_dict(library.state_dict())
    with torch.no_grad():
        return block(torch.randn(4, in_planes, 8, 6))


class _Variant(BasicBlock):
    """The library's block with its two halves at hand, to put them together wrongly."""

    def residual(self, x: Tensor) -> Tensor:
        return self.norm2(self.conv2(functional.relu(self.norm1(self.conv1(x)))))


class _NoShortcut(_Variant):
    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.residual(x))


class _ReluBefore(_Variant):
    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.residual(x)) + self.shortcut(x)


class _NoLastRelu(_Variant):
    def forward(self, x: Tensor) -> Tensor:
        return self.residual(x) + self.shortcut(x)


class _NoInnerRelu(_Variant):
    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.norm2(self.conv2(self.norm1(self.conv1(x)))) + self.shortcut(x))


class _NoNorm(_Variant):
    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.conv2(functional.relu(self.conv1(x))) + self.shortcut(x))


class _ZerosBehind(_Variant):
    def shortcut(self, x: Tensor) -> Tensor:
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new_planes))

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.residual(x) + self.shortcut(x))


check_residual_block = Check(
    right=BasicBlock,
    cases=lambda: [(4, 4, 1), (4, 8, 2)],
    ask=_output_of_block,
    mistakes={
        "The shortcut is missing: add the input (through self.shortcut) to F before the last relu.": _NoShortcut,
        "Your relu comes before the sum. It is relu(F(x) + x), not relu(F(x)) + x.": _ReluBefore,
        "The relu around the sum is missing.": _NoLastRelu,
        "Between the two convolutions stands a relu, after the first batch norm.": _NoInnerRelu,
        "The batch norms are missing: one after each convolution.": _NoNorm,
        "All your zeros come behind the channels: half of them go before, half behind.": _ZerosBehind,
    },
    praise="With the same weights it gives what labutils.resnet.BasicBlock gives.",
)


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    high = scores.max(axis=1, keepdims=True)
    return scores - high - np.log(np.exp(scores - high).sum(axis=1, keepdims=True))


def _own(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    return values[np.arange(len(y)), y]


def _scores() -> list[tuple]:
    rng = np.random.default_rng(3)
    return [
        (rng.normal(size=(6, 10)), rng.integers(0, 10, 6)),
        (2 * rng.normal(size=(4, 3)), np.arange(4) % 3),
    ]


check_cross_entropy = Check(
    right=lambda scores, y: -_own(_log_softmax(scores), y).mean(),
    cases=_scores,
    mistakes={
        "You summed over the batch: take the mean over its clips.": lambda scores, y: (
            -_own(_log_softmax(scores), y).sum()
        ),
        "The price of every clip is right, but one number is asked: their mean.": lambda scores, y: (
            -_own(_log_softmax(scores), y)
        ),
        "The minus is missing: log p is negative, a price is not.": lambda scores, y: _own(
            _log_softmax(scores), y
        ).mean(),
        "Your softmax runs over the clips. It runs over the classes, axis=1, so that every row adds up to 1.": (
            lambda scores, y: -_own(_log_softmax(scores.T).T, y).mean()
        ),
        "That is a logarithm of base 10: np.log is the natural one.": lambda scores, y: (
            -_own(_log_softmax(scores), y).mean() / np.log(10)
        ),
        "That is a logarithm of base 2: np.log is the natural one.": lambda scores, y: (
            -_own(_log_softmax(scores), y).mean() / np.log(2)
        ),
        "That is minus the score of the right class: without the softmax, a network may simply shout.": (
            lambda scores, y: -_own(scores, y).mean()
        ),
        "You average over all classes. Only the probability of the right class, p_y, counts.": (
            lambda scores, y: -_log_softmax(scores).mean()
        ),
        "That is the mean probability of the right class: the logarithm is missing.": lambda scores, y: (
            np.exp(_own(_log_softmax(scores), y)).mean()
        ),
    },
    praise="Whoever knows nothing pays log 10 = 2.30 for ten classes.",
)


def _wilson(k: int, n: int, *, z: float = 1.959964, share: float = 0.5, shrink: bool = True) -> tuple:
    p, whole = k / n, 1 + z**2 / n if shrink else 1
    centre, half = p + share * z**2 / n, z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (centre - half) / whole, (centre + half) / whole


def _textbook(k: int, n: int) -> tuple:
    p = k / n
    half = 1.959964 * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


check_wilson = Check(
    right=wilson_interval,
    cases=lambda: [(9, 10), (0, 5), (60, 100)],
    mistakes={
        "That is the textbook's p ± z sqrt(p (1 - p) / n): with 0 of 5 right it would be sure of 0. Wilson's has z² in "
        "it.": _textbook,
        "Divide both ends by 1 + z²/n: for 9 of 10 your interval reaches beyond 1.": lambda k, n: _wilson(
            k, n, shrink=False
        ),
        "The centre is p + z²/(2 n), not p + z²/n.": lambda k, n: _wilson(k, n, share=1),
        "The centre is p + z²/(2 n), not p alone: a small sample is pulled towards 1/2.": lambda k, n: (
            _wilson(k, n, share=0)
        ),
        "With z = 1 the interval holds 68 %: for 95 % take z = 1.96.": lambda k, n: _wilson(k, n, z=1),
        "The order is (low, high).": lambda k, n: wilson_interval(k, n)[::-1],
    },
    praise="9 of 10 is anything from 0.60 to 0.98.",
)


def _votes() -> list[tuple]:
    first = np.array([[7, 1, 2, 0], [3, 1, 5, 0], [7, 2, 5, 4], [1, 2, 9, 4], [7, 2, 5, 0]])
    tie = np.array([[4, 0], [9, 6], [9, 6], [4, 1]])
    return [(first,), (tie,)]


check_majority_vote = Check(
    right=lambda answers: np.array([np.bincount(clip).argmax() for clip in answers.T]),
    cases=_votes,
    mistakes={
        "You average class numbers. They are names: class 5 does not lie between 4 and 6. Count them.": (
            lambda answers: np.round(answers.mean(axis=0)).astype(int)
        ),
        "That is the median of class numbers. They are names without an order: count them.": lambda answers: (
            np.median(answers, axis=0).astype(int)
        ),
        "You let the clips of one view vote. Count down each column: the views of one clip.": lambda answers: (
            np.array([np.bincount(view).argmax() for view in answers])
        ),
        "That is what the first view says, whatever the others say.": lambda answers: answers[0],
        "That is how many votes the winner got. The winner is asked: argmax, not max.": lambda answers: (
            np.array([np.bincount(clip).max() for clip in answers.T])
        ),
        "That is the largest class number, not the most frequent.": lambda answers: answers.max(axis=0),
    },
    praise="One clip, many opinions, one answer.",
)
