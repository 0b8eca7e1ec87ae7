"""Contact maps: what happened at which wall and when, drawn once from the sound and once from the movement.

An object hits a wall: the microphone of that wall is loudest, and the camera sees the object turn back there, at the same
time. Two small networks draw a map of 4 walls x 49 steps of 81 ms, one from the sound, one from the movement. A sound and a
video belong together if their maps agree, up to a few steps that the clocks may be apart.

The tray is square. So one network looks at the sound *as seen from each wall*: the microphone of this wall, of the next one
(clockwise), of the opposite one, of the previous one. The other looks at the movement as seen from each wall: how far this
wall is, how fast the object comes. What is learned at one wall is known at all four.

Source: the InfoNCE loss is van den Oord et al., "Representation learning with contrastive predictive coding", 2018, eq. 4.
Notebook: 05_contact_maps.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from labutils.augmentation import shift_in_time
from labutils.errors import expect_ranges
from labutils.one_cycle import fit_one_cycle, some_clips
from labutils.physics_score import EDGE_STDS, LAGS, STEP_S, WALL_DECAY_LENGTH
from labutils.rows import Rows
from labutils.training import History, LossOf

MOVEMENT_NUMBERS = 19  # of a wall and step: what `movement_from_walls` shows
_SEEN_FROM = [[(wall + other) % 4 for other in range(4)] for wall in range(4)]


@dataclass(frozen=True)
class MapSettings:
    """Size of the two networks and how they are trained.

    A batch is `classes` x `clips_per_class` clips: most of its wrong pairs are of other objects, many of the same one.
    The maps are compared at lags from -`longest_lag` to `longest_lag` steps. `inverse_temperature` multiplies what the
    maps agree, at the start; training moves it.
    """

    width: int = 32
    channels: int = 12
    epochs: int = 40
    classes: int = 4
    clips_per_class: int = 16
    learning_rate: float = 5e-3
    weight_decay: float = 1e-3
    longest_shift: int = 4
    gain_std_db: float = 1.5
    longest_lag: int = max(LAGS)
    inverse_temperature: float = 10.0

    def __post_init__(self) -> None:
        expect_ranges(self, width=(1, math.inf), channels=(1, math.inf), epochs=(1, math.inf))
        expect_ranges(self, classes=(1, math.inf), clips_per_class=(1, math.inf), learning_rate=(0, 100))

    @property
    def lags(self) -> range:
        """Steps that the sound may be later than the picture."""
        return range(-self.longest_lag, self.longest_lag + 1)


def sound_from_walls(levels: Tensor) -> Tensor:
    """The microphones in the order own, next, opposite, previous, for every wall; [B, 4, C, T] -> [B, 4, 4 C, T]."""
    return levels[:, _SEEN_FROM].flatten(2, 3)  # (B, 4, C, T) -> (B, 4, 4, C, T) -> (B, 4, 4 C, T)


def turn_clockwise(movement: Tensor) -> Tensor:
    """The movement after a quarter turn of the tray; [B, 6, T]: x, y, variances xx, yy, xy, size (`mask_shape.moments`)."""
    x, y, xx, yy, xy, size = movement.unbind(1)
    return torch.stack([1 - y, x, yy, xx, -xy, size], dim=1)


def mirror_movement(movement: Tensor) -> Tensor:
    """The movement in a tray mirrored left to right; [B, 6, T]."""
    x, y, xx, yy, xy, size = movement.unbind(1)
    return torch.stack([1 - x, y, xx, yy, -xy, size], dim=1)


def mirror_sound(levels: Tensor) -> Tensor:
    """The sound in a tray mirrored left to right; [B, 4, C, T], microphones bottom, left, top, right."""
    return levels[:, [0, 3, 2, 1]]


def movement_from_walls(movement: Tensor) -> Tensor:
    """The movement as seen from each wall, turned so that this wall is at the bottom; [B, 6, T] -> [B, 4, 19, T]."""
    views = []
    for wall in range(4):
        turned = movement
        for _ in range((4 - wall) % 4):
            turned = turn_clockwise(turned)
        views.append(_seen_from_bottom(turned))
    return torch.stack(views, dim=1)


def _seen_from_bottom(movement: Tensor) -> Tensor:
    """Distance, nearness of the four walls, velocity, acceleration and extent of the object; [B, 6, T] -> [B, 19, T]."""
    x, y, xx, yy, _, size = movement.unbind(1)
    std_x, std_y = xx.clamp(min=0).sqrt(), yy.clamp(min=0).sqrt()
    # bottom, left, top, right: own, next, ...
    gaps = ((1 - y, std_y), (x, std_x), (y, std_y), (1 - x, std_x))
    nearness = [_nearness(distance - EDGE_STDS * std) for distance, std in gaps]
    velocity_x, velocity_y = _slope(x), _slope(y)
    acceleration_x, acceleration_y = _slope(velocity_x), _slope(velocity_y)
    log_speed = torch.log(torch.hypot(velocity_x, velocity_y) + 0.004)
    # what trembles by a hundredth of a tray width a second must be seen beside what slides by a whole one
    soft = [torch.asinh(scale * velocity) for scale in (10, 100) for velocity in (velocity_x, velocity_y)]
    seen = [1 - y, x - 0.5, *nearness, velocity_x, velocity_y, log_speed, *soft]
    seen += [acceleration_x, acceleration_y, torch.asinh(acceleration_y), std_x, std_y, size]
    return torch.stack(seen, dim=1)


def _nearness(gap: Tensor) -> Tensor:
    """1 where the edge of the object touches the wall, falling to 0 away from it."""
    return torch.exp(-gap.clamp(min=-0.1) / WALL_DECAY_LENGTH)


def _slope(values: Tensor) -> Tensor:
    """Change a second; [B, T] -> [B, T]."""
    return torch.gradient(values, dim=1)[0] / STEP_S


class WallNetwork(nn.Module):
    """Draws a map from views of the four walls, with the same weights for each wall; [B, 4, C, T] -> [B, 4, channels, T].

    Three convolutions over time; the second is dilated, has a shortcut, and hears what happens at all walls and times.
    """

    def __init__(self, inputs: int, settings: MapSettings):
        super().__init__()
        width = settings.width
        self.register_buffer("mean", torch.zeros(inputs, 1))
        self.register_buffer("std", torch.ones(inputs, 1))
        self.first = nn.Conv1d(inputs, width, 5, padding=2)
        self.first_norm = nn.BatchNorm1d(width)
        self.second = nn.Conv1d(width, width, 5, padding=4, dilation=2)
        self.second_norm = nn.BatchNorm1d(width)
        self.context = nn.Linear(width, width)
        self.last = nn.Conv1d(width, settings.channels, 3, padding=1)
        self.dropout = nn.Dropout(0.1)

    def forward(self, views: Tensor) -> Tensor:
        x = ((views - self.mean) / self.std).flatten(0, 1)  # (B, 4, C, T) -> (4 B, C, T)
        x = self.dropout(functional.relu(self.first_norm(self.first(x))))
        everywhere = x.mean(dim=2).unflatten(0, (-1, 4)).mean(dim=1)  # -> (B, width)
        context = self.context(everywhere).repeat_interleave(4, dim=0).unsqueeze(2)  # -> (4 B, width, 1)
        x = x + self.dropout(functional.relu(self.second_norm(self.second(x)) + context))
        return self.last(x).unflatten(0, (-1, 4))  # -> (B, 4, channels, T)


class ContactMaps(nn.Module):
    """The two networks, and the score of a sound and a video: how well their maps agree.

    Args:
        bands: C, numbers that each microphone gives at a step.
        settings: sizes.
    """

    def __init__(self, bands: int, settings: MapSettings):
        super().__init__()
        self.audio = WallNetwork(4 * bands, settings)
        self.video = WallNetwork(MOVEMENT_NUMBERS, settings)
        self.lags = settings.lags
        self.lag_score = nn.Parameter(torch.zeros(len(self.lags)))
        self.log_temperature = nn.Parameter(torch.tensor(math.log(settings.inverse_temperature)))

    def fit_scale(self, levels: Tensor, movement: Tensor) -> None:
        """Take means and standard deviations of the training clips; the four microphones share one of each."""
        self.audio.mean.fill_(levels.mean())
        self.audio.std.fill_(levels.std())
        views = movement_from_walls(movement)  # (B, 4, 19, T)
        self.video.mean.copy_(views.mean(dim=(0, 1, 3))[:, None])
        self.video.std.copy_(views.std(dim=(0, 1, 3))[:, None] + 1e-6)

    def audio_maps(self, levels: Tensor) -> Tensor:
        """Maps of length 1, drawn from sounds; [N, 4, C, T] -> [N, 4, channels, T]."""
        return _unit_length(self.audio(sound_from_walls(levels)))

    def video_maps(self, movement: Tensor) -> Tensor:
        """Maps of length 1, drawn from movements; [M, 6, T] -> [M, 4, channels, T]."""
        return _unit_length(self.video(movement_from_walls(movement)))

    def agreement(self, audio_maps: Tensor, video_maps: Tensor) -> Tensor:
        """Inner product of the maps at every lag, -1 to 1; [N, ...], [M, ...] -> [lags, N, M].

        At a lag of +1 the sound is one step later than the picture.
        """
        heard = audio_maps.flatten(1)
        return torch.stack([heard @ _delayed(video_maps, lag).flatten(1).T for lag in self.lags])

    def scores(self, audio_maps: Tensor, video_maps: Tensor) -> Tensor:
        """Log-sum-exp over the lags of the scaled inner product of the maps; [N, ...], [M, ...] -> [N, M].

        The prior of the lags is learned.
        """
        prior = self.lag_score.log_softmax(dim=0)[:, None, None]
        agreement = self.agreement(audio_maps, video_maps)  # (lags, N, M)
        return (self.log_temperature.exp() * agreement + prior).logsumexp(dim=0)


def _unit_length(maps: Tensor) -> Tensor:
    return functional.normalize(maps.flatten(1), dim=1).view_as(maps)


def _delayed(maps: Tensor, lag: int) -> Tensor:
    """Maps that come `lag` steps later, with zeros where nothing is known; [..., T] -> [..., T]."""
    return functional.pad(maps, (lag, -lag))


def agreement_cells(audio_map: Tensor, video_map: Tensor, lag: int) -> Tensor:
    """Where two maps agree: their product at one lag, summed over the channels.

    Args:
        audio_map: [4, channels, T].
        video_map: [4, channels, T].
        lag: steps that the sound is later than the picture.

    Returns:
        [4, T], one number a wall and step of the sound; they add up to `ContactMaps.agreement`.

    Notebook: 05_contact_maps.
    """
    return (audio_map * _delayed(video_map, lag)).sum(dim=1)  # (4, channels, T) -> (4, T)


def shared_channel(audio_maps: Tensor, video_maps: Tensor) -> tuple[Tensor, Tensor]:
    """The one mixture of channels in which N sounds and their own videos agree most.

    A map has several channels, a picture has one. The singular vectors of the covariance of both maps say how to mix.

    Args:
        audio_maps: [N, 4, channels, T].
        video_maps: [N, 4, channels, T], of the same clips.

    Returns:
        Weights of the channels of the sound's maps and of the video's, [channels] each, of length 1; the sign is such that
        the largest values of the heard picture are positive.

    Notebook: 05_contact_maps.
    """
    # (N 4 T, channels)
    heard, seen = (maps.transpose(2, 3).flatten(0, 2) for maps in (audio_maps, video_maps))
    heard, seen = heard - heard.mean(dim=0), seen - seen.mean(dim=0)
    left, _, right = torch.linalg.svd(heard.T @ seen)
    sign = torch.sign((heard @ left[:, 0]).pow(3).mean())
    return sign * left[:, 0], sign * right[0]


def info_nce(scores: Tensor) -> Tensor:
    """Symmetric InfoNCE of every clip: its video among all videos, its sound among all sounds; [B, B] -> [B].

    True pairs stand on the diagonal.
    """
    target = torch.arange(len(scores))
    by_sound = functional.cross_entropy(scores, target, reduction="none")
    by_video = functional.cross_entropy(scores.T, target, reduction="none")
    return (by_sound + by_video) / 2


def augment_pairs(
    levels: Tensor, movement: Tensor, settings: MapSettings, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Both halves of a batch mirrored together and shifted by the same time, the sound up to one step more or less.

    Args:
        levels: [B, 4, C, T] in dB.
        movement: [B, 6, T].
        settings: longest shift in steps, standard deviation of the gain.
        rng: the source of randomness.
    """
    count, longest = len(levels), settings.longest_shift
    mirrored = torch.from_numpy(rng.random(count) < 0.5)
    levels = torch.where(mirrored[:, None, None, None], mirror_sound(levels), levels)
    movement = torch.where(mirrored[:, None, None], mirror_movement(movement), movement)
    together = torch.from_numpy(rng.integers(-longest, longest + 1, count))
    apart = torch.from_numpy(rng.integers(-1, 2, count))
    gain = torch.from_numpy(settings.gain_std_db * rng.standard_normal((count, 1, 1, 1))).float()
    return shift_in_time(levels, together + apart) + gain, shift_in_time(movement, together)


