"""How the lab's own system is trained: its parts on clips, its calibration on sessions that the parts did not hear.

Notebook: 05_contact_maps.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from labutils import matching
from labutils.clips import CLASS_NAMES, Clip, data_set_fingerprint, train_clips
from labutils.contact_maps import ContactMaps, fit_contact_maps
from labutils.mask_shape import fit_shape_classifier
from labutils.progress import progress_bar
from labutils.sound_class import (
    SoundClassifier,
    TemporalNetwork,
    fit_sound_discriminant,
    fit_temporal_network,
)
from labutils.splits import session_folds
from labutils.systems.contact import (
    CONTACT,
    OFFSETS,
    STEP_BANDS,
    Calibration,
    ContactSettings,
    ContactSystem,
    Parts,
    Sounds,
    Videos,
    pair_scores,
    solve,
    sound_features,
    video_features,
)
from labutils.training import History, train_once

# Milliseconds of one core that a clip takes: what the progress bar counts, so that its estimate holds.
_SOUND_COST, _VIDEO_COST, _MAP_COST, _NETWORK_COST = 22, 30, 0.6, 0.4


@dataclass(frozen=True)
class Group:
    """A made-up test group: indices of clips that give a sound, [N], and of clips that give a video, [M]."""

    sounds: np.ndarray
    videos: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        """Index in `videos` of every sound's own video, -1 for none; int [N]."""
        place = {clip: index for index, clip in enumerate(self.videos.tolist())}
        return np.array([place.get(clip, matching.UNMATCHED) for clip in self.sounds.tolist()])


@dataclass(frozen=True)
class _Share:
    """Moves a bar on by what each clip costs; many clips at once come from the cache and took no time."""

    bar: Any
    cost: float

    def update(self, clips: int = 1) -> bool | None:
        return (self.bar.skip if clips > 1 else self.bar.update)(self.cost * clips)


def train(
    data: Path,
    settings: ContactSettings = CONTACT,
    *,
    checkpoints: Path | None = None,
    cache: Path | None = None,
    progress: bool = True,
) -> ContactSystem:
    """Train the whole system on a folder of labelled clips.

    Args:
        data: folder with `train/`.
        settings: what to train.
        checkpoints: folder in which an interrupted run finds what it finished; it is removed at the end.
        cache: folder for features.
        progress: show one progress bar over everything.

    Raises:
        LabError: if the data cannot be read or are too few.
    """
    clips = train_clips(data)
    folds = session_folds(clips, settings.folds, seed=settings.seed)
    total = _total_cost(len(clips), [len(train) for train, _ in folds], settings)
    with (
        progress_bar(total=total, desc="training contact", progress=progress) as bar,
        torch.random.fork_rng(),
    ):
        sounds = sound_features(clips, cache=cache, bar=_Share(bar, _SOUND_COST))
        videos = video_features(clips, cache=cache, bar=_Share(bar, _VIDEO_COST))
        trainer = _Trainer(
            settings, sounds, videos, np.array([clip.label for clip in clips]), checkpoints, bar
        )
        asked = [(trainer.fit(indices)[0], held_out) for indices, held_out in folds]
        calibration = calibrate(asked, sounds, videos, clips, settings)
        parts, histories = trainer.fit(np.arange(len(clips)))
    system = ContactSystem(settings, parts, calibration)
    system.histories = histories
    system.metadata = {
        "data_set": data_set_fingerprint(data),
        "training_clips": len(clips),
        "folds": len(folds),
    }
    if checkpoints is not None:
        shutil.rmtree(checkpoints, ignore_errors=True)
    return system


def _total_cost(clips: int, fold_sizes: Sequence[int], settings: ContactSettings) -> float:
    passes = sum(fold_sizes) + clips
    an_epoch = settings.maps.epochs * _MAP_COST + settings.sound.epochs * _NETWORK_COST
    return clips * (_SOUND_COST + _VIDEO_COST) + passes * an_epoch


