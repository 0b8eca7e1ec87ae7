"""A notebook as HTML: what is stored is there, and nothing is fetched or run."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from labutils.reading_edition.notebook_pages import is_solution, notebook_body, title_of

FILM = '<video controls src="data:video/webm;base64,GkXfo59ChoEB"></video>'
WIDGET = {
    "application/vnd.jupyter.widget-view+json": {"model_id": "a"},
    "text/plain": "Loss: a panel with controls.",
}


def body(*cells, **options) -> str:
    return notebook_body(new_notebook(cells=list(cells)), **options)


def shown(**data) -> list:
    return [new_output("display_data", data=data)]


def test_text_code_outputs_pictures_and_films_are_kept():
    cells = [
        new_markdown_cell("# Title\n\nA <b>word</b>."),
        new_code_cell("x = 1", outputs=[new_output("stream", name="stdout", text="printed <1>")]),
        new_code_cell("film()", outputs=shown(**{"text/html": FILM, "text/plain": "film"})),
        new_code_cell("plot()", outputs=shown(**{"image/png": "iVBORw0KGgo="})),
    ]
    cells[-1].outputs[0].metadata["image/png"] = {"alt": 'Figure. "loss" over epoch.'}
    page = body(*cells)
    assert "<b>word</b>" in page and "printed &lt;1&gt;" in page
    assert 'src="data:video/webm;base64,GkXfo59ChoEB"' in page and "controls" in page
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in page
    assert """alt='Figure. "loss" over epoch.'""" in page
    assert "In&nbsp;" not in page and "In\xa0[" not in page


def test_a_widget_is_replaced_by_its_sentence():
    only_a_view = {"application/vnd.jupyter.widget-view+json": {"model_id": "b"}}
    page = body(new_code_cell("panel", outputs=[*shown(**WIDGET), *shown(**only_a_view)]))
    assert "Loss: a panel with controls." in page
    assert "model_id" not in page and "<script" not in page


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://example.org/a.js"></script>',
        "<script>alert(1)</script>",
        '<img src="https://example.org/a.png">',
        '<img src="//example.org/a.png">',
        '<video src="HTTP://example.org/a.webm"></video>',
        '<iframe src="https://example.org"></iframe>',
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<style>@import url("https://example.org/a.css");</style>',
        "<style>p{background:url(https://example.org/a.png)}</style>",
        '<object data="https://example.org/a.svg"></object>',
        '<video poster="https://example.org/a.png"></video>',
        '<img srcset="https://example.org/a.png 2x">',
        '<p style="background:url(https://example.org/a.png)">text</p>',
        "<p style=\"background:url('//example.org/a.png')\">text</p>",
        '<img src="data:," onerror="fetch(\'https://example.org\')">',
    ],
)
def test_nothing_is_fetched_and_nothing_runs(html):
    page = body(new_code_cell("x", outputs=shown(**{"text/html": html})), new_markdown_cell(html))
    assert "example.org" not in page and "alert" not in page


def test_links_to_elsewhere_stay_links():
    assert 'href="https://example.org/paper"' in body(new_markdown_cell("[paper](https://example.org/paper)"))


def marked(cell):
    cell.metadata["nbgrader"] = {"solution": True, "grade": False, "grade_id": "window"}
    return cell


def test_solutions_are_folded_or_left_out():
    cells = new_code_cell("task = 1"), marked(new_code_cell("answer = 42"))
    assert is_solution(cells[1]) and not is_solution(cells[0])
    folded = body(*cells)
    assert folded.index("<details><summary>One solution</summary>") < folded.index(">answer<")
    without = body(*cells, solutions=False)
    assert ">answer<" not in without and ">task<" in without


def test_wide_tables_scroll_by_themselves():
    page = body(
        new_code_cell("t", outputs=shown(**{"text/html": "<div><table><tr><td>1</td></tr></table></div>"}))
    )
    assert '<div class="scroll" tabindex="0"><table>' in page


def test_the_title_is_the_first_heading():
    assert (
        title_of(new_notebook(cells=[new_code_cell("# no"), new_markdown_cell("# *One* `hit`\n## Two")]))
        == "One hit"
    )
    assert title_of(new_notebook()) == ""
    assert nbformat.v4.nbformat_minor >= 5
