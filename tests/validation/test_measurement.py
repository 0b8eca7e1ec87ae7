"""A whole data set is measured once, every class for itself."""

import pytest

from labutils.clips import CLASS_NAMES, ClipError
from labutils.validation.measurement import compare_dataset, measure_dataset


def test_a_data_set_is_measured_whole(click_data):
    found = measure_dataset(click_data)
    assert tuple(found.motion) == tuple(found.sound) == tuple(found.masks) == CLASS_NAMES[:3]
    assert found.all_sound.clips == found.all_masks.clips == 24
    assert found.masks["green_basketball"].area[1] == pytest.approx(90**2 / 440**2)
    # towards the walls in turn: the second class stops where its square of 90 px stays 2 px inside
    assert found.motion["green_basketball"].nearest_wall_px == (47.0,) * 7
    assert found.motion["green_basketball"].wall == 1
    assert found.motion["green_basketball"].travel_px[0] == pytest.approx(173, abs=1)
    assert found.ends["green_basketball"].clip_id.tolist() == [10, 11, 12, 13, 20, 21, 22, 23]
    assert {row.section for row in compare_dataset(found)} == {"motion", "sound", "masks"}


def test_no_data_set_is_one_sentence(tmp_path):
    with pytest.raises(ClipError, match="expected a data set"):
        measure_dataset(tmp_path)
