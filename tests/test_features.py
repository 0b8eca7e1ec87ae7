"""Features of many clips: in order, kept until a file changes, never half a file."""

import os
import shutil
import zlib

import numpy as np
import pytest
import torch
from tqdm import tqdm

from labutils.clips import Clip, ClipError, train_clips
from labutils.features import clip_features


def loudness(clip: Clip) -> dict[str, np.ndarray]:
    audio = clip.audio()
    return {"peak": np.abs(audio).max(axis=0), "samples": np.array(len(audio))}


def features(clips, cache=None, name="loudness-1", **options):
    files = [clip.audio_path for clip in clips]
    return clip_features(clips, loudness, name=name, files=files, cache=cache, progress=False, **options)


@pytest.fixture
def clips(click_data, tmp_path) -> list[Clip]:
    """Four clips whose files a test may change."""
    root = tmp_path / "dataset" / "train" / "061_foam_brick"
    for name in ("10", "11", "12", "13"):
        shutil.copytree(click_data / "dataset" / "train" / "061_foam_brick" / name, root / name)
    return train_clips(tmp_path)


def test_features_are_stacked_in_the_order_of_the_clips(clips):
    found = features(clips)
    assert found["samples"].tolist() == [16000] * 4
    np.testing.assert_array_equal(found["peak"], [np.abs(clip.audio()).max(axis=0) for clip in clips])


def test_second_call_reads_the_cache_only(clips, tmp_path, monkeypatch):
    first = features(clips, tmp_path / "cache")
    monkeypatch.setattr(Clip, "audio", lambda self: pytest.fail("a clip was read"))
    second = features(clips, tmp_path / "cache")
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_another_version_and_a_changed_file_take_the_place_of_the_old(clips, tmp_path):
    cache = tmp_path / "cache"
    features(clips, cache)
    features(clips[1:], cache)
    features(clips, cache, name="another-1")
    features(clips, cache, name="loudness-2")
    assert len(list(cache.glob("loudness-2-*"))) == 1 and len(list(cache.iterdir())) == 3
    status = clips[0].audio_path.stat()
    os.utime(clips[0].audio_path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    before = set(cache.iterdir())
    features(clips, cache, name="loudness-2")
    assert len(set(cache.iterdir()) - before) == len(before - set(cache.iterdir())) == 1


def test_changed_picture_in_a_folder_is_noticed(clips, tmp_path):
    def areas(clip: Clip) -> dict[str, np.ndarray]:
        return {"area": clip.masks().sum(axis=(1, 2))}

    def run():
        files = [clip.video_path / "mask" for clip in clips]
        return clip_features(clips, areas, name="area", files=files, cache=tmp_path / "c", progress=False)

    before = run()["area"]
    mask = clips[0].video_path / "mask" / "0000.png"
    shutil.copy(clips[0].video_path / "mask" / "0005.png", mask)
    os.utime(mask, ns=(1, 1))
    assert not np.array_equal(run()["area"][0], before[0]) or before[0][0] == before[0][5]
    assert len(list((tmp_path / "c").iterdir())) == 1


def test_broken_clip_leaves_nothing_in_the_cache(clips, tmp_path):
    clips[2].audio_path.write_bytes(b"not a sound")
    with pytest.raises(ClipError, match="12"):
        features(clips, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_bar_of_the_caller_moves_by_one_a_clip_also_from_the_cache(clips, tmp_path):
    for _ in range(2):
        with tqdm(total=4, disable=False, file=open(os.devnull, "w")) as bar:
            features(clips, tmp_path / "cache", bar=bar)
            assert bar.n == 4


@pytest.mark.parametrize("is_large", [False, True])
def test_features_of_many_clips_are_mapped_and_a_change_of_them_stays_in_memory(
    clips, tmp_path, monkeypatch, is_large
):
    monkeypatch.setattr("labutils.features.MAPPED_FROM_BYTES", 1 if is_large else 2**29)
    for _ in range(2):  # made, and found
        found = features(clips, tmp_path / "cache")["peak"]
        assert type(found) is np.ndarray and isinstance(found.base, np.memmap) == is_large
        (kept,) = (tmp_path / "cache").iterdir()
        before = kept.read_bytes()
        found[:] = 7
        assert kept.read_bytes() == before


def test_every_kind_of_number_is_where_torch_can_take_it(clips, tmp_path):
    def mixed(clip: Clip) -> dict[str, np.ndarray]:
        return {"flag": np.array([True]), "half": np.ones(3, np.float16), "double": np.ones((2, 2))}

    options = {"name": "mixed", "files": [clip.audio_path for clip in clips], "progress": False}
    for cache in (None, tmp_path / "c", tmp_path / "c"):
        found = clip_features(clips, mixed, cache=cache, **options)
        assert [torch.from_numpy(array).shape for array in found.values()] == [(4, 1), (4, 3), (4, 2, 2)]
        assert all((array == 1).all() for array in found.values())


def test_features_of_an_older_lab_are_swept(clips, tmp_path):
    features(clips, tmp_path)
    (kept,) = tmp_path.glob("*.npy")
    old = kept.with_name(kept.name.replace("loudness-1", "loudness-0")).with_suffix(".npz")
    np.savez(old, peak=np.zeros(4))
    kept.unlink()
    features(clips, tmp_path)
    assert not old.exists() and kept.exists()


@pytest.mark.parametrize("damage", ["empty", "cut", "zeroed", "one byte", "objects", "other clips", "text"])
def test_damaged_cache_is_computed_anew_with_one_line(clips, tmp_path, damage, caplog):
    first = features(clips, tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    whole = kept.read_bytes()
    if damage == "other clips":
        features(clips[1:], tmp_path / "other")
        shutil.copy(next((tmp_path / "other").iterdir()), kept)
    elif damage == "objects":
        with open(kept, "wb") as file:
            np.save(file, np.array([{"peak": 1}] * 4), allow_pickle=True)
        kept.write_bytes(kept.read_bytes() + zlib.crc32(kept.read_bytes()).to_bytes(4, "little"))
    else:
        size = len(whole)
        kept.write_bytes(
            {
                "empty": b"",
                "cut": whole[: size // 2],
                "zeroed": bytes(size),
                "one byte": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
                "text": b"hello",
            }[damage]
        )
    again = features(clips, tmp_path / "cache")
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert caplog.text.count("computed anew") == 1 and str(kept) in caplog.text
    assert [path.read_bytes() for path in (tmp_path / "cache").iterdir()] == [whole]


def test_cache_that_cannot_be_written_stops_nothing(clips, tmp_path, caplog):
    (tmp_path / "cache").write_text("a file in the place of the folder")
    assert features(clips, tmp_path / "cache")["samples"].tolist() == [16000] * 4
    assert "is not kept" in caplog.text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_folder_whose_name_is_no_utf_8_is_read_and_cached(clips, tmp_path):
    folder = tmp_path / os.fsdecode("课程".encode("gbk"))
    shutil.move(tmp_path / "dataset", folder / "dataset")
    found = features(train_clips(folder), tmp_path / "cache")
    assert len(found["samples"]) == 4 and len(list((tmp_path / "cache").iterdir())) == 1
