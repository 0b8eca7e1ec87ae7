"""The lab's own system: contact maps, class probabilities, and one calibrated assignment of the whole group.

Four parts learn from clips: contact maps say how well what is heard and what is seen agree, wall by wall and step by step; a
network hears the path of the object, which the film shows or does not; classifiers say which object a sound and a video
show. None of them decides alone. Every pair of a sound and a video gets one number, the log-likelihood ratio "same event"
against "two events", that also knows how far the object moves; and one assignment is solved for the whole group.

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
from scipy.special import log_softmax
from torch import Tensor

from labutils import matching, tones
from labutils.clips import CLASS_NAMES, Clip
from labutils.contact_maps import ContactMaps, MapSettings
from labutils.errors import expect_ranges
from labutils.features import clip_features
from labutils.heard_path import HeardPath, PathNetwork, PathSettings, hear_paths, path_log_likelihood
from labutils.linear_discriminant import LinearDiscriminant
from labutils.mask_shape import SHAPE_NUMBERS, moments, reach, shape_numbers
from labutils.physics_score import STEP_TIMES_S
from labutils.sound_class import MODULATION_NUMBERS, SoundClassifier, SoundSettings, TemporalNetwork
from labutils.spectrogram import mel_levels, paired_levels, spectrogram, step_levels
from labutils.storage import settings_from_dict
from labutils.training import History

STEP_BANDS = 16
LOWEST_PROBABILITY = 1e-4
STILL_REACH = 0.01


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
    path: PathSettings = PathSettings()
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
    path=PathSettings(hidden=16, epochs=8),
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
        levels: float16 [N, 4, 64, 98], mel levels of two frames together, in dB (`spectrogram.paired_levels`).
        tones: float32 [N, 1536], levels of narrow bands, in dB (`tones.tone_numbers`).
    """

    steps: np.ndarray
    levels: np.ndarray
    tones: np.ndarray

    def __getitem__(self, indices) -> "Sounds":
        return Sounds(self.steps[indices], self.levels[indices], self.tones[indices])

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

    @property
    def log_reach(self) -> np.ndarray:
        """How far the object moves: logarithm of its reach in tray widths, those that lie still at log 0.01; float [M]."""
        return np.log(np.maximum(reach(self.movement), STILL_REACH))

    @property
    def path(self) -> np.ndarray:
        """Where the object is seen in the middle of every step; float32 [M, 49, 2] in tray widths."""
        return np.ascontiguousarray(self.movement[:, :2].transpose(0, 2, 1))

    def __getitem__(self, indices) -> "Videos":
        return Videos(self.movement[indices], self.shape[indices])

    def __len__(self) -> int:
        return len(self.movement)


def _sound_feature(clip: Clip) -> dict[str, np.ndarray]:
    audio = clip.audio()
    levels = mel_levels(spectrogram(audio))
    return {
        "steps": step_levels(levels),
        "levels": paired_levels(levels),
        "tones": tones.tone_numbers(tones.tone_levels(audio)),
    }


def _video_feature(clip: Clip) -> dict[str, np.ndarray]:
    masks = clip.masks()
    found = moments(masks, name=str(clip.video_path))
    time_s, seen = clip.frame_times_s(), ~np.isnan(found[:, 0])
    movement = [np.interp(STEP_TIMES_S, time_s[seen], column[seen]) for column in found.T]
    return {"movement": np.stack(movement).astype(np.float32), "shape": shape_numbers(masks, found)}


@dataclass(frozen=True)
class EachAlone:
    """What the networks say of N sounds and M videos, each clip by itself: all that a comparison of pairs needs.

    Attributes:
        audio_maps, video_maps: [N, 4, channels, T], [M, 4, channels, T].
        heard_path: of the sounds.
        seen_path: of the videos, [M, T, 2].
        log_reach: of the videos, [M].
        audio_log_p, video_log_p: log-probabilities of the classes, [N, 10], [M, 10].
    """

    audio_maps: Tensor
    video_maps: Tensor
    heard_path: HeardPath
    seen_path: np.ndarray
    log_reach: np.ndarray
    audio_log_p: np.ndarray
    video_log_p: np.ndarray


