"""How far objects are seen to move, and who is a twin."""

import numpy as np
import pytest
from matchers.stillness import are_twins, reach_cm

from labutils.systems.contact import Videos

CM = 13.5 / 440


def videos_at(places_cm, reaches_cm) -> Videos:
    """Objects that begin at a place, move away along x and come back."""
    movement = np.zeros((len(places_cm), 6, 49))
    movement[:, 0] = np.array(places_cm)[:, None] * CM
    movement[:, 0, 24] += np.array(reaches_cm) * CM
    return Videos(movement, np.zeros((len(places_cm), 24)))


def test_reach_is_the_largest_distance_from_the_beginning_in_cm():
    assert reach_cm(videos_at([3, 5], [0.5, 7.0])) == pytest.approx([0.5, 7.0])


def test_twins_are_still_near_and_of_one_class():
    videos = videos_at([1, 1.9, 1, 1, 5], [0, 0, 0, 4, 0])
    found = are_twins(videos, np.array([2, 2, 3, 2, 2]))
    expected = np.zeros((5, 5), dtype=bool)
    expected[0, 1] = expected[1, 0] = True
    np.testing.assert_array_equal(found, expected)
