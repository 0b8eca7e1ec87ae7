import numpy as np
import pytest

from labutils.clips import CLASS_NAMES
from labutils.simulate.objects import OBJECTS
from labutils.simulate.tray import TRAY_WIDTH_M, part_corners_m


def test_objects_stand_in_the_order_of_the_class_numbers():
    assert tuple(obj.name for obj in OBJECTS) == CLASS_NAMES


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: obj.name)
def test_an_object_fits_into_the_tray_in_any_heading(obj):
    corners = part_corners_m(obj)
    longest = np.linalg.norm(corners[:, None] - corners[None], axis=-1).max()
    assert longest < 0.8 * TRAY_WIDTH_M


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: obj.name)
def test_properties_are_possible(obj):
    assert 0 < obj.restitution < 1
    assert 0.004 <= obj.contact_time_s <= 0.02  # eight steps of 0.5 ms at least, or restitution is lost
    assert 0 < obj.pulse_time_s <= obj.contact_time_s
    assert 0.01 < obj.mass_kg < 1
    assert 0 < obj.friction < 1
    assert all(0 < size < 0.12 for part in obj.parts for size in part.half_size_m)