def _batches(labels: np.ndarray, settings: MapSettings, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Indices of some clips of some classes, as many batches as give every clip about one turn."""
    of_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    chosen = min(settings.classes, len(of_class))
    for _ in range(max(1, len(labels) // (chosen * settings.clips_per_class))):
        classes = rng.choice(len(of_class), chosen, replace=False)
        yield np.concatenate([rng.permutation(of_class[c])[: settings.clips_per_class] for c in classes])


def contact_loss(network: ContactMaps) -> LossOf:
    """InfoNCE of a batch (levels, movement), with the share of sounds whose own video has the best score."""

    def loss_of(batch):
        levels, movement = batch
        scores = network.scores(network.audio_maps(levels), network.video_maps(movement))
        losses = info_nce(scores)
        right = scores.argmax(dim=1) == torch.arange(len(scores))
        return losses.mean(), {"loss": losses, "accuracy": right}

    return loss_of


def fit_contact_maps(
    network: ContactMaps,
    levels: Tensor | Rows,
    movement: Tensor | Rows,
    labels: Sequence[int],
    settings: MapSettings,
    *,
    seed: int,
    loss: Callable[[ContactMaps], LossOf] = contact_loss,
    **callbacks,
) -> History:
    """Train the two networks on both halves of N clips.

    Args:
        network: trained in place.
        levels: [N, 4, C, T] in dB.
        movement: [N, 6, T].
        labels: classes [N]; a batch holds a few of them.
        settings: epochs, batches, augmentation, ...
        seed: draws batches and augmentation.
        loss: of the network; InfoNCE unless said otherwise.
        callbacks: those of `training.fit`.
    """
    network.fit_scale(some_clips(levels), some_clips(movement))

    def batches(rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        for indices in _batches(np.asarray(labels), settings, rng):
            yield augment_pairs(levels[indices], movement[indices], settings, rng)

    return fit_one_cycle(network, batches, loss(network), settings, seed=seed, **callbacks)
