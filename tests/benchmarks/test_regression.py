"""The regression system: what it is to tell, how it matches, and that it learns from training sessions only."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from matchers import regression
from matchers.groups import read_groups
from matchers.regression import (
    Errors,
    RegressionSettings,
    apply_symmetries,
    best_threshold,
    end_and_direction,
    fit_regression,
    match_with_leftovers,
)
from matchers.training_set import read_training_set

from labutils.systems.contact import Videos

SMALL = RegressionSettings(width=4, epochs=30, batch_size=8, draws=4)
OUTWARD = torch.tensor([(0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0)])


def test_end_and_direction_of_a_path():
    movement = np.zeros((2, 6, 49), dtype=np.float32)
    movement[0, 0], movement[0, 1] = np.linspace(0.2, 0.5, 49), np.linspace(0.1, 0.5, 49)
    movement[1, :2] = 0.8
    movement[1, 0, -1] += 0.01
    found = end_and_direction(Videos(movement, np.zeros((2, 24))))
    np.testing.assert_allclose(found, [[0, 0, 0.6, 0.8], [0.31 / 0.3, 1, 0, 0]], atol=1e-5)


def test_sound_place_and_direction_are_turned_together():
    walls = torch.arange(4).repeat(10)
    levels = torch.zeros(40, 4, 64, 3)
    levels[torch.arange(40), walls] = 1.0
    targets = torch.cat([OUTWARD[walls], OUTWARD[walls]], dim=1)
    turned, wanted = apply_symmetries(levels, targets, np.random.default_rng(0))
    loud = turned[:, :, 0, 0].argmax(dim=1)
    assert (loud != walls).any()
    torch.testing.assert_close(wanted, torch.cat([OUTWARD[loud], OUTWARD[loud]], dim=1))


def test_leftovers_of_the_classes_are_solved_once_more():
    cost = np.array([[1.0, 5, 9, 9], [5, 1, 9, 9], [9, 9, 8, 2], [9, 9, 1, 7]])
    found = match_with_leftovers(cost, np.array([0, 0, 0, 1]), np.array([0, 0, 1, 2]))
    assert found.tolist() == [0, 1, 3, 2]


def test_threshold_is_the_best_of_all():
    rng = np.random.default_rng(1)
    for _ in range(20):
        cost, has_partner = rng.random(30), rng.random(30) < 0.6
        right = has_partner & (rng.random(30) < 1.2 - cost)

        def answers(threshold, cost=cost, right=right, has_partner=has_partner):
            return np.where(cost <= threshold, right, ~has_partner).sum()

        best = max(answers(limit) for limit in [-1.0, *cost])
        assert answers(best_threshold(cost, right, has_partner)) == best


def test_errors_are_pixels_along_each_axis_and_weigh_the_cost():
    heard, seen = np.array([[0.5, 0.5, 1, 0]]), np.array([[0.0, 1.0, 0, 1]])
    errors = Errors.of(heard, seen, np.zeros(4))
    assert errors.place_px == pytest.approx(0.5 * 0.3 * 440)
    assert errors.mean_place_px == pytest.approx(np.sqrt(0.5) * 0.3 * 440) and errors.direction == 1
    assert errors.cost(heard, seen) == pytest.approx(np.array([[4.0]]))


@pytest.fixture
def training(click_data, kept):
    return read_training_set(click_data, 0, kept)


def test_it_hears_where_objects_end_and_answers_groups(training, click_data):
    found = fit_regression(training, SMALL)
    assert found.errors.place_px < 0.7 * found.errors.mean_place_px
    (group,) = read_groups(click_data, "task2")
    answer = found.answer(group)
    assert sorted(answer.assignment.tolist()) == list(range(len(group.videos)))
    none = replace(found, threshold=-1.0).answer(read_groups(click_data, "task3")[0])
    assert (none.assignment == -1).all()


def test_errors_and_threshold_come_from_sessions_the_network_has_not_heard(training, monkeypatch):
    learned, asked = [], []
    real, tune = regression.trained_network, regression._tune_threshold

    def noted(training, indices, settings):
        learned.append(set(indices.tolist()))
        return real(training, indices, settings)

    def noted_tune(training, held_out, *others):
        asked.append({training.clips[i].session for i in held_out})
        return tune(training, held_out, *others)

    monkeypatch.setattr(regression, "trained_network", noted)
    monkeypatch.setattr(regression, "_tune_threshold", noted_tune)
    fit_regression(training, replace(SMALL, epochs=1))
    assert asked[0].isdisjoint(training.clips[i].session for i in learned[0])
    assert learned[1] == set(range(len(training.clips)))