@dataclass(frozen=True)
class Parts:
    """What learns from clips: contact maps, the heard path, and the classifiers.

    Attributes:
        maps, path: None where only classes are asked for.
        log_prior: logarithm of the share of each class in training, [10].
    """

    maps: ContactMaps | None
    path: PathNetwork | None
    sound: SoundClassifier
    shape: LinearDiscriminant
    log_prior: np.ndarray

    def pair_terms(self, sounds: Sounds, videos: Videos) -> np.ndarray:
        """Four numbers of every pair, `TERMS`; float [N, M, 4].

        Higher = belongs together, but for the reach, which says what the scores are worth: a film that hardly moves cannot
        get a high one with any sound, not even its own.
        """
        return self.compare(self.pass_clips(sounds, videos))

    def pass_clips(self, sounds: Sounds, videos: Videos) -> EachAlone:
        """Let every clip pass its networks, once."""
        classes = self.sound_classes(sounds), self.video_classes(videos)
        maps = self.draw_maps(sounds, videos)
        return EachAlone(*maps, self.hear(sounds), videos.path, videos.log_reach, *classes)

    def compare(self, alone: EachAlone) -> np.ndarray:
        """Compare every sound with every video: `pair_terms`."""
        terms = (
            self.map_scores(alone.audio_maps, alone.video_maps),
            path_log_likelihood(alone.heard_path, alone.seen_path),
            np.broadcast_to(alone.log_reach, (len(alone.audio_log_p), len(alone.video_log_p))),
            matching.class_term(alone.audio_log_p, alone.video_log_p, self.log_prior),
        )
        return np.stack(terms, axis=-1)

    @torch.no_grad()
    def draw_maps(self, sounds: Sounds, videos: Videos) -> tuple[Tensor, Tensor]:
        """Contact maps of N sounds and of M videos."""
        audio = self.maps.audio_maps(torch.from_numpy(sounds.steps))
        return audio, self.maps.video_maps(torch.from_numpy(videos.movement))

    @torch.no_grad()
    def map_scores(self, audio_maps: Tensor, video_maps: Tensor) -> np.ndarray:
        """How well the maps of every sound and every video agree; [N, M]."""
        return self.maps.scores(audio_maps, video_maps).double().numpy()

    def hear(self, sounds: Sounds) -> HeardPath:
        """Where the objects of N sounds are."""
        return hear_paths(self.path, sounds.levels)

    def sound_classes(self, sounds: Sounds) -> np.ndarray:
        """Log-probabilities [N, 10]."""
        return _floored(self.sound.log_probabilities(sounds.levels, sounds.tones))

    def video_classes(self, videos: Videos) -> np.ndarray:
        """Log-probabilities [M, 10]."""
        return _floored(self.shape.log_probabilities(videos.shape))


REACH = "reach of the film"
TERMS = ("contact maps", "heard path", REACH, "class")


def _floored(log_probabilities: np.ndarray) -> np.ndarray:
    """Log-probabilities of which none says "impossible": about 1e-4 at least for every class; [N, 10]."""
    return log_softmax(np.maximum(log_probabilities, np.log(LOWEST_PROBABILITY)), axis=1)


