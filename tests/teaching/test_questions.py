"""The questions of the quizzes."""

from pathlib import Path

from labutils.teaching.questions import QUESTIONS

NOTEBOOKS = {path.stem for path in (Path(__file__).resolve().parents[2] / "notebooks").glob("0*.ipynb")}


def test_every_notebook_has_three_questions_with_a_reason_for_each_option():
    assert set(QUESTIONS) == NOTEBOOKS
    for questions in QUESTIONS.values():
        assert len(questions) == 3
        for question in questions:
            assert 0 <= question.right < len(question.options) == 3
            assert all(len(reason) > 15 and reason[-1] == "." for reason in question.options.values())


def test_options_are_short_enough_for_one_line():
    assert max(len(option) for qs in QUESTIONS.values() for q in qs for option in q.options) <= 90


def test_the_right_answer_is_not_always_at_the_same_place():
    for place in range(3):
        assert sum(q.right == place for qs in QUESTIONS.values() for q in qs) >= 1
