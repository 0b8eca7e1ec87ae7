"""Statistics of the sound of clips as they lie on disk: level, bands, contacts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import librosa
import numpy as np
from scipy import fft

from labutils.clips import CLIP_S, SAMPLE_RATE_HZ
from labutils.simulate.contacts import find_contacts
from labutils.validation.comparison import Comparison, in_band, near_number, real_statistics, shown

BAND_EDGES_HZ = (0, 250, 1000, 4000, SAMPLE_RATE_HZ / 2)
MEL_EDGES_DB = tuple(range(-80, 1))
FULL_SCALE = 0.999
MIDDLE_S = 0.05  # a contact this near to the middle of a clip is the one it was cut around


@dataclass(frozen=True)
class ClipSound:
    """What one clip tells."""

    peak: float  # of the loudest channel, 1 = full scale
    band_energy: np.ndarray  # (4,) between BAND_EDGES_HZ, all channels
    contacts_s: np.ndarray  # (contacts,) times within the clip
    mel_counts: np.ndarray  # (80,) how many mel cells lie in each decibel from -80 to 0


@dataclass(frozen=True)
class SoundStatistics:
    """The sound of the clips of one class, or of all; shares are 0-1."""

    clips: int
    peak_db: float  # median over the clips, of the loudest channel, 0 = full scale
    full_scale: float  # share of clips that touch full scale
    below_1_khz: float  # median over the clips of the share of energy
    band_share: tuple[float, ...]  # mean over the clips: below 250 Hz, to 1 kHz, to 4 kHz, above
    contacts: float  # mean number of contacts a clip
    centred: float  # share of clips with a contact in the middle
    mel_mean_db: float
    mel_std_db: float
    mel_counts: tuple[int, ...]


def describe_sound(audio: np.ndarray) -> ClipSound:
    """Measure one clip.

    Args:
        audio: float [samples, 4] at 44.1 kHz.
    """
    return ClipSound(
        float(np.abs(audio).max(initial=0)), band_energy(audio), find_contacts(audio), mel_counts(audio)
    )


def band_energy(audio: np.ndarray) -> np.ndarray:
    """Return the energy between BAND_EDGES_HZ, all channels together, [4]; no unit."""
    power = np.square(np.abs(fft.rfft(audio, axis=0))).sum(axis=1)  # (samples, 4) -> (bins,)
    frequency_hz = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE_HZ)
    return np.histogram(frequency_hz, BAND_EDGES_HZ, weights=power)[0]


def mel_counts(audio: np.ndarray) -> np.ndarray:
    """Count the cells of the mel spectrogram by their level, as a public solution computes it.

    64 bands of power (n_fft 2048, hop 512), which `amplitude_to_db` takes for amplitudes, so that its decibels count
    double; each channel relative to its own maximum, floor at -80. A silent channel lies on the floor.

    Args:
        audio: float [samples, 4] at 44.1 kHz.

    Returns:
        int [80], cells in each decibel from -80 to 0.
    """
    # (samples, 4) -> (4, 64, frames)
    power = librosa.feature.melspectrogram(
        y=audio.T, sr=SAMPLE_RATE_HZ, n_fft=2048, hop_length=512, n_mels=64
    )
    level_db = [librosa.amplitude_to_db(channel, ref=np.max, top_db=80) for channel in power]
    return np.histogram(level_db, MEL_EDGES_DB)[0]


def sound_statistics(clips: Sequence[ClipSound]) -> SoundStatistics:
    """Describe the sound of at least one clip."""
    peak = np.array([clip.peak for clip in clips])
    energy = np.stack([clip.band_energy for clip in clips])
    share = energy / np.maximum(energy.sum(axis=1, keepdims=True), 1e-30)  # (N, 4)
    centred = [np.abs(clip.contacts_s - CLIP_S / 2).min(initial=CLIP_S) < MIDDLE_S for clip in clips]
    counts = np.sum([clip.mel_counts for clip in clips], axis=0)
    return SoundStatistics(
        len(clips),
        float(np.median(full_scale_db(peak))),
        float((peak >= FULL_SCALE).mean()),
        float(np.median(share[:, :2].sum(axis=1))),
        tuple(share.mean(axis=0).tolist()),
        float(np.mean([len(clip.contacts_s) for clip in clips])),
        float(np.mean(centred)),
        *mel_moments_db(counts),
        tuple(counts.tolist()),
    )


def full_scale_db(peak: np.ndarray) -> np.ndarray:
    """Return amplitudes in decibels, 0 dB = full scale; silence is -180 dB."""
    return librosa.amplitude_to_db(peak, ref=1.0, amin=1e-9, top_db=None)


def mel_moments_db(counts: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation of the levels behind a histogram; the lowest bin holds the floor itself."""
    level_db = np.array([MEL_EDGES_DB[0], *(edge + 0.5 for edge in MEL_EDGES_DB[1:-1])])
    mean_db = float(np.average(level_db, weights=counts))
    return mean_db, math.sqrt(float(np.average((level_db - mean_db) ** 2, weights=counts)))


