"""The report's system: its sizes, its weak places and its mends."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from labutils.clips import audio_clips, train_clips, video_clips
from labutils.contrastive_loss import ReportLoss
from labutils.errors import LabError
from labutils.matching import UNMATCHED, distance_matrix
from labutils.resnet import ResNet
from labutils.spectrogram import downsample, spectrogram
from labutils.systems import model_files, report
from labutils.systems.report import FAST, REPORT, ReportSystem, ReportVideos, frame_indices
from labutils.training import Examples, outputs


@pytest.fixture
def system(click_models) -> ReportSystem:
    return model_files.load(click_models)


@pytest.fixture(scope="module")
def group(click_data):
    """The features of the group of task 3."""
    folder = click_data / "dataset" / "task3" / "test" / "0"
    return (
        report.spectrograms(audio_clips(folder), (32, 4), progress=False),
        report.trajectories_and_masks(video_clips(folder), progress=False),
    )


def layers(network: nn.Module) -> list[nn.Module]:
    return [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]


def test_fast_variant_has_the_networks_of_the_report_and_other_sizes_only():
    whole, fast = ReportSystem(REPORT, [0]), ReportSystem(FAST, [0])
    assert len(layers(whole.audio_classifier)) == len(layers(fast.audio_classifier)) == 20
    assert len(layers(whole.frame_classifier)) == 20
    shapes = [[tuple(p.shape) for n, p in s.named_parameters() if "linear" not in n] for s in (whole, fast)]
    assert shapes[0] == shapes[1]
    mlp = [m for m in fast.towers["0"].video.layers if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in mlp] == [(70, 15), (15, 10), (10, 10)]
    assert (REPORT.downsample, FAST.downsample) == ((1, 1), (8, 4))
    assert REPORT.towers == FAST.towers and isinstance(REPORT.towers.loss, ReportLoss)
    assert REPORT.towers.loss.margin == 10 and REPORT.towers.pairs_per_clip == 1
    assert REPORT.audio == FAST.audio and REPORT.audio.weight_decay > 0


def test_bfloat16_changes_precision_only():
    rounded = REPORT.in_bfloat16()
    assert rounded.audio.bfloat16 and rounded.frames.bfloat16 and rounded.towers.bfloat16
    assert replace(rounded, audio=REPORT.audio, frames=REPORT.frames, towers=REPORT.towers) == REPORT


def test_a_pair_of_towers_and_curves_for_every_class_in_the_data(system):
    assert sorted(system.towers) == ["0", "1", "2"]
    assert len(system.histories) == 2 + 3
    assert all(h.curves["validation loss"] for h in system.histories.values())


def test_classifiers_learn_what_they_validate_on_other_sessions(system):
    assert system.histories["audio classifier"].last("validation accuracy") > 0.6


def test_frames_vote_for_the_class_of_their_video(system, monkeypatch):
    masks = np.zeros((3, 35, 60, 60), dtype=np.uint8)
    votes = {0: [2, 2, 1], 1: [0, 1, 4], 2: [7, 7, 3]}
    for clip, own in votes.items():
        masks[clip, : len(own), 0, 0] = np.array(own) + 1
    masks[2, 2] = 0  # an empty frame does not vote
    videos = ReportVideos(np.zeros((3, 70), np.float32), masks, np.full(3, 3))
    monkeypatch.setattr(report, "outputs", lambda _, inputs: np.eye(10)[inputs[:, 0, 0, 0].astype(int) - 1])
    log_p = system.classify_videos(videos)
    assert log_p.argmax(axis=1).tolist() == [2, 0, 7]  # majority; at a tie the lower number; a single kind
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1)
    assert np.exp(log_p[0, 2]) == pytest.approx(2 / 3, abs=1e-2)


def test_frames_are_spread_evenly_and_empty_ones_left_out():
    masks = np.ones((2, 35, 60, 60), dtype=np.uint8)
    masks[1, 0] = 0
    videos = ReportVideos(np.zeros((2, 70)), masks, np.array([9, 2]))
    clip, frame = frame_indices(videos, 3)
    assert list(zip(clip.tolist(), frame.tolist(), strict=True)) == [(0, 0), (0, 4), (0, 8), (1, 1)]


def test_distances_are_those_of_the_embeddings_of_the_class_and_each_clip_passes_once(system, group):
    sounds, videos = group
    passed = []
    hook = system.towers["1"].audio.register_forward_hook(lambda _, inputs, __: passed.append(len(inputs[0])))
    found = system.distances(1, sounds, videos)
    hook.remove()
    assert sum(passed) == len(sounds)
    towers = system.towers["1"]
    expected = distance_matrix(outputs(towers.audio, sounds), outputs(towers.video, videos.vectors))
    np.testing.assert_allclose(found, expected)


def test_pairs_of_different_classes_are_forbidden(system, group):
    scores = system.pair_scores(*group)
    same = system.classify(group[0]).argmax(axis=1)[:, None] == system.classify_videos(group[1]).argmax(
        axis=1
    )
    assert np.array_equal(np.isfinite(scores), same)
    assert (scores[same] <= 0).all()


def test_complete_group_gives_every_sound_a_video_of_its_own_the_same_every_time(system, group):
    first, again = (system.match(*group, complete=True) for _ in range(2))
    assert sorted(first.assignment) == list(range(6))
    assert np.array_equal(first.assignment, again.assignment)


def test_threshold_takes_matches_back_only_where_videos_may_be_missing(system, group):
    system.threshold.fill_(-1.0)
    assert (system.match(*group, complete=False).assignment == UNMATCHED).all()
    assert (system.match(*group, complete=True).assignment != UNMATCHED).all()
    system.threshold.fill_(float("inf"))
    found = system.match(*group, complete=False)
    matched = found.assignment != UNMATCHED
    assert (found.audio_class[matched] == found.video_class[found.assignment[matched]]).all()


def test_system_does_not_pretend_to_know_how_sure_it_is(system, group):
    found = system.match(*group, complete=True)
    assert np.isnan(found.confidence).all()
    with pytest.raises(LabError, match="contact"):
        system.keep_sure(found, 0.95)


def test_standardised_masks_not_pixels_of_0_to_255(system):
    """Mended: the first layer of each network subtracts a mean and divides by a standard deviation."""
    for network in (system.audio_classifier, system.frame_classifier):
        assert network[0].std != 1 and isinstance(network[1], ResNet)


def test_small_mask_is_the_covered_share_of_every_square():
    mask = np.random.default_rng(0).random((440, 440)) < 0.3
    square = ((np.arange(440) + 0.5) * 60 // 440).astype(int)
    for row, column in ((0, 0), (17, 42), (59, 59)):
        inside = mask[np.ix_(square == row, square == column)]
        assert report.small_mask(mask)[row, column] == pytest.approx(255 * inside.mean(), abs=1)


def test_spectrograms_are_downsampled_in_the_order_of_the_clips(click_data):
    clips = train_clips(click_data)[::8]
    found = report.spectrograms(clips, (8, 2), progress=False)
    assert found.shape == (len(clips), 4, 64, 98) and found.dtype == np.float16
    for clip, one in zip(clips, found, strict=True):
        np.testing.assert_allclose(one, downsample(spectrogram(clip.audio()), (8, 2)), atol=0.05)


def test_examples_of_the_audio_classifier_are_spectrograms_with_their_class():
    data = Examples.of(np.zeros((3, 4, 8, 9), np.float16), np.array([2, 0, 1]))
    inputs, labels = next(data.batches())
    assert inputs.dtype == torch.float32 and labels.tolist() == [2, 0, 1]
