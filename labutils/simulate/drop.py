"""One object dropped into the tilting tray: its motion, its hits, the sound of four microphones and the pictures.

A data set holds clips cut from such sessions. Here is a short session as a whole, with the truth beside it, made in seconds.

Notebook: 01_spectrograms.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from labutils.simulate.camera import Camera
from labutils.simulate.hits import Hit, find_hits
from labutils.simulate.objects import OBJECTS, ImpactObject
from labutils.simulate.rig import Rig
from labutils.simulate.sound import synthesise
from labutils.simulate.tray import TRAY_WIDTH_M, Motion, simulate_session

FRAME_RATE_HZ = 6.0
_JUST_BEFORE_S = 0.002  # the speed of a hit is that before the contact slows the object down


@dataclass(frozen=True)
class Drop:
    """What happened to one object, what was heard and what was seen."""

    obj: ImpactObject
    motion: Motion
    hits: list[Hit]  # in order of time
    audio: np.ndarray  # (samples, 4) at 44.1 kHz, columns bottom, left, top, right
    times_s: np.ndarray  # (T,) when the pictures were taken
    frames: np.ndarray  # (T, 480, 640, 3) uint8
    masks: np.ndarray  # (T, 440, 440) bool

    @property
    def path(self) -> np.ndarray:
        """The path of the object's middle, (n, 2) in tray widths, x right and y down; a thousand points a second."""
        return tray_widths(self.motion.position_m)

    @property
    def path_times_s(self) -> np.ndarray:
        """When the object was where `path` says, (n,)."""
        return np.arange(len(self.motion.position_m)) / self.motion.rate_hz

    @property
    def frame_places(self) -> np.ndarray:
        """Where the object's middle was in every picture, (T, 2) in tray widths."""
        samples = np.rint(self.times_s * self.motion.rate_hz).astype(int)
        return self.path[np.minimum(samples, len(self.path) - 1)]

    @property
    def hit_times_s(self) -> np.ndarray:
        """When the walls were hit, (hits,)."""
        return np.array([hit.time_s for hit in self.hits])

    @property
    def hit_walls(self) -> np.ndarray:
        """Which wall was hit, (hits,) as the number of its microphone."""
        return np.array([hit.wall for hit in self.hits], dtype=int)

    @property
    def hit_places(self) -> np.ndarray:
        """Where the walls were hit, (hits, 2) in tray widths, x right and y down."""
        return tray_widths(np.array([hit.point_m for hit in self.hits]).reshape(-1, 3))

    @property
    def hit_speeds_m_s(self) -> np.ndarray:
        """How fast the object's middle was just before each hit, (hits,)."""
        samples = np.rint((self.hit_times_s - _JUST_BEFORE_S) * self.motion.rate_hz).astype(int)
        return np.linalg.norm(self.motion.velocity_m_s[np.maximum(samples, 0)], axis=1)


def tray_widths(positions_m: np.ndarray) -> np.ndarray:
    """Turn positions in the frame of the tray into those of the picture, (n, 3) metres -> (n, 2) tray widths, y down."""
    return 0.5 + positions_m[:, :2] * (1, -1) / TRAY_WIDTH_M


def drop_object(label: int, *, seed: int, duration_s: float = 5.0) -> Drop:
    """Drop an object into the tray, tilt it at random, listen and watch.

    Tray, microphones and camera are the nominal ones, so that the four walls are equal.

    Args:
        label: class number, 0-9.
        seed: of the tilts, the start and the noise; same seed, same drop on one machine.
        duration_s: how long, after the object has settled.

    Raises:
        RuntimeError: the object left the tray in five attempts.
    """
    obj = OBJECTS[label]
    motion = simulate_session(obj, duration_s=duration_s, seed=seed)
    rng = np.random.default_rng([seed, zlib.crc32(b"drop")])
    audio = synthesise(motion, obj, Rig(), rng)
    times_s = np.arange(0, duration_s, 1 / FRAME_RATE_HZ)
    camera = Camera(flicker=0.0)  # a flash of the lamp would distract from the hits
    frames, masks = camera.film(motion, obj, times_s, rng)
    return Drop(obj, motion, find_hits(motion, obj), audio, times_s, frames, masks)
