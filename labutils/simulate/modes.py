"""The natural modes of the ten objects and of the tray: frequencies, decay times and gains by formula.

Every frequency follows from a material (`MATERIALS`) and a geometry by a textbook formula; every decay from the loss factor
of the material. Loss factors and elastic constants are handbook values, softened where an object is filled or glued.

Source: Leissa, "Vibration of Plates", NASA SP-160, 1969; Blevins, "Formulas for Natural Frequency and Mode Shape", 1979;
Cremer, Heckl and Petersson, "Structure-Borne Sound", 3rd edition, 2005, chapter 3 (loss factors).
"""

import math
from dataclasses import dataclass

import numpy as np

from labutils.simulate.objects import ImpactObject, Part

SPEED_OF_SOUND_M_S = 343.0
_FREE_FREE = np.array([4.7300, 7.8532, 10.9956, 14.1372])  # roots of cos x cosh x = 1
_CANTILEVER = np.array([1.8751, 4.6941, 7.8548, 10.9955])  # roots of cos x cosh x = -1
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 9000.0  # what the microphones pass


@dataclass(frozen=True)
class Material:
    """Density, Young's modulus, Poisson's ratio and loss factor of a material."""

    density_kg_m3: float
    young_pa: float
    poisson: float
    loss_factor: float

    @property
    def wave_speed_m_s(self) -> float:
        """Speed of longitudinal waves in a thin bar, sqrt(E / rho)."""
        return math.sqrt(self.young_pa / self.density_kg_m3)


MATERIALS: dict[str, Material] = {
    "foam": Material(140, 6e4, 0.1, 0.30),
    "rubber shell": Material(1100, 6e6, 0.49, 0.12),
    "cardboard": Material(700, 2.0e9, 0.30, 0.10),
    "hard plastic": Material(1050, 2.3e9, 0.35, 0.05),
    "steel": Material(7850, 2.0e11, 0.29, 0.012),
    "soft plastic shell": Material(1200, 6e7, 0.45, 0.08),
    "soft plastic": Material(1200, 1.5e7, 0.45, 0.15),
    "tin can": Material(7850, 2.0e11, 0.29, 0.03),
    "wood": Material(600, 5.0e8, 0.40, 0.03),  # across the grain, the soft direction
    "plywood": Material(600, 6.0e9, 0.30, 0.045),
    "air": Material(1.2, 1.4e5, 0.0, 0.010),
}


@dataclass(frozen=True)
class Modes:
    """Natural frequencies, decay times and gains of one body, sorted by frequency."""

    frequency_hz: np.ndarray  # (K,)
    t60_s: np.ndarray  # (K,) time to fall by 60 dB
    gain: np.ndarray  # (K,) share of the body's mass that moves, 1 for the whole body


def t60_s(frequency_hz: np.ndarray, loss_factor: float) -> np.ndarray:
    """Return the time in which a mode falls by 60 dB, 2.2 / (f eta).

    Source: Cremer, Heckl and Petersson, 2005, section 3.4.
    """
    return 2.2 / (np.asarray(frequency_hz) * loss_factor)


def object_modes(obj: ImpactObject) -> Modes:
    """Return the modes of an object from its material, its size and its mass.

    Args:
        obj: one of OBJECTS, or another object of a material named there.

    Returns:
        Modes between 60 Hz and 9 kHz.

    Raises:
        KeyError: the material has no family of modes.
    """
    families = {
        "foam": _foam_brick,
        "rubber shell": _inflated_ball,
        "cardboard": _cardboard,
        "hard plastic": _plastic_toy,
        "steel": _screwdriver,
        "soft plastic shell": _thick_shell,
        "soft plastic": _thick_shell,
        "tin can": _filled_can,
        "wood": _solid_cube,
    }
    return families[obj.material](obj)


def _modes(*series: tuple[np.ndarray, float, float]) -> Modes:
    """Join (frequencies, loss factor, gain) of several families, keeping what the microphones pass."""
    frequency = np.concatenate([np.atleast_1d(f) for f, _, _ in series])
    t60 = np.concatenate([t60_s(np.atleast_1d(f), eta) for f, eta, _ in series])
    gain = np.concatenate([np.full(np.size(f), g) for f, _, g in series])
    heard = (frequency > _LOWEST_HZ) & (frequency < _HIGHEST_HZ)
    order = np.argsort(frequency[heard], kind="stable")
    return Modes(frequency[heard][order], t60[heard][order], gain[heard][order])


def block_hz(edges_m: np.ndarray, wave_speed_m_s: float) -> np.ndarray:
    """Return the first stretching mode along each edge of a free block, c / (2 L).

    Source: Blevins, 1979, table 8-16 (free-free bar).
    """
    return wave_speed_m_s / (2 * np.asarray(edges_m))


