"""Panels and quizzes on a page: no promise that a page cannot keep, and answers that can be unfolded."""

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output

from labutils.reading_edition.interactive_parts import PANEL_SENTENCE, quiz_to_read
from labutils.reading_edition.notebook_pages import notebook_body
from labutils.teaching.questions import QUESTIONS, Question
from labutils.teaching.quiz import quiz
from labutils.widgets import FormulaPanel


def page_of(source: str, data: dict, **options) -> str:
    output = new_output("display_data", data=data)
    return notebook_body(new_notebook(cells=[new_code_cell(source, outputs=[output])]), **options)


def test_a_panel_does_not_say_that_it_comes_to_life():
    panel = FormulaPanel(lambda settings: "", [], title="Loss")
    page = page_of("panel", {"text/plain": repr(panel)})
    assert f"Loss: a panel with controls. {PANEL_SENTENCE}" in page
    assert "run this cell" not in page


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_quiz_has_its_answers_and_reasons_folded_away(name):
    stored = {kind: data for kind, data in quiz(name)._repr_mimebundle_().items() if kind.startswith("text/")}
    page = BeautifulSoup(page_of(f'quiz("{name}")', stored), "html.parser")
    folds = page.find_all("details")
    assert [fold.summary.text for fold in folds] == ["Answer and reasons"] * len(QUESTIONS[name])
    for question, fold in zip(QUESTIONS[name], folds, strict=True):
        right = list(question.options)[question.right]
        assert [bold.text for bold in fold.find_all("b")].count(f"Right: {right}") == 1
        assert all(reason in fold.text for reason in question.options.values())
        fold.extract()
        assert question.text in page.text
        assert not any(reason in page.text for reason in question.options.values())
    assert "Run this cell" not in page.text and "Right:" not in page.text


def test_without_solutions_a_quiz_has_no_answers():
    stored = {"text/html": "<p>Run this cell to answer.</p>"}
    page = page_of("quiz('01_spectrograms')", stored, solutions=False)
    assert QUESTIONS["01_spectrograms"][0].text in page
    assert "<details>" not in page and "Run this cell" not in page


def test_another_output_stays_as_it_is():
    assert "as it is" in page_of('quiz("mine")', {"text/html": "as it is"})


def test_questions_are_text_and_not_markup():
    html = quiz_to_read([Question("1 < 2?", {"<i>": "a & b", "no": "c"}, 0)])
    assert "1 &lt; 2?" in html and "Right: &lt;i&gt;" in html and "a &amp; b" in html