@dataclass(frozen=True)
class _Trainer:
    """Trains the parts on some of the clips."""

    settings: ContactSettings
    sounds: Sounds
    videos: Videos
    labels: np.ndarray
    checkpoints: Path | None
    bar: Any

    def fit(self, indices: np.ndarray) -> tuple[Parts, dict[str, History]]:
        """Parts that know the clips of these indices and no others, and the curves of their networks."""
        sounds, videos, labels = self.sounds[indices], self.videos[indices], self.labels[indices]
        settings = self.settings
        torch.manual_seed(settings.seed)
        maps, network = ContactMaps(STEP_BANDS, settings.maps), TemporalNetwork(settings.sound.width)
        steps, movement, bands = map(torch.from_numpy, (sounds.steps, videos.movement, sounds.bands))

        def fit_maps(**options) -> History:
            return fit_contact_maps(
                maps, steps, movement, labels, settings.maps, seed=settings.seed, **options
            )

        def fit_network(**options) -> History:
            return fit_temporal_network(network, bands, labels, settings.sound, seed=settings.seed, **options)

        histories = {
            "contact maps": self._run(maps, fit_maps, [steps, movement, labels, settings.maps], _MAP_COST),
            "sound network": self._run(network, fit_network, [bands, labels, settings.sound], _NETWORK_COST),
        }
        sound = SoundClassifier(network.eval(), fit_sound_discriminant(sounds.bands, labels))
        return Parts(maps.eval(), sound, fit_shape_classifier(videos.shape, labels)), histories

    def _run(self, network, train: Callable[..., History], recipe: list, cost: float) -> History:
        """Train a network, or take it from the checkpoints, and move the bar on to where this ends."""
        epochs, clips, start = recipe[-1].epochs, len(recipe[0]), self.bar.n

        def on_epoch(history: History) -> None:
            self._reach(start + (history.epochs - 1) * clips * cost)
            self.bar.update(min(clips * cost, self.bar.total - self.bar.n))

        if self.checkpoints is None:
            return train(on_epoch=on_epoch)
        recipe = [self.settings.seed, *recipe]
        history = train_once(
            network,
            lambda **options: train(on_epoch=on_epoch, **options),
            self.checkpoints,
            recipe,
            epochs=epochs,
        )
        self._reach(start + history.epochs * clips * cost)
        return history

    def _reach(self, place: float) -> None:
        """Move the bar on to where a run that was interrupted had come."""
        self.bar.skip(max(0.0, min(place, self.bar.total) - self.bar.n))


def calibrate(
    asked: Sequence[tuple[Parts, np.ndarray]],
    sounds: Sounds,
    videos: Videos,
    clips: Sequence[Clip],
    settings: ContactSettings,
) -> Calibration:
    """Learn the weights of a pair, the price of staying unmatched and the confidences.

    Args:
        asked: for every fold, parts and the indices of the held-out clips, which these parts have not heard.
        sounds, videos: features of all clips.
        clips: with label and session.
        settings: size and missing rate of the groups, seed.
    """
    labels = np.array([clip.label for clip in clips])
    counts = np.bincount(labels, minlength=len(CLASS_NAMES)) + 1e-3
    log_prior = np.log(counts / counts.sum())
    pair, as_it_is, none = fit_pairs(asked, sounds, videos, log_prior), np.array([1.0, 0.0]), np.zeros(0)
    start = Calibration(pair, log_prior, 0.0, as_it_is, as_it_is, none, none)
    rng = np.random.default_rng(settings.seed)
    complete, incomplete = (
        list(_held_out_groups(asked, clips, start, sounds, videos, settings, rate, rng))
        for rate in (0.0, settings.missing_rate)
    )
    offset = matching.tune_offset(incomplete, settings.missing_rate, OFFSETS)
    tuned = replace(start, offset=offset)
    margins = [
        _margins(groups, tuned, settings, complete=groups is complete) for groups in (complete, incomplete)
    ]
    curves = [fit_confidence(*each) for each in margins]
    confidence = [
        expit(slope * margin + intercept)
        for (slope, intercept), (margin, _) in zip(curves, margins, strict=True)
    ]
    return replace(
        tuned,
        complete=curves[0],
        incomplete=curves[1],
        confidence=np.concatenate(confidence),
        right=np.concatenate([right for _, right in margins]),
    )


