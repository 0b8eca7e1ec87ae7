"""Physics as a mechanic would check it: small experiments in the simulator with results that a textbook gives.

Every check runs one experiment and returns a Comparison: what the simulator gave, what theory asks, within what. The
tests assert that they pass; the page shows them.
"""

import math

import numpy as np
from scipy import signal

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.contact_force import contact_force
from labutils.simulate.hits import find_hits
from labutils.simulate.impact_response import build_tray
from labutils.simulate.modes import object_modes
from labutils.simulate.objects import OBJECTS, ImpactObject
from labutils.simulate.tray import GRAVITY_M_S2
from labutils.validation.comparison import Comparison
from labutils.validation.experiments import (
    BALL,
    BLOCK,
    EDGE_M,
    FOAM,
    RADIUS_M,
    SCREWDRIVER,
    SILENT,
    cube,
    level,
    listen,
    move,
    one_pulse,
    ramp_and_hold,
    rolling_body,
    smooth_ball,
    tapped,
)

_RESTITUTION_REACH, _DECAY_REACH = 0.04, 0.12


def check_motion() -> list[Comparison]:
    """Run all experiments with moving bodies."""
    return [
        check_free_fall(),
        check_sliding_begins(),
        check_sliding_acceleration(),
        check_rolling_acceleration("sphere"),
        check_rolling_acceleration("cylinder"),
        check_rolling_is_faster(),
        check_restitution(),
        check_momentum(),
        *(check_energy(obj) for obj in (BALL, cube(0.3))),
        check_tilts(),
    ]


def check_free_fall(height_m: float = 0.05) -> Comparison:
    """A cube that is let go lands after sqrt(2 h / g)."""
    motion = move(cube(0.3), level(0.3), (0, 0, EDGE_M / 2 + height_m))
    landing_s = np.flatnonzero(motion.floor_impulse_n_s > 0)[0] / motion.rate_hz
    wanted_s = math.sqrt(2 * height_m / GRAVITY_M_S2)
    return _near(f"free fall from {100 * height_m:g} cm: time (s)", landing_s, wanted_s, 0.002, digits=3)


def check_sliding_begins(friction: float = 0.4) -> Comparison:
    """On a slowly rising tray a cube breaks loose at the angle of friction, atan(mu)."""
    motion = move(cube(friction), ramp_and_hold(0.5, 0.0, ramp_s=5.0), (0, 0.06, EDGE_M / 2 + 0.0005))
    speed_m_s = np.abs(motion.velocity_m_s[500:, 1])  # what it did while it settled does not count
    start = 500 + int(np.argmax(speed_m_s > 0.02))
    found, wanted = math.degrees(motion.tilt_rad[start, 0]), math.degrees(math.atan(friction))
    return _near(
        f"a cube with friction {friction:g} breaks loose at atan(mu) (degrees)", found, wanted, 1.0, digits=1
    )


def check_sliding_acceleration(friction: float = 0.3, angle_rad: float = 0.5) -> Comparison:
    """A sliding cube accelerates with g (sin a - mu cos a)."""
    found = _acceleration(cube(friction), angle_rad, EDGE_M / 2)
    wanted = GRAVITY_M_S2 * (math.sin(angle_rad) - friction * math.cos(angle_rad))
    return _near("a sliding cube: acceleration g (sin a − mu cos a) (m/s²)", found, wanted, 0.1 * wanted)


def check_rolling_acceleration(shape: str, angle_rad: float = 0.3) -> Comparison:
    """A rolling sphere accelerates with 5/7 g sin a, a cylinder with 2/3 g sin a."""
    share, words = (5 / 7, "5/7") if shape == "sphere" else (2 / 3, "2/3")
    found, wanted = (
        _acceleration(rolling_body(shape), angle_rad, RADIUS_M),
        share * GRAVITY_M_S2 * math.sin(angle_rad),
    )
    return _near(f"a rolling {shape}: acceleration {words} g sin a (m/s²)", found, wanted, 0.05 * wanted)


