"""Formulas become MathML, and one that cannot be read costs no page."""

import re
from pathlib import Path

import nbformat
import pytest

from labutils.reading_edition import mathematics
from labutils.reading_edition.mathematics import markdown_to_html, to_mathml

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def test_formulas_in_text_and_on_lines_of_their_own_become_mathml():
    html = markdown_to_html("Let $x_1$ be.\n\n$$\n\\frac{a}{b} < c\n$$\n\nThe end.")
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><msub>' in html
    assert 'display="block"' in html and "<mfrac>" in html
    assert "$" not in html


def test_a_formula_that_cannot_be_read_is_shown_as_its_source(monkeypatch, caplog):
    def fail(*_, **__):
        raise IndexError("no such brace")

    monkeypatch.setattr(mathematics, "convert", fail)
    assert to_mathml(r"\frac{<}") == r"<code>\frac{&lt;}</code>"
    assert "left as it is" in caplog.text


def test_code_and_prices_are_no_formulas():
    html = markdown_to_html("`$x$` and\n\n```python\na = '$y$'\n```\n")
    assert "<math" not in html


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_formula_of_the_notebooks_is_readable(path):
    texts = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    html = "\n".join(map(markdown_to_html, texts))
    shown = re.sub(r"<(code|pre)\b.*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"\$|\\[a-zA-Z]{2,}", re.sub(r"<[^>]+>", "", shown))
