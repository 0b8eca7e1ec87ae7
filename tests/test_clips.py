"""Clips: what was written comes back, the layout is found, and bad input gets one sentence that names the file."""

import json
import os
import pickle
import struct
import zlib

import numpy as np
import pytest
import soundfile
from PIL import Image

from labutils import clip_files, clips
from labutils.clips import Clip, ClipError

RNG = np.random.default_rng(3)
AUDIO = (0.3 * RNG.standard_normal((4410, 4))).clip(-1, 1).astype(np.float32)
MASKS = np.zeros((3, 440, 440), bool)
MASKS[0, 100:150, 200:300] = True
MASKS[1, 0, 0] = True  # a speck; the third mask is empty
FRAMES = np.full((3, 480, 640, 3), 128, np.uint8)


@pytest.fixture
def clip(tmp_path):
    """A good clip on disk, for a test to spoil."""
    path = clips.write_audio(tmp_path / "audio_data", AUDIO, "pkl")
    clips.write_video(tmp_path, FRAMES, MASKS)
    return Clip("clip", audio_path=path, video_path=tmp_path)


def sound(path):
    return Clip(path.name, audio_path=path, video_path=None).audio()


def write_pickle(path, **content):
    path.write_bytes(pickle.dumps(content, protocol=4))
    return path


def refused(action, *words):
    """The one sentence of the refusal, checked to hold the words."""
    with pytest.raises(ClipError) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message and "expected" in message
    for word in words:
        assert str(word) in message, message
    return message


@pytest.mark.parametrize(("audio_format", "error"), [("flac", 1 / 32768), ("wav", 1 / 32768), ("pkl", 0)])
def test_sound_comes_back(audio_format, error, tmp_path):
    path = clips.write_audio(tmp_path / "sub" / "audio_0000", AUDIO, audio_format)
    assert path.name == f"audio_0000.{audio_format}" and [p.name for p in path.parent.iterdir()] == [
        path.name
    ]
    audio = sound(path)
    assert audio.dtype == np.float32 and audio.shape == AUDIO.shape
    np.testing.assert_allclose(audio, AUDIO, atol=error)


def test_the_columns_keep_their_order(tmp_path):
    audio = np.tile(np.float32([0.1, 0.2, -0.3, 0.4]), (100, 1))
    for audio_format in ("flac", "wav", "pkl"):
        written = clips.write_audio(tmp_path / "audio", audio, audio_format)
        np.testing.assert_allclose(sound(written)[50], [0.1, 0.2, -0.3, 0.4], atol=1e-4)


@pytest.mark.filterwarnings("ignore:numpy.core is deprecated")
def test_our_pickle_is_the_courses_and_can_be_read_by_pickle(tmp_path):
    path = clips.write_audio(tmp_path / "audio_data", AUDIO, "pkl")
    data = path.read_bytes()
    assert b"numpy._core" not in data, "numpy 1, which the solutions of 2020 use, has no numpy._core"
    content = pickle.loads(data)
    assert content["audio_samplerate"] == 44100
    np.testing.assert_array_equal(content["audio"], AUDIO)


def test_pictures_and_masks_come_back(clip):
    np.testing.assert_array_equal(clip.masks(), MASKS)
    assert clip.masks().dtype == bool and not clip.masks()[2].any()
    assert clip.frames().dtype == np.uint8
    np.testing.assert_allclose(clip.frames(), FRAMES, atol=2)
    np.testing.assert_allclose(clip.frame_times_s(), [4 / 6, 2, 20 / 6])


def test_pictures_lose_little_by_being_written(tmp_path):
    # fine detail, in grey
    waves = 128 + 60 * np.sin(np.arange(640) / 2) * np.sin(np.arange(480) / 3)[:, None]
    frames = np.repeat(waves.astype(np.uint8)[None, :, :, None], 3, axis=3)
    clips.write_video(tmp_path, frames, MASKS[:1])
    with Image.open(tmp_path / "rgb" / "0000.jpg") as picture:
        loss = np.asarray(picture).astype(int) - frames[0]
    assert np.sqrt((loss**2).mean()) < 5


