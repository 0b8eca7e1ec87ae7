"""One notebook as the body of a page: nbconvert makes the HTML; what needs a kernel, a script or the network is left out."""

import logging
import re
from functools import cache

import nbformat
from bs4 import BeautifulSoup, Tag
from nbconvert import HTMLExporter
from traitlets.config import Config

from labutils.reading_edition.interactive_parts import without_kernel
from labutils.reading_edition.mathematics import markdown_to_html

_SCRIPT_MIMES = (
    "application/vnd.jupyter.widget-view+json",
    "application/javascript",
    "text/vnd.mermaid",
)
# attributes; those of links only lead somewhere
_FETCHING = ("src", "srcset", "poster", "background", "data")
_OUTSIDE_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#|['\"])", re.IGNORECASE)
_SCRIPTS = ("script", "link", "base", "meta", "iframe", "object", "embed")


class _Exporter(HTMLExporter):
    """HTML without prompts, formulas as MathML."""

    def markdown2html(self, source: str) -> str:
        return markdown_to_html(source)


def notebook_body(notebook: nbformat.NotebookNode, *, solutions: bool = True) -> str:
    """Turn a notebook into HTML.

    Args:
        notebook: with its outputs.
        solutions: False leaves the solutions of exercises and quizzes out; True folds them away.

    Returns:
        HTML for the body of a page: it holds no script and fetches nothing.
    """
    cells = [_without_widgets(cell, solutions) for cell in notebook.cells]
    kept = nbformat.from_dict({**notebook, "cells": cells})
    soup = BeautifulSoup(_exporter().from_notebook_node(kept)[0], "html.parser")
    _fold_solutions(soup, notebook, solutions)
    _leave_out_what_is_fetched(soup)
    _make_scrollable(soup)
    return str(soup)


def text_body(markdown: str) -> str:
    """Turn a Markdown file into HTML for the body of a page."""
    soup = BeautifulSoup(f'<div class="text_cell_render">{markdown_to_html(markdown)}</div>', "html.parser")
    _make_scrollable(soup)
    return str(soup)


@cache
def _exporter() -> _Exporter:
    """The exporter of all notebooks: it compiles its templates once."""
    config = Config({"HTMLExporter": {"exclude_input_prompt": True, "exclude_output_prompt": True}})
    exporter = _Exporter(template_name="basic", config=config)
    exporter.log.setLevel(logging.ERROR)  # a figure without a description is no news for a reader
    exporter.register_filter("markdown2html", markdown_to_html)
    return exporter


def title_of(notebook: nbformat.NotebookNode) -> str:
    """The first heading of a notebook; empty if it has none."""
    texts = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.search(r"^#\s+(.+?)\s*#*$", texts, re.MULTILINE)
    return re.sub(r"[*`$]", "", found[1]) if found else ""


def is_solution(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell holds a solution, by nbgrader's mark."""
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("solution"))


def _without_widgets(cell: nbformat.NotebookNode, solutions: bool) -> nbformat.NotebookNode:
    """A cell whose outputs are what a reader without a kernel can see: of a panel, the sentence that describes it."""
    if cell.cell_type != "code":
        return cell
    outputs = []
    for output in (without_kernel(cell, output, solutions=solutions) for output in cell.outputs):
        data = {kind: value for kind, value in output.get("data", {}).items() if kind not in _SCRIPT_MIMES}
        if data or "data" not in output:
            outputs.append({**output, "data": data} if "data" in output else output)
    return nbformat.from_dict({**cell, "outputs": outputs})


def _fold_solutions(soup: BeautifulSoup, notebook: nbformat.NotebookNode, solutions: bool) -> None:
    for cell in filter(is_solution, notebook.cells):
        place = soup.find(id=f"cell-id={cell.get('id')}")
        if place is None:
            continue
        if not solutions:
            place.decompose()
            continue
        fold, summary = soup.new_tag("details"), soup.new_tag("summary")
        summary.string = "One solution"
        place.wrap(fold)
        fold.insert(0, summary)


def _leave_out_what_is_fetched(soup: BeautifulSoup) -> None:
    """Nothing that the page shows comes from elsewhere: pictures, films and sounds are inside, scripts are not needed."""
    for tag in soup.find_all(_SCRIPTS):
        tag.decompose()
    for tag in soup.find_all(True):
        for name, value in list(tag.attrs.items()):
            is_fetched = (name in _FETCHING and not _is_inside(value)) or (
                name == "style" and _OUTSIDE_STYLE.search(value)
            )
            if is_fetched:
                logging.getLogger(__name__).warning("left out, because it is fetched: %s", value)
            if is_fetched or name.startswith("on"):
                del tag[name]
    for style in soup.find_all("style"):
        if _OUTSIDE_STYLE.search(style.string or ""):
            style.decompose()


def _is_inside(address: str) -> bool:
    return not re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE) or address.startswith("data:")


def _make_scrollable(soup: BeautifulSoup) -> None:
    """What is wider than a phone scrolls by itself, with the keyboard too; the page does not."""
    for table in soup.find_all("table"):
        if not isinstance(table.parent, Tag) or "scroll" not in table.parent.get("class", []):
            table.wrap(soup.new_tag("div", attrs={"class": "scroll", "tabindex": "0"}))
    for code in soup.find_all("pre"):
        code["tabindex"] = "0"
