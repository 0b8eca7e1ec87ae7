"""The report's system is trained on clicks and squares: on the right clips, with one bar, to be interrupted at will."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_systems import SMALL, interrupted

from labutils.clips import ClipError, train_clips
from labutils.progress import noted_share
from labutils.splits import session_folds
from labutils.systems import report, report_training


def test_held_out_sessions_are_held_out_of_everything(click_data, monkeypatch):
    clips = train_clips(click_data)
    labels = np.array([clip.label for clip in clips])
    training, held_out = session_folds(clips, SMALL.folds, seed=SMALL.seed)[0]
    seen, calibrated = [], []

    def spy(network, data, settings, *, validation, **_):
        seen.append((len(data), len(validation)))
        return report_training.History({"train loss": [0.0], "validation loss": [0.0]})

    def calibrate(distances, **options):
        calibrated.append((distances, options))
        return 3.0

    monkeypatch.setattr(report_training, "fit_classifier", spy)
    monkeypatch.setattr(report_training, "fit_towers", spy)
    monkeypatch.setattr(report_training.matching, "calibrate_threshold", calibrate)
    system = report_training.train(click_data, SMALL, progress=False)
    assert seen[0] == (len(training), len(held_out))
    assert seen[2:] == [((labels[training] == c).sum(), (labels[held_out] == c).sum()) for c in range(3)]
    distances, options = calibrated[0]
    sounds, videos = (
        system.sound_features(clips, progress=False),
        system.video_features(clips, progress=False),
    )
    for label, found in enumerate(distances):
        own = held_out[labels[held_out] == label]
        np.testing.assert_allclose(found, system.distances(label, sounds[own], videos[own]), atol=1e-5)
    assert (options["missing_rate"], options["size"]) == (SMALL.missing_rate, SMALL.group_size)
    assert float(system.threshold) == 3.0
    values = report.spectrograms([clips[i] for i in training], SMALL.downsample, progress=False)
    assert float(system.audio_classifier[0].mean) == pytest.approx(values.mean(dtype=np.float64), rel=1e-5)


def test_interrupted_training_goes_on_in_two_processes_to_the_same_weights(click_data, tmp_path, monkeypatch):
    once = {part: replace(getattr(SMALL, part), epochs=1) for part in ("audio", "frames", "towers")}
    quick = replace(SMALL, **once)
    whole = report_training.train(click_data, quick, progress=False)
    with monkeypatch.context() as patch:
        patch.setattr(report_training, "fit_towers", interrupted(report_training.fit_towers))
        with pytest.raises(KeyboardInterrupt):
            report_training.train(click_data, quick, checkpoints=tmp_path / "c", progress=False)
    again = report_training.train(click_data, quick, checkpoints=tmp_path / "c", progress=False, workers=2)
    for name, tensor in whole.state().items():
        assert torch.equal(tensor, again.state()[name]), name
    assert again.histories == whole.histories and len(whole.histories) == 5
    assert (tmp_path / "c").exists()  # whoever keeps the system removes them then


def test_class_with_one_clip_to_train_with_is_refused(click_data, tmp_path):
    shutil.copytree(click_data / "dataset" / "train", tmp_path / "train")
    for name in ("10", "11", "12", "13"):
        shutil.rmtree(tmp_path / "train" / "061_foam_brick" / name)
    for name in ("21", "22"):
        shutil.rmtree(tmp_path / "train" / "061_foam_brick" / name)
    with pytest.raises(ClipError, match="061_foam_brick: found 1 training clip beside the held-out session"):
        report_training.train(tmp_path, SMALL, progress=False)


def test_one_bar_counts_everything_and_what_was_kept_took_no_time(click_data, tmp_path, monkeypatch):
    once = {part: replace(getattr(SMALL, part), epochs=1) for part in ("audio", "frames", "towers")}
    quick, clips = replace(SMALL, **once), train_clips(click_data)
    known = len(session_folds(clips, SMALL.folds, seed=SMALL.seed)[0][0])
    total = report_training.training_cost(quick, len(clips), known)
    bars = []

    class Bar(report_training.NotedBar):
        def __init__(self, *args):
            super().__init__(*args)
            self.worked = 0.0
            bars.append(self)

        def update(self, count=1):
            self.worked += count
            super().update(count)
            self.noted = noted_share(tmp_path / "c")

    monkeypatch.setattr(report_training, "NotedBar", Bar)
    folders = {"checkpoints": tmp_path / "c", "cache": tmp_path / "f"}
    for _ in range(2):
        report_training.train(click_data, quick, progress=False, **folders)
    first, again = bars
    assert first.total == first.n == again.n == pytest.approx(total)
    assert first.worked > 0.7 * total and again.worked == 0
    assert 0 < first.noted <= 1 and noted_share(tmp_path / "c") == 0
