from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from labutils.clips import CLASS_NAMES
from labutils.simulate.plan import PRESETS, SESSION_CLIPS, Preset, make_plan

SMALL = Preset("small", (20, 3) + (2,) * 8, 2, task1=40, groups=2, group_size=20)


def takes_of(plan):
    return [(session, take) for session in plan.sessions for take in session.takes]


def test_same_seed_same_plan_other_seed_other_plan():
    assert make_plan(SMALL, 3) == make_plan(SMALL, 3)
    assert make_plan(SMALL, 3).truth != make_plan(SMALL, 4).truth


@pytest.mark.parametrize("name", PRESETS)
def test_presets_plan_what_they_promise(name):
    preset, plan = PRESETS[name], make_plan(PRESETS[name], 0)
    train = Counter(s.label for s, take in takes_of(plan) if (take.audio or "").startswith("train/"))
    assert [train[label] for label in range(10)] == [count * preset.has_training for count in preset.train]
    assert all(len(ids) >= preset.train_sessions >= 2 for ids in plan.train_ids.values())
    assert len(plan.truth["task1"]) == preset.task1
    for task in ("task2", "task3"):
        assert len(plan.truth[task]) == preset.groups
        for group in plan.truth[task].values():
            assert len(group["matches"]) == len(group["video_class"]) == preset.group_size
    assert max(len(session.takes) for session in plan.sessions) <= SESSION_CLIPS


def test_presets_have_the_sizes_of_the_brief_and_of_the_course():
    assert sum(PRESETS["lab"].train) >= 600
    assert min(PRESETS["lab"].train) > 0.8 * max(PRESETS["lab"].train)
    assert sum(PRESETS["course"].train) == 2249
    assert PRESETS["course"].task1 == 248


def test_no_two_clips_share_a_place():
    places = [
        place for _, take in takes_of(make_plan(SMALL, 0)) for place in (take.audio, take.video) if place
    ]
    assert len(places) == len(set(places))


def part_of(take) -> str:
    """Return "train/<class>", "task1/test", "task2/test/0" and so on."""
    words = (take.audio or take.video).split("/")
    return "/".join(words[: 3 if words[0] in ("task2", "task3") else 2])


def test_parts_of_the_data_set_share_no_session():
    sessions = make_plan(SMALL, 0).sessions
    assert all(len({part_of(take) for take in session.takes}) == 1 for session in sessions)
    assert len({session.key for session in sessions}) == len(sessions)


def test_training_ids_run_on_within_a_session_and_leave_gaps_between():
    plan = make_plan(SMALL, 0)
    for name, ranges in plan.train_ids.items():
        sessions = [s for s in plan.sessions if s.takes[0].audio and f"train/{name}/" in s.takes[0].audio]
        for (first, last), session in zip(ranges, sessions, strict=True):
            ids = [int(take.video.split("/")[2]) for take in session.takes]
            assert ids == list(range(first, last + 1))
        assert all(after[0] > before[1] + 1 for before, after in pairwise(ranges))
    assert list(plan.train_ids) == list(CLASS_NAMES)


def test_truth_tells_which_sound_and_video_are_of_one_clip():
    plan = make_plan(SMALL, 1, "pkl")
    for task in ("task2", "task3"):
        for group, truth in plan.truth[task].items():
            for session, take in takes_of(plan):
                audio, video = (path and path.split("/")[-1] for path in (take.audio, take.video))
                if part_of(take) != f"{task}/test/{group}":
                    continue
                if audio:
                    wanted = int(video[-4:]) if video else -1
                    assert truth["matches"][f"{audio}.pkl"] == wanted
                    assert truth["audio_class"][f"{audio}.pkl"] == session.label
                if video:
                    assert truth["video_class"][video] == session.label


def test_task_2_is_one_to_one_and_task_3_leaves_a_quarter_on_both_sides():
    plan = make_plan(Preset("groups", (10,) * 10, 2, task1=1, groups=4, group_size=48), 0)
    for truth in plan.truth["task2"].values():
        assert sorted(truth["matches"].values()) == list(range(48))
    for truth in plan.truth["task3"].values():
        alone = sum(video == -1 for video in truth["matches"].values())
        matched = [video for video in truth["matches"].values() if video >= 0]
        assert 0.2 * 48 <= alone + 0.5 <= 0.3 * 48 + 1
        assert len(set(matched)) == len(matched) == 48 - alone


def test_numbers_tell_neither_the_partner_nor_the_class():
    plan = make_plan(Preset("large", (100,) * 10, 5, task1=1, groups=1, group_size=500), 0)
    truth = plan.truth["task2"]["0"]
    audio, video = np.arange(500), np.array(list(truth["matches"].values()))
    labels = np.array(list(truth["audio_class"].values()))
    assert abs(np.corrcoef(audio, video)[0, 1]) < 0.15
    assert abs(np.corrcoef(audio, labels)[0, 1]) < 0.15


def test_classes_of_the_tests_are_as_frequent_as_in_training():
    plan = make_plan(Preset("uneven", (90, 10) + (0,) * 8, 1, task1=1000, groups=0, group_size=0), 0)
    counts = Counter(plan.truth["task1"].values())
    assert set(counts) == {0, 1}
    assert counts[0] == pytest.approx(900, abs=40)


def test_lab_tests_are_the_test_sessions_of_lab():
    whole, tests = (make_plan(PRESETS[name], seed=3) for name in ("lab", "lab-tests"))
    assert tests.sessions == tuple(session for session in whole.sessions if not session.is_training)
    assert tests.truth == whole.truth and tests.train_ids == {}
