"""Statistics of single hits and of the motors, from sessions of which the simulator knows everything.

Which wall was hit, whether the arm moved and whether the object lay still, only a freshly simulated session tells. The
sound of clips on disk is in `sound`.
"""

import dataclasses
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import signal

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.hits import Hit, find_hits
from labutils.simulate.objects import ImpactObject
from labutils.simulate.rig import Rig
from labutils.simulate.sound import synthesise
from labutils.simulate.tray import Motion, simulate_session
from labutils.validation.comparison import Comparison, in_band, near_number, real_statistics, shown
from labutils.validation.rest import (
    ENVELOPE_STEP_S,
    all_at_rest,
    envelope_db,
    median_where,
    only_arm_moves,
    rest_level_db,
)
from labutils.validation.sound import full_scale_db

# No other hit within these times before and after one, to tell the loudest wall, the decay, and the noise before it.
LOUDEST_ALONE_S = (0.15, 0.05)
DECAY_ALONE_S = (0.10, 0.35)
BEFORE_ALONE_S = (0.32, 0.02)
MOTOR_BANDS_HZ = (500, 1600, 3400)
_WEAK = 0.1  # hits with less than this share of the impulse do not count as others
_CLEAR_DB = 12  # hits less than this above the level at rest are left out
_MOTOR_STEP_S = 0.02


@dataclass(frozen=True)
class Heard:
    """A simulated session with everything the simulator knows of it."""

    obj: ImpactObject
    motion: Motion
    audio: np.ndarray  # (samples, 4) float32
    hits: list[Hit]


@dataclass(frozen=True)
class HitSounds:
    """Hits of some sessions that stand alone for long enough to tell something, as many as there are for each figure.

    A hit has died out when its level has fallen by 40 dB, or to 6 dB above the level at rest. The noise before a hit is the
    level below 2 kHz in the last 300 ms, above the level at rest.
    """

    own_wall: np.ndarray  # (H,) bool: the microphone of the wall that was hit is the loudest
    margin_db: np.ndarray  # (H,) its peak above the mean of the two neighbouring walls
    fall_20_db_s: np.ndarray  # (D,) time from the peak until the level has fallen by 20 dB
    fall_30_db_s: np.ndarray  # (D,)
    die_out_s: np.ndarray  # (D,)
    before_db: np.ndarray  # (B,)


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
    inside = [hit for hit in hits if 0.35 < hit.time_s < duration_s - 0.4]
    return [hit for hit in inside if not any(-before_s < gap_s < after_s for gap_s in _gaps_s(hit, hits))]


def _gaps_s(hit: Hit, hits: Sequence[Hit]) -> list[float]:
    """Times from a hit to the others that are not much weaker."""
    others = [other for other in hits if other is not hit]
    return [o.time_s - hit.time_s for o in others if o.impulse_n_s > _WEAK * hit.impulse_n_s]


def hit_sounds(sessions: Sequence[Heard]) -> HitSounds:
    """Measure the hits of some sessions that stand alone and 12 dB above the level at rest."""
    found = [_session_hits(heard) for heard in sessions]
    columns = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    return HitSounds(columns[0] > 0, *columns[1:])


def _session_hits(heard: Heard) -> list[np.ndarray]:
    """The six columns of HitSounds for one session."""
    duration_s, level_db = len(heard.audio) / SAMPLE_RATE_HZ, envelope_db(heard.audio)
    rest_db = rest_level_db(level_db, heard.motion)
    clear = [
        hit for hit in heard.hits if _around(level_db, hit, 0, 0.03).max(initial=-999) > rest_db + _CLEAR_DB
    ]
    loudest, decay, before = (
        isolated(clear, duration_s, before_s=before_s, after_s=after_s)
        for before_s, after_s in (LOUDEST_ALONE_S, DECAY_ALONE_S, BEFORE_ALONE_S)
    )
    walls = [_own_wall(heard.audio, hit) for hit in loudest]
    falls = [_falls_s(_around(level_db, hit, 0, DECAY_ALONE_S[1]), rest_db) for hit in decay]
    return [*_columns(walls, 2), *_columns(falls, 3), _levels_before_db(heard, before)]


def _columns(rows: list[tuple], count: int) -> np.ndarray:
    return np.array(rows, dtype=float).reshape(-1, count).T


def _levels_before_db(heard: Heard, hits: Sequence[Hit]) -> np.ndarray:
    """Level below 2 kHz in the 300 ms before each hit, above the level at rest."""
    low_pass = signal.butter(2, 2000, "lowpass", fs=SAMPLE_RATE_HZ, output="sos")
    low_db = envelope_db(signal.sosfilt(low_pass, heard.audio, axis=0))
    levels_db = [_mean_db(_around(low_db, hit, -0.3, -0.012)) for hit in hits]
    return np.array(levels_db, dtype=float) - rest_level_db(low_db, heard.motion)


def _around(level_db: np.ndarray, hit: Hit, first_s: float, last_s: float) -> np.ndarray:
    """A piece of an envelope, between two times from a hit."""
    first, last = (max(0, round((hit.time_s + away_s) / ENVELOPE_STEP_S)) for away_s in (first_s, last_s))
    return level_db[first:last]


def _mean_db(level_db: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(10 ** (level_db / 10))))


