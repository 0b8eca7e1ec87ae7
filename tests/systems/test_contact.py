"""The lab's own system: its answers turn with the tray, know how sure they are, and come from held-out calibration."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from labutils import matching
from labutils.augmentation import Symmetry
from labutils.centroid import trajectory
from labutils.clips import audio_clips, train_clips, video_clips
from labutils.contact_maps import turn_clockwise
from labutils.errors import LabError
from labutils.heard_path import hear_paths, path_log_likelihood, seen_path
from labutils.systems import model_files
from labutils.systems.contact import ContactSystem, Sounds, Videos, sound_features, video_features


@pytest.fixture(scope="module")
def system(contact_models) -> ContactSystem:
    return model_files.load(contact_models)


@pytest.fixture(scope="module")
def group(click_data) -> tuple[Sounds, Videos]:
    folder = click_data / "dataset" / "task3" / "test" / "0"
    return (
        sound_features(audio_clips(folder), progress=False),
        video_features(video_clips(folder), progress=False),
    )


def test_features_have_names_shapes_and_the_order_of_the_clips(click_data):
    clips = train_clips(click_data)[::8]
    sounds, videos = sound_features(clips, progress=False), video_features(clips, progress=False)
    assert (sounds.steps.shape, sounds.levels.shape, sounds.tones.shape) == (
        (3, 4, 16, 49),
        (3, 4, 64, 98),
        (3, 1536),
    )
    assert (videos.movement.shape, videos.shape.shape) == ((3, 6, 49), (3, 24))
    assert len(sounds) == len(videos) == 3 and len(sounds[[0, 2]]) == len(videos[[0, 2]]) == 2
    one = sound_features(clips[1:2], progress=False)
    np.testing.assert_array_equal(one.steps[0], sounds.steps[1])
    walls = [int(clip.name.split("/")[1]) % 4 for clip in clips]
    assert sounds.steps.max(axis=(2, 3)).argmax(axis=1).tolist() == walls, (
        "microphones in the order of the walls"
    )
    x, y = videos.movement[:, 0, -1], videos.movement[:, 1, -1]
    assert np.stack([1 - y, x, y, 1 - x]).argmin(axis=0).tolist() == walls, "y points down"


def test_empty_masks_are_bridged_in_time(click_data):
    """The second mask of each clip is empty."""
    videos = video_features(train_clips(click_data)[:2], progress=False)
    assert np.isfinite(videos.movement).all()
    assert np.abs(np.diff(videos.movement[:, :2], axis=2)).max() < 0.05


def test_pair_scores_are_the_calibrated_sum_of_four_terms(system, group):
    parts, pair = system.parts, system.matcher.pair
    term = matching.class_term(system.classify(group[0]), system.classify_videos(group[1]), parts.log_prior)
    path = path_log_likelihood(hear_paths(parts.path, group[0].levels), group[1].path)
    terms = [parts.map_scores(*parts.draw_maps(*group)), path, group[1].log_reach, term]
    expected = sum(w * t for w, t in zip(pair.weights, terms, strict=True)) + pair.bias
    np.testing.assert_allclose(system.pair_scores(*group), expected, rtol=1e-6)
    assert pair.weights.shape == (4,) and (pair.weights != 0).all()


def test_class_of_a_sound_is_what_its_two_classifiers_say(system, group):
    parts = system.parts
    told = parts.sound.log_probabilities(group[0].levels, group[0].tones)
    np.testing.assert_allclose(parts.sound_classes(group[0]), floored(told), atol=1e-6)


def floored(log_p: np.ndarray) -> np.ndarray:
    """No class below 1e-4, then normalised again."""
    p = np.maximum(np.exp(log_p), 1e-4)
    return np.log(p / p.sum(axis=1, keepdims=True))


def test_reach_is_the_logarithm_of_how_far_the_object_goes_and_has_a_floor():
    movement = np.full((3, 6, 49), 0.5, dtype=np.float32)
    movement[0, 0, 10:20] += 0.3  # there and back
    movement[0, 1, 10:20] += 0.4
    movement[1, 0, 30:] -= 0.004
    found = Videos(movement, np.zeros((3, 24))).log_reach
    np.testing.assert_allclose(found, np.log([0.5, 0.01, 0.01]), rtol=1e-5)


def test_seen_path_is_that_of_the_centroids(click_data):
    clips = train_clips(click_data)[:3]
    found = video_features(clips, progress=False).path
    for clip, path in zip(clips, found, strict=True):
        known = seen_path(trajectory(clip.masks(), clip.frame_times_s(), name=clip.name))
        np.testing.assert_allclose(path, known, atol=2e-3)


def test_turned_tray_changes_no_answer(system, group):
    sounds, videos = group
    turn = Symmetry(1, False).of_microphones
    steps, levels = (turn(torch.from_numpy(heard)).numpy() for heard in (sounds.steps, sounds.levels))
    movement = turn_clockwise(torch.from_numpy(videos.movement)).numpy()
    turned = replace(sounds, steps=steps, levels=levels), replace(videos, movement=movement)
    np.testing.assert_allclose(system.pair_scores(*turned), system.pair_scores(*group), atol=1e-3)


def test_no_class_is_impossible(system, group):
    for log_p in (system.classify(group[0]), system.classify_videos(group[1])):
        np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1)
        assert np.exp(log_p).min() > 5e-5


@pytest.mark.parametrize(("sounds", "videos"), [(6, 6), (3, 6), (6, 2), (1, 1)])
def test_groups_of_any_size_are_matched_and_no_video_is_used_twice(system, group, sounds, videos):
    some = group[0][np.arange(sounds)], group[1][np.arange(videos)]
    for complete in (True, False):
        found = system.match(*some, complete=complete)
        used = found.assignment[found.assignment >= 0]
        assert len(set(used)) == len(used)
        assert found.scores.shape == (sounds, videos)
        assert np.array_equal(np.isnan(found.confidence), found.assignment < 0)
        assert ((found.confidence >= 0) & (found.confidence <= 1))[found.assignment >= 0].all()
        if complete:
            assert len(used) == min(sounds, videos)


def test_unmatched_sounds_are_minus_one_in_an_incomplete_group(system, group):
    found = system.match(*group, complete=False)
    assert found.assignment.tolist() == [3, -1, 0, 1, -1, 2]


def test_precision_keeps_the_sure_matches_only(system, group):
    rng = np.random.default_rng(0)
    confidence = rng.random(3000)
    known = replace(system.matcher, confidence=confidence, right=rng.random(3000) < confidence)
    sure = ContactSystem(system.settings, system.parts, known)
    found = system.match(*group, complete=True)
    found = replace(found, confidence=np.array([0.99, 0.5, 0.97, 0.2, 0.999, 0.7]))
    kept = sure.keep_sure(found, 0.9)
    cut = matching.precision_cut(confidence, known.right, 0.9)
    assert (kept.assignment >= 0).tolist() == (found.confidence >= cut).tolist()
    with pytest.raises(LabError, match=r"0\.9999 was not reached"):
        sure.keep_sure(found, 0.9999)


def test_weights_are_small_and_loading_gives_the_same_scores(system, group, contact_models, tmp_path):
    model_files.save(system, tmp_path)
    again = model_files.load(tmp_path)
    np.testing.assert_array_equal(again.pair_scores(*group), system.pair_scores(*group))
    assert again.settings == system.settings and again.metadata == system.metadata
    assert (contact_models / "model.safetensors").stat().st_size < 2e6
