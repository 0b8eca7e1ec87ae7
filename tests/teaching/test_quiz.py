"""The quiz: it marks, gives reasons, and shows a reader without a kernel the questions alone."""

import pytest

from labutils.errors import LabError
from labutils.teaching.questions import QUESTIONS, Question
from labutils.teaching.quiz import QuizPanel, quiz

TWO = (
    Question("Is 1 < 2?", {"yes": "One is less.", "no": "Count again."}, 0),
    Question("And 2 < 1?", {"yes": "Turn it round.", "no": "Two is more."}, 1),
)


def test_nothing_is_chosen_or_told_before_the_button():
    panel = QuizPanel(TWO)
    assert [choice.value for choice in panel.choices] == [None, None]
    assert [verdict.value for verdict in panel.verdicts] == ["", ""]


def test_each_choice_is_marked_with_its_reason():
    panel = QuizPanel(TWO)
    panel.choices[0].value, panel.choices[1].value = 0, 0
    panel.button.click()
    assert "<b>Right.</b> One is less." in panel.verdicts[0].value
    assert "<b>No.</b> Turn it round." in panel.verdicts[1].value
    assert "1 of 2 right" in panel.score.value
    panel.choices[1].value = 1
    panel.button.click()
    assert "Two is more." in panel.verdicts[1].value and "2 of 2 right" in panel.score.value


def test_an_open_question_is_named_and_counts_as_wrong():
    panel = QuizPanel(TWO)
    panel.button.click()
    assert "Choose an answer first" in panel.verdicts[0].value and "0 of 2" in panel.score.value


def test_verdicts_are_read_aloud_and_text_is_no_markup():
    panel = QuizPanel(TWO)
    panel.choices[0].value = 1
    panel.mark()
    assert panel.verdicts[0].value.startswith('<div role="status">')
    assert "1 &lt; 2" in panel.children[0].value


@pytest.mark.parametrize("notebook", QUESTIONS)
def test_a_reader_without_a_kernel_sees_questions_and_no_reasons(notebook):
    shown = quiz(notebook)._repr_mimebundle_()
    for question in QUESTIONS[notebook]:
        assert question.text in shown["text/plain"]
        assert all(option in shown["text/plain"] for option in question.options)
        assert not any(
            reason in shown["text/plain"] + shown["text/html"] for reason in question.options.values()
        )
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_an_unknown_quiz_is_named():
    with pytest.raises(LabError, match="no quiz '99'"):
        quiz("99")