def bending_bar_hz(roots: np.ndarray, length_m: float, gyration_m: float, material: Material) -> np.ndarray:
    """Return the bending modes of a slender bar, x^2 r c / (2 pi L^2).

    Args:
        roots: of the characteristic equation of the ends, free-free or cantilever.
        length_m: length of the bar.
        gyration_m: radius of gyration of its cross-section, R / 2 for a round bar.
        material: what it is made of.

    Source: Blevins, 1979, table 8-1 (Bernoulli-Euler).
    """
    return np.asarray(roots) ** 2 * gyration_m * material.wave_speed_m_s / (2 * math.pi * length_m**2)


def plate_speed_m2_s(thickness_m: float, material: Material) -> float:
    """Return sqrt(D / (rho h)) = h c / sqrt(12 (1 - nu^2)), which scales every frequency of a plate."""
    return thickness_m * material.wave_speed_m_s / math.sqrt(12 * (1 - material.poisson**2))


def panel_hz(length_m: float, width_m: float, plate_speed: float, orders: np.ndarray) -> np.ndarray:
    """Return the modes (i, j) of a simply supported panel, (pi / 2) sqrt(D / rho h) ((i/L)^2 + (j/W)^2).

    Source: Leissa, 1969, equation 4.20.
    """
    i, j = np.asarray(orders).T
    return math.pi / 2 * plate_speed * ((i / length_m) ** 2 + (j / width_m) ** 2)


def ring_hz(orders: np.ndarray, radius_m: float, thickness_m: float, material: Material) -> np.ndarray:
    """Return the inextensional modes of a cylinder's wall, n (n^2 - 1) / sqrt(n^2 + 1) h c / (sqrt(12) R^2 2 pi).

    Source: Rayleigh, "The Theory of Sound", volume 1, section 233.
    """
    n = np.asarray(orders)
    shape = n * (n**2 - 1) / np.sqrt(n**2 + 1)
    return shape * thickness_m * material.wave_speed_m_s / (math.sqrt(12) * radius_m**2 * 2 * math.pi)


def spherical_shell_hz(
    orders, radius_m: float, thickness_m: float, material: Material, pressure_pa: float = 0.0
):
    """Return the flexural modes n >= 2 of a spherical shell: stretching, bending and inner pressure.

    w^2 = (E / rho R^2) ((n-1)(n+2) / (n(n+1) + 1 + nu) + (h^2 / 12 R^2) (n-1) n (n+1) (n+2) / (1 - nu^2))
    + (n-1)(n+2) p / (2 rho h R): the first part is Lamb's lower branch, the second the bending of a shallow shell, the third
    a membrane under the tension p R / 2.

    Source: Lamb, "On the vibrations of a spherical shell", 1882; Soedel, "Vibrations of Shells and Plates", 2004, chapter 6.
    """
    n = np.asarray(orders, dtype=float)
    rim = (n - 1) * (n + 2)
    stretching = rim / (n * (n + 1) + 1 + material.poisson)
    bending = (thickness_m / radius_m) ** 2 / 12 * rim * n * (n + 1) / (1 - material.poisson**2)
    elastic = (material.wave_speed_m_s / radius_m) ** 2 * (stretching + bending)
    tension = rim * pressure_pa / (2 * material.density_kg_m3 * thickness_m * radius_m)
    return np.sqrt(elastic + tension) / (2 * math.pi)


def cylindrical_shell_hz(orders, radius_m: float, length_m: float, thickness_m: float, material: Material):
    """Return the modes (m, n) of a cylinder with supported ends, m half waves along and n whole waves around.

    w^2 = (E / rho R^2) (l^4 / (n^2 + l^2)^2 + (h^2 / 12 R^2) (n^2 + l^2)^2 / (1 - nu^2)), l = m pi R / L.

    Source: Soedel, "Vibrations of Shells and Plates", 2004, section 6.12 (Donnell-Mushtari-Vlasov).
    """
    m, n = np.asarray(orders, dtype=float).T
    along = (m * math.pi * radius_m / length_m) ** 2
    around = n**2 + along
    bending = (thickness_m / radius_m) ** 2 / 12 * around**2 / (1 - material.poisson**2)
    return material.wave_speed_m_s / radius_m * np.sqrt(along**2 / around**2 + bending) / (2 * math.pi)


def cavity_hz(radius_m: float) -> np.ndarray:
    """Return the lowest three modes of the air inside a rigid sphere, x c / (2 pi R).

    Source: Russell, "Basketballs as spherical acoustic cavities", American Journal of Physics 78(6), 2010.
    """
    return np.array([2.0816, 3.3421, 4.4934]) * SPEED_OF_SOUND_M_S / (2 * math.pi * radius_m)