def fit_pairs(
    asked: Sequence[tuple[Parts, np.ndarray]], sounds: Sounds, videos: Videos, log_prior: np.ndarray
) -> matching.PairCalibration:
    """Logistic regression over all pairs of held-out clips of each fold."""
    scores, same = [], []
    for parts, held_out in asked:
        own_sounds, own_videos = sounds[held_out], videos[held_out]
        term = matching.class_term(
            parts.sound_classes(own_sounds), parts.video_classes(own_videos), log_prior
        )
        scores.append(np.stack([parts.map_scores(own_sounds, own_videos), term], axis=-1).reshape(-1, 2))
        same.append(np.eye(len(held_out), dtype=bool).ravel())
    return matching.PairCalibration.fit(np.concatenate(scores), np.concatenate(same))


def draw_group(
    clips: Sequence[Clip], indices: np.ndarray, size: int, missing_rate: float, rng: np.random.Generator
) -> Group:
    """A group as the course makes them: classes as often as in the data, the clips of a class from one session.

    Args:
        clips: with label and session.
        indices: of the clips to draw from.
        size: sounds, and videos, in the group; fewer if there are not enough clips.
        missing_rate: share of the sounds without a video, and of the videos without a sound.
        rng: draws classes, sessions, clips and what is taken away.
    """
    unmatched = round(missing_rate * size)
    labels = np.array([clips[i].label for i in indices])
    picked: list[int] = []
    for label, count in zip(
        *np.unique(rng.choice(labels, size + unmatched), return_counts=True), strict=True
    ):
        own = indices[labels == label]
        session = clips[rng.choice(own)].session
        of_session = [i for i in own if clips[i].session == session]
        picked += rng.permutation(of_session)[:count].tolist()
    order = rng.permutation(picked)
    unmatched = min(unmatched, len(order) // 3)
    only_heard, only_seen, both = np.split(order, [unmatched, 2 * unmatched])
    return Group(rng.permutation([*both, *only_heard]), rng.permutation([*both, *only_seen]))


def _held_out_groups(
    asked,
    clips,
    calibration: Calibration,
    sounds,
    videos,
    settings: ContactSettings,
    missing_rate: float,
    rng,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pair scores and truth of groups drawn from the held-out clips of each fold."""
    for parts, held_out in asked:
        for _ in range(settings.groups_per_fold):
            group = draw_group(clips, held_out, settings.group_size, missing_rate, rng)
            yield pair_scores(parts, calibration, sounds[group.sounds], videos[group.videos]), group.truth


def _margins(groups, calibration: Calibration, settings: ContactSettings, *, complete: bool):
    """Margin of every match in some groups, and whether it is right; [P], bool [P]."""
    margins, right = [], []
    for scores, truth in groups:
        assignment, margin = solve(scores, calibration, settings.missing_rate, complete)
        made = assignment != matching.UNMATCHED
        margins.append(margin[made])
        right.append((assignment == truth)[made])
    return np.concatenate(margins), np.concatenate(right)


def fit_confidence(margin: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Slope and intercept of the logistic curve from the margin of a match to the probability that it is right; [2]."""
    if right.all() or not right.any():
        return np.array([1.0, 0.0])  # nothing to tell apart: the margin is taken for log-odds
    found = LogisticRegression(C=100.0).fit(margin[:, None], right)
    return np.array([found.coef_[0, 0], found.intercept_[0]])
