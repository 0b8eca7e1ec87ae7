"""What a page says where a notebook has a panel or a quiz: neither works without a kernel."""

import re
from collections.abc import Sequence
from html import escape

import nbformat

from labutils.teaching.questions import QUESTIONS, Question
from labutils.widgets.panel import INVITATION

PANEL_SENTENCE = (
    "It works in JupyterLab, with the lab; on this page the figures and the text around it stand in for it."
)
_QUIZ = re.compile(r"""\bquiz\(["'](\w+)["']\)""")


def without_kernel(
    cell: nbformat.NotebookNode, output: nbformat.NotebookNode, *, solutions: bool
) -> nbformat.NotebookNode:
    """Turn what a cell shows of a panel or a quiz into what is true on a page; other outputs stay as they are.

    Args:
        cell: code.
        output: one of its outputs.
        solutions: whether the answers of a quiz are folded in, with their reasons.
    """
    data = output.get("data", {})
    if INVITATION in data.get("text/plain", ""):
        words = data["text/plain"].replace(INVITATION, PANEL_SENTENCE)
        return nbformat.from_dict({**output, "data": {**data, "text/plain": words}})
    asked = _QUIZ.search(cell.source)
    if asked and asked[1] in QUESTIONS and "text/html" in data:
        html = quiz_to_read(QUESTIONS[asked[1]], solutions=solutions)
        return nbformat.from_dict({**output, "data": {**data, "text/html": html}})
    return output


def quiz_to_read(questions: Sequence[Question], *, solutions: bool = True) -> str:
    """Return the questions as HTML, each with its answer and the reasons folded away, or without them."""
    items = "".join(f"<li>{_question(question, solutions=solutions)}</li>" for question in questions)
    return f'<ol class="quiz">{items}</ol>'


def _question(question: Question, *, solutions: bool) -> str:
    options = "".join(f"<li>{escape(option)}</li>" for option in question.options)
    asked = f"{escape(question.text)}<ul>{options}</ul>"
    if not solutions:
        return asked
    reasons = "".join(
        f"<li><b>{'Right' if number == question.right else 'Wrong'}: {escape(option)}</b><br>{escape(reason)}</li>"
        for number, (option, reason) in enumerate(question.options.items())
    )
    return f"{asked}<details><summary>Answer and reasons</summary><ul>{reasons}</ul></details>"
