"""Surfaces of flat faces: closed, as large as the solid, and turned as told."""

from dataclasses import replace

import numpy as np
import pytest

from labutils.simulate.objects import OBJECTS, Part
from labutils.simulate.solids import outline, part_faces, surface_of


@pytest.mark.parametrize(
    ("part", "area"),
    [
        (Part("box", (0.01, 0.02, 0.03), (0, 0, 0)), 8 * (0.01 * 0.02 + 0.02 * 0.03 + 0.01 * 0.03)),
        (Part("cylinder", (0.05, 0.04), (0, 0, 0)), 2 * np.pi * 0.05 * (0.05 + 0.08)),
        (Part("sphere", (0.06,), (0, 0, 0)), 4 * np.pi * 0.06**2),
    ],
)
def test_faces_close_the_body(part, area):
    faces = part_faces(part)
    across = np.cross(faces[:, 2] - faces[:, 0], faces[:, 3] - faces[:, 1]) / 2
    assert np.linalg.norm(across, axis=1).sum() == pytest.approx(area, rel=0.03)
    surface = surface_of(replace(OBJECTS[0], parts=(part,)))
    weighted = surface.normals * np.linalg.norm(across, axis=1)[:, None]
    np.testing.assert_allclose(weighted.sum(axis=0), 0, atol=1e-9)  # so it is for every closed surface
    assert (np.einsum("fi,fi->f", surface.normals, faces.mean(axis=1)) > 0).all()


@pytest.mark.parametrize(
    ("axis", "size"), [("x", (0.08, 0.02, 0.02)), ("y", (0.02, 0.08, 0.02)), ("z", (0.02, 0.02, 0.08))]
)
def test_a_cylinder_lies_along_its_axis(axis, size):
    points = part_faces(Part("cylinder", (0.01, 0.04), (0, 0, 0), axis=axis)).reshape(-1, 3)
    np.testing.assert_allclose(np.ptp(points, axis=0), size, atol=0.001)


def test_a_placed_surface_is_turned_first_and_moved_then():
    box = replace(OBJECTS[0], parts=(Part("box", (0.01, 0.02, 0.03), (0, 0, 0)),))
    quarter = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # anticlockwise about z
    placed = surface_of(box).placed(np.array([1.0, 0.0, 0.0]), quarter)
    corners = placed.corners_m.reshape(-1, 3)
    np.testing.assert_allclose(corners.min(axis=0), [0.98, -0.01, -0.03], atol=1e-12)
    np.testing.assert_allclose(corners.max(axis=0), [1.02, 0.01, 0.03], atol=1e-12)
    np.testing.assert_allclose(placed.normals, surface_of(box).normals @ quarter.T)


def test_every_face_knows_its_part():
    parts = (
        Part("box", (0.01, 0.01, 0.01), (0, 0, 0)),
        Part("box", (0.01, 0.01, 0.01), (0, 0, 0), centre_m=(0.1, 0, 0)),
    )
    surface = surface_of(replace(OBJECTS[0], parts=parts))
    assert surface.parts.tolist() == [0] * 6 + [1] * 6
    assert (surface.corners_m[6:, :, 0] > 0.08).all()


def test_the_outline_of_a_square_with_a_point_inside_is_its_corners():
    square = np.array([[0, 0], [0, 2], [1, 1], [2, 0], [2, 2]], float)
    around = outline(square)
    assert {tuple(point) for point in around} == {(0, 0), (0, 2), (2, 0), (2, 2)}
