"""Features against what they are made of, the cache, balanced pairs, and folds that do not leak."""

import os
import shutil

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labutils.centroid import trajectory, trajectory_vector
from labutils.clips import Clip, ClipError, train_clips
from labutils.datasets import (
    SYMMETRIES,
    BalancedPairs,
    Frames,
    Spectrograms,
    Varied,
    VideoFeatures,
    audio_features,
    class_pairs,
    even_vectors,
    session_folds,
    shift_sound,
    shift_vector,
    small_mask,
    turn_channels,
    turn_each,
    turn_mask,
    turn_vector,
    video_features,
)
from labutils.spectrogram import shrink, spectrogram


@pytest.fixture(scope="module")
def clips(click_data) -> list[Clip]:
    return train_clips(click_data)[::5]


@pytest.fixture
def copied_clips(click_data, tmp_path) -> list[Clip]:
    """Two clips whose files a test may change."""
    root = tmp_path / "dataset" / "train" / "061_foam_brick"
    for name in ("10", "11"):
        shutil.copytree(click_data / "dataset" / "train" / "061_foam_brick" / name, root / name)
    return train_clips(tmp_path)


def refuse(*_):
    raise AssertionError("a clip was read although its features are in the cache")


# Features


def test_audio_features_are_the_shrunk_spectrograms_in_the_order_of_the_clips(clips):
    features = audio_features(clips, (8, 2), progress=False)
    assert features.shape == (len(clips), 4, 64, 98)
    assert features.dtype == np.float16
    for clip, row in zip(clips, features, strict=True):
        np.testing.assert_allclose(row, shrink(spectrogram(clip.audio()), (8, 2)), atol=0.05)


def test_video_features_are_the_trajectories_and_masks_in_the_order_of_the_clips(clips):
    features = video_features(clips, progress=False)
    assert features.masks.shape == (len(clips), 35, 60, 60)
    assert features.frames.tolist() == [6] * len(clips)
    for clip, vector, masks in zip(clips, features.vectors, features.masks, strict=True):
        expected = trajectory_vector(trajectory(clip.masks(), clip.frame_times_s()))
        np.testing.assert_array_equal(vector, expected)
        np.testing.assert_array_equal(masks[3], small_mask(clip.masks()[3]))
        np.testing.assert_array_equal(masks[6:], np.tile(masks[5], (29, 1, 1)))


def test_rows_of_video_features_belong_together(clips):
    features = video_features(clips, progress=False)
    some = features[np.array([2, 0])]
    assert len(some) == 2
    np.testing.assert_array_equal(some.vectors, features.vectors[[2, 0]])
    np.testing.assert_array_equal(some.masks, features.masks[[2, 0]])


