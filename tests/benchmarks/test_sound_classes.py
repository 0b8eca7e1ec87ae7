"""The class of a sound by how far its object moved: a table by hand, and who is asked about what."""

from types import SimpleNamespace

import numpy as np
import pytest
import sound_classes
from sound_classes import asked, class_table

from labutils.clips import read_truth
from labutils.evaluation import wilson_interval


def test_each_range_has_its_share_and_the_last_row_has_all():
    table = class_table(np.array([0.0, 0.9, 1.0, 7.0, 9.0]), np.array([False, True, True, True, False]))
    assert table["sounds"].tolist() == [2, 1, 2, 5]
    assert table["accuracy"].tolist() == pytest.approx([0.5, 1, 0.5, 0.6])
    assert (table["low"].iloc[-1], table["high"].iloc[-1]) == pytest.approx(wilson_interval(3, 5))


def test_a_range_without_sounds_is_left_open():
    table = class_table(np.array([9.0]), np.array([True]))
    assert table["sounds"].tolist() == [0, 0, 1, 1] and np.isnan(table["accuracy"].iloc[0])


def test_movement_and_answer_belong_to_the_same_sound(tiny_data, tmp_path, monkeypatch):
    truth = read_truth(tiny_data, "task1")
    wrong = sorted(truth)[1]
    answers = {name: (label + (name == wrong)) % 10 for name, label in sorted(truth.items())}
    monkeypatch.setattr(sound_classes, "answer_task1", lambda *_, **__: answers)
    number = {name.partition(".")[0]: n for n, name in enumerate(truth)}
    monkeypatch.setattr(
        sound_classes,
        "true_events",
        lambda paths, _: [SimpleNamespace(reach_cm=number[path.name]) for path in paths],
    )
    reach_cm, right = asked(None, tiny_data, tmp_path)
    assert reach_cm.tolist() == list(range(len(truth)))
    assert [name for name, is_right in zip(truth, right, strict=True) if not is_right] == [wrong]
