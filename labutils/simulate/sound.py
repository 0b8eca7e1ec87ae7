"""The sound of one session: what four contact microphones, one at the middle of each wall, hear of a moving object.

Each hit sends its contact force through walls and floor (`impact_response`). An object that slides or rolls makes noise on
the floor (`friction_noise`), the arm's motors hum (`motors`), and the microphones hiss. All of it is added up and recorded.
"""

import math

import numpy as np
from scipy import signal

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.contact_force import contact_force, floor_impedance
from labutils.simulate.friction_noise import friction_noise
from labutils.simulate.hits import Hit, find_hits
from labutils.simulate.impact_response import (
    Response,
    build_tray,
    impact_response,
    mode_responses,
    perturb_modes,
    perturb_tray,
)
from labutils.simulate.modes import object_modes
from labutils.simulate.motors import motor_hum
from labutils.simulate.objects import ImpactObject
from labutils.simulate.rig import GAIN, Rig
from labutils.simulate.tray import Motion

SLOW_RATE_HZ = SAMPLE_RATE_HZ // 4  # friction and motors have nothing to say above 5 kHz
_RING_SAMPLES = 22050  # half a second, a fast length for the FFT
_SLOW_RING_SAMPLES = 5400


def synthesise(motion: Motion, obj: ImpactObject, rig: Rig, rng: np.random.Generator) -> np.ndarray:
    """Return what the four microphones record of a session.

    Args:
        motion: from `simulate_session`.
        obj: the object that moved.
        rig: tray, microphones and motors of the day.
        rng: the source of randomness.

    Returns:
        [samples, 4] float32 in [-1, 1] at 44.1 kHz, columns bottom, left, top, right.
    """
    samples = round(len(motion.position_m) / motion.rate_hz * SAMPLE_RATE_HZ)
    own = perturb_modes(object_modes(obj), rng)
    tray = perturb_tray(build_tray(rig), rng)
    audio = np.zeros((4, samples + _RING_SAMPLES), np.float32)
    fast = mode_responses(tray, own, SAMPLE_RATE_HZ, _RING_SAMPLES)
    add_hits(audio, find_hits(motion, obj), obj, fast, rng)
    slow_response = mode_responses(tray, own, SLOW_RATE_HZ, _SLOW_RING_SAMPLES)
    slow = friction_noise(motion, obj, slow_response, rng)
    slow += motor_hum(motion, rig, SLOW_RATE_HZ, slow.shape[1], rng)
    for channel in range(4):
        audio[channel, :samples] += signal.resample_poly(slow[channel], 4, 1)[:samples]
    return _record(audio[:, :samples], rig, rng)


def add_hits(
    audio: np.ndarray, hits: list[Hit], obj: ImpactObject, response: Response, rng: np.random.Generator
) -> None:
    """Add the sound of every hit to [4, samples], in place; after the last hit there must be room for a ring."""
    impedance = floor_impedance(obj, response.ring_hz)
    for hit in hits:
        force = contact_force(hit, obj, response.rate_hz, rng)
        weights = np.exp(0.3 * rng.standard_normal(len(response.ring)))
        sound = impact_response(response, hit, force, weights * impedance / obj.mass_kg)
        start = round(hit.time_s * response.rate_hz)
        audio[:, start : start + sound.shape[1]] += sound


def _record(audio: np.ndarray, rig: Rig, rng: np.random.Generator) -> np.ndarray:
    """Pass the walls' motion through microphones and converter, (4, samples) -> (samples, 4)."""
    high_pass = signal.butter(2, 80, "highpass", fs=SAMPLE_RATE_HZ, output="sos")
    recorded = np.empty(audio.shape[::-1], np.float32)
    for channel, wave in enumerate(audio):
        delay = round(rig.microphone_delay_s[channel] * SAMPLE_RATE_HZ)
        wave = np.concatenate([np.zeros(delay, np.float32), wave[: len(wave) - delay]])
        wave = wave * np.float32(GAIN * rig.microphone_gain[channel]) + microphone_noise(rig, rng, len(wave))
        recorded[:, channel] = np.clip(signal.sosfilt(high_pass, wave), -1, 1)
    return recorded


def microphone_noise(rig: Rig, rng: np.random.Generator, samples: int) -> np.ndarray:
    """Return the hiss and the mains hum of one microphone, [samples] float32."""
    noise = rng.standard_normal(samples, dtype=np.float32)
    noise *= np.float32(rig.noise_level)
    period = SAMPLE_RATE_HZ // 50
    phase = 2 * math.pi * np.arange(period) / period
    parts = [math.pow(k, -1.5) * np.cos(k * phase + rng.uniform(0, 2 * math.pi)) for k in (1, 3, 5, 7)]
    hum = (rig.hum_level * np.sum(parts, axis=0)).astype(np.float32)
    noise += np.tile(hum, samples // period + 1)[:samples]
    return noise
