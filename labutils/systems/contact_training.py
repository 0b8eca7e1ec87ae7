"""How the lab's own system is trained: its parts on clips, its matcher on sessions that the parts did not hear.

Notebook: 05_contact_maps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from labutils.clips import CLASS_NAMES, Clip, data_set_fingerprint, simulated_as, train_clips
from labutils.contact_maps import ContactMaps, fit_contact_maps
from labutils.cores import usable_cores
from labutils.heard_path import PathNetwork, fit_heard_path
from labutils.jobs import SayDone, run_jobs
from labutils.mask_shape import fit_shape_classifier
from labutils.matching import GroupMatcher, draw_group
from labutils.progress import NotedBar, Share, progress_bar
from labutils.rows import Rows
from labutils.sound_class import (
    SoundClassifier,
    TemporalNetwork,
    fit_sound_discriminant,
    fit_temporal_network,
    sound_numbers,
)
from labutils.splits import session_folds, session_parts
from labutils.systems.contact import (
    CONTACT,
    STEP_BANDS,
    ContactSettings,
    ContactSystem,
    Parts,
    Sounds,
    Videos,
    sound_features,
    video_features,
)
from labutils.training import History, train_once

# Milliseconds of one core that a clip takes: what the progress bar counts, so that its estimate holds.
_SOUND_COST, _VIDEO_COST = 50, 30
MOST_COMPARED = 400
"""Held-out clips of which each sound is compared with each video."""
_ALONE_MS = 60_000  # below this, starting other processes takes longer than it saves


@dataclass(frozen=True)
class Examples:
    """What the parts learn from: features and classes of C clips."""

    sounds: Sounds
    videos: Videos
    labels: np.ndarray


@dataclass(frozen=True)
class Network:
    """A part that is trained by epochs.

    Attributes:
        name: in the curves and in the checkpoints.
        new: settings -> network with its first weights.
        inputs: (examples, indices) -> what it learns from of these clips, and nothing else.
        fit: (network, *inputs, settings, seed, callbacks) -> curves.
        settings: of this part.
        cost_ms: of a clip in an epoch, about.
    """

    name: str
    new: Callable[[ContactSettings], nn.Module]
    inputs: Callable[[Examples, np.ndarray], tuple[Rows | np.ndarray, ...]]
    fit: Callable[..., History]
    settings: Callable[[ContactSettings], object]
    cost_ms: float


PATH = Network(
    name="heard path",
    new=lambda settings: PathNetwork(settings.path),
    inputs=lambda own, some: (Rows(own.sounds.levels, some), Rows(own.videos.path, some)),
    fit=fit_heard_path,
    settings=lambda settings: settings.path,
    cost_ms=1.4,
)
MAPS = Network(
    name="contact maps",
    new=lambda settings: ContactMaps(STEP_BANDS, settings.maps),
    inputs=lambda own, some: (
        Rows(own.sounds.steps, some),
        Rows(own.videos.movement, some),
        own.labels[some],
    ),
    fit=fit_contact_maps,
    settings=lambda settings: settings.maps,
    cost_ms=0.9,
)
SOUND = Network(
    name="sound network",
    new=lambda settings: TemporalNetwork(settings.sound.width),
    inputs=lambda own, some: (Rows(own.sounds.levels, some), own.labels[some]),
    fit=fit_temporal_network,
    settings=lambda settings: settings.sound,
    cost_ms=0.5,
)
NETWORKS = (PATH, MAPS, SOUND)
"""The one that takes longest first."""


def train(
    data: Path,
    settings: ContactSettings = CONTACT,
    *,
    checkpoints: Path | None = None,
    cache: Path | None = None,
    progress: bool = True,
    workers: int | None = None,
) -> ContactSystem:
    """Train the whole system on a folder of labelled clips.

    Args:
        data: folder with `train/`.
        settings: what to train.
        checkpoints: folder in which an interrupted run finds what it finished; the caller removes it in the end.
        cache: folder for features.
        progress: show one progress bar over everything.
        workers: networks that are trained at the same time, one core each; default: as many as there are cores, or one if
            all of it takes less than a minute. The result is the same.

    Raises:
        LabError: if the data cannot be read or are too few.
    """
    clips = train_clips(data)
    folds = session_folds(clips, settings.folds, seed=settings.seed)
    learned_from = [*(known for known, _ in folds), np.arange(len(clips))]
    costs = network_costs([len(known) for known in learned_from], settings)
    if workers is None:
        workers = min(usable_cores(), len(costs)) if sum(costs) > _ALONE_MS else 1
    total = sum(costs) + len(clips) * (_SOUND_COST + _VIDEO_COST)
    shown = progress_bar(total=total, desc="training contact", progress=progress)
    with NotedBar(shown, checkpoints) as bar:
        sounds = sound_features(clips, cache=cache, bar=Share(bar, _SOUND_COST))
        videos = video_features(clips, cache=cache, bar=Share(bar, _VIDEO_COST))
        examples = Examples(sounds, videos, np.array([clip.label for clip in clips]))
        by_size = fit_networks(examples, learned_from, settings, bar, workers=workers, keep=checkpoints)
    log_prior = class_log_prior(examples.labels)
    *of_folds, parts = [
        assemble(*(network for network, _ in own), examples, known, log_prior)
        for own, known in zip(by_size, learned_from, strict=True)
    ]
    matcher = calibrate(of_folds, [held_out for _, held_out in folds], examples, clips, settings)
    system = ContactSystem(settings, parts, matcher)
    system.histories = {kind.name: history for kind, (_, history) in zip(NETWORKS, by_size[-1], strict=True)}
    system.metadata = {
        "data_set": data_set_fingerprint(data),
        "simulated": simulated_as(data),
        "training_clips": len(clips),
        "folds": len(folds),
    }
    return system


def network_costs(sizes: Sequence[int], settings: ContactSettings) -> list[float]:
    """Milliseconds of one core that each network takes on so many clips: first one network on all sizes, then the next."""
    return [
        size * network.settings(settings).epochs * network.cost_ms for network in NETWORKS for size in sizes
    ]


def fit_networks(
    examples: Examples,
    learned_from: Sequence[np.ndarray],
    settings: ContactSettings,
    bar: Any,
    *,
    workers: int,
    keep: Path | None = None,
) -> list[list[tuple[nn.Module, History]]]:
    """Train all `NETWORKS` on each choice of clips; for each choice, the networks in their order, with their curves.

    Args:
        examples: of all clips.
        learned_from: indices of the clips, for each choice.
        settings: of the whole system.
        bar: moved on by `network_costs`.
        workers: networks that are trained at the same time.
        keep: as of `fit_network`.
    """
    jobs = [
        partial(fit_network, network, examples, known, settings, keep)
        for network in NETWORKS
        for known in learned_from
    ]
    costs = network_costs([len(known) for known in learned_from], settings)
    fitted = run_jobs(jobs, costs, bar, workers=workers)
    return [fitted[n :: len(learned_from)] for n in range(len(learned_from))]


def fit_network(
    kind: Network,
    examples: Examples,
    indices: np.ndarray,
    settings: ContactSettings,
    keep: Path | None,
    say_done: SayDone | None = None,
) -> tuple[nn.Module, History]:
    """Train one of `NETWORKS` on the clips of these indices and on no others.

    Args:
        kind: of network.
        examples: of all clips.
        indices: of the clips to learn from.
        settings: of the whole system.
        keep: folder of checkpoints and finished weights, with which the same training goes on; None keeps nothing.
        say_done: called after every epoch with the cost of what is done, in ms.
    """
    inputs, part = kind.inputs(examples, indices), kind.settings(settings)

    def on_epoch(history: History) -> None:
        if say_done is not None:
            say_done(history.epochs * len(indices) * kind.cost_ms)

    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        network = kind.new(settings)
        fit = partial(kind.fit, network, *inputs, part, seed=settings.seed, on_epoch=on_epoch)
        if keep is None:
            history = fit()
        else:
            recipe = [kind.name, settings.seed, *inputs, part]
            history = train_once(network, fit, keep, recipe, epochs=part.epochs, on_epoch=on_epoch)
    return network.eval(), history


def assemble(
    path: PathNetwork | None,
    maps: ContactMaps | None,
    sound_network: TemporalNetwork,
    examples: Examples,
    known: np.ndarray,
    log_prior: np.ndarray,
) -> Parts:
    """The parts of a system: trained networks, and the discriminants that learn from the same clips in no time.

    Args:
        path, maps, sound_network: trained on the clips of the indices `known` of the examples.
        examples: of all clips.
        known: indices.
        log_prior: logarithm of the share of each class, [10].
    """
    labels = examples.labels[known]
    heard = sound_numbers(Rows(examples.sounds.levels, known), examples.sounds.tones[known])
    sound = SoundClassifier(sound_network, fit_sound_discriminant(heard, labels))
    return Parts(maps, path, sound, fit_shape_classifier(examples.videos.shape[known], labels), log_prior)


def class_log_prior(labels: np.ndarray) -> np.ndarray:
    """Logarithm of the share of each class, [10]; never quite zero."""
    counts = np.bincount(labels, minlength=len(CLASS_NAMES)) + 1e-3
    return np.log(counts / counts.sum())


def calibrate(
    parts: Sequence[Parts],
    held_out: Sequence[np.ndarray],
    examples: Examples,
    clips: Sequence[Clip],
    settings: ContactSettings,
) -> GroupMatcher:
    """Learn the weights of a pair, the price of staying unmatched and the confidences.

    The pairs of many clips would be far more than such few numbers need: a fold of more than `MOST_COMPARED` clips is asked
    in parts.

    Args:
        parts: of every fold.
        held_out: for every fold, the indices of the clips that its parts have not heard.
        examples: of all clips.
        clips: with label and session.
        settings: size and missing rate of the groups, seed.
    """
    asked = [
        (own, part)
        for own, indices in zip(parts, held_out, strict=True)
        for part in session_parts(clips, indices, MOST_COMPARED, seed=settings.seed)
    ]
    terms = [own.pair_terms(examples.sounds[part], examples.videos[part]) for own, part in asked]
    return fit_matcher(terms, [part for _, part in asked], clips, settings)


def fit_matcher(
    terms: Sequence[np.ndarray],
    held_out: Sequence[np.ndarray],
    clips: Sequence[Clip],
    settings: ContactSettings,
) -> GroupMatcher:
    """A matcher that learned from the scores [n, n, K] of the held-out clips of each fold, in groups like the course's."""
    of_fold = [[clips[i] for i in indices] for indices in held_out]

    def draw(fold: int, rate: float, rng: np.random.Generator):
        own = of_fold[fold]
        return draw_group(own, np.arange(len(own)), settings.group_size, rate, rng)

    return GroupMatcher.fit(
        terms,
        missing_rate=settings.missing_rate,
        groups_per_fold=settings.groups_per_fold,
        draw=draw,
        seed=settings.seed,
    )
