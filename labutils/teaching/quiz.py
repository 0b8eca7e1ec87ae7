"""A quiz at the end of a notebook: three questions, marked at once, with the reason for every wrong choice.

Notebook: 01 to 05, the last section.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets

from labutils.errors import LabError
from labutils.teaching.questions import QUESTIONS, Question

WIDE = {"width": "100%"}


def quiz(notebook: str) -> "QuizPanel":
    """The quiz of a notebook.

    Args:
        notebook: its name without ending, such as "01_spectrograms".

    Raises:
        LabError: if there is no quiz of that name.

    Notebook: 01 to 05, the last section.
    """
    if notebook not in QUESTIONS:
        raise LabError(f"There is no quiz {notebook!r}, expected one of {', '.join(QUESTIONS)}.")
    return QuizPanel(QUESTIONS[notebook])


class QuizPanel(ipywidgets.VBox):
    """Questions with radio buttons, a button that marks them, and a line under each that says why.

    Everything is reached with the keyboard (Tab, arrow keys, space), and what was marked is read aloud. Without a kernel a
    reader sees the questions and their options, but no answers.
    """

    def __init__(self, questions: Sequence[Question]):
        self.questions = tuple(questions)
        self.choices = [_radio_buttons(question) for question in self.questions]
        self.verdicts = [ipywidgets.HTML(layout=WIDE) for _ in self.questions]
        self.button = ipywidgets.Button(description="Check my answers")
        self.button.on_click(lambda _: self.mark())
        self.score = ipywidgets.HTML(layout=WIDE)
        rows = []
        for number, question in enumerate(self.questions, 1):
            heading = ipywidgets.HTML(f"<b>{number}.</b> {escape(question.text)}", layout=WIDE)
            rows += [heading, self.choices[number - 1], self.verdicts[number - 1]]
        super().__init__([*rows, self.button, self.score])

    def mark(self) -> None:
        """Say of each chosen option whether it is right and why, and how many are."""
        right = 0
        for question, choice, verdict in zip(self.questions, self.choices, self.verdicts, strict=True):
            verdict.value = _status(_verdict(question, choice.value))
            right += choice.value == question.right
        self.score.value = _status(f"<b>{right} of {len(self.questions)} right.</b>")

    def __repr__(self) -> str:
        lines = ["A quiz: run this cell to answer."]
        for number, question in enumerate(self.questions, 1):
            lines += [f"{number}. {question.text}", *(f"   ( ) {option}" for option in question.options)]
        return "\n".join(lines)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        """The panel, and for readers without a kernel its questions; ipywidgets alone would cut the text."""
        return {
            **super()._repr_mimebundle_(**options),
            "text/plain": repr(self),
            "text/html": self._as_html(),
        }

    def _as_html(self) -> str:
        """The questions without answers."""
        items = [f"<li>{escape(q.text)}<ul>{_list_options(q)}</ul></li>" for q in self.questions]
        return f"<p>Run this cell to answer.</p><ol>{''.join(items)}</ol>"


def _radio_buttons(question: Question) -> ipywidgets.RadioButtons:
    """The options, none chosen yet."""
    options = [(text, number) for number, text in enumerate(question.options)]
    return ipywidgets.RadioButtons(options=options, value=None, layout=WIDE)


def _list_options(question: Question) -> str:
    return "".join(f"<li>{escape(option)}</li>" for option in question.options)


def _verdict(question: Question, chosen: int | None) -> str:
    """What is said of a chosen option; its number, or None."""
    if chosen is None:
        return "Choose an answer first."
    word = "Right." if chosen == question.right else "No."
    return f"<b>{word}</b> {escape(list(question.options.values())[chosen])}"


def _status(html: str) -> str:
    return f'<div role="status">{html}</div>'
