"""The camera above the tray: pictures of the object, and masks by subtracting the picture of the empty tray.

The camera is mounted on the tray and looks straight down, so the walls stand still and plain background
subtraction finds the object. The masks have flaws, as in the recordings: dust and glints become specks, parts
whose colour is like the wood become holes, the shadow merges with the object, and a flicker of the lamp
roughens the mask. Only what moves is drawn; the wooden tray is painted once a recording day.

Frame of the picture: x right, y down, in pixels; the wall "bottom" is at the bottom. The mask is the square
of 440 pixels in the middle: the floor of 30 cm takes 405 of them, and around it lean the inner sides of the
walls, as a camera from above sees them.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from scipy import ndimage
from scipy.spatial.transform import Rotation

from labutils.clips import FRAME_SIZE, MASK_CROP, MASK_SIZE
from labutils.simulate.objects import ImpactObject
from labutils.simulate.solids import Surface, outline, surface_of
from labutils.simulate.tray import TRAY_WIDTH_M, WALL_HEIGHT_M, Motion

HEIGHT_M = 0.70
# The outermost centroids of the real recordings, where an object's middle cannot come nearer to the wall, fit this scale.
FLOOR_PX_PER_M = 1350
FOCAL_PX = FLOOR_PX_PER_M * HEIGHT_M
WALL_RIM_M = 0.006

_WOOD = np.array([172.0, 138.0, 98.0])
_BENCH = np.array([74.0, 76.0, 80.0])
_DARKEST, _BRIGHTEST = 54, 201  # of the empty tray: noise and flicker then need no clipping
_FLICKER_LIMIT = 42
_MARGIN_PX = 2  # the picture may shake by this much
_NOISE_MARGIN_PX = 64
_ROOM_SHADOW = 0.13  # share of the light that the room gives and that is missing under an object
_SHADOW_SCALE = 4  # shadows are soft: drawn at a quarter of the size
_TOO_MUCH = 0.3  # a mask that covers more of the tray shows a change of the light, not an object


@dataclass(frozen=True)
class Camera:
    """Camera, lamp and tray of one recording day; the defaults are the nominal day."""

    height_m: float = HEIGHT_M
    focal_px: float = FOCAL_PX
    centre_px: tuple[float, float] = (FRAME_SIZE[0] / 2, FRAME_SIZE[1] / 2)
    turn_rad: float = 0.0  # of the camera about its own axis
    lamp: tuple[float, float, float] = (-0.25, 0.20, 0.95)  # unit vector towards it
    light: float = 1.0
    shadow: float = 0.15  # share of the light that the lamp itself gives, so that its shadow lacks
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    noise: int = 7  # every value gets the sum of two uniform numbers below this; its std is 0.4 of it
    flicker: float = 0.004  # share of frames with a flicker of the lamp
    dust: float = 0.2  # specks a frame
    shake: float = 0.02  # share of frames displaced by a pixel
    threshold: int = 30  # grey levels by which the object must differ from the empty tray
    wood_seed: int = 0

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Camera":
        """Draw a recording day: height 1.5 %, focal length 1 %, position 3 px, lamp, light, tray, threshold.

        Args:
            rng: the source of randomness.
        """
        nominal = cls()
        azimuth, from_zenith = rng.uniform(0, 2 * math.pi), rng.uniform(0.15, 0.45)
        across = math.sin(from_zenith)
        return cls(
            height_m=HEIGHT_M * (1 + 0.015 * rng.standard_normal()),
            focal_px=FOCAL_PX * (1 + 0.01 * rng.standard_normal()),
            centre_px=tuple(float(middle + rng.normal(0, 3)) for middle in nominal.centre_px),
            turn_rad=math.radians(0.5) * rng.standard_normal(),
            lamp=(across * math.cos(azimuth), across * math.sin(azimuth), math.cos(from_zenith)),
            light=float(np.clip(1 + 0.06 * rng.standard_normal(), 0.85, 1.15)),
            shadow=rng.uniform(0.06, 0.24),
            tint=tuple(np.clip(1 + 0.02 * rng.standard_normal(3), 0.95, 1.05).tolist()),
            noise=int(rng.integers(5, 11)),
            dust=rng.uniform(0.05, 0.35),
            threshold=int(rng.integers(24, 36)),
            wood_seed=int(rng.integers(2**31)),
        )

    def film(
        self, motion: Motion, obj: ImpactObject, times_s: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Film the object at given times.

        Args:
            motion: where the object is, from `simulate_session`.
            obj: what it looks like.
            times_s: [T] seconds from the start of the session.
            rng: for noise, dust, shake and flicker.

        Returns:
            Pictures uint8 [T, 480, 640, 3] and masks bool [T, 440, 440].
        """
        samples = np.clip(
            np.rint(np.asarray(times_s) * motion.rate_hz).astype(int), 0, len(motion.position_m) - 1
        )
        rotations = Rotation.from_quat(motion.quaternion[samples], scalar_first=True).as_matrix()
        surface = surface_of(obj)
        frames = np.empty((len(samples), FRAME_SIZE[1], FRAME_SIZE[0], 3), np.uint8)
        masks = np.empty((len(samples), MASK_SIZE, MASK_SIZE), bool)
        for i, sample in enumerate(samples):
            placed = surface.placed(motion.position_m[sample], rotations[i])
            self._take_picture(placed, rng, out=frames[i])
            masks[i] = self.mask(frames[i])
        return frames, masks

    def mask(self, frame: np.ndarray) -> np.ndarray:
        """Find the object as the recordings' plain pipeline does: difference, slight blur, threshold.

        Where more than 30 % of the tray changed, the light did: its change, the median of all differences, is taken away
        first. If nothing lies above the threshold then, the largest differences are the mask.

        Args:
            frame: uint8 [480, 640, 3].

        Returns:
            bool [440, 440]; empty only where nothing but the light differs from the empty tray.
        """
        picture = Image.fromarray(np.ascontiguousarray(frame[MASK_CROP]))
        difference = ImageChops.difference(picture, self._empty_window)
        sums = _sums_of_nine(np.asarray(difference.convert("L", (1 / 3, 1 / 3, 1 / 3, 0))))
        if (sums > 9 * self.threshold).mean() >= _TOO_MUCH:
            sums = _sums_of_nine(self._difference_without_light(frame))
        found = sums > 9 * self.threshold
        return found if found.any() else sums > 0.9 * sums.max()

    def _difference_without_light(self, frame: np.ndarray) -> np.ndarray:
        """Difference from the empty tray less its median, which the lamp made; uint8 [440, 440]."""
        signed = frame[MASK_CROP].astype(np.int16) - np.asarray(self._empty_window, dtype=np.int16)
        return np.abs(signed - np.median(signed)).mean(axis=-1).astype(np.uint8)

    def project(self, points_m: np.ndarray) -> np.ndarray:
        """Map points of the tray to the picture, (..., 3) metres -> (..., 2) pixels, x right and y down."""
        cos, sin = math.cos(self.turn_rad), math.sin(self.turn_rad)
        x, y, z = np.moveaxis(points_m, -1, 0)
        scale = self.focal_px / (self.height_m - z)
        right, up = (cos * x - sin * y) * scale, (sin * x + cos * y) * scale
        return np.stack([self.centre_px[0] + right, self.centre_px[1] - up], axis=-1)

    @cached_property
    def empty_tray(self) -> np.ndarray:
        """The picture of the empty tray without noise, uint8 [480, 640, 3]."""
        return np.ascontiguousarray(self._wide_tray[_MARGIN_PX:-_MARGIN_PX, _MARGIN_PX:-_MARGIN_PX])

    @cached_property
    def _empty_window(self) -> Image.Image:
        return Image.fromarray(np.ascontiguousarray(self.empty_tray[MASK_CROP]))

    @cached_property
    def _wide_tray(self) -> np.ndarray:
        """The empty tray with a margin for the shaking camera, uint8 [484, 644, 3]."""
        width, height = FRAME_SIZE[0] + 2 * _MARGIN_PX, FRAME_SIZE[1] + 2 * _MARGIN_PX
        right = np.arange(width)[None, :] + 0.5 - _MARGIN_PX - self.centre_px[0]
        up = self.centre_px[1] - (np.arange(height)[:, None] + 0.5 - _MARGIN_PX)
        cos, sin = math.cos(self.turn_rad), math.sin(self.turn_rad)
        x, y = cos * right + sin * up, cos * up - sin * right  # along the tray's axes, in pixels
        painted = _paint_tray(x / self.focal_px, y / self.focal_px, self)
        lit = painted * (self.light * np.array(self.tint))
        return np.clip(np.rint(lit), _DARKEST, _BRIGHTEST).astype(np.uint8)

    @cached_property
    def _noise_field(self) -> np.ndarray:
        """Sensor noise, larger than a picture: every frame sees another part of it. uint8 around noise - 1."""
        rng = np.random.default_rng(self.wood_seed)
        shape = (FRAME_SIZE[1] + _NOISE_MARGIN_PX, FRAME_SIZE[0] + _NOISE_MARGIN_PX, 3)
        first, second = rng.integers(0, self.noise, (2, *shape), dtype=np.uint8)
        return first + second

    def _take_picture(self, placed: Surface, rng: np.random.Generator, *, out: np.ndarray) -> None:
        """Take one noisy picture of the tray with the object in it, into uint8 [480, 640, 3]."""
        height, width = out.shape[:2]
        dx, dy = rng.integers(-1, 2, 2) if rng.random() < self.shake else (0, 0)
        tray = self._wide_tray[_MARGIN_PX + dy :, _MARGIN_PX + dx :][:height, :width]
        top, left = rng.integers(0, _NOISE_MARGIN_PX, 2)
        noise = self._noise_field[top : top + height, left : left + width]
        level = self._light_change(rng) - (self.noise - 1)
        np.add(tray, noise, out=out)
        np.add(out, np.uint8(level % 256), out=out)  # cannot overflow: see _DARKEST and _BRIGHTEST
        window, drawn = self._draw_object(placed, tray, np.array([dx, dy]))
        noisy = drawn + noise[window].astype(np.int16)
        noisy += level
        out[window] = np.clip(noisy, 0, 255, out=noisy)
        _add_dust(out, rng.poisson(self.dust), rng)

    def _draw_object(
        self, placed: Surface, tray: np.ndarray, shift_px: np.ndarray
    ) -> tuple[tuple[slice, slice], np.ndarray]:
        """Draw the object and its shadow over the part of the tray around them.

        Returns:
            The rows and columns of that part, and uint8 [rows, columns, 3].
        """
        shadows = [(edge - shift_px, depth) for edge, depth in self._shadows(placed)]
        towards_us = np.array([0.0, 0.0, self.height_m]) - placed.corners_m.mean(axis=1)
        seen = np.flatnonzero(np.einsum("fi,fi->f", placed.normals, towards_us) > 0)
        seen = seen[np.argsort(-np.linalg.norm(towards_us[seen], axis=1))]  # painter's algorithm: far first
        faces = self.project(placed.corners_m[seen]) - shift_px
        window = _bounds(np.concatenate([faces.reshape(-1, 2), *(edge for edge, _ in shadows)]))
        origin = np.array([window[1].start, window[0].start])
        part = Image.fromarray(np.ascontiguousarray(tray[window]))
        part.paste(
            (0, 0, 0), mask=_fill_shadows([(edge - origin, depth) for edge, depth in shadows], part.size)
        )
        part = _fill_faces(part, faces - origin, self._shade(placed.normals[seen], placed.colours[seen]))
        return window, np.asarray(part)

    def _shade(self, normals: np.ndarray, colours: np.ndarray) -> np.ndarray:
        """Colours of faces in this light, (F, 3): diffuse, a little gloss, never fully dark."""
        lamp = np.array(self.lamp)
        half_way = lamp + np.array([0.0, 0.0, 1.0])
        half_way /= np.linalg.norm(half_way)
        sky = 0.6 + 0.4 * normals[:, 2]
        diffuse = (1 - self.shadow) * sky + self.shadow * np.maximum(normals @ lamp, 0) / lamp[2]
        gloss = 15 * np.maximum(normals @ half_way, 0) ** 20
        return np.clip(
            (colours * diffuse[:, None] + gloss[:, None]) * self.light * np.array(self.tint), 0, 255
        )

    def _shadows(self, placed: Surface) -> list[tuple[np.ndarray, float]]:
        """The shadow of the lamp, and below the object the one of the whole bright room: outlines and depths."""
        height_m = max(0.0, placed.corners_m[..., 2].min())
        lamp, room = self.shadow * math.exp(-height_m / 0.05), _ROOM_SHADOW * math.exp(-height_m / 0.02)
        thrown = [(edge, lamp) for edge in self._shadow_outlines(placed, self.lamp)]
        return thrown + [(edge, lamp + room) for edge in self._shadow_outlines(placed, (0, 0, 1))]

    def _shadow_outlines(self, placed: Surface, lamp: tuple[float, float, float]) -> list[np.ndarray]:
        """Where each part throws its shadow on floor and walls, (n, 2) pixels each."""
        lamp, half = np.array(lamp) + 1e-9, TRAY_WIDTH_M / 2  # never quite parallel to a wall
        reach = placed.corners_m / lamp  # how far along the ray of light to the floor...
        reach[..., :2] += half / np.abs(lamp[:2])  # ... and to the walls
        hit = placed.corners_m - np.maximum(reach.min(axis=-1, keepdims=True), 0) * lamp
        hit[..., 2] = np.minimum(hit[..., 2], WALL_HEIGHT_M)
        pixels = self.project(hit)
        return [outline(pixels[placed.parts == part].reshape(-1, 2)) for part in np.unique(placed.parts)]

    def _light_change(self, rng: np.random.Generator) -> int:
        """Grey levels by which this frame is brighter than the empty tray."""
        if rng.random() < self.flicker:
            return int(rng.choice([-1, 1]) * rng.integers(self.threshold, _FLICKER_LIMIT + 1))
        return int(np.clip(np.rint(rng.normal(0, 1.2)), -4, 4))


