"""What a whole system can be asked. Files, tasks, scoring and the command line know nothing else of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from torch import Tensor

from labutils.clips import Clip
from labutils.matching import Matching
from labutils.training import History

Features = Any
"""What a system keeps of N clips: arrays of its own, with a length; `features[indices]` are those of some of the clips."""


class ImpactSystem(Protocol):
    """A trained system: it tells the class of a sound, and which sound belongs to which video."""

    name: ClassVar[str]
    settings: Any  # a frozen dataclass with a `seed`
    metadata: dict[str, Any]  # of the training: data, clips, ...; goes into the card
    histories: dict[str, History]  # curves of every part that was trained

    def sound_features(
        self, clips: Sequence[Clip], *, cache: Path | None = None, progress: bool = True
    ) -> Features:
        """What the system needs of N clips with sound."""

    def video_features(
        self, clips: Sequence[Clip], *, cache: Path | None = None, progress: bool = True
    ) -> Features:
        """What the system needs of M clips with a video."""

    def classify(self, sounds: Features) -> np.ndarray:
        """Log-probability of every class for every sound; float [N, 10]."""

    def classify_videos(self, videos: Features) -> np.ndarray:
        """Log-probability of every class for every video; float [M, 10]."""

    def pair_scores(self, sounds: Features, videos: Features) -> np.ndarray:
        """How well each sound fits each video; float [N, M], higher = belongs together, -inf = forbidden."""

    def match(self, sounds: Features, videos: Features, *, complete: bool) -> Matching:
        """Match the sounds of a group with its videos; `complete` says that every sound has a video (task 2)."""

    def keep_sure(self, found: Matching, precision: float) -> Matching:
        """Keep only the matches of which a share of at least `precision` is right; the others become -1.

        Raises:
            LabError: if the system does not know how sure it is.
        """

    def state(self) -> dict[str, Tensor | np.ndarray]:
        """Everything that was learned, as named arrays."""

    @classmethod
    def from_state(cls, settings: Mapping[str, Any], arrays: Mapping[str, Tensor]) -> Self:
        """The system of these settings (as JSON has them) and of what `state` gave.

        Raises:
            TypeError, KeyError, ValueError or RuntimeError: if they do not belong together.
        """
