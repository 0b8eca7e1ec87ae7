"""Why a sound and a video have the score they have: everything that speaks for or against each pair of a group.

Notebook: 05_contact_maps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from labutils import physics_score
from labutils.contact_maps import ContactMaps, agreement_cells, shared_channel


@dataclass(frozen=True)
class Evidence:
    """What N sounds and M videos show, and what every pair scores. T steps; walls bottom, left, top, right.

    Attributes:
        levels: float [N, 4, T], level of each microphone, dB.
        distance: float [M, 4, T], from the middle of the object to each wall, tray widths.
        heard_contacts: bool [N, 4, T], jumps of the level, found without training.
        seen_contacts: bool [M, 4, T], turns at a wall, found without training.
        audio_maps: float [N, 4, channels, T], of length 1.
        video_maps: float [M, 4, channels, T], of length 1.
        heard: float [N, 4, T], one picture of each audio map: `contact_maps.shared_channel`.
        seen: float [M, 4, T], one picture of each video map.
        lags: steps that a sound may be later than a picture.
        agreement: float [lags, N, M], -1 to 1.
        map_score: float [N, M], nats.
        class_term: float [N, M], nats.
        log_ratio: float [N, M], nats: what decides.
    """

    levels: np.ndarray
    distance: np.ndarray
    heard_contacts: np.ndarray
    seen_contacts: np.ndarray
    audio_maps: np.ndarray
    video_maps: np.ndarray
    heard: np.ndarray
    seen: np.ndarray
    lags: Sequence[int]
    agreement: np.ndarray
    map_score: np.ndarray
    class_term: np.ndarray
    log_ratio: np.ndarray

    def best_lag(self, sound: int, video: int) -> int:
        """The lag at which the two maps agree most, in steps."""
        return self.lags[int(self.agreement[:, sound, video].argmax())]

    def cells(self, sound: int, video: int) -> np.ndarray:
        """Where the two maps agree at their best lag; [4, T], adds up to the agreement."""
        maps = torch.from_numpy(self.audio_maps[sound]), torch.from_numpy(self.video_maps[video])
        return agreement_cells(*maps, self.best_lag(sound, video)).numpy()

    def pair(self, sound: int, video: int) -> dict[str, np.ndarray]:
        """What `plots.plot_pair` draws of one pair; name -> [4, T]."""
        return {
            "distance": self.distance[video],
            "seen": self.seen[video],
            "heard": self.heard[sound],
            "level": self.levels[sound],
            "agreement": self.cells(sound, video),
            "seen_contacts": self.seen_contacts[video],
            "heard_contacts": self.heard_contacts[sound],
        }

    def best_rival(self, sound: int, video: int) -> int | None:
        """The other video that scores highest with this sound; None if there is no other."""
        rivals = self.log_ratio[sound].copy()
        rivals[video] = -np.inf
        return int(rivals.argmax()) if len(rivals) > 1 else None

    def margin(self, sound: int, video: int) -> float:
        """How far the pair stands above the best other video of its sound, nats; inf if there is none."""
        rival = self.best_rival(sound, video)
        return (
            float("inf")
            if rival is None
            else float(self.log_ratio[sound, video] - self.log_ratio[sound, rival])
        )


@torch.no_grad()
def collect_evidence(
    network: ContactMaps,
    levels: np.ndarray,
    movement: np.ndarray,
    *,
    class_term: np.ndarray,
    log_ratio: np.ndarray,
    channel: tuple[torch.Tensor, torch.Tensor],
) -> Evidence:
    """Draw the maps of a group and put beside them what they were drawn from.

    Args:
        network: trained.
        levels: float32 [N, 4, C, T] in dB.
        movement: float32 [M, 6, T].
        class_term: float [N, M], of `matching.class_term`.
        log_ratio: float [N, M], the calibrated score of every pair.
        channel: how the channels of the sound's and of the video's maps are mixed for a picture, [channels] each.
    """
    network.eval()
    audio_maps = network.audio_maps(torch.from_numpy(levels))
    video_maps = network.video_maps(torch.from_numpy(movement))
    return Evidence(
        levels=physics_score.wall_levels(levels),
        distance=physics_score.wall_distances(movement),
        heard_contacts=physics_score.strongest(physics_score.heard_contacts(levels)),
        seen_contacts=physics_score.strongest(physics_score.seen_contacts(movement)),
        audio_maps=audio_maps.numpy(),
        video_maps=video_maps.numpy(),
        heard=_mixed(audio_maps, channel[0]),
        seen=_mixed(video_maps, channel[1]),
        lags=tuple(network.lags),
        agreement=network.agreement(audio_maps, video_maps).numpy(),
        map_score=network.scores(audio_maps, video_maps).numpy(),
        class_term=class_term,
        log_ratio=log_ratio,
    )


@torch.no_grad()
def channel_of(
    network: ContactMaps, levels: np.ndarray, movement: np.ndarray
) -> tuple[torch.Tensor, torch.Tensor]:
    """The channel that the maps of N clips share, see `contact_maps.shared_channel`; [N, 4, C, T], [N, 6, T]."""
    network.eval()
    return shared_channel(
        network.audio_maps(torch.from_numpy(levels)), network.video_maps(torch.from_numpy(movement))
    )


def _mixed(maps: torch.Tensor, weights: torch.Tensor) -> np.ndarray:
    return (maps * weights[:, None]).sum(dim=2).numpy()  # (N, 4, channels, T) -> (N, 4, T)
