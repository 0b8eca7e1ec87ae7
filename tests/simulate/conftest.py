"""A physics without physics: the making of data sets is tested in no time."""

from types import SimpleNamespace

import numpy as np
import pytest

from labutils.simulate import recording


@pytest.fixture
def instant_physics(monkeypatch):
    """Sessions of constant sound and grey pictures, each its own by its seed."""

    def synthesise(motion, obj, rig, rng):
        return np.full((round(motion.duration_s * 44100), 4), motion.seed % 97 / 100, np.float32)

    def film(self, motion, obj, times_s, rng):
        frames = np.full((2, 480, 640, 3), motion.seed % 251, np.uint8)
        return frames, np.zeros((2, 440, 440), bool)

    def simulate(obj, *, duration_s, seed):
        return SimpleNamespace(duration_s=duration_s, seed=seed)

    monkeypatch.setattr(recording, "simulate_session", simulate)
    monkeypatch.setattr(recording, "synthesise", synthesise)
    monkeypatch.setattr(recording, "find_contacts", lambda audio: np.arange(2.5, len(audio) / 44100, 1.5))
    monkeypatch.setattr(recording.Camera, "film", film)