def _foam_brick(obj: ImpactObject) -> Modes:
    foam = MATERIALS["foam"]
    edges = 2 * np.array(obj.parts[0].half_size_m)
    return _modes((block_hz(edges, foam.wave_speed_m_s), foam.loss_factor, 1.0))


def _inflated_ball(obj: ImpactObject) -> Modes:
    """A rubber ball of which the mass gives the thickness, blown up to 0.3 bar, and the air in it."""
    rubber, air, radius = MATERIALS["rubber shell"], MATERIALS["air"], obj.parts[0].half_size_m[0]
    thickness = obj.mass_kg / (rubber.density_kg_m3 * 4 * math.pi * radius**2)
    shell = spherical_shell_hz(np.arange(2, 8), radius, thickness, rubber, pressure_pa=3e4)
    return _modes((shell, rubber.loss_factor, 1.0), (cavity_hz(radius - thickness)[:2], air.loss_factor, 0.1))


def _cardboard(obj: ImpactObject) -> Modes:
    """A round tin of salt rings around its wall; a box rings on its two kinds of long panels."""
    card, part = MATERIALS["cardboard"], obj.parts[0]
    if part.shape == "cylinder":
        walls = ring_hz(np.arange(2, 8), part.half_size_m[0], 0.0012, card)
        return _modes((walls, 2 * card.loss_factor, 0.6))  # grains lean on the wall and damp it
    length, *widths = sorted((2 * half for half in part.half_size_m), reverse=True)
    speed, orders = plate_speed_m2_s(0.0005, card), np.array([(1, 1), (3, 1), (5, 1), (2, 2)])
    panels = [(panel_hz(length, width, speed, orders), card.loss_factor, 0.6) for width in widths]
    return _modes(*panels)


