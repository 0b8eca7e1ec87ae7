"""Single files written and read back; folders of clips are in test_clips."""

import numpy as np
import pytest

from labutils.clip_files import read_audio, read_json, read_picture, write_audio, write_video
from labutils.errors import ClipError

AUDIO = np.random.default_rng(0).uniform(-0.5, 0.5, (2000, 4)).astype(np.float32)


@pytest.mark.parametrize(("audio_format", "error"), [("flac", 2**-15), ("wav", 2**-15), ("pkl", 0)])
def test_sound_comes_back_with_its_channels_in_order(tmp_path, audio_format, error):
    path = write_audio(tmp_path / "new" / "audio_data", AUDIO, audio_format)
    np.testing.assert_allclose(read_audio(path), AUDIO, atol=error)
    assert [file.name for file in path.parent.iterdir()] == [f"audio_data.{audio_format}"]


def test_pictures_and_masks_come_back_in_order(tmp_path):
    masks = np.zeros((3, 440, 440), dtype=bool)
    for number, mask in enumerate(masks):
        mask[:, : 10 * (number + 1)] = True
    write_video(tmp_path / "clip", np.zeros((3, 480, 640, 3), np.uint8), masks)
    for number, mask in enumerate(masks):
        read = read_picture(tmp_path / "clip" / "mask" / f"{number:04d}.png", "L", (440, 440))
        np.testing.assert_array_equal(read > 127, mask)


def test_json_that_is_no_object_is_one_sentence(tmp_path):
    for text in ("[1]", "{", "[" * 100000):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(ClipError, match=r"manifest\.json"):
            read_json(tmp_path / "manifest.json")