def test_masks_are_the_layouts(clip):
    with Image.open(clip.video_path / "mask" / "0000.png") as picture:
        assert picture.mode == "L" and picture.size == (440, 440)
        assert set(np.unique(np.asarray(picture))) == {0, 255}
    assert sorted(p.name for p in (clip.video_path / "rgb").iterdir()) == ["0000.jpg", "0001.jpg", "0002.jpg"]


def test_masks_are_read_without_touching_sound_or_pictures(clip):
    clip.audio_path.write_bytes(b"broken")
    for path in (clip.video_path / "rgb").iterdir():
        path.write_bytes(b"broken")
    assert clip.masks().shape == (3, 440, 440)


def test_writing_again_replaces_and_keeps_the_rest(clip):
    clips.write_video(clip.video_path, FRAMES[:1], MASKS[:1])
    assert len(clip.masks()) == len(clip.frames()) == 1
    assert clip.audio().shape == AUDIO.shape


def test_a_failed_write_leaves_nothing_under_the_final_name(tmp_path, monkeypatch):
    def full_disk(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", full_disk)
    monkeypatch.setattr(clip_files.Path, "write_bytes", full_disk)
    for action in (
        lambda: clips.write_video(tmp_path, FRAMES, MASKS),
        lambda: clips.write_audio(tmp_path / "audio", AUDIO, "flac"),
    ):
        with pytest.raises(OSError, match="disk full"):
            action()
    assert not list(tmp_path.iterdir())


def test_writers_refuse_what_could_not_be_read_back(tmp_path):
    refused(lambda: clips.write_audio(tmp_path / "a", AUDIO[:, :2], "flac"), "a.flac", "(4410, 2)")
    refused(lambda: clips.write_audio(tmp_path / "a", AUDIO * np.nan, "flac"), "a.flac", "NaN")
    refused(lambda: clips.write_audio(tmp_path / "a", AUDIO, "mp3"), "mp3")
    refused(lambda: clips.write_video(tmp_path / "v", FRAMES, MASKS[:2]), "v", "(2, 440, 440)")
    refused(lambda: clips.write_video(tmp_path / "v", FRAMES[:0], MASKS[:0]), "v")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rate_hz", [48000, 22050, 44100.0, 8000])
def test_other_sample_rates_are_resampled(rate_hz, tmp_path):
    times_s = np.arange(int(rate_hz)) / rate_hz
    tone = np.tile(0.5 * np.sin(2 * np.pi * 1000 * times_s)[:, None], (1, 4))
    audio = sound(write_pickle(tmp_path / "a.pkl", audio=tone, audio_samplerate=rate_hz))
    expected = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(len(audio)) / 44100)
    assert audio.shape == (44100, 4) and audio.dtype == np.float32
    np.testing.assert_allclose(audio[2000:-2000, 2], expected[2000:-2000], atol=0.01)


def test_integer_sound_is_scaled_to_one(tmp_path):
    values = np.array([[-32768, 16384, 0, 32767]] * 4, np.int16)
    audio = sound(write_pickle(tmp_path / "a.pkl", audio=values, audio_samplerate=44100))
    np.testing.assert_allclose(audio[0], [-1, 0.5, 0, 1], atol=1e-4)


def test_slightly_too_loud_sound_is_clipped(tmp_path):
    loud = sound(write_pickle(tmp_path / "a.pkl", audio=np.full((9, 4), 1.2), audio_samplerate=44100))
    assert loud.max() == 1.0


