"""The course report's system, complete in itself: two classifiers, one pair of towers for each class, one threshold.

Sounds: spectrogram 513 x 196 x 4 -> ResNet of 20 layers, SGD with weight decay. Videos: the same ResNet on single masks, and
the frames vote. Matching: inside a class, a ResNet on the sound and an MLP 70-15-10-10 on the centroids meet in an embedding
of 10 numbers, trained by the weighted contrastive loss on balanced pairs with Adam; Hungarian algorithm; one threshold.

Its weak places are kept: a wrong class makes a match impossible, and one threshold serves every class. Plain mistakes are
mended: inputs are standardised (`Standardise`), short trajectories stay at their last place (`trajectory_vector`), splits
never divide a recording session (`session_folds`), and each clip passes its network once, not once for every pair.

`REPORT` are the report's own sizes. `FAST` is the same system on a spectrogram that is downsampled to 64 x 49, with fewer
epochs: what the notebooks train. The report does not tell epochs, batches, learning rates and lambda; those are ours.

Source: the course report.
Notebook: 02_resnet_classifier (sounds), 03_centroids_and_contrastive_mlp (towers), 04_hungarian_matching (the whole).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from scipy.special import log_softmax
from torch import Tensor, nn

from labutils import matching
from labutils.centroid import VECTOR_FRAMES, trajectory, trajectory_vector
from labutils.clips import CLASS_NAMES, Clip
from labutils.contrastive_loss import ReportLoss
from labutils.encoders import EMBEDDING, Standardise, TrajectoryMLP
from labutils.errors import LabError, expect_ranges
from labutils.features import clip_features
from labutils.resnet import ResNet
from labutils.spectrogram import downsample, spectrogram
from labutils.storage import settings_from_dict
from labutils.towers import Towers, TowerSettings
from labutils.training import ClassifierSettings, History, outputs

MASK_PIXELS = 60


@dataclass(frozen=True)
class ReportSettings:
    """The sizes of the report's system; what it does is the same for all of them.

    A lambda of 0.1 was chosen on held-out training sessions: with 0.5 all distances stay at (1 - lambda) / (2 lambda) = 0.5.

    Args:
        downsample: blocks (frequencies, frames) of the 513 x 196 spectrogram that are averaged; (1, 1) keeps it whole.
        frames_per_clip: masks of each clip that train the frame classifier.
        folds: one fold of the training sessions is held out, for validation curves and the threshold.
        missing_rate, group_size: the threshold is calibrated for groups with some `group_size` sounds of a class (fifty of
            ten, in the course), of which a share `missing_rate` has no partner.
    """

    seed: int = 0
    downsample: tuple[int, int] = (1, 1)
    audio: ClassifierSettings = ClassifierSettings(epochs=16)
    frames: ClassifierSettings = ClassifierSettings(epochs=6, batch_size=32, learning_rate=0.05)
    frames_per_clip: int = 6
    towers: TowerSettings = TowerSettings(loss=ReportLoss(weight=0.1))
    folds: int = 5
    missing_rate: float = 0.25
    group_size: int = 5

    def __post_init__(self) -> None:
        expect_ranges(self, seed=(0, math.inf), frames_per_clip=(1, math.inf), folds=(2, math.inf))
        expect_ranges(self, missing_rate=(0, 1), group_size=(1, math.inf))

    def in_bfloat16(self) -> "ReportSettings":
        """The same with all networks trained in bfloat16, see `training.in_bfloat16`."""
        parts = {name: replace(getattr(self, name), bfloat16=True) for name in ("audio", "frames", "towers")}
        return replace(self, **parts)


REPORT = ReportSettings()
FAST = ReportSettings(
    downsample=(8, 4),
    frames=ClassifierSettings(epochs=3, batch_size=32, learning_rate=0.05),
    frames_per_clip=3,
)
QUICK = replace(
    FAST,
    downsample=(16, 8),
    audio=ClassifierSettings(epochs=2, batch_size=8),
    frames=ClassifierSettings(epochs=1, batch_size=16, learning_rate=0.05),
    frames_per_clip=2,
    towers=TowerSettings(epochs=2, loss=ReportLoss(weight=0.1)),
)
"""For the `tiny` preset, where only the way matters and not the score."""


@dataclass(frozen=True)
class ReportVideos:
    """What is kept of N videos: `vectors` float32 [N, 70], `masks` uint8 [N, 35, 60, 60] (0-255), `frames` int [N]."""

    vectors: np.ndarray
    masks: np.ndarray
    frames: np.ndarray

    def __getitem__(self, indices) -> "ReportVideos":
        return ReportVideos(self.vectors[indices], self.masks[indices], self.frames[indices])

    def __len__(self) -> int:
        return len(self.vectors)


def spectrograms(clips: Sequence[Clip], factor: tuple[int, int], **options) -> np.ndarray:
    """Spectrogram of every clip, downsampled by `factor`; float16 [N, 4, F, T] in dB.

    Args:
        clips: N clips with sound.
        factor: see `spectrogram.downsample`; (1, 1) keeps 513 x 196.
        options: cache, progress and bar of `features.clip_features`.
    """

    def feature(clip: Clip) -> dict[str, np.ndarray]:
        return {"spectrograms": downsample(spectrogram(clip.audio()), factor).astype(np.float16)}

    name = f"spectrograms-{factor[0]}x{factor[1]}-1"
    files = [clip.audio_path for clip in clips]
    return clip_features(clips, feature, name=name, files=files, **options)["spectrograms"]


def trajectories_and_masks(clips: Sequence[Clip], **options) -> ReportVideos:
    """Trajectory vector and small masks of every clip; `options` are cache, progress and bar of `features.clip_features`."""
    files = [clip.video_path and clip.video_path / "mask" for clip in clips]
    return ReportVideos(
        **clip_features(clips, _video_feature, name="trajectories-and-masks-1", files=files, **options)
    )


def _video_feature(clip: Clip) -> dict[str, np.ndarray]:
    masks = clip.masks()
    vector = trajectory_vector(trajectory(masks, clip.frame_times_s(), name=str(clip.video_path)))
    kept = [small_mask(mask) for mask in masks[:VECTOR_FRAMES]]
    padded = np.stack(kept + kept[-1:] * (VECTOR_FRAMES - len(kept)))
    return {"vectors": vector, "masks": padded, "frames": np.array(len(kept))}


def small_mask(mask: np.ndarray) -> np.ndarray:
    """A 60 x 60 picture of how much of each square the object covers; bool [440, 440] -> uint8 [60, 60], 0-255."""
    picture = Image.fromarray(mask.astype(np.uint8) * 255)
    return np.asarray(picture.resize((MASK_PIXELS, MASK_PIXELS), Image.Resampling.BOX))


def frame_indices(videos: ReportVideos, frames_per_clip: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(clip, frame) of single masks, evenly spread over each clip; empty masks are left out; int [P] each.

    Args:
        videos: N videos.
        frames_per_clip: how many of each; None takes all.
    """
    picked = [
        (clip, frame)
        for clip, count in enumerate(videos.frames)
        for frame in np.unique(
            np.linspace(0, count - 1, min(frames_per_clip or count, count)).round().astype(int)
        )
        if videos.masks[clip, frame].any()
    ]
    clip, frame = np.array(picked, dtype=int).reshape(-1, 2).T
    return clip, frame