def _bounds(points_px: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns around points (n, 2), with room for a soft edge, inside the picture."""
    low = np.floor(points_px.min(axis=0)).astype(int) - 12
    high = np.ceil(points_px.max(axis=0)).astype(int) + 12
    (left, top), (right, bottom) = np.clip([low, high], 0, FRAME_SIZE)
    return slice(top, bottom), slice(left, right)


def _fill_faces(picture: Image.Image, faces_px: np.ndarray, colours: np.ndarray) -> Image.Image:
    """Fill faces (F, 4, 2) in their order over a picture, at twice the size, which makes their edges smooth."""
    large = picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(large)
    inks = map(tuple, np.rint(colours).astype(int).tolist())
    for corners, ink in zip((2 * faces_px - 0.5).reshape(-1, 8).tolist(), inks, strict=True):
        draw.polygon(corners, fill=ink)
    return large.reduce(2)


def _fill_shadows(shadows: list[tuple[np.ndarray, float]], size: tuple[int, int]) -> Image.Image:
    """Fill outlines one after the other, each as deep as it says, and soften them: 0-255 for a depth of 0-1."""
    small = Image.new("L", [-(-side // _SHADOW_SCALE) for side in size])
    draw = ImageDraw.Draw(small)
    for corners, depth in shadows:
        draw.polygon((corners / _SHADOW_SCALE - 0.5).ravel().tolist(), fill=round(255 * depth))
    grown = [side * _SHADOW_SCALE for side in small.size]
    soft = small.filter(ImageFilter.BoxBlur(2)).resize(grown, Image.Resampling.BILINEAR)
    return soft.crop((0, 0, *size))


def _sums_of_nine(grey: np.ndarray) -> np.ndarray:
    """Add up the 3 x 3 pixels around each one, uint8 [H, W] -> uint16 [H, W]; the edge repeats itself."""
    wide = np.pad(grey.astype(np.uint16), 1, mode="edge")
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    return rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]


def _add_dust(picture: np.ndarray, count: int, rng: np.random.Generator) -> None:
    """Put a few specks of dust or glints on a picture, in place."""
    height, width = picture.shape[:2]
    for _ in range(count):
        radius = rng.integers(1, 4)
        y, x = rng.integers(radius, height - radius), rng.integers(radius, width - radius)
        down, across = np.ogrid[-radius : radius + 1, -radius : radius + 1]
        spot = picture[y - radius : y + radius + 1, x - radius : x + radius + 1]
        disc = down**2 + across**2 <= radius**2
        spot[disc] = np.clip(spot[disc] + rng.choice([-1, 1]) * rng.uniform(25, 80), 0, 255)


def _paint_tray(x: np.ndarray, y: np.ndarray, camera: Camera) -> np.ndarray:
    """Paint the empty tray as seen along rays of slope x and y: floor, walls, rim, and the bench around it.

    Returns:
        float [height, width, 3].
    """
    rng = np.random.default_rng(camera.wood_seed)
    half, slope = TRAY_WIDTH_M / 2, np.maximum(np.abs(x), np.abs(y))
    wall_z = camera.height_m - half / np.maximum(slope, 1e-9)  # where the ray meets the wall
    sideways = np.abs(x) > np.abs(y)
    depth = np.where(wall_z < 0, camera.height_m, camera.height_m - wall_z)
    along, across = np.where(sideways & (wall_z > 0), y, x) * depth, np.where(wall_z < 0, y * depth, wall_z)
    tone = (1 + 0.045 * _grain(along, across, rng)) * _boards(across, wall_z < 0, rng)
    light = np.where(wall_z < 0, _floor_light(x, y, camera), _wall_light(x, y, sideways, camera))
    light = np.where(wall_z >= WALL_HEIGHT_M, 1.08, light)  # the rim faces the sky
    outside = slope * (camera.height_m - WALL_HEIGHT_M) > half + WALL_RIM_M
    return np.where(outside[..., None], _BENCH, _WOOD * (tone * light)[..., None])


def _grain(along_m: np.ndarray, across_m: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Wood grain with a standard deviation of about 1: long along the fibre, fine across it."""
    total = np.zeros(along_m.shape)
    for per_m_along, per_m_across, weight in ((3, 40, 0.6), (7, 130, 0.6), (25, 420, 0.5)):
        table = rng.standard_normal((64, 256))
        where = [along_m * per_m_along + 32, across_m * per_m_across + 128]
        total += weight * ndimage.map_coordinates(table, where, order=1, mode="grid-wrap")
    return total


def _boards(across_m: np.ndarray, floor: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brightness of the boards the floor is made of, with dark joints between them."""
    edges_m = np.array([-0.078, 0.002, 0.071]) + rng.uniform(-0.01, 0.01, 3)
    tone = (1 + 0.025 * rng.standard_normal(4))[np.searchsorted(edges_m, across_m)]
    joint = np.abs(across_m[..., None] - edges_m).min(axis=-1) < 0.0006
    return np.where(floor, tone * np.where(joint, 0.8, 1.0), 1.0)


def _floor_light(x: np.ndarray, y: np.ndarray, camera: Camera) -> np.ndarray:
    """Light on the floor: a little less towards the lamp's far side, and in the corners by the walls."""
    h = camera.height_m
    to_wall_m = TRAY_WIDTH_M / 2 - np.maximum(np.abs(x), np.abs(y)) * h
    slant = 0.4 * (x * camera.lamp[0] + y * camera.lamp[1])
    return (1 + slant) * (1 - 0.25 * np.exp(-np.maximum(to_wall_m, 0) / 0.012))


def _wall_light(x: np.ndarray, y: np.ndarray, sideways: np.ndarray, camera: Camera) -> np.ndarray:
    """Light on the four walls, each by the angle of its inner side to the lamp."""
    towards = np.where(sideways, -np.sign(x) * camera.lamp[0], -np.sign(y) * camera.lamp[1])
    return 0.8 * (1 - camera.shadow) + camera.shadow * np.maximum(towards, 0) / camera.lamp[2]
