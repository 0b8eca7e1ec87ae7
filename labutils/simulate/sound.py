"""The sound of one session: what four contact microphones, one at the middle of each wall, hear of a moving object.

A hit hands its impulse to a wall as a few short pulses. The wall bends, shakes the floor through its foot, and the floor
shakes the other walls; the object rings on the floor. Sliding and rolling rub the floor, the arm's motors hum, the
microphones hiss. Walls and floor are linear, so each of these is a force at a place, multiplied in the frequency domain
by the tray's response from that place to the four microphones, and added to the session where it happens.

Source: van den Doel and Pai, "The sounds of physical shapes", Presence 7(4), 1998 (modal synthesis of contact sounds).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import fft, signal

from labutils.simulate.modes import (
    MATERIALS,
    Modes,
    Plate,
    floor_plate,
    floor_shape,
    floor_slope,
    object_modes,
    t60_s,
    wall_plate,
    wall_shape,
)
from labutils.simulate.objects import ImpactObject
from labutils.simulate.tray import TRAY_WIDTH_M, WALL_HEIGHT_M, Motion

SAMPLE_RATE_HZ = 44100
SLOW_RATE_HZ = SAMPLE_RATE_HZ // 4  # rubbing and motors have nothing to say above 5 kHz
GAIN = 0.16  # full scale per m/s of a wall; the same for every class
FOOT_DEPTH_M = 0.03  # a glued foot gives way: the wall bends as if clamped this far below the floor
MICROPHONE_HEIGHT_M = 0.05

_RING_SAMPLES = 22050  # half a second, a fast length for the FFT
_SLOW_RING_SAMPLES = 5400
_IMPULSE_S = 0.015  # a hit's impulse is summed over this time
_LEANING_S = 0.060  # the sustained push is the mean over this time before and after
_QUIET_S = 0.004  # a hit begins after this time without contact
_LEAST_SPEED_M_S = 0.03  # weaker hits are not heard as hits
_LOWEST_CONTACT_M = 0.015  # a body never presses a wall along a line at its very foot
_CORNER_M = 0.03  # a wall's end, stiff with its neighbour, bends as if pushed this far from the corner
_FOOT = 1.2  # how well a wall's foot passes its turning to the floor and back, 1 if rigid
_FOOT_HZ = 1500.0  # above this the foot is too soft to pass it
_GRAVITY_M_S2 = 9.81
_MODAL_MASS = 0.25  # share of the mass that moves in a mode, as for a bar or a plate
_RUBBING_N_S_M = 1.0  # how firmly an object that slides or rolls holds the floor
_FRICTION = 0.125  # share of the normal force that the floor's roughness, some micrometres, turns into sound at 0.5 m/s


@dataclass(frozen=True)
class Rig:
    """Tray, microphones and motors of one recording day; the defaults are the perfectly symmetric rig."""

    floor_thickness_m: float = 0.006
    wall_thickness_m: float = 0.004
    loss_factor: float = MATERIALS["plywood"].loss_factor
    microphone_gain: tuple[float, ...] = (1.0,) * 4
    microphone_delay_s: tuple[float, ...] = (0.0,) * 4
    microphone_offset_m: tuple[float, ...] = (0.0,) * 4  # along the wall, from its middle
    motor_level: float = 1.6e-4  # root mean square while the arm moves, 1 = full scale
    motor_gain: tuple[float, ...] = (1.0,) * 4
    noise_level: float = 2.4e-5  # root mean square of each microphone's own noise
    hum_level: float = 1.2e-5  # amplitude of the mains' fundamental

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Rig":
        """Draw a recording day: boards 3 %, losses 15 %, microphones 2 dB, motors 2 dB, noise 1.5 dB.

        Args:
            rng: the source of randomness.
        """
        nominal = cls()
        return cls(
            floor_thickness_m=nominal.floor_thickness_m * (1 + 0.03 * rng.standard_normal()),
            wall_thickness_m=nominal.wall_thickness_m * (1 + 0.03 * rng.standard_normal()),
            loss_factor=nominal.loss_factor * math.exp(0.15 * rng.standard_normal()),
            microphone_gain=tuple(_decibels(2 * rng.standard_normal(4))),
            microphone_delay_s=tuple(rng.uniform(0, 1e-4, 4)),
            microphone_offset_m=tuple(0.004 * rng.standard_normal(4)),
            motor_level=nominal.motor_level * _decibels(2 * rng.standard_normal()),
            motor_gain=tuple(_decibels(2 * rng.standard_normal(4))),
            noise_level=nominal.noise_level * _decibels(1.5 * rng.standard_normal()),
            hum_level=nominal.hum_level * _decibels(3 * rng.standard_normal()),
        )


def _decibels(level_db):
    return 10 ** (np.asarray(level_db) / 20)


@dataclass(frozen=True)
class Hit:
    """One blow of the object against a wall."""

    time_s: float
    wall: int
    impulse_n_s: float
    point_m: np.ndarray  # (3,) place on the wall
    position_m: np.ndarray  # (3,) place of the object


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
    own = vary_modes(object_modes(obj), rng)
    tray = vary_tray(build_tray(rig), rng)
    audio = np.zeros((4, samples + _RING_SAMPLES), np.float32)
    add_hits(audio, find_hits(motion, obj), obj, respond(tray, own, SAMPLE_RATE_HZ, _RING_SAMPLES), rng)
    slow = rubbing(motion, obj, respond(tray, own, SLOW_RATE_HZ, _SLOW_RING_SAMPLES), rng)
    slow += motor_hum(motion, rig, rng, slow.shape[1])
    for channel in range(4):
        audio[channel, :samples] += signal.resample_poly(slow[channel], 4, 1)[:samples]
    return _record(audio[:, :samples], rig, rng)


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


# --- hits ---------------------------------------------------------------------------------------------------------------


def find_hits(motion: Motion, obj: ImpactObject) -> list[Hit]:
    """Return the blows against the walls, in order of time.

    A hit begins after 4 ms without contact. Its impulse is that of the next 15 ms, less what the object's mean push of the
    60 ms before and after would have given (it leans on the wall, or drums on it while it slides along); it counts if it
    changes the object's speed by 0.03 m/s. No impulse is counted twice.

    Args:
        motion: from `simulate_session`.
        obj: the object that moved.
    """
    quiet = round(_QUIET_S * motion.rate_hz)
    hits = []
    for wall in range(4):
        impulse = motion.wall_impulse_n_s[:, wall]
        for start in _onsets(impulse > 0, quiet, round(_IMPULSE_S * motion.rate_hz)):
            total = _impulse_above_leaning(impulse, start, motion.rate_hz)
            if total > _LEAST_SPEED_M_S * obj.mass_kg:
                place = motion.wall_point_m[start, wall], motion.position_m[start]
                hits.append(Hit(start / motion.rate_hz, wall, total, *place))
    return sorted(hits, key=lambda hit: hit.time_s)


def _onsets(contact: np.ndarray, quiet: int, deaf: int) -> list[int]:
    """Return where contact begins after at least `quiet` samples without, and `deaf` samples after the last beginning."""
    touched = np.flatnonzero(contact)
    onsets: list[int] = []
    for start in touched[np.diff(touched, prepend=-quiet - 1) > quiet]:
        if not onsets or start >= onsets[-1] + deaf:
            onsets.append(int(start))
    return onsets


def _impulse_above_leaning(impulse: np.ndarray, start: int, rate_hz: float) -> float:
    window, around = round(_IMPULSE_S * rate_hz), round(_LEANING_S * rate_hz)
    hit = impulse[start : start + window]
    before, after = impulse[max(0, start - around) : start], impulse[start + window : start + window + around]
    leaning = (before.sum() + after.sum()) / (2 * around)
    return float(hit.sum() - len(hit) * leaning)


def add_hits(audio: np.ndarray, hits: list[Hit], obj: ImpactObject, response: "Response", rng) -> None:
    """Add the sound of every hit to [4, samples], in place; the room after the last hit must hold a ring."""
    impedance = floor_impedance(obj, response.ring_hz)
    for hit in hits:
        force = blow(hit, obj, response.rate_hz, rng)
        weights = np.exp(0.3 * rng.standard_normal(len(response.ring)))
        sound = strike(response, hit, force, weights * impedance / obj.mass_kg)
        start = round(hit.time_s * response.rate_hz)
        audio[:, start : start + sound.shape[1]] += sound


def floor_impedance(obj: ImpactObject, frequency_hz: np.ndarray) -> np.ndarray:
    """Return how hard a ringing object that lies on the floor pushes it, in newtons per m/s of its modes, (K,) -> (K,).

    The contact is a spring, k / w. Its stiffness follows from the duration of a hit, k = m (pi / T0)^2, and, as in Hertz's
    contact, from the cube root of the load: the weight, not the blow of pi m v / (2 T0) at 0.5 m/s. No contact pushes
    harder than the mass that moves, w m / 4.

    Args:
        obj: its mass and its contact time.
        frequency_hz: (K,) its modes.

    Source: Johnson, "Contact Mechanics", 1985, section 4.2; Blevins, 1979, chapter 8 (modal mass).
    """
    w = 2 * math.pi * np.asarray(frequency_hz)
    blow_n = math.pi * obj.mass_kg * 0.5 / (2 * obj.pulse_time_s)
    load = (obj.mass_kg * _GRAVITY_M_S2 / blow_n) ** (1 / 3)
    stiffness = obj.mass_kg * (math.pi / obj.pulse_time_s) ** 2 * load
    return np.minimum(stiffness / w, _MODAL_MASS * obj.mass_kg * w)


def blow(hit: Hit, obj: ImpactObject, rate_hz: float, rng: np.random.Generator) -> np.ndarray:
    """Return the force of a hit over time: a half-sine, shared by corners that land apart and loose parts.

    f(t) = J pi / (2 T) sin(pi t / T) with T = T0 (v / 0.5)^(-1/5), as in Hertz's law of contact.

    Args:
        hit: the hit.
        obj: its contact time, micro-hits and rattle.
        rate_hz: sample rate of the answer.
        rng: the source of randomness.

    Returns:
        [n] force in newtons; its sum over rate_hz is the impulse of the hit.

    Source: Johnson, "Contact Mechanics", 1985, equation 11.24.
    """
    speed = hit.impulse_n_s / obj.mass_kg / (1 + obj.restitution)
    length_s = obj.pulse_time_s * (max(speed, 0.02) / 0.5) ** -0.2 * math.exp(0.15 * rng.standard_normal())
    corners = rng.binomial(obj.micro_hits, 0.7)
    loose_impulse = obj.rattle * hit.impulse_n_s
    shares = rng.dirichlet([4.0] + [1.0] * corners) * (hit.impulse_n_s - loose_impulse)
    delays_s = np.concatenate([[0.0], np.sort(rng.uniform(0.0015, 0.012, corners))])
    loose = 1 + rng.poisson(10) if obj.rattle else 0
    loose_delays_s = 0.006 + np.minimum(rng.exponential(0.025, loose), 0.09)
    loose_shares = loose_impulse * rng.dirichlet([0.7] * loose) if loose else []
    force = np.zeros(math.ceil((0.1 + 2 * length_s) * rate_hz))
    for delay_s, share in zip(delays_s, shares, strict=True):
        _add_half_sine(force, delay_s, length_s, share, rate_hz)
    for delay_s, share in zip(loose_delays_s, loose_shares, strict=True):
        _add_half_sine(force, delay_s, 0.5 * length_s, share, rate_hz)
    return force


def _add_half_sine(
    force: np.ndarray, delay_s: float, length_s: float, impulse_n_s: float, rate_hz: float
) -> None:
    """Add a half-sine whose samples hold exactly the given impulse."""
    first = math.ceil(delay_s * rate_hz)
    time_s = np.arange(first, first + max(1, int(length_s * rate_hz))) / rate_hz - delay_s
    pulse = np.sin(math.pi * np.minimum((time_s + 0.5 / rate_hz) / length_s, 0.999))
    force[first : first + len(pulse)] += pulse * (impulse_n_s * rate_hz / pulse.sum())


# --- the tray -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tray:
    """The floor and the four equal walls of one day, with their losses and what the microphones read."""

    floor: Plate
    wall: Plate
    floor_t60_s: np.ndarray  # (F,)
    wall_t60_s: np.ndarray  # (W,)
    wall_read: np.ndarray  # (4, W) deflection of a wall's modes at its microphone
    floor_read: np.ndarray  # (4, F) motion of a wall at its microphone per motion of a floor mode


def build_tray(rig: Rig) -> Tray:
    """Return the tray of a day."""
    plywood = MATERIALS["plywood"]
    floor = floor_plate(TRAY_WIDTH_M, rig.floor_thickness_m, plywood, 5000)
    wall = wall_plate(TRAY_WIDTH_M, WALL_HEIGHT_M + FOOT_DEPTH_M, rig.wall_thickness_m, plywood, 7000)
    offsets = rig.microphone_offset_m
    return Tray(
        floor,
        wall,
        t60_s(floor.frequency_hz, rig.loss_factor),
        t60_s(wall.frequency_hz, rig.loss_factor),
        np.stack([wall_shape(wall, offset, MICROPHONE_HEIGHT_M + FOOT_DEPTH_M) for offset in offsets]),
        np.stack([foot(floor, k, offset, MICROPHONE_HEIGHT_M) for k, offset in enumerate(offsets)]),
    )


def foot(floor: Plate, wall: int, along_m: float, height_m: float) -> np.ndarray:
    """Return how far a wall at a height moves with every mode of the floor, whose edge turns it: slope times lever -> (F,).

    The lever is the height above the place where the wall is held, below the floor. By reciprocity the same numbers say
    how strongly a push at that height drives the floor.
    """
    softness = _FOOT / np.sqrt(1 + (floor.frequency_hz / _FOOT_HZ) ** 2)
    return softness * (height_m + FOOT_DEPTH_M) * floor_slope(floor, wall, along_m)


def vary_modes(modes: Modes, rng: np.random.Generator) -> Modes:
    """Return the modes of one session: frequencies 0.8 % together and 0.4 % each, decay times 12 %."""
    frequency, t60 = _vary(modes.frequency_hz, modes.t60_s, rng)
    return Modes(frequency, t60, modes.gain)


def vary_tray(tray: Tray, rng: np.random.Generator) -> Tray:
    """Return the tray of one session: its joints are never quite the same twice."""
    floor_hz, floor_t60 = _vary(tray.floor.frequency_hz, tray.floor_t60_s, rng)
    wall_hz, wall_t60 = _vary(tray.wall.frequency_hz, tray.wall_t60_s, rng)
    floor = Plate(tray.floor.length_m, tray.floor.width_m, tray.floor.mass_kg, tray.floor.orders, floor_hz)
    wall = Plate(tray.wall.length_m, tray.wall.width_m, tray.wall.mass_kg, tray.wall.orders, wall_hz)
    return Tray(floor, wall, floor_t60, wall_t60, tray.wall_read, tray.floor_read)


def _vary(frequency_hz: np.ndarray, t60: np.ndarray, rng) -> tuple[np.ndarray, np.ndarray]:
    common, each = 0.008 * rng.standard_normal(), 0.004 * rng.standard_normal(len(frequency_hz))
    return frequency_hz * (1 + common + each), t60 * np.exp(0.12 * rng.standard_normal(len(t60)))


@dataclass(frozen=True)
class Response:
    """The tray and the object in the frequency domain: one spectrum a mode, as long as a ring."""

    tray: Tray
    rate_hz: float
    samples: int
    wall: np.ndarray  # (W, bins) complex64
    floor: np.ndarray  # (F, bins) complex64
    ring: np.ndarray  # (K, bins) complex64 of the object
    ring_hz: np.ndarray  # (K,) its frequencies


def respond(tray: Tray, own: Modes, rate_hz: float, samples: int) -> Response:
    """Return the spectra of the modes of the tray and of an object at a sample rate."""
    return Response(
        tray,
        rate_hz,
        samples,
        mode_spectra(tray.wall.frequency_hz, tray.wall_t60_s, rate_hz, samples),
        mode_spectra(tray.floor.frequency_hz, tray.floor_t60_s, rate_hz, samples),
        mode_spectra(own.frequency_hz, own.t60_s, rate_hz, samples) * own.gain[:, None].astype(np.float32),
        own.frequency_hz,
    )


def mode_spectra(frequency_hz: np.ndarray, t60: np.ndarray, rate_hz: float, samples: int) -> np.ndarray:
    """Return the discrete Fourier transform of exp(-6.91 t / T60) cos(2 pi f t) / rate, for every mode.

    A decaying exponential is a geometric series, so its transform is known: (1 - q^N) / (1 - q e^(-jw)). Modes above half
    the sample rate are left out (zeros).

    Args:
        frequency_hz: (K,).
        t60: (K,) seconds.
        rate_hz: sample rate.
        samples: N, length of the transform.

    Returns:
        [K, N // 2 + 1] complex64.
    """
    turn = np.exp(-2j * math.pi * np.arange(samples // 2 + 1) / samples)
    spectra = np.zeros((len(frequency_hz), len(turn)), np.complex64)
    for k in np.flatnonzero(frequency_hz < rate_hz / 2):
        pole = np.exp((-math.log(1000) / t60[k] + 2j * math.pi * frequency_hz[k]) / rate_hz)
        there, back = ((1 - q**samples) / (1 - q * turn) for q in (pole, pole.conjugate()))
        spectra[k] = (there + back - 1) / (
            2 * rate_hz
        )  # -1: half of the first sample, as in the trapezoidal rule
    return spectra


def strike(response: Response, hit: Hit, force: np.ndarray, ring_weights: np.ndarray) -> np.ndarray:
    """Return the ring of tray and object after a blow against a wall, [4, samples] float32.

    Args:
        response: of tray and object.
        hit: where.
        force: [n] newtons over time, shorter than the ring.
        ring_weights: (K,) how strongly each mode of the object shakes the floor, in N/s per N of the blow.
    """
    tray = response.tray
    height = float(np.clip(hit.point_m[2], _LOWEST_CONTACT_M, WALL_HEIGHT_M))
    end = TRAY_WIDTH_M / 2 - _CORNER_M
    along = float(np.clip(hit.point_m[0] if hit.wall in (0, 2) else hit.point_m[1], -end, end))
    into_wall = wall_shape(tray.wall, along, height + FOOT_DEPTH_M) * (8 / tray.wall.mass_kg)
    into_floor = foot(tray.floor, hit.wall, along, height) * (4 / tray.floor.mass_kg)
    from_ring = floor_shape(tray.floor, *hit.position_m[:2]) * (4 / tray.floor.mass_kg)
    spectrum = _mix(tray.floor_read * into_floor, response.floor)
    spectrum[hit.wall] += _mix(tray.wall_read[hit.wall : hit.wall + 1] * into_wall, response.wall)[0]
    ring = _mix(ring_weights[None], response.ring)[0]
    spectrum += _mix(tray.floor_read * from_ring, response.floor) * ring
    spectrum *= fft.rfft(force.astype(np.float32), response.samples)
    return fft.irfft(spectrum, response.samples, axis=1)


def _mix(weights: np.ndarray, spectra: np.ndarray) -> np.ndarray:
    """Return real weights times complex spectra, (R, K) x (K, bins) -> (R, bins), at half the cost of a complex product."""
    return (weights.astype(np.float32) @ spectra.view(np.float32)).view(np.complex64)


# --- rubbing and motors -------------------------------------------------------------------------------------------------


def rubbing(motion: Motion, obj: ImpactObject, response: Response, rng: np.random.Generator) -> np.ndarray:
    """Return the noise of sliding and rolling on the floor, [4, samples] at the slow rate.

    The rough floor pushes with F = g N min(v / 0.5, 2) xi(s): N the normal force, v the speed of slip or of roll with its
    own gain, xi a surface profile read at the length s of the path. Every tenth of a second the force is sent through
    the floor from where the object is then.

    Args:
        motion: from `simulate_session`.
        obj: the object that moved.
        response: of tray and object, at the slow rate.
        rng: the source of randomness.
    """
    samples = math.ceil(len(motion.position_m) / motion.rate_hz * response.rate_hz)
    force, hop = rubbing_force(motion, obj, response.rate_hz, rng), round(0.1 * response.rate_hz)
    window = signal.get_window("hann", 2 * hop)
    noise = np.zeros((4, samples + 2 * hop + response.samples), np.float32)
    force = np.pad(force, (hop, 2 * hop))  # the first window opens before the session
    ring = 1 + _mix(np.full((1, len(response.ring)), _RUBBING_N_S_M / obj.mass_kg), response.ring)[0]
    for start in range(0, samples + hop, hop):
        piece = force[start : start + 2 * hop] * window
        if not piece.any():
            continue
        at = min(round(start / response.rate_hz * motion.rate_hz), len(motion.position_m) - 1)
        into_floor = floor_shape(response.tray.floor, *motion.position_m[at, :2]) * (
            4 / response.tray.floor.mass_kg
        )
        spectrum = _mix(response.tray.floor_read * into_floor, response.floor) * ring
        spectrum *= fft.rfft(piece.astype(np.float32), response.samples)
        noise[:, start : start + response.samples] += fft.irfft(spectrum, response.samples, axis=1)
    return noise[:, hop : hop + samples]


def rubbing_force(motion: Motion, obj: ImpactObject, rate_hz: float, rng: np.random.Generator) -> np.ndarray:
    """Return the force with which the rough floor shakes the object, [samples] in newtons."""
    velocity, spin, height = motion.velocity_m_s, motion.spin_rad_s, motion.position_m[:, 2]
    slip = np.hypot(velocity[:, 0] - spin[:, 1] * height, velocity[:, 1] + spin[:, 0] * height)
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    roll = np.maximum(speed - slip, 0)
    drive = obj.slide_gain * np.minimum(slip / 0.5, 2) + obj.roll_gain * np.minimum(roll / 0.5, 2)
    strength = _FRICTION * drive * normal_force(motion, obj)
    strength[drive < 0.01] = 0
    path_m = np.cumsum(np.maximum(speed, slip)) / motion.rate_hz
    at = np.arange(math.ceil(len(path_m) / motion.rate_hz * rate_hz)) * (motion.rate_hz / rate_hz)
    samples = np.arange(len(path_m))
    profile = floor_profile(path_m[-1], rng)
    texture = np.interp(np.interp(at, samples, path_m), np.arange(len(profile)) * 1e-4, profile)
    return np.interp(at, samples, strength) * texture


def normal_force(motion: Motion, obj: ImpactObject) -> np.ndarray:
    """Return the force on the floor without its chatter: a low-pass of 30 ms, at most three times the weight."""
    pole = math.exp(-1 / (0.030 * motion.rate_hz))
    smooth = signal.lfilter([1 - pole], [1, -pole], motion.floor_impulse_n_s * motion.rate_hz)
    return np.clip(smooth, 0, 3 * 9.81 * obj.mass_kg)


def floor_profile(length_m: float, rng: np.random.Generator) -> np.ndarray:
    """Return the height of the floor every 0.1 mm along a path, wavelengths of 0.4 to 10 mm, mean square 1."""
    band = signal.butter(1, [0.1, 2.5], "bandpass", fs=10, output="sos")  # cycles and samples a millimetre
    profile = signal.sosfilt(band, rng.standard_normal(math.ceil(length_m / 1e-4) + 2))
    return profile / max(profile.std(), 1e-9)


def motor_hum(motion: Motion, rig: Rig, rng: np.random.Generator, samples: int) -> np.ndarray:
    """Return the motors as the walls carry them, [4, samples] at the slow rate: on while the arm moves, else silent.

    Three bands near 500, 1600 and 3400 Hz, harmonics of one shaft that runs at the same speed in every move; gears make
    level and phase wander, so that neither axis nor direction nor size of a tilt can be read from them.
    """
    rate = np.abs(motion.tilt_rate_rad_s).max(axis=1)
    smooth = np.hanning(150) / np.hanning(150).sum()  # motors do not start at once
    running = np.convolve(rate > 0.02, smooth, "same")
    shaft_hz = 500 * (0.95 + 0.05 * running + 0.03 * _wander(len(rate), motion.rate_hz, 0.2, rng))
    running *= _decibels(3 * _wander(len(rate), motion.rate_hz, 0.3, rng))
    at = np.arange(samples) * (motion.rate_hz / SLOW_RATE_HZ)
    index = np.arange(len(rate))
    turns = np.cumsum(np.interp(at, index, shaft_hz)) / SLOW_RATE_HZ
    hum = np.zeros(samples)
    for harmonic, level in ((1.0, 0.8), (3.2, 0.5), (6.8, 0.3)):
        in_phase, quadrature = (_wander(len(rate), motion.rate_hz, 0.008, rng) for _ in range(2))
        angle = 2 * math.pi * harmonic * turns
        hum += level * (1 + 0.4 * np.interp(at, index, in_phase)) * np.cos(angle)
        hum += level * 0.4 * np.interp(at, index, quadrature) * np.sin(angle)
    hum *= rig.motor_level / GAIN * np.interp(at, index, running)
    return np.multiply.outer(np.asarray(rig.motor_gain), hum).astype(np.float32)


def _wander(samples: int, rate_hz: float, time_s: float, rng: np.random.Generator) -> np.ndarray:
    """Return a random walk that is pulled back to zero within `time_s`, mean square 1 (Ornstein-Uhlenbeck)."""
    pole = math.exp(-1 / (time_s * rate_hz))
    steps = rng.standard_normal(samples) * math.sqrt(1 - pole**2)
    steps[:1] /= math.sqrt(1 - pole**2)
    return signal.lfilter([1], [1, -pole], steps)


# --- listening ----------------------------------------------------------------------------------------------------------


def find_contacts(
    audio: np.ndarray, *, rise_db: float = 8.0, loud_db: float = 26.0, gap_s: float = 0.15
) -> np.ndarray:
    """Return when the object hit something, from the sound alone: sudden peaks of the envelope.

    The envelope is the loudest channel's level in steps of 4 ms. A contact begins where it stands `rise_db` above
    everything from 100 to 8 ms before, and `loud_db` above the recording's usual level (hum and hiss swell and beat, but
    not that fast); its peak is the loudest step of the next 24 ms.

    Args:
        audio: [samples, 4] at 44.1 kHz.
        rise_db: how far a contact stands above what comes before.
        loud_db: how far it stands above the usual level, so that clips are mostly silence beside their hits.
        gap_s: what rises within this time after a contact belongs to it.

    Returns:
        [contacts] times of the peaks in seconds, rising.

    Source: Gandhi, Gupta, Pinto, "Swoosh! Rattle! Thump!", RSS 2020, section III (clips cut around audio peaks).
    """
    step = round(0.004 * SAMPLE_RATE_HZ)
    frames = audio[: len(audio) // step * step].reshape(-1, step, audio.shape[1])
    level_db = 10 * np.log10(np.square(frames).mean(axis=1).max(axis=1) + 1e-12)
    if len(level_db) <= 25:
        return np.empty(0)
    past = np.lib.stride_tricks.sliding_window_view(level_db[:-2], 23).max(axis=1)  # before steps 25, 26, ...
    usual = np.median(level_db) + loud_db - rise_db
    rising = level_db[25:] > np.maximum(past[: len(level_db) - 25], usual) + rise_db
    starts = 25 + np.array(_onsets(rising, 0, round(gap_s / 0.004)), dtype=int)
    peaks = [start + level_db[start : start + 6].argmax() for start in starts]
    return (np.array(peaks, dtype=float) + 0.5) * step / SAMPLE_RATE_HZ