def _acceleration(obj: ImpactObject, angle_rad: float, height_m: float) -> float:
    """Slope of the speed down a tray that has just been tilted, (m/s^2)."""
    motion = move(obj, ramp_and_hold(angle_rad, 0.25, ramp_s=0.25), (0, 0.09, height_m + 0.0005))
    speed_m_s = -motion.velocity_m_s[300:450, 1]
    return float(np.polyfit(np.arange(len(speed_m_s)) / motion.rate_hz, speed_m_s, 1)[0])


def check_rolling_is_faster(angle_rad: float = 0.4) -> Comparison:
    """A rolling cylinder wins against a sliding cube with the friction of the yellow block."""
    tilts, start_m = ramp_and_hold(angle_rad, 0.2), 0.09
    paths_m = [
        start_m - move(obj, tilts, (0, start_m, height_m + 0.0005)).position_m[-1, 1]
        for obj, height_m in ((rolling_body("cylinder"), RADIUS_M), (cube(BLOCK.friction), EDGE_M / 2))
    ]
    found = f"{100 * paths_m[0]:.1f} against {100 * paths_m[1]:.1f}"
    subject = "a rolling cylinder and a sliding cube down the same tray: paths (cm)"
    return Comparison(
        "physics", subject, found, "rolling wins", "by 1 cm", bool(paths_m[0] > paths_m[1] + 0.01)
    )


def check_restitution() -> Comparison:
    """A smooth ball leaves a wall with the restitution that was set, for those of all ten classes."""
    errors = []
    for obj in OBJECTS:
        motion = move(smooth_ball(obj), level(0.5), (0, 0, RADIUS_M), (0.5, 0, 0))
        errors.append(abs(-motion.velocity_m_s[-1, 0] / 0.5 - obj.restitution))
    subject = "a ball bounces with the restitution that was set: largest error in ten classes"
    return _near(subject, max(errors), 0, _RESTITUTION_REACH)


def check_momentum() -> Comparison:
    """The impulse that a hit hands to the sound is the change of the body's momentum."""
    ball = smooth_ball()
    motion = move(ball, level(0.5), (0, 0, RADIUS_M), (0, -0.5, 0))
    (hit,) = find_hits(motion, ball)
    force = contact_force(hit, ball, SAMPLE_RATE_HZ, np.random.default_rng(0))
    heard = 1000 * force.sum() / SAMPLE_RATE_HZ
    change = 1000 * ball.mass_kg * (motion.velocity_m_s[-1, 1] - motion.velocity_m_s[0, 1])
    subject = "impulse that a hit hands to the sound, change of momentum (mN s)"
    return _near(subject, heard, change, 0.01 * change, digits=1)


def check_energy(obj: ImpactObject) -> Comparison:
    """Thrown into a level tray, a body loses energy and never gains any.

    Energy is counted while the body touches nothing: in contact, a soft floor stores some for a moment.

    Args:
        obj: a ball or a cube, whose moment of inertia is the same about every axis.
    """
    size_m = obj.parts[0].half_size_m[0]
    inertia = obj.mass_kg * size_m**2 * (2 / 5 if obj.parts[0].shape == "sphere" else 2 / 3)
    motion = move(obj, level(1.5), (0.03, -0.02, size_m + 0.02), (0.6, 0.4, 0))
    energy = (
        0.5 * obj.mass_kg * (motion.velocity_m_s**2).sum(axis=1)
        + 0.5 * inertia * (motion.spin_rad_s**2).sum(axis=1)
        + obj.mass_kg * GRAVITY_M_S2 * motion.position_m[:, 2]
    )
    free = energy[(motion.wall_impulse_n_s.sum(axis=1) == 0) & (motion.floor_impulse_n_s == 0)]
    gain = float((free / np.minimum.accumulate(free)).max() - 1)
    subject = f"a {obj.parts[0].shape} thrown into a level tray: largest gain of energy between flights"
    passed = len(free) > 50 and gain <= 1e-3 and energy[-1] < 0.9 * energy[0]
    found = f"{100 * gain:.2f} %, {100 * (1 - energy[-1] / energy[0]):.0f} % lost in all"
    return Comparison("physics", subject, found, "0", "at most 0.1 %", bool(passed))


