"""Information in the sound: how exactly a network hears where the object is.

A simulated sound may have the right spectra and still not tell where the object was hit. So a network is trained to hear the
path of the object, as in `labutils.heard_path`, and its error on other recording sessions is set beside the error that a
public solution reached on recorded clips. It is shown, not judged: the public solution divided its clips at random, so
neighbours of its test clips, which continue the same motion, were among its training clips.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from labutils.centroid import trajectory
from labutils.clips import MASK_SIZE, Clip
from labutils.errors import LabError
from labutils.evaluation import cluster_interval
from labutils.features import clip_features
from labutils.heard_path import (
    PathNetwork,
    PathSettings,
    fit_heard_path,
    hear_paths,
    seen_path,
)
from labutils.progress import Share
from labutils.spectrogram import mel_levels, paired_levels, spectrogram
from labutils.splits import session_folds
from labutils.training import History
from labutils.validation.comparison import Comparison, number, real_statistics, shown

FEWEST_CLIPS = 200
FOLDS = 3
STILL_PX = 30.0
_CLIPS_SHOWN = 20_000  # to the network in training, with repetitions: about a minute of one core
_FEATURE_MS, _SHOWN_MS = 120.0, 3.0
_SECTION, _ERROR = "information", "error of the heard place, rms along an axis, px"


@dataclass(frozen=True)
class HeardPlaces:
    """How far N clips of held-out sessions are heard from where they are seen.

    Attributes:
        error_px: [N, T, 2], heard minus seen along x and y, in pixels of the mask.
        guess_px: [N, T, 2], the same for the mean place of the training clips.
        travel_px: [N], diagonal of the box that holds the seen path.
        sessions: [N], names.
        training_clips: how many the network learned from.
        epochs: how often.
    """

    error_px: np.ndarray
    guess_px: np.ndarray
    travel_px: np.ndarray
    sessions: np.ndarray
    training_clips: int
    epochs: int


def measure_information(clips: Sequence[Clip], *, seed: int = 0, bar: Any = None) -> list[Comparison]:
    """Show how exactly places are heard, or say why that cannot be measured.

    Args:
        clips: labelled, with a session each, sound and masks; all of them can be read.
        seed: of the division and of the training.
        bar: moved on by `information_cost_ms`; None shows nothing.
    """
    try:
        return compare_information(hear_places(clips, seed=seed, bar=bar))
    except LabError as error:
        return [shown(_SECTION, _ERROR, f"not measured: {error}", "")]


def information_cost_ms(clips: int) -> float:
    """Milliseconds that `measure_information` takes on so many clips, about; 0 if they are too few."""
    return clips * _FEATURE_MS + _CLIPS_SHOWN * _SHOWN_MS if clips >= FEWEST_CLIPS else 0.0


def hear_places(clips: Sequence[Clip], *, seed: int = 0, bar: Any = None) -> HeardPlaces:
    """Train a network to hear places on two thirds of the sessions, and ask it about the others.

    Args:
        clips: labelled, with a session each, sound and masks.
        seed: of the division and of the training.
        bar: as of `measure_information`.

    Raises:
        LabError: if there are less than 200 clips, or a class has only one session.
    """
    if len(clips) < FEWEST_CLIPS:
        raise LabError(f"{len(clips)} training clips, expected {FEWEST_CLIPS} or more to learn from.")
    known, asked = session_folds(clips, FOLDS, seed=seed)[0]
    share = bar and Share(bar, _FEATURE_MS)
    found = clip_features(clips, _levels_and_path, name="hearing places", files=[], bar=share, progress=False)
    levels, path = found["levels"], found["path"]
    settings = replace(PathSettings(), epochs=epochs_for(len(known)))
    network = _train(levels[known], path[known], settings, seed, bar)
    heard, seen = hear_paths(network, levels[asked]), path[asked]
    return HeardPlaces(
        MASK_SIZE * (heard.place - seen),
        MASK_SIZE * (path[known].mean(axis=0) - seen),
        MASK_SIZE * np.linalg.norm(np.ptp(seen, axis=1), axis=1),
        np.array([clips[index].session for index in asked]),
        len(known),
        settings.epochs,
    )


def _levels_and_path(clip: Clip) -> dict[str, np.ndarray]:
    seen = trajectory(clip.masks(), clip.frame_times_s(), name=str(clip.video_path))
    return {"levels": paired_levels(mel_levels(spectrogram(clip.audio()))), "path": seen_path(seen)}


def epochs_for(clips: int) -> int:
    """How many epochs take about a minute."""
    return int(np.clip(round(_CLIPS_SHOWN / clips), 8, 60))


def _train(
    levels: np.ndarray,
    path: np.ndarray,
    settings: PathSettings,
    seed: int,
    bar: Any,
) -> PathNetwork:
    def on_epoch(_: History) -> None:
        if bar is not None:
            bar.update(_CLIPS_SHOWN * _SHOWN_MS / settings.epochs)

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = PathNetwork(settings)
        both = torch.from_numpy(levels), torch.from_numpy(path)
        fit_heard_path(network, *both, settings, seed=seed, on_epoch=on_epoch)
    return network


def rms_px(error_px: np.ndarray, sessions: np.ndarray) -> str:
    """Root of the mean square of errors [N, ...] along an axis, with its interval: whole sessions are drawn."""
    square = np.square(error_px).reshape(len(error_px), -1).mean(axis=1)
    low, high = (number(edge**0.5, 0) for edge in cluster_interval(square, sessions))
    return f"{number(square.mean() ** 0.5, 0)} ({low} to {high})"


def compare_information(heard: HeardPlaces) -> list[Comparison]:
    """Set the error of the heard places beside that of the recordings, and beside a guess."""
    real = real_statistics()["information"]["end_error_px"]
    still = heard.travel_px < STILL_PX
    everything = np.full(len(still), True)
    theirs = f"{real['value']} ({real['words']})"
    rows = [
        ("last moment", heard.error_px[:, -1], everything, theirs),
        ("all moments", heard.error_px, everything, ""),
        (f"all moments, {(~still).sum()} clips in which the object moves", heard.error_px, ~still, ""),
        (f"all moments, {still.sum()} clips in which it lies still", heard.error_px, still, ""),
        ("all moments, the mean place instead of what is heard", heard.guess_px, everything, ""),
    ]
    errors = [
        shown(_SECTION, f"{_ERROR}: {what}", rms_px(error[own], heard.sessions[own]), real_error)
        for what, error, own, real_error in rows
        if own.any()
    ]
    return [shown(_SECTION, "how it was measured", _describe(heard), ""), *errors]


def _describe(heard: HeardPlaces) -> str:
    """Say what the network learned from and what it was asked."""
    sessions = len(set(heard.sessions))
    return (
        f"{heard.training_clips} clips to learn from, {heard.epochs} epochs; asked about {len(heard.sessions)} clips of "
        f"{sessions} other sessions"
    )
