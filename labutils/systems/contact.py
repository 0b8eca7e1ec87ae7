"""The lab's own system: contact maps, class probabilities, and one calibrated assignment of the whole group.

Three parts learn from clips: contact maps say how well what is heard and what is seen agree, wall by wall and step by step;
two classifiers say which object a sound and a video show. None of them decides alone. Every pair of a sound and a video gets
one number, the log-likelihood ratio "same event" against "two events"; and one assignment is solved for the whole group.

The weights of that number, the price of staying unmatched and the confidences are learned from clips that the parts did not
hear: sessions are held out fold by fold, the parts are trained on the others, and only then asked.

Notebook: 05_contact_maps.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from scipy.special import expit, log_softmax
from torch import Tensor

from labutils import matching
from labutils.clips import Clip
from labutils.contact_maps import STEPS, ContactMaps, MapSettings
from labutils.errors import LabError, expect_ranges
from labutils.features import clip_features
from labutils.linear_discriminant import LinearDiscriminant
from labutils.mask_shape import moments, shape_numbers
from labutils.sound_class import (
    SoundClassifier,
    SoundSettings,
    TemporalNetwork,
    loudest_and_others,
)
from labutils.spectrogram import mel_levels, spectrogram, step_levels
from labutils.storage import settings_from_dict
from labutils.training import History

STEP_BANDS = 16
LOWEST_PROBABILITY = 1e-4
OFFSETS = np.arange(-4.0, 4.01, 0.1)


@dataclass(frozen=True)
class ContactSettings:
    """What is trained, and for what groups it is calibrated.

    Args:
        folds: the training sessions are held out in so many parts, to calibrate on.
        missing_rate: share of a group that has no partner in task 3.
        group_size: sounds in a held-out group.
        groups_per_fold: held-out groups drawn from each fold; so many that each clip is in about one of them.
    """

    seed: int = 0
    maps: MapSettings = MapSettings()
    sound: SoundSettings = SoundSettings()
    folds: int = 3
    missing_rate: float = 0.25
    group_size: int = 50
    groups_per_fold: int = 6

    def __post_init__(self) -> None:
        expect_ranges(self, seed=(0, math.inf), folds=(2, math.inf), missing_rate=(0, 1))
        expect_ranges(self, group_size=(1, math.inf), groups_per_fold=(1, math.inf))


CONTACT = ContactSettings()
QUICK = replace(
    CONTACT,
    maps=MapSettings(width=16, channels=6, epochs=12),
    sound=SoundSettings(width=16, epochs=8, batch_size=8),
    folds=2,
    group_size=6,
    groups_per_fold=4,
)
"""For the `tiny` preset, where only the way matters and not the score."""


@dataclass(frozen=True)
class Sounds:
    """What is kept of N sounds.

    Attributes:
        steps: float32 [N, 4, 16, 49], peaks and means of eight bands at each microphone, in dB (`spectrogram.step_levels`).
        bands: float16 [N, 2, 64, 196], the loudest microphone and the mean of the others, in dB.
    """

    steps: np.ndarray
    bands: np.ndarray

    def __getitem__(self, indices) -> "Sounds":
        return Sounds(self.steps[indices], self.bands[indices])

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True)
class Videos:
    """What is kept of M videos.

    Attributes:
        movement: float32 [M, 6, 49], `mask_shape.moments` at the middle of every step.
        shape: float32 [M, 24], `mask_shape.shape_numbers`.
    """

    movement: np.ndarray
    shape: np.ndarray

    def __getitem__(self, indices) -> "Videos":
        return Videos(self.movement[indices], self.shape[indices])

    def __len__(self) -> int:
        return len(self.movement)


def _sound_feature(clip: Clip) -> dict[str, np.ndarray]:
    levels = mel_levels(spectrogram(clip.audio()))
    return {"steps": step_levels(levels), "bands": loudest_and_others(levels).astype(np.float16)}


def _video_feature(clip: Clip) -> dict[str, np.ndarray]:
    masks = clip.masks()
    found = moments(masks, name=str(clip.video_path))
    time_s, seen = clip.frame_times_s(), ~np.isnan(found[:, 0])
    middle_s = (np.arange(STEPS) + 0.5) * 4 / STEPS
    movement = [np.interp(middle_s, time_s[seen], column[seen]) for column in found.T]
    return {"movement": np.stack(movement).astype(np.float32), "shape": shape_numbers(masks, found)}


@dataclass(frozen=True)
class Parts:
    """What learns from clips: the contact maps and the two classifiers."""

    maps: ContactMaps
    sound: SoundClassifier
    shape: LinearDiscriminant

    @torch.no_grad()
    def map_scores(self, sounds: Sounds, videos: Videos) -> np.ndarray:
        """How well the maps agree; float64 [N, M]."""
        self.maps.eval()
        audio = self.maps.audio_maps(torch.from_numpy(sounds.steps))
        video = self.maps.video_maps(torch.from_numpy(videos.movement))
        return self.maps.scores(audio, video).double().numpy()

    def sound_classes(self, sounds: Sounds) -> np.ndarray:
        """Log-probabilities [N, 10]."""
        return _floored(self.sound.log_probabilities(sounds.bands))

    def video_classes(self, videos: Videos) -> np.ndarray:
        """Log-probabilities [M, 10]."""
        return _floored(self.shape.log_probabilities(videos.shape))


def _floored(log_probabilities: np.ndarray) -> np.ndarray:
    """Log-probabilities of which none says "impossible": about 1e-4 at least for every class; [N, 10]."""
    return log_softmax(np.maximum(log_probabilities, np.log(LOWEST_PROBABILITY)), axis=1)


@dataclass(frozen=True)
class Calibration:
    """What was learned from held-out sessions.

    Attributes:
        pair: weights of map score and class term.
        log_prior: logarithm of the share of each class in training, [10].
        offset: added to `matching.match_threshold`.
        complete, incomplete: slope and intercept that turn the margin of a match into its confidence, [2] each.
        confidence, right: of every match in the held-out groups, [P] each.
    """

    pair: matching.PairCalibration
    log_prior: np.ndarray
    offset: float
    complete: np.ndarray
    incomplete: np.ndarray
    confidence: np.ndarray
    right: np.ndarray


class ContactSystem:
    """Contact maps, class probabilities and one global assignment; made by `train` or `model_files.load`."""

    name: ClassVar[str] = "contact"

    def __init__(self, settings: ContactSettings, parts: Parts, calibration: Calibration):
        self.settings, self.parts, self.calibration = settings, parts, calibration
        self.histories: dict[str, History] = {}
        self.metadata: dict[str, Any] = {}

    def sound_features(self, clips: Sequence[Clip], **options) -> Sounds:
        """Levels of N sounds in steps and in frames; `options` as of `features.clip_features`."""
        return sound_features(clips, **options)

    def video_features(self, clips: Sequence[Clip], **options) -> Videos:
        """Movement and shape of M videos; `options` as of `features.clip_features`."""
        return video_features(clips, **options)

    def classify(self, sounds: Sounds) -> np.ndarray:
        """Log-probability of every class; [N, 10]."""
        return self.parts.sound_classes(sounds)

    def classify_videos(self, videos: Videos) -> np.ndarray:
        """Log-probability of every class; [M, 10]."""
        return self.parts.video_classes(videos)

    def pair_scores(self, sounds: Sounds, videos: Videos) -> np.ndarray:
        """Log-likelihood ratio "same event" against "two events" of every pair; [N, M]."""
        return pair_scores(self.parts, self.calibration, sounds, videos)

    def match(self, sounds: Sounds, videos: Videos, *, complete: bool) -> matching.Matching:
        """Match the sounds of a group with its videos by one assignment; any numbers of both.

        Args:
            sounds: features of N sounds.
            videos: features of M videos.
            complete: True if every sound has a video (task 2); False lets a sound stay unmatched (task 3).
        """
        scores = self.pair_scores(sounds, videos)
        assignment, margin = solve(scores, self.calibration, self.settings.missing_rate, complete)
        slope, intercept = self.calibration.complete if complete else self.calibration.incomplete
        confidence = expit(slope * margin + intercept)
        audio_class = self.classify(sounds).argmax(axis=1)
        return matching.Matching(
            assignment, scores, confidence, audio_class, self.classify_videos(videos).argmax(axis=1)
        )

    def keep_sure(self, found: matching.Matching, precision: float) -> matching.Matching:
        """Keep the matches that are sure enough for a share of `precision` of them to be right; the others become -1.

        Raises:
            LabError: if no cut reached that precision on the held-out sessions.
        """
        cut = matching.precision_cut(self.calibration.confidence, self.calibration.right, precision)
        if np.isinf(cut):
            raise LabError(
                f"a precision of {precision} was not reached for sure on the {len(self.calibration.right)} matches of the "
                "held-out sessions: expected a lower one; train on more clips or ask for less."
            )
        sure = np.nan_to_num(found.confidence, nan=-1.0) >= cut
        return replace(found, assignment=np.where(sure, found.assignment, matching.UNMATCHED))

    def state(self) -> dict[str, Tensor | np.ndarray]:
        """Everything that was learned, by name."""
        parts, calibration = self.parts, self.calibration
        arrays = {f"maps.{name}": tensor for name, tensor in parts.maps.state_dict().items()}
        arrays |= {f"network.{name}": tensor for name, tensor in parts.sound.network.state_dict().items()}
        arrays |= {f"discriminant.{name}": array for name, array in parts.sound.discriminant.arrays().items()}
        arrays |= {f"shape.{name}": array for name, array in parts.shape.arrays().items()}
        arrays |= {
            f"calibration.{name}": np.asarray(array)
            for name, array in vars(calibration).items()
            if name != "pair"
        }
        return arrays | {
            "pair.weights": calibration.pair.weights,
            "pair.bias": np.asarray(calibration.pair.bias),
        }

    @classmethod
    def from_state(cls, settings: Mapping[str, Any], arrays: Mapping[str, Tensor]) -> "ContactSystem":
        """The system of these settings and of what `state` gave."""
        own = settings_from_dict(ContactSettings, dict(settings))
        maps, network = ContactMaps(STEP_BANDS, own.maps), TemporalNetwork(own.sound.width)
        maps.load_state_dict(_under("maps", arrays))
        network.load_state_dict(_under("network", arrays))
        discriminant, shape = (
            LinearDiscriminant.of(_numpy("discriminant", arrays)),
            LinearDiscriminant.of(_numpy("shape", arrays)),
        )
        pair, rest = _numpy("pair", arrays), _numpy("calibration", arrays)
        calibration = Calibration(
            matching.PairCalibration(pair["weights"], float(pair["bias"])),
            **{**rest, "offset": float(rest["offset"])},
        )
        parts = Parts(maps.eval(), SoundClassifier(network.eval(), discriminant), shape)
        return cls(own, parts, calibration)


def _under(part: str, arrays: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(f"{part}."): array for name, array in arrays.items() if name.startswith(f"{part}.")
    }


def _numpy(part: str, arrays: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    return {name: array.numpy() for name, array in _under(part, arrays).items()}


def sound_features(clips: Sequence[Clip], **options) -> Sounds:
    """Levels of N sounds; `options` are cache, progress and bar of `features.clip_features`."""
    files = [clip.audio_path for clip in clips]
    return Sounds(**clip_features(clips, _sound_feature, name="contact-sounds-1", files=files, **options))


def video_features(clips: Sequence[Clip], **options) -> Videos:
    """Movement and shape of M videos; `options` are cache, progress and bar of `features.clip_features`."""
    files = [clip.video_path and clip.video_path / "mask" for clip in clips]
    return Videos(**clip_features(clips, _video_feature, name="contact-videos-1", files=files, **options))


def pair_scores(parts: Parts, calibration: Calibration, sounds: Sounds, videos: Videos) -> np.ndarray:
    """Log-likelihood ratio of every pair; [N, M]."""
    term = matching.class_term(
        parts.sound_classes(sounds), parts.video_classes(videos), calibration.log_prior
    )
    return calibration.pair(parts.map_scores(sounds, videos), term)


def solve(
    scores: np.ndarray, calibration: Calibration, missing_rate: float, complete: bool
) -> tuple[np.ndarray, np.ndarray]:
    """One assignment of a whole group: the assignment int [N] and the margin of each match [N] (`matching.match_margin`)."""
    if complete:
        assignment, threshold = matching.assign(-scores), -np.inf
    else:
        threshold = matching.match_threshold(*scores.shape, missing_rate) + calibration.offset
        assignment = matching.assign_partially(scores - threshold)
    return assignment, matching.match_margin(scores, assignment, threshold)
