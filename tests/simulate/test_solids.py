"""Objects as closed surfaces of flat faces."""

import numpy as np
import pytest

from labutils.simulate.objects import OBJECTS, Part
from labutils.simulate.solids import outline, outward_normals, part_faces, surface_of


def test_box_has_its_six_sides_and_a_ball_lies_on_its_sphere():
    box = part_faces(Part("box", (0.1, 0.2, 0.3), (0, 0, 0)))
    assert box.shape == (6, 4, 3)
    np.testing.assert_allclose(np.abs(box).max(axis=(0, 1)), [0.1, 0.2, 0.3])
    ball = part_faces(Part("sphere", (0.05,), (0, 0, 0)))
    np.testing.assert_allclose(np.linalg.norm(ball, axis=2), 0.05, atol=1e-9)


def test_normals_point_outwards():
    faces = part_faces(Part("box", (0.1, 0.2, 0.3), (0, 0, 0)))
    normals = outward_normals(faces, np.zeros((6, 3)))
    assert (np.einsum("fi,fi->f", normals, faces.mean(axis=1)) > 0).all()


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: obj.name)
def test_surface_moves_and_turns_as_a_whole(obj):
    surface, turn = surface_of(obj), np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    placed = surface.placed(np.array([1.0, 2, 3]), turn)
    np.testing.assert_allclose(placed.corners_m, surface.corners_m @ turn.T + [1, 2, 3])
    assert len(surface.parts) == len(surface.colours) == len(surface.normals)


def test_outline_of_a_square_holds_its_corners():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0.5]])
    corners = {tuple(corner) for corner in np.round(outline(square), 6).tolist()}
    assert {(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)} <= corners and (0.5, 0.5) not in corners
