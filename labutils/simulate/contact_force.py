"""The forces of a hit: how an impulse becomes a force over time, and how hard a ringing object pushes the floor.

Source: Johnson, "Contact Mechanics", 1985.
"""

import math

import numpy as np

from labutils.simulate.hits import Hit
from labutils.simulate.objects import ImpactObject
from labutils.simulate.tray import GRAVITY_M_S2

_MODAL_MASS = 0.25  # share of the mass that moves in a mode, as for a bar or a plate


def contact_force(hit: Hit, obj: ImpactObject, rate_hz: float, rng: np.random.Generator) -> np.ndarray:
    """Return the force of a hit over time: half-sines, shared by corners that land apart and by loose parts.

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


def floor_impedance(obj: ImpactObject, frequency_hz: np.ndarray) -> np.ndarray:
    """Return how hard a ringing object that lies on the floor pushes it, in newtons per m/s of its modes, (K,) -> (K,).

    The contact is a spring, k / w. Its stiffness follows from the duration of a hit, k = m (pi / T0)^2, and, as in Hertz's
    contact, from the cube root of the load. The load is the weight, not the peak force pi m v / (2 T0) of a hit at 0.5 m/s.
    No contact pushes harder than the mass that moves, w m / 4.

    Args:
        obj: its mass and its contact time.
        frequency_hz: (K,) its modes.

    Source: Johnson, "Contact Mechanics", 1985, section 4.2; Blevins, 1979, chapter 8 (modal mass).
    """
    w = 2 * math.pi * np.asarray(frequency_hz)
    peak_n = math.pi * obj.mass_kg * 0.5 / (2 * obj.pulse_time_s)
    load = (obj.mass_kg * GRAVITY_M_S2 / peak_n) ** (1 / 3)
    stiffness = obj.mass_kg * (math.pi / obj.pulse_time_s) ** 2 * load
    return np.minimum(stiffness / w, _MODAL_MASS * obj.mass_kg * w)