class ContactSystem:
    """Contact maps, heard path, class probabilities and one global assignment; made by `train` or `model_files.load`."""

    name: ClassVar[str] = "contact"

    def __init__(self, settings: ContactSettings, parts: Parts, matcher: matching.GroupMatcher):
        self.settings, self.parts, self.matcher = settings, parts, matcher
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
        return self.matcher.log_ratios(self.parts.pair_terms(sounds, videos))

    def match(self, sounds: Sounds, videos: Videos, *, complete: bool) -> matching.Matching:
        """Match the sounds of a group with its videos by one assignment; any numbers of both.

        Args:
            sounds: features of N sounds.
            videos: features of M videos.
            complete: True if every sound has a video (task 2); False lets a sound stay unmatched (task 3).
        """
        alone = self.parts.pass_clips(sounds, videos)
        scores = self.matcher.log_ratios(self.parts.compare(alone))
        assignment, margin = self.matcher.solve(scores, complete=complete)
        confidence = self.matcher.confidence_of(margin, complete=complete)
        classes = alone.audio_log_p.argmax(axis=1), alone.video_log_p.argmax(axis=1)
        return matching.Matching(assignment, scores, confidence, *classes)

    def keep_sure(self, found: matching.Matching, precision: float) -> matching.Matching:
        """Keep the matches that are sure enough for a share of `precision` of them to be right; the others become -1.

        Raises:
            LabError: if no cut reached that precision on the held-out sessions.
        """
        sure = self.matcher.sure_enough(found.confidence, precision)
        return replace(found, assignment=np.where(sure, found.assignment, matching.UNMATCHED))

    def state(self) -> dict[str, Tensor | np.ndarray]:
        """Everything that was learned, by name."""
        parts = self.parts
        arrays = {
            "maps": parts.maps.state_dict(),
            "path": parts.path.state_dict(),
            "network": parts.sound.network.state_dict(),
            "discriminant": parts.sound.discriminant.arrays(),
            "shape": parts.shape.arrays(),
            "matcher": self.matcher.arrays(),
        }
        named = {f"{part}.{name}": array for part, own in arrays.items() for name, array in own.items()}
        return {"log_prior": parts.log_prior, **named}

    @classmethod
    def from_state(cls, settings: Mapping[str, Any], arrays: Mapping[str, Tensor]) -> "ContactSystem":
        """The system of these settings and of what `state` gave.

        Raises:
            ValueError: if an array has another shape than this version of the lab gives it.
        """
        _expect_shapes(arrays)
        own = settings_from_dict(ContactSettings, dict(settings))
        maps, path, network = (
            ContactMaps(STEP_BANDS, own.maps),
            PathNetwork(own.path),
            TemporalNetwork(own.sound.width),
        )
        for name, part in {"maps": maps, "path": path, "network": network}.items():
            part.load_state_dict(_under(name, arrays))
            part.eval()
        discriminant, shape = (
            LinearDiscriminant.of(_numpy("discriminant", arrays)),
            LinearDiscriminant.of(_numpy("shape", arrays)),
        )
        sound = SoundClassifier(network, discriminant)
        parts = Parts(maps, path, sound, shape, arrays["log_prior"].numpy())
        return cls(own, parts, matching.GroupMatcher.of(_numpy("matcher", arrays)))


_SHAPES = {
    "log_prior": (len(CLASS_NAMES),),
    "discriminant.weights": (len(CLASS_NAMES), tones.NUMBERS + MODULATION_NUMBERS),
    "discriminant.bias": (len(CLASS_NAMES),),
    "shape.weights": (len(CLASS_NAMES), SHAPE_NUMBERS),
    "shape.bias": (len(CLASS_NAMES),),
    "matcher.weights": (len(TERMS),),
    "matcher.bias": (),
    "matcher.offset": (),
    "matcher.missing_rate": (),
    "matcher.complete": (2,),
    "matcher.incomplete": (2,),
}


def _expect_shapes(arrays: Mapping[str, Tensor]) -> None:
    """Networks check the shapes of their weights themselves; this checks all others."""
    for name, shape in _SHAPES.items():
        if tuple(arrays[name].shape) != shape:
            raise ValueError(f"{name} is of shape {tuple(arrays[name].shape)}, expected {shape}")
    confidence, right = arrays["matcher.confidence"], arrays["matcher.right"]
    if confidence.ndim != 1 or confidence.shape != right.shape:
        raise ValueError(f"{len(confidence)} confidences of {len(right)} answers")


def _under(part: str, arrays: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(f"{part}."): array for name, array in arrays.items() if name.startswith(f"{part}.")
    }


def _numpy(part: str, arrays: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    return {name: array.numpy() for name, array in _under(part, arrays).items()}


def sound_features(clips: Sequence[Clip], **options) -> Sounds:
    """Levels of N sounds; `options` are cache, progress and bar of `features.clip_features`."""
    files = [clip.audio_path for clip in clips]
    return Sounds(**clip_features(clips, _sound_feature, name="contact-sounds-4", files=files, **options))


def video_features(clips: Sequence[Clip], **options) -> Videos:
    """Movement and shape of M videos; `options` are cache, progress and bar of `features.clip_features`."""
    files = [clip.video_path and clip.video_path / "mask" for clip in clips]
    return Videos(**clip_features(clips, _video_feature, name="contact-videos-1", files=files, **options))
