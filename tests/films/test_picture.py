"""The pictures of a film: the cursor moves, walls light up when they are hit, the sheet marks the contacts."""

import numpy as np
import pytest

from labutils.clips import SAMPLE_RATE_HZ
from labutils.films import Scene
from labutils.films.picture import BORDER_PX, TRAY_PX, Contacts, draw_sheet, draw_tray, frame_times, level_db

AUDIO = np.random.default_rng(0).normal(0, 0.1, (4 * SAMPLE_RATE_HZ, 4)).astype(np.float32)
ORANGE, VERMILION = (222, 143, 5), (213, 94, 0)  # the looks of the left wall, and of the cursor
MIDDLE = TRAY_PX // 2


def scene(pictures: int = 8, length_s: float = 4.0) -> Scene:
    """A black tray that gets brighter, and an object that goes from the left to the right."""
    grey = 20 * np.arange(pictures, dtype=np.uint8)[:, None, None, None]
    times_s = (np.arange(pictures) + 0.5) / pictures * length_s
    place = np.stack([np.linspace(0.2, 0.8, pictures), np.full(pictures, 0.5)], axis=1)
    return Scene(np.broadcast_to(grey, (pictures, 440, 440, 3)).copy(), times_s, place, length_s)


def is_colour(pixels: np.ndarray, colour) -> np.ndarray:
    return np.abs(pixels.astype(int) - colour).max(axis=-1) < 3


def test_a_film_has_15_pictures_a_second():
    assert len(frame_times(4.0)) == 60 and frame_times(4.0)[0] == pytest.approx(1 / 30)
    assert len(list(draw_tray(scene(length_s=2.0), Contacts()))) == 30


def test_the_nearest_picture_of_the_camera_is_shown():
    trays = list(draw_tray(scene(), Contacts()))
    corner = [int(tray[BORDER_PX + 5, BORDER_PX + 5, 0]) for tray in trays]
    assert corner == [20 * int((time_s - 1e-6) / 0.5) for time_s in frame_times(4.0)]


def test_the_path_grows_with_the_time():
    blue = [is_colour(tray, (1, 115, 178)).sum() for tray in draw_tray(scene(), Contacts())]
    assert blue[-1] > 2 * blue[12] > 0


def test_the_wall_that_is_hit_lights_up_and_no_other():
    trays = list(draw_tray(scene(), Contacts([1.0], [1])))
    lit = [bool(is_colour(tray[MIDDLE, : BORDER_PX - 2], ORANGE).all()) for tray in trays]
    assert [frame_times(4.0)[k] for k in np.flatnonzero(lit)] == pytest.approx([1 + 1 / 30, 1.1, 1 + 1 / 6])
    assert not any(is_colour(tray[MIDDLE, 1 - BORDER_PX :], ORANGE).any() for tray in trays)


def test_the_cursor_runs_from_the_first_to_the_last_moment():
    sheet = draw_sheet(AUDIO, Contacts(), 4.0)
    for share in (0.0, 0.25, 1.0):
        columns = np.flatnonzero(is_colour(sheet.at(share)[0], VERMILION))
        assert columns.mean() == pytest.approx(
            sheet.first_px + share * (sheet.last_px - sheet.first_px), abs=1
        )
    assert not is_colour(sheet.picture[0], VERMILION).any()


@pytest.mark.parametrize("spectrograms", [False, True])
def test_contacts_are_marked_in_the_strip_of_their_wall(spectrograms):
    bare = draw_sheet(AUDIO, Contacts(), 4.0, spectrograms=spectrograms)
    marked = draw_sheet(AUDIO, Contacts([3.0], [1]), 4.0, spectrograms=spectrograms)
    rows, columns = np.nonzero((bare.picture != marked.picture).any(axis=2))
    assert columns.mean() == pytest.approx(marked.first_px + 0.75 * (marked.last_px - marked.first_px), abs=3)
    assert rows.min() > 60 and rows.max() < 125  # the second of four strips


@pytest.mark.parametrize("microphone", [None, 1])
def test_names_of_walls_and_numbers_stand_beside_the_strips_where_no_cursor_runs(microphone):
    silence = 1e-5 * AUDIO  # drawn as nothing: what is dark inside the upper strip would be a word
    sheet = draw_sheet(silence, Contacts(), 4.0, microphone=microphone, level_range_db=(-60, 0))
    first = round(sheet.first_px)
    dark = sheet.picture.max(axis=2) < 100
    assert not dark[10:50, first + 3 : first + 60].any()
    assert dark[: sheet.axis_px, 18 : first - 20].any(axis=1).sum() > 10
    start = sheet.at(0)
    assert np.array_equal(start[:, : first - 3], sheet.picture[:, : first - 3])
    assert np.array_equal(start[sheet.axis_px + 1 :], sheet.picture[sheet.axis_px + 1 :])


def test_sheets_of_one_level_range_can_be_compared():
    soft, loud = (
        draw_sheet(share * AUDIO, Contacts(), 4.0, spectrograms=True, level_range_db=(-90, -20))
        for share in (0.1, 1)
    )
    strip = slice(10, 40), slice(100, 300)
    assert soft.picture[strip].mean() < 0.7 * loud.picture[strip].mean()
    alone = [draw_sheet(share * AUDIO, Contacts(), 4.0, spectrograms=True).picture for share in (0.1, 1)]
    assert np.array_equal(alone[0][strip], alone[1][strip])


def test_one_microphone_has_the_whole_sheet():
    four, one = draw_sheet(AUDIO, Contacts(), 4.0), draw_sheet(AUDIO, Contacts(), 4.0, microphone=2)
    assert four.picture.shape == one.picture.shape == (TRAY_PX, 352, 3)
    assert np.any(four.picture != one.picture)


def test_level_of_a_sine_of_full_scale_is_minus_3_db():
    tone = np.sin(2 * np.pi * 1000 * np.arange(4410) / SAMPLE_RATE_HZ)
    assert level_db(np.stack([tone, tone / 10], axis=1)) == pytest.approx(
        np.array([[-3.01], [-23.01]]) * np.ones(10), abs=0.05
    )
