"""The path that is heard as a score: how likely the seen path is, where the sound says that the object is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from labutils.clips import Clip
from labutils.features import clip_features
from labutils.heard_path import (
    PathNetwork,
    PathSettings,
    fit_heard_path,
    hear_paths,
    path_levels,
    path_log_likelihood,
)
from labutils.spectrogram import mel_levels, spectrogram
from labutils.systems.contact import Sounds, Videos, sound_features, video_features
from labutils.training import train_once
from matchers.calibrated import Features, ScoreMatcher, ScorePairs, fit_matcher, with_term
from matchers.ours import MapScore
from matchers.training_set import TrainingSet, read_training_set


@dataclass(frozen=True)
class PathSounds:
    """What is kept of N sounds: `levels` float16 [N, 4, 64, T] for the path, `own` for the maps."""

    levels: np.ndarray
    own: Sounds

    def __getitem__(self, indices) -> "PathSounds":
        return PathSounds(self.levels[indices], self.own[indices])

    def __len__(self) -> int:
        return len(self.levels)


def hearing_levels(clips: Sequence[Clip], **options) -> np.ndarray:
    """Levels of N sounds, as a network hears them that tells places; float16 [N, 4, 64, 98] in dB.

    `options` are those of `features.clip_features`.
    """
    files = [clip.audio_path for clip in clips]
    return clip_features(clips, _levels, name="heard-path-1", files=files, **options)["levels"]


def _levels(clip: Clip) -> dict[str, np.ndarray]:
    return {"levels": path_levels(mel_levels(spectrogram(clip.audio())))}


def seen_paths(videos: Videos) -> np.ndarray:
    """Places at the 49 moments of a heard path, which are the middles of the steps; [M, 6, 49] -> float32 [M, 49, 2]."""
    return np.ascontiguousarray(videos.movement[:, :2].transpose(0, 2, 1))


class PathScore:
    """Log-likelihood of the seen path; with the maps' score beside it, if asked.

    Args:
        settings: of the network.
        with_maps: add the score of contact maps.
    """

    def __init__(self, settings: PathSettings | None = None, *, with_maps: bool = False):
        self.settings, self.with_maps = settings or PathSettings(), with_maps

    def sound_features(self, clips: Sequence[Clip], **options) -> PathSounds:
        """Levels for the path, and what the maps need."""
        return PathSounds(hearing_levels(clips, **options), sound_features(clips, **options))

    def video_features(self, clips: Sequence[Clip], **options) -> Features:
        """`contact.video_features`."""
        return video_features(clips, **options)

    def fit(self, training: TrainingSet, indices: np.ndarray) -> ScorePairs:
        """Train the network that hears paths, and the maps if they are asked for."""
        network = self._network(training, indices)
        by_maps = MapScore().fit(training, indices) if self.with_maps else None

        def score(sounds: PathSounds, videos: Videos) -> np.ndarray:
            likelihood = path_log_likelihood(hear_paths(network, sounds.levels), seen_paths(videos))
            if by_maps is None:
                return likelihood[..., None]  # (N, M) -> (N, M, 1)
            return with_term(by_maps(sounds.own, videos), likelihood)

        return score

    def _network(self, training: TrainingSet, indices: np.ndarray) -> PathNetwork:
        """A network that knows the clips of these indices only; taken from `kept` if it was trained before."""
        seed, settings = training.settings.seed, self.settings
        heard = hearing_levels(training.clips, cache=training.kept / "features", progress=False)
        levels = torch.from_numpy(heard[indices])
        path = torch.from_numpy(seen_paths(training.videos[indices]))
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = PathNetwork(settings)
            train_once(
                network,
                lambda **options: fit_heard_path(network, levels, path, settings, seed=seed, **options),
                training.kept / "weights",
                [seed, levels, path, settings],
                epochs=settings.epochs,
            )
        return network.eval()


def heard_path(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """The heard path and the class term."""
    return fit_matcher(PathScore(), read_training_set(train_folder, seed, kept))


def maps_and_path(train_folder: Path, seed: int, kept: Path) -> ScoreMatcher:
    """Ours, and the heard path as one more score."""
    return fit_matcher(PathScore(with_maps=True), read_training_set(train_folder, seed, kept))
