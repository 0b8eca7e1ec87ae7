"""Physics without training: what is heard and seen of hand-made events, and which of them agree."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from labutils.physics_score import (
    STEP_TIMES_S,
    STEPS,
    best_correlation,
    contact_score,
    heard_contacts,
    log_speed,
    loudness_score,
    physics_scores,
    seen_contacts,
    strongest,
    wall_levels,
    wall_nearness,
    wall_score,
)

T = 49
WALL_AT = [(0.5, 0.95), (0.05, 0.5), (0.5, 0.05), (0.95, 0.5)]  # bottom, left, top, right; y points down


def moving(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A small round object on its way; [T], [T] -> [6, T]."""
    spread = np.full(len(x), 1e-4)
    return np.stack([x, y, spread, spread, 0 * spread, np.full(len(x), 0.1)])


def bounce(wall: int, step: int) -> np.ndarray:
    """From the middle to a wall, there at `step`, and back at the same speed; [6, T]."""
    share = np.clip(1 - np.abs(np.arange(T) - step) / 12, 0, 1)
    (x, y) = WALL_AT[wall]
    return moving(0.5 + share * (x - 0.5), 0.5 + share * (y - 0.5))


def hit(wall: int, step: int, *, loud_db: float = 40.0) -> np.ndarray:
    """Levels of a hit: silence, a jump at every microphone, most at one wall, and a decay; dB [4, 2, T]."""
    levels = np.full((4, 2, T), -80.0)
    decay = loud_db - 4.0 * np.arange(T - step)
    for microphone in range(4):
        own = 0.0 if microphone == wall else -12.0
        levels[microphone, :, step:] = np.maximum(-80.0 + decay + own, -80.0)
    return levels


def test_level_of_a_microphone_is_the_power_of_its_peaks_together():
    levels = np.array([-30.0, -30.0, -99.0, 0.0])[None, None, :, None] * np.ones((1, 4, 1, T))
    np.testing.assert_allclose(wall_levels(levels), -30 + 10 * np.log10(2), err_msg="means are not counted")


@pytest.mark.parametrize("wall", range(4))
def test_contact_is_heard_when_the_microphone_of_its_wall_jumps(wall):
    heard = heard_contacts(hit(wall, 20)[None])[0]
    assert np.unravel_index(heard.argmax(), heard.shape) == (wall, 20)
    assert heard[wall, 20] == pytest.approx(12 * 3 / 4), "40 dB at its wall and 28 dB at the three others"
    assert heard[:, :20].tolist() == np.zeros((4, 20)).tolist()
    np.testing.assert_allclose(heard[:, 21:], 0, atol=1e-9, err_msg="the decay is no contact")


@pytest.mark.parametrize("wall", range(4))
def test_contact_is_seen_where_the_object_turns_back(wall):
    seen = seen_contacts(bounce(wall, 20)[None])[0]
    assert np.unravel_index(seen.argmax(), seen.shape) == (wall, 20)
    far = np.delete(np.arange(4), wall)
    assert seen[far].max() < 0.1 * seen[wall, 20]


def test_turning_back_away_from_all_walls_is_no_contact():
    share = np.clip(1 - np.abs(np.arange(T) - 20) / 12, 0, 1)
    inside = moving(0.5 + 0.05 * share, np.full(T, 0.5))
    touching = moving(0.5 + 0.45 * share, np.full(T, 0.5))
    strengths = [seen_contacts(movement[None]).max() for movement in (inside, touching)]
    assert strengths[0] < 0.1 * strengths[1]


@pytest.mark.parametrize("wall", range(4))
def test_nearness_is_one_at_the_wall_that_the_edge_touches(wall):
    x, y = WALL_AT[wall]
    resting = moving(np.full(T, x), np.full(T, y))
    resting[2:4] = (0.05 / 1.6) ** 2  # the edge is 0.05 from the middle
    near = wall_nearness(resting[None])[0, :, 0]
    assert near[wall] == pytest.approx(1) and near.argmax() == wall
    assert near[(wall + 2) % 4] == pytest.approx(np.exp(-0.9 / 0.08))


def test_speed_is_counted_in_widths_a_step_and_rest_is_not_minus_infinity():
    steady = moving(0.1 + 0.003 * np.arange(T), 0.1 + 0.004 * np.arange(T))
    np.testing.assert_allclose(log_speed(steady[None]), np.log(0.005 + 0.005))
    np.testing.assert_allclose(log_speed(moving(np.full(T, 0.5), np.full(T, 0.5))[None]), np.log(0.005))


