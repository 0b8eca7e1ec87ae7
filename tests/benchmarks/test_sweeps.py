"""Sweeps change one condition and nothing else."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sweeps
from conditions import group_size, noise, offset, reach, training_clips
from conditions.sweep import METHODS, SCORES, WHICH, Setting, score_of, summarise_sweep
from matchers.groups import read_groups
from matchers.training_set import read_training_set
from small_systems import SMALL_CONTACT
from unread_clips import clips_of

from labutils.matching import ConfidenceCurve, GroupMatcher, PairCalibration


@pytest.fixture
def group(click_data):
    return read_groups(click_data, "task3")[0]


def test_noise_has_the_strength_that_was_asked_for(group):
    clean = group.sounds[0].audio()
    found = [noise.noisy(group, 10.0).sounds[0].audio() for _ in range(2)]
    np.testing.assert_array_equal(*found)
    added = found[0] - clean
    assert 10 * np.log10(np.mean(clean**2) / np.mean(added**2)) == pytest.approx(10, abs=0.1)
    assert abs(np.corrcoef(added[:, 0], added[:, 1])[0, 1]) < 0.05, "each microphone has its own noise"
    other = noise.noisy(group, 10.0).sounds[1].audio() - group.sounds[1].audio()
    assert abs(np.corrcoef(added[:, 0], other[:, 0])[0, 1]) < 0.05
    assert noise.noisy(group, 10.0).videos == group.videos


def test_noise_is_the_same_wherever_the_data_set_lies(click_data, group, tmp_path):
    (tmp_path / "elsewhere").symlink_to(click_data)
    same = read_groups(tmp_path / "elsewhere", "task3")[0]
    found = [noise.noisy(one, 10.0).sounds[0].audio() for one in (group, same)]
    np.testing.assert_array_equal(*found)


def test_pictures_come_later_by_as_much_as_was_asked_for(group):
    late = offset.late(group, 250.0)
    for clip, before in zip(late.videos, group.videos, strict=True):
        np.testing.assert_allclose(clip.frame_times_s() - before.frame_times_s(), 0.25)
    assert late.sounds == group.sounds


@pytest.mark.parametrize(("size", "alone"), [(10, 0), (8, 2)])
def test_groups_of_one_size_share_no_clip(size, alone):
    groups = group_size.draw_incomplete(45, size, alone / size)
    assert len(groups) == 45 // (size + alone)
    used = np.concatenate([np.union1d(*group) for group in groups])
    assert len(used) == len(set(used.tolist()))
    for sounds, videos in groups:
        assert len(sounds) == len(videos) == size and len(np.intersect1d(sounds, videos)) == size - alone


def test_sharp_scores_are_all_right_in_groups_of_any_size():
    curve = ConfidenceCurve(1.0, 0.0)
    pair = PairCalibration(np.ones(1), 0.0)
    matcher = GroupMatcher(pair, 0.0, 0.25, curve, curve, np.zeros(0), np.zeros(0))
    ratios = np.where(np.eye(40, dtype=bool), 20.0, -20.0)
    for size in (8, 32):
        rows = group_size.answer_groups(ratios, matcher, size)
        assert {which[1] for which, _ in rows} == {"task2", "task3"}
        assert all(scores[:2] == (1, 1) for _, scores in rows)
        no_skill = {which[1]: scores[2] for which, scores in rows}
        assert no_skill == {"task2": 1 / size, "task3": 0.25}


def test_whole_sessions_go_until_two_of_each_class_are_left():
    clips = clips_of(6, 14)
    indices = training_clips.fewer_clips(clips, 420, np.random.default_rng(0))
    sessions = pd.Series([clips[i].session for i in indices]).value_counts()
    assert set(sessions) == {14} and 420 - 14 < len(indices) <= 420
    of_class = pd.Series([s.split("/")[0] for s in sessions.index]).value_counts()
    assert of_class.max() - of_class.min() <= 1
    other = training_clips.fewer_clips(clips, 420, np.random.default_rng(1))
    assert indices.tolist() != other.tolist()


def test_very_few_clips_are_the_first_of_two_sessions_of_each_class():
    clips = clips_of(6, 14)
    indices = training_clips.fewer_clips(clips, 100, np.random.default_rng(0))
    names = pd.Series([clips[i].name for i in indices]).str.extract(r"(\d)/(\d)-(\d+)").astype(int)
    assert len(indices) == 100 and names.groupby([0, 1]).ngroups == 20 and names[2].max() == 4


def test_fewer_clips_get_more_epochs_up_to_three_times():
    half, tenth = (training_clips.with_as_many_steps(SMALL_CONTACT, share) for share in (0.5, 0.1))
    assert half.maps.epochs == 2 * SMALL_CONTACT.maps.epochs
    assert tenth.sound.epochs == 3 * SMALL_CONTACT.sound.epochs
    assert (half.path.epochs, half.sound.epochs) == (40, 40)
    small = {part: getattr(SMALL_CONTACT, part) for part in ("maps", "path", "sound")}
    assert replace(half, **small) == SMALL_CONTACT


def test_all_clips_are_the_training_set_itself(click_data, kept):
    training = read_training_set(click_data, 0, kept)
    assert training_clips.smaller(training, 24) is training
    assert len(training_clips.smaller(training, 12).clips) == 12


def test_bins_begin_at_their_edges():
    assert reach.in_bins(np.array([0.0, 0.99, 1.0, 7.0, 50.0])).tolist() == [0, 0, 1, 5, 20]


def test_only_counted_sounds_are_scored():
    scores, truth = np.eye(3), np.array([0, 1, 2])
    assert score_of(np.array([0, 2, 1]), scores, truth) == pytest.approx((1 / 3, 1, 1 / 3))
    assert score_of(np.array([0, 2, 1]), scores, truth, truth < 1) == (1, 1, 1 / 3)
    assert score_of(truth, scores, np.array([0, -1, -1]))[2] == pytest.approx(2 / 3), "-1 always"
    assert np.isnan(score_of(np.array([0, 2, 1]), scores, truth, truth > 5)).all()


def test_summary_averages_seeds_then_groups():
    rows = [
        ("ours", str(seed), "10", "lab", "task2", str(g), 0.5 + 0.1 * g + 0.02 * seed, np.nan, 0.02)
        for seed in (0, 1)
        for g in (0, 1, 2)
    ]
    found = summarise_sweep(pd.DataFrame(rows, columns=[*WHICH, *SCORES])).iloc[0]
    assert (found["groups"], found["seeds"], found["condition"]) == (3, 2, 10)
    assert found["accuracy"] == pytest.approx(0.61)
    assert found["accuracy high"] - 0.61 == pytest.approx(4.3027 * 0.1 / np.sqrt(3), rel=1e-3)


@pytest.mark.parametrize("name", list(sweeps.SWEEPS))
def test_sweep_writes_its_tables_and_figure_and_repeats_nothing(
    name, click_data, kept, tmp_path, monkeypatch
):
    monkeypatch.setattr(group_size, "SIZES", (2, 4))
    monkeypatch.setattr(training_clips, "COUNTS", (12,))
    sweep = sweeps.SWEEPS[name]
    few = replace(sweep, methods=("physics",), values=lambda setting: list(sweep.values(setting))[-2:])
    monkeypatch.setitem(sweeps.SWEEPS, name, few)
    setting = Setting(click_data, [click_data], kept)
    summary = sweeps.run(name, setting, [0], tmp_path)
    assert set(summary["task"]) == {"task2", "task3"} and summary["condition"].nunique() == 2
    assert (tmp_path / f"{name}.png").stat().st_size > 5000
    monkeypatch.setitem(sweeps.SWEEPS, name, replace(few, points=None))
    monkeypatch.setattr(sweeps, "draw", lambda summary, sweep, path: None)
    pd.testing.assert_frame_equal(sweeps.run(name, setting, [0], tmp_path), summary)


def test_late_pictures_change_the_answers_of_physics(click_data, kept):
    """A shift that is longer than any lag is noticed: features of changed clips are not taken from the clean ones."""
    setting = Setting(click_data, [click_data], kept)
    points = dict(offset.OFFSET.points(setting, METHODS["physics"], 0, [0.0, 400.0]))
    assert points[0.0] != points[400.0]