def test_small_mask_is_the_covered_share_of_every_square():
    mask = np.random.default_rng(0).random((440, 440)) < 0.3
    square = ((np.arange(440) + 0.5) * 60 // 440).astype(int)  # the square of every pixel: 7 or 8 pixels each
    for row, column in ((0, 0), (17, 42), (59, 59)):
        inside = mask[np.ix_(square == row, square == column)]
        assert small_mask(mask)[row, column] == pytest.approx(255 * inside.mean(), abs=1)


def test_small_mask_of_a_full_mask_is_full():
    assert (small_mask(np.ones((440, 440), dtype=bool)) == 255).all()


def test_video_without_an_object_is_named(copied_clips):
    clip = copied_clips[1]
    for path in (clip.video_path / "mask").iterdir():
        shutil.copy(copied_clips[0].video_path / "mask" / "0001.png", path)  # the empty one
    with pytest.raises(ClipError, match=r"061_foam_brick.11: all 6 masks are empty"):
        video_features(copied_clips, progress=False)


# The cache


def test_second_call_reads_the_cache_only(clips, tmp_path, monkeypatch):
    first = audio_features(clips, (8, 2), cache=tmp_path, progress=False)
    first_videos = video_features(clips, cache=tmp_path, progress=False)
    monkeypatch.setattr(Clip, "audio", refuse)
    monkeypatch.setattr(Clip, "masks", refuse)
    np.testing.assert_array_equal(audio_features(clips, (8, 2), cache=tmp_path, progress=False), first)
    second_videos = video_features(clips, cache=tmp_path, progress=False)
    for name in ("vectors", "masks", "frames"):
        np.testing.assert_array_equal(getattr(second_videos, name), getattr(first_videos, name))


def test_other_clips_and_other_blocks_are_not_confused(clips, tmp_path):
    audio_features(clips, (8, 2), cache=tmp_path, progress=False)
    assert audio_features(clips, (16, 4), cache=tmp_path, progress=False).shape[2:] == (32, 49)
    fewer = audio_features(clips[::-1], (8, 2), cache=tmp_path, progress=False)
    np.testing.assert_array_equal(fewer, audio_features(clips[::-1], (8, 2), progress=False))


def test_changed_sound_is_read_again(copied_clips, tmp_path):
    first = audio_features(copied_clips, (8, 2), cache=tmp_path / "cache", progress=False)
    shutil.copy(copied_clips[1].audio_path, copied_clips[0].audio_path)
    second = audio_features(copied_clips, (8, 2), cache=tmp_path / "cache", progress=False)
    np.testing.assert_array_equal(second[0], first[1])
    assert not np.array_equal(first[0], first[1])


def test_mask_changed_in_place_is_read_again(copied_clips, tmp_path):
    first = video_features(copied_clips, cache=tmp_path / "cache", progress=False)
    folder = copied_clips[0].video_path / "mask"
    folder_times = folder.stat()
    shutil.copyfile(folder / "0005.png", folder / "0000.png")
    os.utime(folder, ns=(folder_times.st_atime_ns, folder_times.st_mtime_ns))
    second = video_features(copied_clips, cache=tmp_path / "cache", progress=False)
    np.testing.assert_array_equal(second.vectors[0, :2], first.vectors[0, 10:12])


def test_broken_clip_leaves_nothing_in_the_cache(copied_clips, tmp_path):
    copied_clips[1].audio_path.write_bytes(b"no sound")
    with pytest.raises(ClipError, match=r"audio_data\.flac"):
        audio_features(copied_clips, (8, 2), cache=tmp_path / "cache", progress=False)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("cached", [True, False])
def test_missing_half_is_one_sentence(copied_clips, tmp_path, cached):
    cache = tmp_path / "cache" if cached else None
    copied_clips[0].audio_path.unlink()
    shutil.rmtree(copied_clips[0].video_path / "mask")
    clips = train_clips(tmp_path)
    with pytest.raises(ClipError, match="has no audio"):
        audio_features(clips, (8, 2), cache=cache, progress=False)
    with pytest.raises(ClipError, match="mask does not exist"):
        video_features(clips, cache=cache, progress=False)


# Data sets for torch


def test_spectrograms_are_single_precision_with_their_class():
    pictures = np.random.default_rng(0).normal(size=(3, 4, 5, 6)).astype(np.float16)
    data = Spectrograms(pictures, np.array([4, 2, 9]))
    picture, label = data[1]
    assert len(data) == 3
    assert picture.dtype == torch.float32
    np.testing.assert_array_equal(picture, pictures[1])
    assert label == 2


def videos_of(frames: list[int], empty: list[tuple[int, int]] = ()) -> VideoFeatures:
    """Masks whose brightness is 10 times the frame number plus one."""
    brightness = 10 * np.arange(35, dtype=np.uint8) + 1
    masks = np.tile(brightness[:, None, None], (len(frames), 1, 60, 60))
    for clip, frame in empty:
        masks[clip, frame] = 0
    return VideoFeatures(np.zeros((len(frames), 70), dtype=np.float32), masks, np.array(frames))


def test_frames_are_in_zero_to_one_with_the_class_of_their_clip():
    videos = videos_of([2, 1])
    videos.masks[1, 0] = 255
    data = Frames(videos, np.array([3, 7]))
    assert [(mask.shape, mask.dtype, round(mask.max().item() * 255), int(label)) for mask, label in data] == [
        ((1, 60, 60), torch.float32, 1, 3),
        ((1, 60, 60), torch.float32, 11, 3),
        ((1, 60, 60), torch.float32, 255, 7),
    ]


def test_empty_frames_and_padding_are_left_out():
    data = Frames(videos_of([3, 2], empty=[(0, 1)]), np.array([0, 1]))
    assert data.places == [(0, 0), (0, 2), (1, 0), (1, 1)]
    assert len(data) == 4


def test_frames_of_a_clip_are_spread_evenly():
    data = Frames(videos_of([9, 2]), np.array([0, 1]), frames_per_clip=3)
    assert data.places == [(0, 0), (0, 4), (0, 8), (1, 0), (1, 1)]


@given(st.integers(2, 30), st.integers(1, 4), st.integers(0, 1000))
def test_pairs_are_balanced_and_no_other_video_is_the_sounds_own(clips, pairs_per_clip, seed):
    pairs = BalancedPairs(clips, pairs_per_clip=pairs_per_clip, rng=np.random.default_rng(seed))
    assert len(pairs) == 2 * clips * pairs_per_clip
    assert pairs.same.mean() == 0.5
    assert ((pairs.sound == pairs.video) == pairs.same.astype(bool)).all()
    assert (np.bincount(pairs.sound, minlength=clips) == 2 * pairs_per_clip).all()
    assert pairs.video.min() >= 0
    assert pairs.video.max() < clips


def test_other_videos_are_drawn_from_all_other_clips():
    pairs = BalancedPairs(5, pairs_per_clip=2000, rng=np.random.default_rng(0))
    others = pairs.video[(pairs.same == 0) & (pairs.sound == 2)]
    assert np.bincount(others, minlength=5) == pytest.approx([500, 500, 0, 500, 500], abs=80)


def test_pair_set_is_the_same_for_the_same_seed():
    first, second = (BalancedPairs(9, pairs_per_clip=2, rng=np.random.default_rng(4)) for _ in range(2))
    assert [first[i] for i in range(36)] == [second[i] for i in range(36)]


def test_one_clip_makes_no_pairs():
    with pytest.raises(ValueError, match="at least 2 clips to draw from, found 1"):
        BalancedPairs(1, rng=np.random.default_rng(0))


# Variations


@pytest.mark.parametrize("wall", range(4))
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_sound_and_picture_turn_together(wall, turns, mirrored):
    heard, seen = torch.zeros(4, 2, 2), torch.zeros(1, 9, 9)
    heard[wall] = 1
    places = {0: (8, 4), 1: (4, 0), 2: (0, 4), 3: (4, 8)}  # row and column at bottom, left, top, right
    seen[0][places[wall]] = 1
    loudest = int(turn_channels(heard, turns, mirrored).sum(dim=(1, 2)).argmax())
    assert turn_mask(seen, turns, mirrored)[0][places[loudest]] == 1


def test_four_turns_and_two_mirrors_are_none():
    heard = torch.arange(4.0)[:, None, None].expand(4, 2, 3)
    assert torch.equal(turn_channels(heard, 4, False), heard)
    assert torch.equal(turn_channels(turn_channels(heard, 0, True), 0, True), heard)


def test_variations_keep_class_and_content_and_follow_their_seed():
    pictures = np.random.default_rng(0).normal(size=(6, 4, 5, 7)).astype(np.float16)
    data = Spectrograms(pictures, np.arange(6))
    first, second, other = (Varied(data, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert len(first) == 6
    for row in range(6):
        varied, label = first[row]
        assert label == row
        gain = varied.mean() - data[row][0].mean()
        np.testing.assert_allclose(
            np.sort((varied - gain).flatten()), np.sort(pictures[row].astype(float).ravel()), atol=1e-5
        )
        assert torch.equal(varied, second[row][0])
    assert not all(torch.equal(first[row][0], other[row][0]) for row in range(6))


# Folds


def clips_of(sizes: list[list[int]]) -> list[Clip]:
    """Clips of class c in session s, sizes[c][s] of them."""
    return [
        Clip(f"{label}/{session}-{i}", None, None, label, f"{label}/{session}")
        for label, sessions in enumerate(sizes)
        for session, count in enumerate(sessions)
        for i in range(count)
    ]


SIZES = st.lists(st.lists(st.integers(1, 8), min_size=2, max_size=6), min_size=1, max_size=5)


@given(SIZES, st.integers(2, 6), st.integers(0, 50))
def test_no_session_is_on_both_sides_and_every_class_is_validated(sizes, folds, seed):
    clips = clips_of(sizes)
    split = session_folds(clips, folds, seed=seed)
    assert len(split) == min(folds, *map(len, sizes), 6)
    for training, validation in split:
        assert not {clips[i].session for i in training} & {clips[i].session for i in validation}
        assert sorted([*training, *validation]) == list(range(len(clips)))
        for side in (training, validation):
            assert {clips[i].label for i in side} == set(range(len(sizes)))
    assert sorted(np.concatenate([validation for _, validation in split])) == list(range(len(clips)))


def test_folds_are_the_same_for_the_same_seed_and_differ_between_seeds():
    clips = clips_of([[3] * 6, [3] * 6])
    validations = [[v.tolist() for _, v in session_folds(clips, 3, seed=seed)] for seed in (1, 1, 2)]
    assert validations[0] == validations[1] != validations[2]


def test_class_with_one_session_is_refused():
    with pytest.raises(ClipError, match="class 1 has clips of 1 session, expected at least 2"):
        session_folds(clips_of([[4, 4], [8]]), 5)


# What towers are shown


def test_there_are_eight_symmetries_and_they_differ():
    mask = torch.arange(9).reshape(3, 3)
    assert len({tuple(turn_mask(mask, *symmetry).flatten().tolist()) for symmetry in SYMMETRIES}) == 8


def test_every_clip_is_turned_by_its_own_symmetry():
    sounds = torch.rand(16, 4, 3, 5)
    which = np.random.default_rng(0).permutation(np.repeat(np.arange(8), 2))
    found = turn_each(sounds, turn_channels, which)
    for row, place in enumerate(which):
        assert torch.equal(found[row], turn_channels(sounds[row], *SYMMETRIES[place]))


def test_turned_sound_and_turned_way_still_agree_about_the_wall():
    """The loudest microphone is that of the wall where the way ends, through all symmetries."""
    ends = torch.tensor([[0.5, 1.0], [0.0, 0.5], [0.5, 0.0], [1.0, 0.5]])  # bottom, left, top, right
    ways, sounds = ends.repeat(1, 35), torch.eye(4)[:, :, None, None]
    for which in range(8):
        symmetry = np.full(4, which)
        x, y = turn_each(ways, turn_vector, symmetry)[:, -2:].T
        wall = torch.stack([1 - y, x, y, 1 - x]).argmin(dim=0)
        assert torch.equal(turn_each(sounds, turn_channels, symmetry).flatten(1).argmax(dim=1), wall)


def test_sound_and_way_are_shifted_by_the_same_time():
    """A step of both at the same time stays at the same time; what comes in from outside repeats the edge."""
    time_s = (np.arange(35) + 0.5) / 35
    way = np.stack([time_s > 0.5, np.zeros(35)], axis=1).astype(np.float32).ravel()
    sound = np.broadcast_to((np.arange(70) + 0.5) / 70 > 0.5, (4, 2, 70)).astype(np.float32)
    moments = torch.tensor([-4, 0, 3])
    ways = shift_vector(torch.tensor(way).repeat(3, 1), moments)[:, ::2]
    sounds = shift_sound(torch.tensor(sound).repeat(3, 1, 1, 1), moments)
    assert ways.argmax(dim=1).tolist() == [18 - 4, 18, 18 + 3]
    assert sounds[:, 1, 1].argmax(dim=1).tolist() == [35 - 8, 35, 35 + 6]
    assert ways[0].tolist() == [0] * 14 + [1] * 21
    assert sounds[2, 0, 0].tolist() == [0] * 41 + [1] * 29


def test_same_number_in_an_even_vector_is_the_same_moment_in_every_clip():
    def padded(frames):
        way = np.stack([(np.arange(frames) + 0.5) / frames, np.full(frames, 0.3)], axis=1)
        return np.concatenate([way, np.repeat(way[-1:], 35 - frames, axis=0)]).astype(np.float32).ravel()

    frames = np.array([20, 27, 35])
    found = even_vectors(VideoFeatures(np.stack([padded(n) for n in frames]), np.zeros((3, 0)), frames))
    assert found.shape == (3, 70) and found.dtype == np.float32
    time = (np.arange(35) + 0.5) / 35
    for row, n in zip(found, frames, strict=True):
        expected = np.clip(time, 0.5 / n, 1 - 0.5 / n)  # nothing is known before the first frame
        np.testing.assert_allclose(row[::2], expected, atol=1e-6)
        np.testing.assert_allclose(row[1::2], 0.3, atol=1e-6)


def test_pairs_of_a_batch_stay_inside_their_classes_and_are_balanced():
    labels = np.array([3, 0, 3, 5, 0, 3])
    sound, video, same = class_pairs(labels, 4, np.random.default_rng(0))
    assert np.array_equal(labels[sound], labels[video])
    assert same.mean() == 0.5 and len(same) == 2 * 4 * 5
    assert torch.equal(same.bool(), sound == video)
    assert set(sound.tolist()) == {0, 1, 2, 4, 5}, "a class with one clip makes no pairs"


def test_batch_of_strangers_makes_no_pairs():
    assert [len(part) for part in class_pairs(np.arange(4), 2, np.random.default_rng(0))] == [0, 0, 0]