def check_tilts() -> Comparison:
    """The tray follows the tilts that the arm wants."""
    wanted = ramp_and_hold(0.4, 0.5)
    motion = move(BLOCK, wanted, (0, 0, 0.031))
    error = math.degrees(np.abs(motion.tilt_rad[:, 0] - wanted[::2]).max())
    return _near("the tray follows the wanted tilt: largest error (degrees)", error, 0, 0.6)


def _near(subject: str, found: float, wanted: float, reach: float, *, digits: int = 2) -> Comparison:
    passed = bool(abs(found - wanted) <= reach)
    texts = (f"{found:.{digits}f}", f"{wanted:.{digits}f}", f"within {reach:.2g}")
    return Comparison("physics", subject, *texts, passed)


def check_sound() -> list[Comparison]:
    """Run all experiments with single taps."""
    return [
        check_wall_modes(),
        check_floor_decay(),
        *check_blade(),
        check_own_wall(),
        check_arrival_order(),
    ]


def check_wall_modes() -> Comparison:
    """The spectrum of a tap peaks at the lowest modes of the wall, within three sigma of a session's tolerance."""
    tray = build_tray(SILENT)
    table_hz = tray.wall.frequency_hz[np.abs(tray.wall_read[1]) > 0.1][:3]
    found_hz = spectrum_peaks_hz(listen(tapped(1.0, [(0.1, 1, 0.0)]), one_pulse(BLOCK))[4410:26460, 1])
    nearest_hz = [found_hz[np.abs(found_hz / mode_hz - 1).argmin()] for mode_hz in table_hz]
    passed = bool(np.abs(np.array(nearest_hz) / table_hz - 1).max() < 0.03)
    texts = (" / ".join(f"{value:.0f}" for value in values) for values in (nearest_hz, table_hz))
    return Comparison(
        "physics", "a tap on a wall: its three lowest audible modes (Hz)", *texts, "within 3 %", passed
    )


def spectrum_peaks_hz(wave: np.ndarray) -> np.ndarray:
    """Return the frequencies at which the spectrum of a sound [samples] has clear peaks."""
    spectrum, frequency_hz = np.abs(np.fft.rfft(wave)), np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE_HZ)
    return frequency_hz[signal.find_peaks(spectrum, prominence=spectrum.max() / 30)[0]]


def check_floor_decay() -> Comparison:
    """The lowest mode of the floor dies out as the table says: median of eight sessions, each of which differs by 12 %."""
    table_s = build_tray(SILENT).floor_t60_s[0]
    found_s = float(np.median([floor_decay_s(seed) for seed in range(8)]))
    subject = "a tap: reverberation time T60 of the floor's lowest mode (s)"
    return _near(subject, found_s, table_s, _DECAY_REACH * table_s, digits=3)


