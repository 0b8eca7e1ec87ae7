"""Markdown with formulas, as HTML with MathML: every present browser draws it, without a script and offline."""

import logging
from html import escape

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class _MathMLRenderer(IPythonRenderer):
    """nbconvert's Markdown, with formulas drawn by the browser instead of by a script from the network."""

    def inline_math(self, body: str) -> str:
        return to_mathml(body)

    def block_math(self, body: str) -> str:
        return to_mathml(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return to_mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)


def to_mathml(latex: str, *, display: bool = False) -> str:
    """Turn a formula into MathML.

    Args:
        latex: without its dollars.
        display: on a line of its own.

    Returns:
        HTML; where the formula cannot be read, its source as code.
    """
    try:
        formula = convert(latex, display="block" if display else "inline")
    except (
        Exception
    ) as error:  # the parser has many ways to fail, and a page with one plain formula is still a page
        logging.getLogger(__name__).warning("formula left as it is (%r): %s", error, latex)
        return f"<code>{escape(latex)}</code>"
    return f'<div class="formula" tabindex="0">{formula}</div>' if display else formula


def markdown_to_html(markdown: str) -> str:
    """Turn a text cell, or a Markdown file, into HTML."""
    renderer = _MathMLRenderer(escape=False, anchor_link_text="")
    return MarkdownWithMath(renderer=renderer).render(markdown)
