"""The manifest of a data set and the times of its files; the whole is in test_generate."""

from labutils.simulate.assembly import _paths
from labutils.simulate.plan import Take


def test_training_clip_moves_as_one_folder_and_test_halves_apart():
    assert _paths(Take("train/a/0/audio_data", "train/a/0"), "flac") == ["train/a/0"]
    assert _paths(Take("t/audio_0000", "t/video_0003"), "pkl") == ["t/audio_0000.pkl", "t/video_0003"]
    assert _paths(Take("t/audio_0000", None), "flac") == ["t/audio_0000.flac"]
    assert _paths(Take(None, "t/video_0003"), "flac") == ["t/video_0003"]
