"""Statistics of the sound: of clips as they lie on disk, and of sessions of which the simulator knows every hit.

A clip tells its level, its bands and its contacts. Which wall was hit, whether the arm moved and whether the object
lay still, only a freshly simulated session tells.
"""

import dataclasses
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import librosa
import numpy as np
from scipy import signal

from labutils.clips import CLIP_S, SAMPLE_RATE_HZ
from labutils.simulate.comparison import Comparison, in_band, near_number, real_statistics, shown
from labutils.simulate.objects import ImpactObject
from labutils.simulate.sound import Hit, Rig, find_contacts, find_hits, synthesise
from labutils.simulate.tray import Motion, simulate_session

BAND_EDGES_HZ = (0, 250, 1000, 4000, SAMPLE_RATE_HZ / 2)
MEL_EDGES_DB = tuple(range(-80, 1))
FULL_SCALE = 0.999
MIDDLE_S = 0.05  # a contact this near to the middle of a clip is the one it was cut around
ISOLATED_S = {
    "loudest": (0.15, 0.05),
    "decay": (0.10, 0.35),
    "before": (0.32, 0.02),
}  # no other hit before, after
_ALSO_RAN = 0.1  # hits with less than this share of the impulse do not count as others
MOTOR_BANDS_HZ = (500, 1600, 3400)
_STEP_S = 0.004  # of envelopes
_BAND_STEP_S = 0.02


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
    mel_sd_db: float
    mel_counts: tuple[int, ...]


# Clips


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
    power = np.square(np.abs(np.fft.rfft(audio, axis=0))).sum(axis=1)  # (samples, 4) -> (bins,)
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
    power = librosa.feature.melspectrogram(
        y=audio.T, sr=SAMPLE_RATE_HZ, n_fft=2048, hop_length=512, n_mels=64
    )
    level_db = [
        librosa.amplitude_to_db(channel, ref=np.max, top_db=80) for channel in power
    ]  # 4 x (64, frames)
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
        float(np.median(decibels(peak))),
        float((peak >= FULL_SCALE).mean()),
        float(np.median(share[:, :2].sum(axis=1))),
        tuple(share.mean(axis=0).tolist()),
        float(np.mean([len(clip.contacts_s) for clip in clips])),
        float(np.mean(centred)),
        *mel_moments_db(counts),
        tuple(counts.tolist()),
    )