def test_lengths_are_fitted_by_silence_or_a_cut():
    audio = np.ones((5, 4), np.float32)
    assert clips.fit_length(audio).shape == (176400, 4)
    np.testing.assert_array_equal(clips.fit_length(audio, 7)[:, 1], [1, 1, 1, 1, 1, 0, 0])
    assert clips.fit_length(audio, 3).shape == (3, 4)
    assert clips.fit_length(audio).dtype == np.float32


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"audio_samplerate": 44100}, ['"audio"']),
        ({"audio": AUDIO}, ['"audio_samplerate"']),
        ({"audio": AUDIO[:, :2], "audio_samplerate": 44100}, ["(4410, 2)", "4"]),
        ({"audio": AUDIO.T, "audio_samplerate": 44100}, ["(4, 4410)"]),
        ({"audio": AUDIO[:, 0], "audio_samplerate": 44100}, ["(4410,)"]),
        ({"audio": np.where(AUDIO > 0.5, np.nan, AUDIO), "audio_samplerate": 44100}, ["NaN"]),
        ({"audio": np.where(AUDIO > 0.5, np.inf, AUDIO), "audio_samplerate": 44100}, ["infinity"]),
        ({"audio": AUDIO * 32768, "audio_samplerate": 44100}, ["-1 to 1"]),
        ({"audio": AUDIO > 0, "audio_samplerate": 44100}, ["bool"]),
        ({"audio": "la la", "audio_samplerate": 44100}, ["str"]),
        ({"audio": AUDIO, "audio_samplerate": 0}, ["sample rate 0"]),
        ({"audio": AUDIO, "audio_samplerate": -44100}, ["-44100"]),
        ({"audio": AUDIO, "audio_samplerate": float("nan")}, ["nan"]),
        ({"audio": AUDIO, "audio_samplerate": 10**12}, ["1000000000000"]),
        ({"audio": AUDIO, "audio_samplerate": 44100.5}, ["44100.5"]),
        ({"audio": AUDIO, "audio_samplerate": "44100"}, ["'44100'"]),
        ({"audio": AUDIO, "audio_samplerate": np.array([44100])}, ["ndarray"]),
    ],
)
def test_unusable_sound_is_named(content, words, tmp_path):
    path = write_pickle(tmp_path / "audio_0007.pkl", **content)
    refused(lambda: sound(path), path, *words)


def test_a_hostile_or_broken_pickle_is_named(tmp_path):
    path = tmp_path / "audio_0001.pkl"
    path.write_bytes(b"cos\nsystem\n(Vtrue\ntR.")
    refused(lambda: sound(path), path, "os.system", "get the file again")
    path.write_bytes(pickle.dumps({"audio": AUDIO})[:1000])
    refused(lambda: clips.load_pickle_safely(path), path, "breaks off")
    path.write_bytes(pickle.dumps("only text"))
    refused(lambda: sound(path), path, "str")


def test_unreadable_sound_files_are_named(tmp_path):
    path = clips.write_audio(tmp_path / "audio_0001", AUDIO, "flac")
    path.write_bytes(path.read_bytes()[:20])
    refused(lambda: sound(path), path)
    soundfile.write(tmp_path / "stereo.wav", AUDIO[:, :2], 44100)
    refused(lambda: sound(tmp_path / "stereo.wav"), "stereo.wav", "2 channels")
    soundfile.write(tmp_path / "empty.wav", AUDIO[:0], 44100)
    refused(lambda: sound(tmp_path / "empty.wav"), "empty.wav", "0 samples")
    refused(lambda: sound(tmp_path / "gone.flac"), "gone.flac", "does not exist")


def test_a_long_sound_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", 44100, 4, "PCM_16") as file:
        for _ in range(20):
            file.write(np.zeros((10 * 44100, 4), np.int16))  # 200 s of silence in a few kB
    assert path.stat().st_size < 200_000
    refused(lambda: sound(path), path, "cut it")
    slow = write_pickle(tmp_path / "slow.pkl", audio=np.zeros((800_000, 4), np.int8), audio_samplerate=4000)
    refused(lambda: sound(slow), slow, "lasts 200 s")


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "audio.pkl"
    with path.open("wb") as file:
        file.truncate(clip_files.MAX_FILE_BYTES + 1)  # a hole: takes no room on the disk
    refused(lambda: sound(path), path, "64 MiB")


