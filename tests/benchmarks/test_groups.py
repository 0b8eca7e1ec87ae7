"""Test groups are read with their truth as indices."""

from matchers.groups import read_groups


def test_truth_of_a_group_is_an_index_of_its_videos(click_data):
    (group,) = read_groups(click_data, "task3")
    assert (group.data, group.task, group.name) == (click_data, "task3", "0")
    assert group.truth.tolist() == [3, -1, 0, 1, -1, 2]
    assert [video.name for video in group.videos] == [f"video_{number:04d}" for number in range(6)]
    matched = group.truth >= 0
    assert (group.sound_class[matched] == group.video_class[group.truth[matched]]).all()


def test_sounds_keep_their_order_whatever_their_format(click_data):
    (group,) = read_groups(click_data, "task2")
    assert [sound.name for sound in group.sounds] == [f"audio_{number:04d}.pkl" for number in range(6)]
    assert group.truth.tolist() == [3, 5, 0, 1, 4, 2]