def mel_moments_db(counts: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation of the levels behind a histogram; the lowest bin holds the floor itself."""
    level_db = np.array([MEL_EDGES_DB[0], *(edge + 0.5 for edge in MEL_EDGES_DB[1:-1])])
    mean_db = float(np.average(level_db, weights=counts))
    return mean_db, math.sqrt(float(np.average((level_db - mean_db) ** 2, weights=counts)))


def decibels(amplitude: np.ndarray) -> np.ndarray:
    """Return 20 log10, with a floor far below any sound."""
    return 20 * np.log10(np.maximum(amplitude, 1e-9))


# Sessions


@dataclass(frozen=True)
class Heard:
    """A simulated session with everything the simulator knows of it."""

    obj: ImpactObject
    motion: Motion
    audio: np.ndarray  # (samples, 4) float32
    hits: list[Hit]


@dataclass(frozen=True)
class HitSounds:
    """Hits of some sessions that stand alone for long enough to tell something, as many as there are for each."""

    own_wall: np.ndarray  # (H,) bool: the microphone of the wall that was hit is the loudest
    margin_db: np.ndarray  # (H,) its peak above the mean of the two neighbouring walls
    fall_20_db_s: np.ndarray  # (D,) time from the peak until the level has fallen by 20 dB
    fall_30_db_s: np.ndarray  # (D,)
    die_out_s: np.ndarray  # (D,) until it has fallen by 40 dB or to 6 dB above the level at rest
    before_db: np.ndarray  # (B,) level below 2 kHz in the 300 ms before the hit, above the level at rest


def hear_session(obj: ImpactObject, *, duration_s: float, seed: int) -> Heard:
    """Simulate a session as the generator does.

    Args:
        obj: the object.
        duration_s: length in seconds.
        seed: same object, length and seed, same session.
    """
    rng = np.random.default_rng([seed, zlib.crc32(obj.name.encode())])  # each on a day of its own
    motion = simulate_session(obj, duration_s=duration_s, seed=seed)
    return Heard(obj, motion, synthesise(motion, obj, Rig.draw(rng), rng), find_hits(motion, obj))


def isolated(hits: Sequence[Hit], duration_s: float, *, before_s: float, after_s: float) -> list[Hit]:
    """Choose the hits without another of at least a tenth of their impulse around them.

    Args:
        hits: of one session, in order of time.
        duration_s: length of the session; hits at its ends are left out.
        before_s: no other hit for so long before.
        after_s: and after.
    """
    chosen = []
    for hit in hits:
        away_s = [
            o.time_s - hit.time_s
            for o in hits
            if o is not hit and o.impulse_n_s > _ALSO_RAN * hit.impulse_n_s
        ]
        alone = not any(-before_s < gap_s < after_s for gap_s in away_s)
        if alone and 0.35 < hit.time_s < duration_s - 0.4:
            chosen.append(hit)
    return chosen


def hit_sounds(sessions: Sequence[Heard]) -> HitSounds:
    """Measure the hits of some sessions that stand alone and 12 dB above the level at rest."""
    columns = [[], [], [], [], [], []]
    for heard in sessions:
        for column, values in zip(columns, _hits_of(heard), strict=True):
            column.extend(values)
    own_wall, *levels = (np.array(column, dtype=float) for column in columns)
    return HitSounds(own_wall > 0, *levels)


def _hits_of(heard: Heard) -> list[list[float]]:
    """The six columns of HitSounds for one session."""
    level_db, rest_db = envelope(heard.audio), level_at_rest_db(heard)
    clear = [hit for hit in heard.hits if _around(level_db, hit, 0, 0.03).max(initial=-999) > rest_db + 12]
    chosen = {
        kind: isolated(clear, len(heard.audio) / SAMPLE_RATE_HZ, before_s=before_s, after_s=after_s)
        for kind, (before_s, after_s) in ISOLATED_S.items()
    }
    walls = [_own_wall(heard.audio, hit) for hit in chosen["loudest"]]
    falls = [_falls_s(_around(level_db, hit, 0, ISOLATED_S["decay"][1]), rest_db) for hit in chosen["decay"]]
    low_db = envelope(signal.sosfilt(_below(2000), heard.audio, axis=0))
    low_rest_db = _rest_db(low_db, heard.motion)
    before = [_mean_db(_around(low_db, hit, -0.3, -0.012)) - low_rest_db for hit in chosen["before"]]
    return [*_columns(walls, 2), *_columns(falls, 3), before]


def _columns(rows: list[tuple], count: int) -> list[list[float]]:
    return [[row[i] for row in rows] for i in range(count)]


def _around(level_db: np.ndarray, hit: Hit, first_s: float, last_s: float) -> np.ndarray:
    """A piece of an envelope, between two times from a hit."""
    first, last = (max(0, round((hit.time_s + away_s) / _STEP_S)) for away_s in (first_s, last_s))
    return level_db[first:last]


def _mean_db(level_db: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(10 ** (level_db / 10))))


def _below(frequency_hz: float) -> np.ndarray:
    return signal.butter(2, frequency_hz, "lowpass", fs=SAMPLE_RATE_HZ, output="sos")


def _own_wall(audio: np.ndarray, hit: Hit) -> tuple[bool, float]:
    """Whether the wall that was hit is the loudest, and by how many dB it stands above its neighbours."""
    first = round((hit.time_s - 0.002) * SAMPLE_RATE_HZ)
    peak = np.abs(audio[first : first + round(0.03 * SAMPLE_RATE_HZ)]).max(axis=0)
    neighbours_db = decibels(peak[[(hit.wall + 1) % 4, (hit.wall + 3) % 4]]).mean()
    return bool(peak.argmax() == hit.wall), float(decibels(peak[hit.wall]) - neighbours_db)


def _falls_s(after_db: np.ndarray, rest_db: float) -> tuple[float, float, float]:
    """Time from the peak of an envelope until it lies below each of three levels; its length if it never does."""
    peak = int(after_db[:8].argmax())
    tail_db = after_db[peak:]
    limits_db = (tail_db[0] - 20, tail_db[0] - 30, max(tail_db[0] - 40, rest_db + 6))
    below = [np.flatnonzero(tail_db < limit_db) for limit_db in limits_db]
    return tuple(_STEP_S * (places[0] if len(places) else len(tail_db)) for places in below)


def envelope(audio: np.ndarray, step_s: float = _STEP_S) -> np.ndarray:
    """Return the level of all channels together in steps, dB; [steps]."""
    edges = np.rint(
        np.arange(int(len(audio) / SAMPLE_RATE_HZ / step_s) + 1) * step_s * SAMPLE_RATE_HZ
    ).astype(int)
    power = np.add.reduceat(np.square(audio, dtype=np.float64).mean(axis=1), edges[:-1])
    return 10 * np.log10(power / np.diff(edges) + 1e-14)


def at_rest(motion: Motion) -> np.ndarray:
    """Tell when neither the arm nor the object has moved for 0.4 s; bool [n], n samples at `rate_hz`."""
    return _for_some_time(arm_still(motion) & object_still(motion), motion.rate_hz)


def arm_moves(motion: Motion) -> np.ndarray:
    """Tell when the arm has moved for 0.4 s while the object lay still; bool [n]."""
    return _for_some_time(~arm_still(motion) & object_still(motion), motion.rate_hz)


def arm_still(motion: Motion) -> np.ndarray:
    """Tell when the tray turns by less than 0.01 rad/s; bool [n]."""
    return np.abs(motion.tilt_rate_rad_s).max(axis=1) < 0.01


def object_still(motion: Motion) -> np.ndarray:
    """Tell when the object moves by less than 5 mm/s and turns by less than 0.2 rad/s; bool [n]."""
    slow = np.linalg.norm(motion.velocity_m_s, axis=1) < 0.005
    return slow & (np.linalg.norm(motion.spin_rad_s, axis=1) < 0.2)


def _for_some_time(state: np.ndarray, rate_hz: float, time_s: float = 0.4) -> np.ndarray:
    window = round(time_s * rate_hz)
    held = np.convolve(state, np.ones(window), "full")[: len(state)]
    return held >= window - 0.5


def _median_where(level_db: np.ndarray, state: np.ndarray, step_s: float) -> float:
    """Median of a level in steps over the moments in which a state holds, given in milliseconds; nan without any."""
    at = np.minimum((np.arange(len(level_db)) + 0.5) * step_s * 1000, len(state) - 1).astype(int)
    return float(np.median(level_db[state[at]])) if state[at].any() else math.nan


def level_at_rest_db(heard: Heard) -> float:
    """Return the level of a session while nothing moves."""
    return _rest_db(envelope(heard.audio), heard.motion)


def _rest_db(level_db: np.ndarray, motion: Motion) -> float:
    """Median of an envelope at rest, or its quietest twentieth if something always moves."""
    rest_db = _median_where(level_db, at_rest(motion), _STEP_S)
    return float(np.quantile(level_db, 0.05)) if math.isnan(rest_db) else rest_db


def motor_levels_db(sessions: Sequence[Heard]) -> tuple[float, ...]:
    """Return how far the three bands of the motors stand above rest while the arm alone moves: median over sessions."""
    levels = [[_motor_level_db(heard, centre_hz) for heard in sessions] for centre_hz in MOTOR_BANDS_HZ]
    known = [[level for level in band if not math.isnan(level)] for band in levels]
    return tuple(float(np.median(band)) if band else math.nan for band in known)


def _motor_level_db(heard: Heard, centre_hz: float) -> float:
    edges_hz = [0.8 * centre_hz, 1.2 * centre_hz]
    band = signal.butter(2, edges_hz, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    level_db = envelope(signal.sosfilt(band, heard.audio, axis=0), _BAND_STEP_S)
    moving, rest = arm_moves(heard.motion), at_rest(heard.motion)
    return _median_where(level_db, moving, _BAND_STEP_S) - _median_where(level_db, rest, _BAND_STEP_S)


# Side by side


def compare_clips(by_class: Mapping[str, SoundStatistics], whole: SoundStatistics) -> list[Comparison]:
    """Set the sound of the clips of a data set against what is known of the recordings.

    Args:
        by_class: class name -> statistics.
        whole: of all clips together.
    """
    real = real_statistics()["sound"]
    mean_db, sd_db, span_db = (real[key] for key in ("mel_mean_db", "mel_sd_db", "span_db"))
    low_words = real["below_1_khz"]["words"]
    weighted_mean_db, weighted_sd_db = mel_moments_db(as_often_as_recorded(by_class))
    order = sorted(by_class, key=lambda name: by_class[name].peak_db)
    span = by_class[order[-1]].peak_db - by_class[order[0]].peak_db
    return [
        near_number("sound", "64 mel bands, mean (dB)", weighted_mean_db, mean_db["value"], 1.5, digits=1),
        near_number(
            "sound", "64 mel bands, standard deviation (dB)", weighted_sd_db, sd_db["value"], 1.5, digits=1
        ),
        in_band("sound", "energy of a clip below 1 kHz, median share", whole.below_1_khz, low_words, 0.5, 1),
        in_band(
            "sound",
            "loudest to quietest class (dB)",
            span,
            "about 30 (assumed)",
            span_db["low"],
            span_db["high"],
        ),
        shown("sound", "classes from quiet to loud", ", ".join(order), "not known"),
        shown("sound", "contacts a clip, mean", whole.contacts, "“often several”"),
        in_band("sound", "clips with a contact in their middle, share", whole.centred, "all", 0.9, 1),
        in_band("sound", "clips that touch full scale, share", whole.full_scale, "not known", 0, 0.1),
        *(row for name, statistics in by_class.items() for row in _show_class(name, statistics)),
    ]


def as_often_as_recorded(by_class: Mapping[str, SoundStatistics]) -> np.ndarray:
    """Return the mel counts of all clips, every class weighed by its number of recorded clips; [80].

    The recordings' figures are means over 2249 clips, of which 57 are of the quiet foam brick and 332 of the ball.
    """
    recorded = real_statistics()["motion"]["classes"]
    return np.sum(
        [
            recorded[name]["clips"] / row.clips * np.array(row.mel_counts, dtype=float)
            for name, row in by_class.items()
        ],
        axis=0,
    )


def _show_class(name: str, row: SoundStatistics) -> list[Comparison]:
    return [
        shown("sound", f"{name}: median peak (dB, 0 = full scale)", row.peak_db, "", digits=1),
        shown("sound", f"{name}: energy below 1 kHz, median share", row.below_1_khz, ""),
        shown("sound", f"{name}: energy above 4 kHz, mean share", row.band_share[3], "", digits=3),
        shown("sound", f"{name}: contacts a clip, mean", row.contacts, "", digits=1),
        shown("sound", f"{name}: clips that touch full scale, share", row.full_scale, ""),
    ]


def compare_sessions(sessions: Sequence[Heard]) -> list[Comparison]:
    """Set single hits, the noise before them and the motors against what is known of the recordings.

    Args:
        sessions: of all objects, long enough to hold some hits that stand alone.
    """
    own_wall = [share for share in own_wall_shares(sessions).values() if not math.isnan(share)]
    hits = _compare_hits(hit_sounds(sessions), _mean(own_wall))
    return [*hits, *_compare_motors(motor_levels_db(sessions))]


def own_wall_shares(sessions: Sequence[Heard]) -> dict[str, float]:
    """Return, for every object, the share of its single hits of which the own wall is the loudest; nan without hits.

    A mean over objects says more than one over hits: the ball, which bounces, would outvote the others.
    """
    names = dict.fromkeys(heard.obj.name for heard in sessions)
    return {
        name: _mean(hit_sounds([heard for heard in sessions if heard.obj.name == name]).own_wall)
        for name in names
    }


def _compare_hits(hits: HitSounds, own_wall: float) -> list[Comparison]:
    real = real_statistics()["sound"]
    own, die, rolling = real["own_wall_loudest"], real["die_out_s"], real["rolling"]["words"]
    count, decays = len(hits.own_wall), len(hits.die_out_s)
    where = f"single hits ({count}): "
    after = f"single hits ({decays}): time to "
    return [
        dataclasses.replace(
            near_number(
                "sound", f"{where}own wall loudest, share, mean over classes", own_wall, own["value"], 0.08
            ),
            real=f"{own['value']} (assumed)",
        ),
        shown(
            "sound", f"{where}own wall above its neighbours, median (dB)", _median(hits.margin_db), "“by far”"
        ),
        shown("sound", f"{after}fall by 20 dB, median (s)", _median(hits.fall_20_db_s), "not known"),
        shown("sound", f"{after}fall by 30 dB, median (s)", _median(hits.fall_30_db_s), "not known"),
        in_band(
            "sound",
            f"{after}die out, median (s)",
            _median(hits.die_out_s),
            f"about {die['low']} to {die['high']}",
            die["low"],
            die["high"],
        ),
        in_band(
            "sound",
            "below 2 kHz in the 300 ms before a hit, above rest, median (dB)",
            _median(hits.before_db),
            rolling,
            3,
            60,
            digits=1,
        ),
    ]


def _compare_motors(levels_db: Sequence[float]) -> list[Comparison]:
    words = real_statistics()["sound"]["motor"]["words"]
    return [
        in_band("sound", f"motors near {hz} Hz, above rest, median (dB)", level_db, words, 3, 40, digits=1)
        for hz, level_db in zip(MOTOR_BANDS_HZ, levels_db, strict=True)
    ]


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else math.nan