def _own_wall(audio: np.ndarray, hit: Hit) -> tuple[bool, float]:
    """Whether the wall that was hit is the loudest, and by how many dB it stands above its neighbours."""
    first = round((hit.time_s - 0.002) * SAMPLE_RATE_HZ)
    peak = np.abs(audio[first : first + round(0.03 * SAMPLE_RATE_HZ)]).max(axis=0)
    peak_db = full_scale_db(peak)
    neighbours_db = peak_db[[(hit.wall + 1) % 4, (hit.wall + 3) % 4]].mean()
    return bool(peak.argmax() == hit.wall), float(peak_db[hit.wall] - neighbours_db)


def _falls_s(after_db: np.ndarray, rest_db: float) -> tuple[float, ...]:
    """Time from the peak of an envelope until it lies below each of three levels; its length if it never does."""
    peak = int(after_db[:8].argmax())
    tail_db = after_db[peak:]
    limits_db = (tail_db[0] - 20, tail_db[0] - 30, max(tail_db[0] - 40, rest_db + 6))
    below = [np.flatnonzero(tail_db < limit_db) for limit_db in limits_db]
    return tuple(ENVELOPE_STEP_S * (steps[0] if len(steps) else len(tail_db)) for steps in below)


def session_rest_level_db(heard: Heard) -> float:
    """Return the level of a session while nothing moves."""
    return rest_level_db(envelope_db(heard.audio), heard.motion)


def motor_levels_db(sessions: Sequence[Heard]) -> tuple[float, ...]:
    """Return how far the three bands of the motors stand above rest while the arm alone moves: median over sessions."""
    levels = [[_motor_level_db(heard, centre_hz) for heard in sessions] for centre_hz in MOTOR_BANDS_HZ]
    known = [[level for level in band if not math.isnan(level)] for band in levels]
    return tuple(_median(band) for band in known)


def _motor_level_db(heard: Heard, centre_hz: float) -> float:
    edges_hz = [0.8 * centre_hz, 1.2 * centre_hz]
    band = signal.butter(2, edges_hz, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    level_db = envelope_db(signal.sosfilt(band, heard.audio, axis=0), _MOTOR_STEP_S)
    moving, rest = only_arm_moves(heard.motion), all_at_rest(heard.motion)
    return median_where(level_db, moving, _MOTOR_STEP_S) - median_where(level_db, rest, _MOTOR_STEP_S)


def compare_sessions(sessions: Sequence[Heard]) -> list[Comparison]:
    """Set single hits, the noise before them and the motors against what is known of the recordings.

    Args:
        sessions: of all objects, long enough to hold some hits that stand alone.
    """
    hits = {name: hit_sounds(own) for name, own in _by_object(sessions).items()}
    whole = HitSounds(
        *(
            np.concatenate([getattr(own, field.name) for own in hits.values()])
            for field in dataclasses.fields(HitSounds)
        )
    )
    own_wall = [share for share in own_wall_shares(hits).values() if not math.isnan(share)]
    return [*_compare_hits(whole, _mean(own_wall)), *_compare_motors(motor_levels_db(sessions))]


def _by_object(sessions: Sequence[Heard]) -> dict[str, list[Heard]]:
    names = dict.fromkeys(heard.obj.name for heard in sessions)
    return {name: [heard for heard in sessions if heard.obj.name == name] for name in names}


def own_wall_shares(hits: dict[str, HitSounds]) -> dict[str, float]:
    """Return, for every object, the share of its single hits of which the own wall is the loudest; nan without hits.

    A mean over objects says more than one over hits: the ball, which bounces, would outvote the others.
    """
    return {name: _mean(own.own_wall) for name, own in hits.items()}


def _compare_hits(hits: HitSounds, own_wall: float) -> list[Comparison]:
    real = real_statistics()["sound"]
    own, die, rolling = real["own_wall_loudest"], real["die_out_s"], real["rolling"]["words"]
    where, after = f"single hits ({len(hits.own_wall)}): ", f"single hits ({len(hits.die_out_s)}): time to "
    loudest = f"{where}own wall loudest, share, mean over classes"
    margin = f"{where}own wall above its neighbours, median (dB)"
    before = "below 2 kHz in the 300 ms before a hit, above rest, median (dB)"
    die_out = f"about {die['low']} to {die['high']}", die["low"], die["high"]
    assumed = f"{own['value']} (assumed)"
    return [
        dataclasses.replace(near_number("sound", loudest, own_wall, own["value"], 0.08), real=assumed),
        shown("sound", margin, _median(hits.margin_db), "“by far”"),
        shown("sound", f"{after}fall by 20 dB, median (s)", _median(hits.fall_20_db_s), "not known"),
        shown("sound", f"{after}fall by 30 dB, median (s)", _median(hits.fall_30_db_s), "not known"),
        in_band("sound", f"{after}die out, median (s)", _median(hits.die_out_s), *die_out),
        in_band("sound", before, _median(hits.before_db), rolling, 3, 60, digits=1),
    ]


def _compare_motors(levels_db: Sequence[float]) -> list[Comparison]:
    words = real_statistics()["sound"]["motor"]["words"]
    return [
        in_band("sound", f"motors near {hz} Hz, above rest, median (dB)", level_db, words, 3, 40, digits=1)
        for hz, level_db in zip(MOTOR_BANDS_HZ, levels_db, strict=True)
    ]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if len(values) else math.nan