def weigh_as_recorded(by_class: Mapping[str, SoundStatistics]) -> np.ndarray:
    """Return the mel counts of all clips, every class weighed by its number of recorded clips; [80].

    The recordings' figures are means over 2249 clips, of which 57 are of the quiet foam brick and 332 of the ball.
    """
    recorded = real_statistics()["motion"]["classes"]
    weights = {name: recorded[name]["clips"] / row.clips for name, row in by_class.items()}
    return np.sum([weights[name] * np.array(row.mel_counts, float) for name, row in by_class.items()], axis=0)


def compare_sound(by_class: Mapping[str, SoundStatistics], whole: SoundStatistics) -> list[Comparison]:
    """Set the sound of the clips of a data set against what is known of the recordings.

    Args:
        by_class: class name -> statistics.
        whole: of all clips together.
    """
    low_words = real_statistics()["sound"]["below_1_khz"]["words"]
    return [
        *_compare_mel(by_class),
        in_band("sound", "energy of a clip below 1 kHz, median share", whole.below_1_khz, low_words, 0.5, 1),
        *_compare_loudness(by_class),
        shown("sound", "contacts a clip, mean", whole.contacts, "“often several”"),
        in_band("sound", "clips with a contact in their middle, share", whole.centred, "all", 0.9, 1),
        in_band("sound", "clips that touch full scale, share", whole.full_scale, "not known", 0, 0.1),
        *(row for name, statistics in by_class.items() for row in _show_class(name, statistics)),
    ]


def _compare_mel(by_class: Mapping[str, SoundStatistics]) -> list[Comparison]:
    real = real_statistics()["sound"]
    figures = zip(("mean", "standard deviation"), ("mel_mean_db", "mel_std_db"), strict=True)
    return [
        near_number("sound", f"64 mel bands, {words} (dB)", ours, real[key]["value"], 1.5, digits=1)
        for ours, (words, key) in zip(mel_moments_db(weigh_as_recorded(by_class)), figures, strict=True)
    ]


def _compare_loudness(by_class: Mapping[str, SoundStatistics]) -> list[Comparison]:
    limits = real_statistics()["sound"]["span_db"]
    order = sorted(by_class, key=lambda name: by_class[name].peak_db)
    span_db = by_class[order[-1]].peak_db - by_class[order[0]].peak_db
    subject, real = "loudest to quietest class (dB)", "about 30 (assumed)"
    return [
        in_band("sound", subject, span_db, real, limits["low"], limits["high"]),
        shown("sound", "classes from quiet to loud", ", ".join(order), "not known"),
    ]


def _show_class(name: str, row: SoundStatistics) -> list[Comparison]:
    return [
        shown("sound", f"{name}: median peak (dB, 0 = full scale)", row.peak_db, "", digits=1),
        shown("sound", f"{name}: energy below 1 kHz, median share", row.below_1_khz, ""),
        shown("sound", f"{name}: energy above 4 kHz, mean share", row.band_share[3], "", digits=3),
        shown("sound", f"{name}: contacts a clip, mean", row.contacts, "", digits=1),
        shown("sound", f"{name}: clips that touch full scale, share", row.full_scale, ""),
    ]
