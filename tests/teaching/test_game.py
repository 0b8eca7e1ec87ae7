"""The rules of the game: fair rounds, right answers, honest opponents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_systems import SMALL_CONTACT

from labutils.clips import read_truth
from labutils.errors import LabError
from labutils.systems.catalogue import load_or_train
from labutils.teaching.game import (
    Game,
    Opponent,
    Round,
    ask,
    draw_evidence,
    draw_rounds,
    movement_of,
    test_pairs,
)

LABELS = np.repeat(np.arange(5), 6)
MOVEMENT = np.tile([3.0, 3.0, 3.0, 3.0, 0.1, 0.1], 5)


def rounds_of(same_object: bool, seed: int = 0, **options) -> list[Round]:
    rng = np.random.default_rng(seed)
    return draw_rounds(LABELS, MOVEMENT, same_object=same_object, rng=rng, **options)


@given(st.integers(0, 10**6), st.booleans())
def test_ten_rounds_of_four_films_with_the_own_one_among_them(seed, same_object):
    rounds = rounds_of(same_object, seed)
    assert len(rounds) == len({question.sound for question in rounds}) == 10
    for question in rounds:
        assert len(set(question.videos)) == 4 and question.videos[question.answer] == question.sound
        classes = {LABELS[video] for video in question.videos}
        assert len(classes) == (1 if same_object else 4)
        assert all(MOVEMENT[video] > 1 for video in question.videos)


def test_the_right_film_is_at_every_place_equally_often():
    places = [question.answer for seed in range(100) for question in rounds_of(True, seed)]
    assert np.bincount(places, minlength=4) == pytest.approx(np.full(4, 250), abs=50)


def test_another_game_has_other_rounds_and_the_same_seed_the_same():
    assert rounds_of(False, 1) == rounds_of(False, 1) != rounds_of(False, 2)


def test_small_data_give_smaller_games_with_films_of_other_objects():
    rng = np.random.default_rng(0)
    few = draw_rounds([0, 0, 1], np.ones(3), same_object=True, rng=rng)
    assert len(few) == 3 and all(len(question.videos) == 3 for question in few)
    assert few[0].sound in (0, 1) or few[1].sound in (0, 1)
    with pytest.raises(LabError, match="found 1 pairs"):
        draw_rounds([0], np.ones(1), same_object=True, rng=rng)


def test_a_game_counts_answers_and_time_and_ends():
    times_s = iter([10.0, 12.5, 20.0, 21.0])
    game = Game([Round(7, (3, 7)), Round(2, (2, 5, 6, 9))], clock=lambda: next(times_s))
    assert game.ask().sound == 7 and game.choose(1) is True
    game.ask()
    assert game.choose(3) is False
    assert (game.right, game.seconds, game.is_over) == ([True, False], [2.5, 1.0], True)
    assert game.chance == pytest.approx(1 / 2 + 1 / 4)
    with pytest.raises(LabError, match="all 2 rounds"):
        game.choose(0)


def test_a_film_that_is_not_shown_cannot_be_chosen():
    game = Game([Round(7, (3, 7))])
    with pytest.raises(LabError, match="expected 0 to 1"):
        game.choose(2)
    assert game.chosen == []


def test_an_opponent_takes_its_best_film_and_guesses_where_it_knows_nothing():
    scores, question, rng = np.zeros((10, 10)), Round(7, (3, 7, 1, 2)), np.random.default_rng(0)
    scores[7, 7] = 1.0
    assert Opponent(scores, 0.1).is_right(question, rng)
    scores[7, 3] = 2.0
    assert not Opponent(scores, 0.1).is_right(question, rng)
    nothing = Opponent(np.full((10, 10), -np.inf), 0.1)
    assert np.mean([nothing.is_right(question, rng) for _ in range(2000)]) == pytest.approx(0.25, abs=0.04)


def test_pairs_are_those_of_the_test_groups_and_unmatched_sounds_are_left_out(click_data):
    pairs = test_pairs(click_data)
    assert len(pairs) == 6 + 4
    truth = read_truth(click_data, "task3")["0"]
    matched = {name: video for name, video in truth["matches"].items() if video >= 0}
    found = {p.sound.name: p.video.name for p in pairs if "task3" in str(p.sound.audio_path)}
    assert found == {name: f"video_{video:04d}" for name, video in matched.items()}
    assert all(truth["audio_class"][p.sound.name] == p.label for p in pairs[6:])


def test_a_system_is_asked_about_all_pairs_and_its_time_is_taken(click_data, contact_models):
    pairs = test_pairs(click_data)
    opponent = ask(load_or_train(SMALL_CONTACT, click_data, models=contact_models), pairs)
    assert opponent.scores.shape == (10, 10) and np.isfinite(opponent.scores).all()
    assert 0 < opponent.seconds < 30


def test_maps_are_drawn_of_all_pairs_and_tell_which_objects_move(click_data, contact_models):
    pairs = test_pairs(click_data)
    system = load_or_train(SMALL_CONTACT, click_data, models=contact_models)
    evidence = draw_evidence(system, pairs, np.zeros((10, 10)))
    assert evidence.heard.shape == evidence.seen.shape == (10, 4, 49)
    assert movement_of(evidence) == pytest.approx(np.full(10, 0.4), abs=0.2)  # from the middle to a wall