def _plastic_toy(obj: ImpactObject) -> Modes:
    """A hollow moulding: its barrel bends as a box beam, its 2 mm sides ring as panels."""
    plastic = MATERIALS["hard plastic"]
    length, height, width = sorted((2 * half for half in obj.parts[0].half_size_m), reverse=True)
    gyration = 0.41 * (height + width) / 2  # of a thin-walled square tube
    barrel = bending_bar_hz(_FREE_FREE[:3], length, gyration, plastic)
    orders = np.array([(1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (3, 2)])
    sides = panel_hz(length, height, plate_speed_m2_s(0.002, plastic), orders)
    return _modes((barrel, plastic.loss_factor, 1.0), (sides, plastic.loss_factor, 0.5))


def _screwdriver(obj: ImpactObject) -> Modes:
    """A steel blade held in a plastic handle: a cantilever, and a short thick bar."""
    steel, plastic = MATERIALS["steel"], MATERIALS["hard plastic"]
    handle, blade = obj.parts
    (handle_half, handle_radius, _), (blade_radius, blade_half) = handle.half_size_m, blade.half_size_m
    blade_hz = bending_bar_hz(_CANTILEVER[:3], 2 * blade_half, blade_radius / 2, steel)
    handle_hz = bending_bar_hz(_FREE_FREE[:2], 2 * handle_half, handle_radius / 2, plastic)
    return _modes((blade_hz, steel.loss_factor, 0.7), (handle_hz, plastic.loss_factor, 0.5))


def _thick_shell(obj: ImpactObject) -> Modes:
    """A soft hollow toy: a sphere of the same mean radius, its wall as thick as its mass asks for."""
    vinyl = MATERIALS[obj.material]
    radius = _mean_radius_m(obj.parts[0])
    area = sum(4 * math.pi * _mean_radius_m(part) ** 2 for part in obj.parts)
    thickness = obj.mass_kg / (vinyl.density_kg_m3 * area)
    return _modes((spherical_shell_hz(np.arange(2, 7), radius, thickness, vinyl), vinyl.loss_factor, 1.0))


def _mean_radius_m(part: Part) -> float:
    half = part.half_size_m
    return math.sqrt(half[0] * half[1]) if part.shape == "cylinder" else float(np.mean(half))


def _filled_can(obj: ImpactObject) -> Modes:
    """A steel can of 0.25 mm, half full: the liquid moves with the wall and lowers its modes.

    The liquid adds rho_f R / n to the mass per area of the wall (incompressible, radial motion), on half of the wall.
    """
    steel, (radius, half), thickness = MATERIALS["tin can"], obj.parts[0].half_size_m, 0.00025
    orders = np.array([(1, 2), (1, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 5), (3, 4), (3, 5)])
    liquid = 0.5 * 1000 * radius / orders[:, 1]
    loading = np.sqrt(1 + liquid / (steel.density_kg_m3 * thickness))
    shell = cylindrical_shell_hz(orders, radius, 2 * half, thickness, steel) / loading
    return _modes((shell, steel.loss_factor, 0.6))


def _solid_cube(obj: ImpactObject) -> Modes:
    """A solid block: stretching, equal-volume (Lame) shear and torsion, all set by the soft direction of the wood."""
    wood, edge = MATERIALS["wood"], 2 * obj.parts[0].half_size_m[0]
    shear_speed = wood.wave_speed_m_s / math.sqrt(2 * (1 + wood.poisson))
    stretching = block_hz(np.array([edge]), wood.wave_speed_m_s)
    shear = np.array([math.sqrt(0.843), math.sqrt(2)]) * shear_speed / (2 * edge)
    return _modes((np.concatenate([stretching, shear]), wood.loss_factor, 1.0))


@dataclass(frozen=True)
class Plate:
    """A plate of the tray and its modes; `length_m` runs along x of the plate, `width_m` along y or up.

    The orders count half waves along the length, and across it half waves of a floor or the cantilever mode of a wall.
    """

    length_m: float
    width_m: float
    mass_kg: float
    orders: np.ndarray  # (K, 2)
    frequency_hz: np.ndarray  # (K,)


def floor_plate(width_m: float, thickness_m: float, material: Material, highest_hz: float) -> Plate:
    """Return the tray's square floor, simply supported at its four edges."""
    orders = _orders(16, 16)
    frequency = panel_hz(width_m, width_m, plate_speed_m2_s(thickness_m, material), orders)
    return _plate(width_m, width_m, thickness_m, material, orders, frequency, highest_hz)


def wall_plate(
    length_m: float, height_m: float, thickness_m: float, material: Material, highest_hz: float
) -> Plate:
    """Return a wall: clamped to the floor, free at the top, supported by its neighbours at both ends.

    f = sqrt(D / rho h) (x_j^2 / H^2 + (i pi / L)^2) / (2 pi): a product of beam functions, the cross term being
    rounded to that of a supported plate.

    Source: Leissa, 1969, section 4.2 (products of beam functions).
    """
    orders = _orders(12, len(_CANTILEVER))
    across = (_CANTILEVER[orders[:, 1] - 1] / height_m) ** 2
    along = (orders[:, 0] * math.pi / length_m) ** 2
    frequency = plate_speed_m2_s(thickness_m, material) * (across + along) / (2 * math.pi)
    return _plate(length_m, height_m, thickness_m, material, orders, frequency, highest_hz)


def _orders(rows: int, columns: int) -> np.ndarray:
    return np.stack(np.meshgrid(np.arange(1, rows + 1), np.arange(1, columns + 1)), axis=-1).reshape(-1, 2)


def _plate(length_m, width_m, thickness_m, material, orders, frequency, highest_hz) -> Plate:
    kept = np.flatnonzero(frequency < highest_hz)
    kept = kept[np.argsort(frequency[kept], kind="stable")]
    mass = material.density_kg_m3 * length_m * width_m * thickness_m
    return Plate(length_m, width_m, mass, orders[kept], frequency[kept])


def floor_shape(plate: Plate, x_m: float, y_m: float) -> np.ndarray:
    """Return the height of every floor mode at a point, sin(i pi x / L) sin(j pi y / L); origin at the middle -> (K,)."""
    i, j = plate.orders.T
    x, y = x_m / plate.length_m + 0.5, y_m / plate.width_m + 0.5
    return np.sin(i * math.pi * x) * np.sin(j * math.pi * y)


def floor_slope(plate: Plate, wall: int, along_m: float) -> np.ndarray:
    """Return the slope of every floor mode under a wall, `along_m` from the wall's middle -> (K,) in 1/m.

    Walls are numbered bottom, left, top, right; outward is positive.
    """
    i, j = plate.orders.T if wall in (0, 2) else plate.orders.T[::-1]
    sign = -1.0 if wall in (0, 1) else (-1.0) ** j
    return sign * j * math.pi / plate.width_m * np.sin(i * math.pi * (along_m / plate.length_m + 0.5))


def wall_shape(plate: Plate, along_m: float, height_m: float) -> np.ndarray:
    """Return the deflection of every wall mode at a point of the wall, 1 at the top edge over the middle -> (K,)."""
    i, j = plate.orders.T
    height = np.clip(height_m / plate.width_m, 0, 1)
    return np.sin(i * math.pi * (along_m / plate.length_m + 0.5)) * cantilever_shape(j, height)


def cantilever_shape(number: np.ndarray, height: float) -> np.ndarray:
    """Return the deflection of a clamped-free beam, 1 at its tip (in size), at a height of 0 to 1 of its length.

    Source: Blevins, 1979, table 8-1.
    """
    root = _CANTILEVER[np.asarray(number) - 1]
    sigma = (np.sinh(root) - np.sin(root)) / (np.cosh(root) + np.cos(root))
    at = root * height
    return (np.cosh(at) - np.cos(at) - sigma * (np.sinh(at) - np.sin(at))) / 2
