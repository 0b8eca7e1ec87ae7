"""What is handed out tells no truth: no file of it, no seed, no order, no time."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from labutils.classroom import hand_out as module
from labutils.classroom.grading import grade_folder
from labutils.classroom.hand_out import check_names, hand_out, truth_file
from labutils.clips import audio_clips, find_dataset, video_clips
from labutils.errors import LabError
from labutils.simulate.data_folder import find_preset
from labutils.simulate.generate import generate
from labutils.storage import write_json


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Two students with small test sets of one object, so that each set needs three sessions only."""
    one_class = (0,) * 9 + (1,)
    small = replace(find_preset("tiny"), train=one_class, task1=2, group_size=2, has_training=False)
    folder = tmp_path_factory.mktemp("course")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "labutils.simulate.generate.generate",
            lambda out, preset, seed, **options: generate(out, small, seed, **{**options, "workers": 1}),
        )
        hand_out(["lin", "王伟"], folder, preset="tiny", progress=False)
    return folder


def test_each_student_has_other_clips_and_the_teacher_their_truth(course):
    own = {name: find_dataset(course / "students" / name) for name in ("lin", "王伟")}
    sounds = {
        name: [c.audio_path.read_bytes() for c in audio_clips(d / "task1" / "test")]
        for name, d in own.items()
    }
    assert len(sounds["lin"]) == 2 and not set(sounds["lin"]) & set(sounds["王伟"])
    truth = json.loads(truth_file(course, "lin").read_text())
    group = own["lin"] / "task3" / "test" / "0"
    assert set(truth["task3"]["0"]["matches"]) == {clip.name for clip in audio_clips(group)}
    assert set(truth["task3"]["0"]["video_class"]) == {clip.name for clip in video_clips(group)}


def test_nothing_that_is_handed_out_tells_the_truth(course):
    folder = course / "students" / "lin"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if "truth" in path.name]
    manifest = json.loads((folder / "dataset" / "manifest.json").read_text())
    assert not {"seed", "fingerprint", "simulator_version"} & manifest.keys()
    assert len({path.stat().st_mtime_ns for path in folder.rglob("*")}) == 1
    assert list(course.joinpath("students").iterdir()) and not list(course.rglob(".making*"))


def test_files_are_written_in_the_order_of_their_names(course):
    """Neither the time of creation nor the inode of a file pairs a sound with its video."""
    group = course / "students" / "lin" / "dataset" / "task2" / "test" / "0"
    times_ns = [path.stat().st_ctime_ns for path in sorted(group.iterdir())]
    assert times_ns == sorted(times_ns)


@pytest.mark.skipif(sys.platform == "win32", reason="other permissions")
def test_only_the_teacher_reads_truth_and_secret(course):
    assert (course / "truth").stat().st_mode & 0o077 == 0
    assert (course / "secret.txt").stat().st_mode & 0o077 == 0


def test_a_second_run_makes_nothing_again(course, monkeypatch):
    monkeypatch.setattr(module, "_make_data", lambda *_: pytest.fail("made again"))
    assert hand_out(["lin"], course, progress=False) == {"lin": course / "students" / "lin"}


def test_the_withheld_truth_grades_the_answers(course, tmp_path):
    truth = json.loads(truth_file(course, "lin").read_text())
    write_json(tmp_path / "lin.json", {"task1": truth["task1"]})
    grades, _ = grade_folder(tmp_path, course)
    assert [grade.accuracy for grade in grades][:2] == [1, 0]


def test_the_secret_decides_the_seed_and_is_kept(tmp_path, monkeypatch):
    seeds = []
    monkeypatch.setattr(
        module, "_make_data", lambda out, preset, seed, options: seeds.append(seed) or os.makedirs(out)
    )
    monkeypatch.setattr(module, "_collect_truth", lambda _: {})
    monkeypatch.setattr(module, "_copy_without_truth", lambda dataset, folder: None)
    for course in ("a", "a", "b"):
        hand_out(["lin"], tmp_path / course)
    assert seeds[0] == seeds[1] != seeds[2] and min(seeds) > 2**32


@pytest.mark.parametrize("name", ["", " lin", "a/b", "..", ".lin", "a\nb", "a:b", "x" * 81, "lin."])
def test_a_name_that_is_no_folder_is_refused(name):
    with pytest.raises(LabError, match="cannot name a folder"):
        check_names(["wang", name])


def test_names_that_a_system_takes_for_the_same_are_refused():
    with pytest.raises(LabError, match="'LIN' is there twice"):
        check_names(["lin", "LIN"])
    with pytest.raises(LabError, match="No names"):
        check_names([])
