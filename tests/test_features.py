"""Features of many clips: in order, kept until a file changes, never half a file."""

import os
import shutil

import numpy as np
import pytest
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


def test_another_version_other_clips_and_a_changed_file_are_computed_anew(clips, tmp_path):
    cache = tmp_path / "cache"
    features(clips, cache)
    features(clips, cache, name="loudness-2")
    features(clips[1:], cache)
    status = clips[0].audio_path.stat()
    os.utime(clips[0].audio_path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    features(clips, cache)
    assert len(list(cache.iterdir())) == 4


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
    assert len(list((tmp_path / "c").iterdir())) == 2


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
