"""Names: time order in every numbering, doubtful ones refused, foreign ones passed over."""

from pathlib import Path

import numpy as np
import pytest

from labutils import clip_names
from labutils.errors import ClipError

IN_ORDER = {
    "not padded": ["frame_1.png", "frame_2.png", "frame_10.png"],
    "padded": ["0001.png", "0002.png", "0010.png"],
    "padded in part": ["a09.png", "a10.png", "a100.png"],
    "seconds": ["0.25.png", "0.5.png", "1.0.png", "1.75.png", "12.png"],
    "padded seconds": ["t1.05.png", "t1.50.png", "t10.00.png"],
    "a clip and a frame": ["1.8.png", "1.9.png", "1.10.png", "1.11.png"],
    "before and after": ["t_-1.png", "t_-0.5.png", "t_0.png", "t_0.5.png"],
    "a minus that is none": ["f-1.png", "f-2.png", "f-10.png"],
    "minus after a bar": ["f_-1.png", "f_-2.png", "f_-10.png"],
    "long time stamps": ["20201126153012123455.png", "20201126153012123456.png"],
    "of how many": ["frame1of30.png", "frame2of30.png", "frame11of30.png"],
    "brackets": ["img (1).png", "img (2).png", "img (10).png"],
    "date and time": ["2020-11-26_9-59-59.png", "2020-11-26_10-00-00.png"],
}


@pytest.mark.parametrize("names", IN_ORDER.values(), ids=IN_ORDER)
def test_numbers_give_the_order(names):
    shuffled = np.random.default_rng(1).permutation(names).tolist()
    assert [path.name for path in clip_names.in_time_order(list(map(Path, shuffled)))] == names


DOUBLES = [
    ("audio_0000.pkl", "audio_0000 (1).pkl"),
    ("audio_0000.pkl", "audio_0000(2).pkl"),
    ("audio_0000.pkl", "audio_0000 - Copy.pkl"),
    ("audio_0000.pkl", "audio_0000 - Kopie (2).pkl"),
    ("audio_0000.pkl", "audio_0000 - 副本.pkl"),
    ("audio_0000.pkl", "audio_0000 copy 2.pkl"),
    ("audio_0000.pkl", "Copy of audio_0000.pkl"),
    ("audio_0000.pkl", "audio_0000 (conflicted copy 2020-11-26).pkl"),
    ("audio_0000.pkl", "audio_0000 2.pkl"),
    ("audio_0000.pkl", "audio_0000_1.pkl"),
    ("audio_0000.pkl", "audio_0000~1.pkl"),
    ("audio_0000.pkl", "audio_0000 (1).wav"),
    ("audio_0000.pkl", "audio_0000.flac"),
    ("audio_01.pkl", "audio_1.wav"),
    ("audio_0000.pkl", "Audio_0000.PKL"),
    ("12", "012"),
    ("12", "12 (1)"),
]


@pytest.mark.parametrize("names", DOUBLES, ids=lambda names: names[1])
def test_second_versions_are_refused_by_name(names):
    with pytest.raises(ClipError) as refused:
        clip_names.refuse_doubles([*map(Path, names), Path("audio_0007.pkl")])
    assert all(name in str(refused.value) for name in names)


@pytest.mark.parametrize(
    "names",
    [
        ("audio_1.pkl", "audio_10.pkl"),
        ("audio (1).wav", "audio (2).wav"),
        ("knock.wav", "knock_2.wav"),
        ("1", "10"),
    ],
)
def test_names_that_only_look_alike_are_accepted(names):
    clip_names.refuse_doubles(list(map(Path, names)))


@pytest.mark.parametrize("names", [("12.png", "12.5.png"), ("1.05.png", "1.5.png"), ("f_1.png", "f_1_2.png")])
def test_times_of_frames_are_no_copies(names):
    clip_names.refuse_doubles(list(map(Path, names)), numbered=False)


@pytest.mark.parametrize(
    "name", ["video_", "video_a", "video", "video_0000_2", "video_0000 - Copy", "film_1"]
)
def test_videos_have_one_number(name):
    with pytest.raises(ClipError, match="no number to answer with"):
        clip_names.number_of_video(name, name)
    assert clip_names.number_of_video("video_0023", "") == 23


@pytest.mark.parametrize(
    "name", [".DS_Store", "@eaDir", "#recycle", "$RECYCLE.BIN", "__MACOSX", "Thumbs.db", "Desktop.ini"]
)
def test_what_systems_leave_is_foreign(name):
    assert clip_names.is_foreign(name) and not clip_names.is_foreign("audio_0000.pkl")


@pytest.mark.parametrize(
    "name", ["audio_0003.pkl.crdownload", "audio_0003.flac.part", "audio_0003.mp3", "audio_0003.m4a"]
)
def test_a_sound_that_would_be_passed_over_is_refused(name, tmp_path):
    kinds, known = (".flac", ".wav", ".pkl"), [tmp_path / "audio_0000.pkl"]
    for path in (*known, tmp_path / "audio_0000.mp3", tmp_path / "notes.txt"):
        path.touch()
    clip_names.refuse_unread(tmp_path, list(tmp_path.iterdir()), known, kinds)
    (tmp_path / name).touch()
    with pytest.raises(ClipError, match=r"audio_0003"):
        clip_names.refuse_unread(tmp_path, list(tmp_path.iterdir()), known, kinds)