def png_bomb(size):
    """A PNG of size x size black pixels, one bit each, that packs a thousandfold."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(size * (size // 8 + 1))))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [20_000, 9_000, 439])
def test_a_picture_of_the_wrong_size_is_refused_undecoded(size, clip, monkeypatch):
    monkeypatch.setattr(Image.Image, "convert", lambda *args: pytest.fail("was decoded"))
    path = clip.video_path / "mask" / "0000.png"
    path.write_bytes(png_bomb(size))
    refused(clip.masks, path)


def test_broken_pictures_are_named(clip):
    path = clip.video_path / "mask" / "0001.png"
    whole = path.read_bytes()
    for length in (0, 10, 30, len(whole) // 2):
        path.write_bytes(whole[:length])
        refused(clip.masks, path)
    path = clip.video_path / "rgb" / "0002.jpg"
    Image.fromarray(FRAMES[0, :100, :100]).save(path)
    refused(clip.frames, path, "100x100", "640x480")


def test_damaged_pictures_give_a_mask_or_a_sentence(clip):
    path = clip.video_path / "mask" / "0000.png"
    whole = path.read_bytes()
    for _ in range(100):
        data = bytearray(whole)
        data[RNG.integers(len(data))] = RNG.integers(256)
        path.write_bytes(data)
        try:
            assert clip.masks().shape == MASKS.shape
        except ClipError as error:
            assert str(clip.video_path) in str(error)


def test_other_ways_to_store_a_mask_are_understood(clip):
    path = clip.video_path / "mask" / "0000.png"
    for picture in (
        Image.fromarray(MASKS[0].astype(np.uint8)),  # 0 and 1
        Image.fromarray(MASKS[0]),  # one bit
        Image.fromarray(np.repeat(MASKS[0][..., None] * np.uint8(255), 3, axis=2)),  # colour
    ):
        for other in ("0001.png", "0002.png"):
            (path.parent / other).unlink(missing_ok=True)
            (path.parents[1] / "rgb" / other.replace("png", "jpg")).unlink(missing_ok=True)
        picture.save(path)
        np.testing.assert_array_equal(clip.masks()[0], MASKS[0])


def test_a_video_without_masks_or_pictures_is_named(clip, tmp_path):
    for path in (tmp_path / "mask").iterdir():
        path.unlink()
    refused(clip.masks, tmp_path / "mask", "0 pictures")
    (tmp_path / "mask").rmdir()
    refused(clip.masks, tmp_path / "mask", "does not exist")
    assert len(clip.frames()) == len(clip.frame_times_s()) == 3
    (tmp_path / "group" / "video_0004" / "rgb").mkdir(parents=True)
    refused(lambda: clips.video_clips(tmp_path / "group"), "video_0004", "mask")


def test_a_picture_without_its_mask_is_named(clip):
    (clip.video_path / "mask" / "0001.png").unlink()
    for action in (clip.masks, clip.frames, clip.frame_times_s):
        refused(action, clip.video_path, "3", "2")


def test_the_absent_half_is_named(tmp_path):
    refused(Clip("a", None, tmp_path).audio, tmp_path, "no audio")
    refused(Clip("a", tmp_path / "a.flac", None).masks, tmp_path / "a.flac", "without a video")


def test_pictures_are_taken_in_the_order_of_their_numbers(tmp_path):
    for number in (10, 2, 1):
        levels = np.zeros((440, 440), np.uint8)
        levels[number] = 255
        (tmp_path / "mask").mkdir(exist_ok=True)
        Image.fromarray(levels).save(tmp_path / "mask" / f"frame_{number}.png")
    masks = Clip("v", None, tmp_path).masks()
    assert [int(np.argmax(mask.any(axis=1))) for mask in masks] == [1, 2, 10]


def test_hidden_files_are_passed_over(clip):
    for name in (".DS_Store", "._0000.png", "Thumbs.db"):
        (clip.video_path / "mask" / name).write_bytes(b"junk")
    (clip.video_path / "__MACOSX").mkdir()
    assert len(clip.masks()) == 3


def test_links_are_refused(clip, tmp_path):
    group = tmp_path / "group"
    (group / "video_0000").mkdir(parents=True)
    (group / "video_0000" / "mask").symlink_to(tmp_path / "mask", target_is_directory=True)
    (group / "audio_0000.pkl").symlink_to(clip.audio_path)
    refused(lambda: clips.audio_clips(group), "audio_0000.pkl", "link")
    refused(Clip("v", None, group / "video_0000").masks, "mask", "link")


def course_set(root, ids=range(0, 50, 2)):
    """Folders of training clips as the course has them, with empty files: listing must not open them."""
    for name in ("yellow_block", "061_foam_brick"):
        for clip_id in ids:
            folder = root / "dataset" / "train" / name / str(clip_id)
            (folder / "mask").mkdir(parents=True)
            (folder / "audio_data.pkl").touch()
    return root


def test_training_clips_carry_label_and_contiguous_sessions(tmp_path):
    listed = clips.train_clips(course_set(tmp_path))
    assert [clip.label for clip in listed] == [0] * 25 + [9] * 25
    assert [clip.name for clip in listed[:3]] == ["061_foam_brick/0", "061_foam_brick/2", "061_foam_brick/4"]
    assert [clip.session for clip in listed[:25]] == [f"061_foam_brick/{i // 5}" for i in range(25)]
    assert listed[7].audio_path == listed[7].video_path / "audio_data.pkl"
    assert clips.train_clips(tmp_path / "dataset") == listed


def test_sessions_come_from_the_manifest_if_there_is_one(tmp_path):
    course_set(tmp_path)
    sessions = {name: [[0, 10], [12, 48]] for name in ("yellow_block", "061_foam_brick")}
    manifest = tmp_path / "dataset" / "manifest.json"
    manifest.write_text(json.dumps({"sessions": sessions}))
    listed = clips.train_clips(tmp_path)
    assert [clip.session for clip in listed[:25]] == ["061_foam_brick/0"] * 6 + ["061_foam_brick/1"] * 19
    assert clips.read_manifest(tmp_path) == {"sessions": sessions}
    manifest.write_text(json.dumps({"sessions": {"061_foam_brick": [[0, 10]]}}))
    refused(lambda: clips.train_clips(tmp_path), "061_foam_brick/12", "session")
    manifest.write_text("{")
    refused(lambda: clips.train_clips(tmp_path), manifest)


def test_a_folder_with_no_class_name_is_named(tmp_path):
    course_set(tmp_path)
    (tmp_path / "dataset" / "train" / ".DS_Store").touch()
    (tmp_path / "dataset" / "train" / "__MACOSX").mkdir()
    assert len(clips.train_clips(tmp_path)) == 50
    (tmp_path / "dataset" / "train" / "green_baseball").mkdir()
    refused(lambda: clips.train_clips(tmp_path), "green_baseball", "green_basketball")


def test_missing_and_empty_folders_are_named(tmp_path):
    gone = tmp_path / "gone"
    for listing in (clips.find_dataset, clips.train_clips, clips.audio_clips, clips.video_clips):
        refused(lambda listing=listing: listing(gone), gone, "does not exist")
        refused(lambda listing=listing: listing(tmp_path), tmp_path)
    (tmp_path / "train").mkdir()
    refused(lambda: clips.train_clips(tmp_path), "train", "no clips")
    (tmp_path / "test").mkdir()
    refused(lambda: clips.audio_clips(tmp_path), "did you mean", tmp_path / "test")
    refused(lambda: clips.read_truth(tmp_path, "task1"), tmp_path / "task1" / "truth.json")
    assert clips.read_manifest(tmp_path) is None


def test_test_folders_are_listed_by_file_name(tmp_path):
    for number in (1, 0, 10):
        (tmp_path / f"audio_{number:04d}.pkl").touch()
        (tmp_path / f"video_{number:04d}" / "mask").mkdir(parents=True)
    assert [clip.name for clip in clips.audio_clips(tmp_path)] == [
        "audio_0000.pkl",
        "audio_0001.pkl",
        "audio_0010.pkl",
    ]
    assert [clip.name for clip in clips.video_clips(tmp_path)] == ["video_0000", "video_0001", "video_0010"]
    assert {clip.label for clip in clips.audio_clips(tmp_path)} == {None}


def test_truth_is_read(tmp_path):
    (tmp_path / "dataset" / "task1").mkdir(parents=True)
    (tmp_path / "dataset" / "task1" / "truth.json").write_text('{"audio_0000.flac": 3}')
    assert clips.read_truth(tmp_path, "task1") == {"audio_0000.flac": 3}


def test_the_masks_window_is_square_and_inside_the_picture():
    rows, columns = clips.MASK_CROP
    assert rows.stop - rows.start == columns.stop - columns.start == clips.MASK_SIZE
    assert np.zeros(clips.FRAME_SIZE[::-1])[clips.MASK_CROP].shape == (440, 440)


def test_a_class_folder_inside_a_class_folder_is_named(tmp_path):
    course_set(tmp_path)
    folder = tmp_path / "dataset" / "train" / "yellow_block"
    folder.rename(tmp_path / "aside")
    folder.mkdir()
    (tmp_path / "aside").rename(folder / "yellow_block")
    refused(lambda: clips.train_clips(tmp_path), folder / "yellow_block", "one folder up")


def test_a_folder_too_many_is_named(tmp_path):
    course_set(tmp_path)
    folder = tmp_path / "dataset" / "train" / "yellow_block"
    folder.rename(tmp_path / "aside")
    folder.mkdir()
    (tmp_path / "aside").rename(folder / "part1")
    refused(lambda: clips.train_clips(tmp_path), folder / "part1", "did you mean", folder / "part1" / "0")


@pytest.mark.parametrize("part", ["train", "task1"])
def test_a_linked_part_of_a_data_set_is_refused(part, tmp_path):
    root = course_set(tmp_path) / "dataset"
    (root / "task1").mkdir()
    (root / "task1" / "truth.json").write_text('{"audio_0000.flac": 3}')
    (root / part).rename(tmp_path / "elsewhere")
    (root / part).symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    read = (lambda: clips.train_clips(root)) if part == "train" else (lambda: clips.read_truth(root, "task1"))
    refused(read, root / part, "is a link")


def test_what_servers_leave_is_passed_over_everywhere(clip, tmp_path):
    root = course_set(tmp_path / "set")
    for folder in (
        root / "dataset" / "train",
        root / "dataset" / "train" / "yellow_block",
        tmp_path / "mask",
    ):
        (folder / "@eaDir" / "0000.png").mkdir(parents=True)
        (folder / "Thumbs.db").touch()
    assert len(clips.train_clips(root)) == 50 and len(clip.masks()) == 3


def test_doubtful_sounds_and_videos_are_refused(tmp_path):
    for name in ("audio_0000.pkl", "audio_0001.pkl", "audio_0000 (1).pkl"):
        (tmp_path / name).touch()
    refused(lambda: clips.audio_clips(tmp_path), "audio_0000 (1).pkl", "copy of audio_0000.pkl")
    for name in ("video_0001", "video_00001"):
        (tmp_path / name / "mask").mkdir(parents=True)
    refused(lambda: clips.video_clips(tmp_path), "video_00001", "same number")
    (tmp_path / "video_00001").rename(tmp_path / "film_2")
    refused(lambda: clips.video_clips(tmp_path), "film_2", "no number to answer with")


def test_a_clip_of_the_same_number_twice_is_refused(tmp_path):
    root = course_set(tmp_path)
    (root / "dataset" / "train" / "yellow_block" / "02" / "mask").mkdir(parents=True)
    refused(lambda: clips.train_clips(root), "02", "same number")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(clip):
    clip.audio_path.chmod(0)
    refused(clip.audio, clip.audio_path, "cannot be read")


def test_a_jpeg_of_many_passes_is_refused_undecoded(clip, monkeypatch):
    monkeypatch.setattr(Image.Image, "convert", lambda *args: pytest.fail("was decoded"))
    path = clip.video_path / "rgb" / "0000.jpg"
    whole = path.read_bytes()
    scan = whole.index(b"\xff\xda")
    path.write_bytes(whole[:-2] + whole[scan:-2] * 2000 + whole[-2:])
    refused(clip.frames, path, "passes")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_are_no_utf_8_are_read_and_written(tmp_path):
    folder = tmp_path / os.fsdecode("课程".encode("gbk"))
    for audio_format in ("flac", "wav", "pkl"):
        assert sound(clips.write_audio(folder / "audio", AUDIO, audio_format)).shape == AUDIO.shape
    clips.write_video(folder, FRAMES, MASKS)
    assert Clip("v", None, folder).masks().shape == MASKS.shape
    message = refused(lambda: sound(folder / "gone.flac"), "udcbf")
    message.encode("utf-8")


def test_control_characters_in_a_name_stay_out_of_the_message(tmp_path):
    message = refused(lambda: sound(tmp_path / "a\n\x1b[31m.flac"), "does not exist")
    assert message.isprintable()
