"""Twins are told apart by whoever can, and by lot if nobody can."""

import json
import shutil
import sys

import numpy as np
import pandas as pd
import still_twins
from matchers.groups import read_all_groups, true_pairs
from still_twins import CHANCE, check_twins, freeze, reverse

from labutils.clips import find_dataset
from labutils.systems.contact import Videos


def twins_in_pairs(count: int) -> np.ndarray:
    twins = np.zeros((2 * count, 2 * count), dtype=bool)
    for first in range(0, 2 * count, 2):
        twins[first, first + 1] = twins[first + 1, first] = True
    return twins


def test_who_knows_is_always_right_and_who_does_not_is_at_chance():
    twins = twins_in_pairs(200)
    knows = check_twins(np.eye(400), twins)
    assert (knows.clips, knows.pairs, knows.share_right) == (400, 200, 1.0)
    guesses = check_twins(np.random.default_rng(0).standard_normal((400, 400)), twins)
    assert guesses.interval[0] < CHANCE < guesses.interval[1]
    assert check_twins(np.zeros((400, 400)), twins).share_right == CHANCE
    assert check_twins(-np.eye(400), twins).share_right == 0.0


def test_pairs_that_share_clips_are_one_draw():
    twins = np.ones((10, 10), dtype=bool)
    np.fill_diagonal(twins, False)
    found = check_twins(np.random.default_rng(1).standard_normal((10, 10)), twins)
    assert found.pairs == 45 and found.interval == (found.share_right, found.share_right)


def test_events_are_true_pairs_of_both_tasks(click_data):
    sounds, videos, labels = true_pairs(read_all_groups([click_data]))
    truths = [
        json.loads((find_dataset(click_data) / t / "truth.json").read_text()) for t in ("task2", "task3")
    ]
    matched = [(s, v) for truth in truths for s, v in truth["0"]["matches"].items() if v >= 0]
    assert [(s.name, v.name) for s, v in zip(sounds, videos, strict=True)] == [
        (s, f"video_{v:04d}") for s, v in matched
    ]
    assert len(labels) == len(matched)


def test_frozen_videos_do_not_change_and_reversed_ones_run_backward():
    movement = np.random.default_rng(2).random((3, 6, 49)).astype(np.float32)
    videos = Videos(movement, np.zeros((3, 24)))
    frozen = freeze(videos).movement
    assert frozen.shape == movement.shape and np.ptp(frozen, axis=2).max() == 0
    np.testing.assert_allclose(frozen[:, :, 0], movement.mean(axis=2), rtol=1e-6)
    np.testing.assert_array_equal(reverse(videos).movement[:, :, 0], movement[:, :, -1])


def test_command_writes_a_table(click_data, contact_models, tmp_path, monkeypatch):
    models = tmp_path / "models"
    shutil.copytree(contact_models, models)
    monkeypatch.setattr("matchers.stillness.STILL_CM", 100.0)
    monkeypatch.setattr("matchers.stillness.TWIN_CM", 100.0)
    out = tmp_path / "twins.csv"
    monkeypatch.setattr(
        sys, "argv", ["still_twins", "--models", str(models), "--out", str(out), str(click_data)]
    )
    still_twins.main()
    table = pd.read_csv(out)
    assert table["videos"].tolist() == ["as they are", "frozen", "backward"]
    assert (table["pairs"] > 0).all() and table["low"].le(table["share_right"] + 1e-9).all()
    assert table["chance"].tolist() == [CHANCE] * 3