def test_best_correlation_equals_that_of_scipy_at_the_best_lag():
    rng = np.random.default_rng(0)
    heard, seen = rng.normal(size=(2, 4, T)), rng.normal(size=(3, 4, T))
    found = best_correlation(heard, seen, (-1, 0, 2))
    for n in range(2):
        for m in range(3):
            each = [
                pearsonr(heard[n, :, 2 : T - 2].ravel(), seen[m, :, 2 - lag : T - 2 - lag].ravel()).statistic
                for lag in (-1, 0, 2)
            ]
            assert found[n, m] == pytest.approx(max(each))


def test_at_a_lag_of_plus_one_the_sound_is_one_step_late():
    picture = np.random.default_rng(1).normal(size=(1, 4, T))
    late = np.roll(picture, 1, axis=2)
    assert best_correlation(late, picture, (1,))[0, 0] == pytest.approx(1)
    assert abs(best_correlation(late, picture, (0,))[0, 0]) < 0.5


def test_nothing_happening_agrees_with_nothing():
    still = np.zeros((1, 4, T))
    assert best_correlation(still, np.random.default_rng(0).normal(size=(2, 4, T))).tolist() == [[0, 0]]


def test_hit_fits_the_bounce_at_its_wall_and_time():
    events = [(0, 12), (1, 12), (2, 24), (3, 36), (0, 36)]
    levels = np.stack([hit(*event) for event in events])
    movement = np.stack([bounce(*event) for event in events])
    score = contact_score(levels, movement)
    assert (score.argmax(axis=1) == np.arange(5)).all() and (score.argmax(axis=0) == np.arange(5)).all()
    shifted = contact_score(levels, np.stack([bounce(wall, step - 2) for wall, step in events]))
    np.testing.assert_allclose(np.diag(shifted), np.diag(score), atol=0.05, err_msg="two steps apart is near")


def test_loud_fits_fast():
    speed = np.where(np.arange(T) < 25, 0.001, 0.015)
    slow_then_fast = moving(0.1 + np.cumsum(speed), np.full(T, 0.5))
    fast_then_slow = moving(0.1 + np.cumsum(speed[::-1]), np.full(T, 0.5))
    loudness = np.broadcast_to(np.where(np.arange(T) < 25, -70.0, -40.0), (1, 4, 2, T))
    score = loudness_score(loudness, np.stack([slow_then_fast, fast_then_slow]))
    assert score[0, 0] > 0.95 and score[0, 1] < 0


@pytest.mark.parametrize("wall", range(4))
def test_loud_wall_fits_the_near_wall(wall):
    levels = np.full((1, 4, 2, T), -60.0)
    levels[0, wall] += 10
    resting = np.stack([moving(np.full(T, x), np.full(T, y)) for x, y in WALL_AT])
    assert wall_score(levels, resting).argmax() == wall


def test_three_scores_stand_in_the_order_contacts_loudness_wall():
    levels = np.stack([hit(0, 12), hit(1, 30), hit(2, 20)])
    movement = np.stack([bounce(0, 12), bounce(1, 30)])
    found = physics_scores(levels, movement)
    assert found.shape == (3, 2, 3)
    for number, score in enumerate((contact_score, loudness_score, wall_score)):
        np.testing.assert_array_equal(found[..., number], score(levels, movement))


def test_only_peaks_near_the_strongest_are_marked():
    contacts = np.zeros((2, 4, 9))
    contacts[0, 1] = [0, 1, 5, 4, 0, 0, 3, 0, 1]  # a peak of 5 with a shoulder, one of 3, one of 1
    contacts[0, 2, 0] = 4.5  # at the edge
    contacts[1] = -1.0  # nothing at all
    found = strongest(contacts)
    assert np.argwhere(found).tolist() == [[0, 1, 2], [0, 1, 6], [0, 2, 0]]


def test_steps_fill_the_clip():
    assert len(STEP_TIMES_S) == STEPS and STEP_TIMES_S[0] == pytest.approx(4 / STEPS / 2)
    assert STEP_TIMES_S[-1] == pytest.approx(4 - 4 / STEPS / 2)
