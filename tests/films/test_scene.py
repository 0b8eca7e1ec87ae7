"""A scene takes the tray out of a clip."""

import numpy as np
import pytest
from PIL import Image

from labutils.clips import Clip, ClipError, train_clips, write_video
from labutils.films import Scene


def test_a_clip_shows_its_pictures_cut_to_the_tray(tiny_data):
    clip = train_clips(tiny_data)[0]
    scene = Scene.of_clip(clip)
    assert scene.pictures.shape == (len(scene.times_s), 440, 440, 3)
    outside = ~clip.masks()[3]
    assert np.array_equal(scene.pictures[3][outside], clip.frames()[3, 20:460, 100:540][outside])
    assert scene.position.shape == (len(scene.times_s), 2) and scene.length_s == 4


def test_masks_stand_in_for_pictures(tmp_path):
    masks = np.zeros((2, 440, 440), dtype=bool)
    masks[:, 100:200, 200:300] = True
    (tmp_path / "mask").mkdir()
    for number, mask in enumerate(masks):
        Image.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / "mask" / f"{number:04d}.png")
    scene = Scene.of_clip(Clip("only masks", None, tmp_path))
    assert np.array_equal(scene.pictures[..., 0] > 0, masks)
    assert scene.pictures[0, 101, 250].tolist() == [222, 143, 5]  # the edge of the object is outlined
    assert max(scene.pictures[0, 104, 250]) < 64, "and has a dark rim towards the object"
    assert scene.pictures[0, 150, 250].tolist() == [255, 255, 255]  # and its inside is not


def test_between_two_pictures_the_object_moves_on_a_straight_line():
    position = np.array([[0.0, 1.0], [1.0, 0.5]])
    scene = Scene(np.zeros((2, 440, 440, 3), dtype=np.uint8), np.array([1.0, 3.0]), position)
    assert np.allclose(scene.place_at(np.array([0.0, 1.5, 9.0])), [[0, 1], [0.25, 0.875], [1, 0.5]])


def test_a_video_that_shows_nothing_is_refused(tmp_path):
    write_video(tmp_path, np.zeros((2, 480, 640, 3), np.uint8), np.zeros((2, 440, 440), bool))
    with pytest.raises(ClipError, match="masks are empty"):
        Scene.of_clip(Clip("empty", None, tmp_path))