def floor_decay_s(seed: int) -> float:
    """Return the T60 of the floor's lowest mode, as heard on the wall opposite to a soft tap."""
    mode_hz = build_tray(SILENT).floor.frequency_hz[0]
    far = listen(tapped(0.8, [(0.1, 1, 0.0)]), one_pulse(FOAM), seed=seed)[:, 3]
    edges_hz = [0.85 * mode_hz, 1.15 * mode_hz]
    band = signal.butter(2, edges_hz, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    envelope = np.abs(signal.hilbert(signal.sosfiltfilt(band, far)))
    late = slice(round(0.17 * SAMPLE_RATE_HZ), round(0.32 * SAMPLE_RATE_HZ))
    time_s = np.arange(len(far))[late] / SAMPLE_RATE_HZ
    return float(-60 / np.polyfit(time_s, 20 * np.log10(envelope[late]), 1)[0])


def check_blade() -> list[Comparison]:
    """The blade of the screwdriver rings on after the tray with the frequency and the decay of its table.

    Means of eight sessions, each of which differs by 0.9 % and 12 %.
    """
    driver = one_pulse(SCREWDRIVER)
    table = object_modes(driver)
    rings = np.array([_ring(driver, float(table.frequency_hz[0]), seed) for seed in range(8)])
    found_hz, found_s = rings[:, 0].mean(), float(np.median(rings[:, 1]))
    wanted_hz, wanted_s = float(table.frequency_hz[0]), float(table.t60_s[0])
    subject = "a tap of the screwdriver: its blade's"
    return [
        _near(f"{subject} lowest mode (Hz)", found_hz, wanted_hz, 0.01 * wanted_hz, digits=1),
        _near(f"{subject} reverberation time T60 (s)", found_s, wanted_s, _DECAY_REACH * wanted_s, digits=3),
    ]


def _ring(obj: ImpactObject, mode_hz: float, seed: int) -> tuple[float, float]:
    """Frequency and T60 of an object's mode, heard when the tray is silent again."""
    audio = listen(tapped(0.9, [(0.1, 1, 0.0)], mass_kg=obj.mass_kg), obj, seed=seed)[:, 1]
    late = audio[round(0.3 * SAMPLE_RATE_HZ) :][:11000]
    first, last = round(0.88 * mode_hz), round(1.12 * mode_hz)
    found_hz = first + np.abs(np.fft.rfft(late, SAMPLE_RATE_HZ))[first:last].argmax()
    level_db = 10 * np.log10(np.square(late.reshape(10, -1)).mean(axis=1))
    return float(found_hz), float(-60 / np.polyfit(np.arange(10) * 1100 / SAMPLE_RATE_HZ, level_db, 1)[0])


def check_own_wall() -> Comparison:
    """A tap is loudest and first on the wall that it hits."""
    right, margins_db = 0, []
    for wall in range(4):
        audio = listen(tapped(0.5, [(0.1, wall, 0.03)]))
        peak, arrival_s = np.abs(audio).max(axis=0), arrivals_s(audio, share=0.02)
        right += peak.argmax() == wall and (np.delete(arrival_s, wall) > arrival_s[wall]).all()
        margins_db.append(np.median(20 * np.log10(peak[wall] / np.delete(peak, wall))))
    found = f"{right} of 4 walls, by {min(margins_db):.0f} to {max(margins_db):.0f} dB"
    passed = right == 4 and min(margins_db) > 2 and max(margins_db) < 20
    subject = "a tap is loudest and first on its own wall"
    return Comparison("physics", subject, found, "4 of 4", "by 2 to 20 dB", bool(passed))


def arrivals_s(audio: np.ndarray, share: float) -> np.ndarray:
    """Return when each channel first reaches a share of the loudest peak, [samples, 4] -> [4] seconds."""
    return (np.abs(audio) > share * np.abs(audio).max()).argmax(axis=0) / SAMPLE_RATE_HZ


def check_arrival_order() -> Comparison:
    """A tap on the left wall near the top one arrives left, top, then bottom and right."""
    audio = listen(tapped(0.5, [(0.1, 1, 0.11)]), one_pulse(SCREWDRIVER))
    bottom, left, top, right = 1000 * (arrivals_s(audio, share=0.03) - 0.1)
    passed = left < top < bottom and top < right
    found = f"left {left:.2f}, top {top:.2f}, bottom {bottom:.2f}, right {right:.2f}"
    subject = "a tap on the left wall near the top one: arrival at the microphones (ms)"
    return Comparison("physics", subject, found, "left, top, the others", "in this order", bool(passed))


def check_physics() -> list[Comparison]:
    """Run every experiment; a few seconds."""
    return [*check_motion(), *check_sound()]
