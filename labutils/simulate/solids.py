"""Objects as closed surfaces of flat four-cornered faces, for the camera."""

from dataclasses import dataclass, replace

import numpy as np

from labutils.simulate.objects import ImpactObject, Part

_FACETS_PER_M = 600  # facets around a round part, by its radius: a ball of 5 cm has 30


@dataclass(frozen=True)
class Surface:
    """The faces of an object in its own frame; each part is convex, and its normals point outwards."""

    corners_m: np.ndarray  # (F, 4, 3)
    normals: np.ndarray  # (F, 3)
    colours: np.ndarray  # (F, 3) 0-255
    parts: np.ndarray  # (F,) number of the part each face belongs to

    def placed(self, position_m: np.ndarray, rotation: np.ndarray) -> "Surface":
        """The same surface turned and moved, rotation (3, 3) first."""
        return replace(
            self, corners_m=self.corners_m @ rotation.T + position_m, normals=self.normals @ rotation.T
        )


def surface_of(obj: ImpactObject) -> Surface:
    """Cut the surface of an object into flat faces.

    Args:
        obj: made of boxes, cylinders, spheres and ellipsoids.

    Returns:
        The faces of all parts, 6 for a box, 72 to 512 for a ball.
    """
    faces = [part_faces(part) for part in obj.parts]
    parts = np.repeat(np.arange(len(faces)), [len(part) for part in faces])
    corners_m = np.concatenate(faces)
    centres_m = np.array([part.centre_m for part in obj.parts])[parts]
    colours = np.array([part.colour for part in obj.parts], dtype=float)[parts]
    return Surface(corners_m, outward_normals(corners_m, centres_m), colours, parts)


def part_faces(part: Part) -> np.ndarray:
    """Cut one part into faces, (F, 4, 3) in metres in the object's frame."""
    if part.shape == "box":
        faces = _box_faces() * part.half_size_m
    elif part.shape == "cylinder":
        radius, half_length = part.half_size_m
        faces = _along(part.axis, _cylinder_faces(_facets(radius)) * (radius, radius, half_length))
    else:
        radii = part.half_size_m if part.shape == "ellipsoid" else 3 * part.half_size_m
        faces = _ball_faces(_facets(max(radii))) * radii
    return faces + part.centre_m


def outward_normals(faces: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return the unit normals (F, 3) of faces (F, 4, 3), on the side away from points inside (F, 3)."""
    normals = np.cross(faces[:, 2] - faces[:, 0], faces[:, 3] - faces[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    outward = np.einsum("fi,fi->f", normals, faces.mean(axis=1) - inside)
    return normals * np.sign(outward)[:, None]


def _facets(radius_m: float) -> int:
    return int(np.clip(2 * round(radius_m * _FACETS_PER_M / 2), 12, 32))


def _grid_faces(grid: np.ndarray) -> np.ndarray:
    """Join neighbouring points of a grid, (rows, columns, 3), to faces."""
    return np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2).reshape(-1, 4, 3)


def _box_faces() -> np.ndarray:
    square = np.array([[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]], float)
    pair = np.stack([square, -square])  # top and bottom
    return np.concatenate([pair, np.roll(pair, 1, axis=2), np.roll(pair, 2, axis=2)])


def _cylinder_faces(facets: int) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, facets + 1)
    ring = np.stack([np.cos(angle), np.sin(angle), np.ones_like(angle)], axis=1)
    side = _grid_faces(np.stack([ring, ring * (1, 1, -1)]))
    first = np.arange(1, facets - 1, 2)  # a cap is a fan of four-cornered faces around its first point
    cap = np.stack(
        [np.broadcast_to(ring[0], (len(first), 3)), ring[first], ring[first + 1], ring[first + 2]], axis=1
    )
    return np.concatenate([side, cap, cap * (1, 1, -1)])


def _ball_faces(facets: int) -> np.ndarray:
    around = np.linspace(0, 2 * np.pi, facets + 1)
    down = np.linspace(0, np.pi, facets // 2 + 1)[:, None]
    x, y = np.sin(down) * np.cos(around), np.sin(down) * np.sin(around)
    return _grid_faces(np.stack([x, y, np.cos(down) + 0 * around], axis=-1))


def _along(axis: str, faces: np.ndarray) -> np.ndarray:
    """Turn faces made along z into another axis."""
    return np.roll(faces, {"x": 1, "y": 2, "z": 0}[axis], axis=2)


def outline(points: np.ndarray, directions: int = 32) -> np.ndarray:
    """Go around points of the plane, (n, 2) -> (directions, 2): the furthest point in each direction in turn."""
    angle = np.linspace(0, 2 * np.pi, directions, endpoint=False)
    furthest = np.argmax(points @ np.stack([np.cos(angle), np.sin(angle)]), axis=0)
    return points[furthest]