def audio_network(settings: ReportSettings, outputs: int) -> nn.Module:
    """Standardise and ResNet of 20 layers; [B, 4, F, T] -> [B, outputs]."""
    size = 513 // settings.downsample[0], 196 // settings.downsample[1]
    return nn.Sequential(Standardise(), ResNet(4, outputs, input_size=size))


def frame_network() -> nn.Module:
    """The same ResNet on single masks; [B, 1, 60, 60] -> [B, 10]."""
    network = ResNet(1, len(CLASS_NAMES), input_size=(MASK_PIXELS, MASK_PIXELS))
    return nn.Sequential(Standardise(), network)


class ReportSystem(nn.Module):
    """The report's system; made by `report_training.train` or `model_files.load`."""

    name: ClassVar[str] = "report"

    def __init__(self, settings: ReportSettings, labels: Sequence[int]):
        super().__init__()
        self.settings = settings
        self.audio_classifier = audio_network(settings, len(CLASS_NAMES))
        self.frame_classifier = frame_network()
        self.towers = nn.ModuleDict(
            {str(label): Towers(audio_network(settings, EMBEDDING), TrajectoryMLP()) for label in labels}
        )
        self.register_buffer("threshold", torch.tensor(float("inf"), dtype=torch.float64))
        self.histories: dict[str, History] = {}
        self.metadata: dict[str, Any] = {}

    def sound_features(self, clips: Sequence[Clip], **options) -> np.ndarray:
        """Spectrograms; float16 [N, 4, F, T]."""
        return spectrograms(clips, self.settings.downsample, **options)

    def video_features(self, clips: Sequence[Clip], **options) -> ReportVideos:
        """Trajectory vectors and small masks of N clips."""
        return trajectories_and_masks(clips, **options)

    def classify(self, sounds: np.ndarray) -> np.ndarray:
        """Log-probability of every class; [N, 4, F, T] -> [N, 10]."""
        return log_softmax(outputs(self.audio_classifier, sounds), axis=1)

    def classify_videos(self, videos: ReportVideos) -> np.ndarray:
        """Each frame votes: the logarithm of the share of the votes, at least of a thousandth of a vote; [M, 10].

        The most votes win; at a tie the lower number.
        """
        clip, frame = frame_indices(videos)
        votes = outputs(self.frame_classifier, videos.masks[clip, frame][:, None]).argmax(axis=1)
        counts = np.full((len(videos), len(CLASS_NAMES)), 1e-3)
        np.add.at(counts, (clip, votes), 1)
        return np.log(counts / counts.sum(axis=1, keepdims=True))

    def distances(self, label: int, sounds: np.ndarray, videos: ReportVideos) -> np.ndarray:
        """Distance of each sound to each video in the embedding space of one class; [N, M]."""
        towers = self.towers[str(label)]
        return matching.distance_matrix(outputs(towers.audio, sounds), outputs(towers.video, videos.vectors))

    def pair_scores(self, sounds: np.ndarray, videos: ReportVideos) -> np.ndarray:
        """Minus the distance inside a class, -inf between classes; [N, M]."""
        classes = self.classify(sounds).argmax(axis=1), self.classify_videos(videos).argmax(axis=1)
        return self._scores_within(sounds, videos, *classes)

    def _scores_within(self, sounds, videos, audio_class: np.ndarray, video_class: np.ndarray) -> np.ndarray:
        scores = np.full((len(sounds), len(videos)), -np.inf)
        for label, rows, columns in matching.split_by_class(audio_class, video_class):
            if str(label) in self.towers:
                scores[np.ix_(rows, columns)] = -self.distances(label, sounds[rows], videos[columns])
        return scores

    def match(self, sounds: np.ndarray, videos: ReportVideos, *, complete: bool) -> matching.Matching:
        """Match the sounds of a group with its videos.

        Args:
            sounds: features of N sounds.
            videos: features of M videos.
            complete: True if every sound has a video (task 2): what the class split leaves over is paired at random. False
                (task 3): what is left over, and matches further apart than the threshold, become -1.
        """
        audio_class = self.classify(sounds).argmax(axis=1)
        video_class = self.classify_videos(videos).argmax(axis=1)
        scores = self._scores_within(sounds, videos, audio_class, video_class)
        assignment = matching.match_within_classes(-scores, audio_class, video_class)
        distance = matching.assigned(-scores, assignment, unmatched=np.inf)
        if complete:
            assignment = matching.pair_unmatched(
                assignment, len(videos), np.random.default_rng(self.settings.seed)
            )
        else:
            assignment = matching.reject(assignment, distance, float(self.threshold))
        confidence = np.full(len(assignment), np.nan)  # the report's system does not know how sure it is
        return matching.Matching(assignment, scores, confidence, audio_class, video_class)

    def keep_sure(self, found: matching.Matching, precision: float) -> matching.Matching:
        """Raise a LabError: the report's system does not know how sure it is."""
        raise LabError(
            f"the report's system cannot answer at a precision of {precision}: it gives distances, expected a system with "
            "calibrated confidences; use the system `contact`."
        )

    def state(self) -> dict[str, Tensor]:
        """All weights, by name."""
        return self.state_dict()

    @classmethod
    def from_state(cls, settings: Mapping[str, Any], arrays: Mapping[str, Tensor]) -> "ReportSystem":
        """The system of these settings and weights; the classes are those that have towers."""
        labels = sorted({int(name.split(".")[1]) for name in arrays if name.startswith("towers.")})
        system = cls(settings_from_dict(ReportSettings, dict(settings)), labels)
        system.load_state_dict(arrays)
        return system.eval()
