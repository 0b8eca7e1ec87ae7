"""The course is taught in Chinese: headings in both languages, a glossary, and a first puzzle that keeps its secret."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Standard terms that a student will look up, and the notebook that explains each in words of its own.
EXPLAINED = {
    "overfitting": "02_resnet_classifier",
    "regularisation": "02_resnet_classifier",
    "data augmentation": "02_resnet_classifier",
    "ensemble": "02_resnet_classifier",
    "hyper-parameter": "02_resnet_classifier",
    "held-out": "02_resnet_classifier",
    "embedding": "03_centroids_and_contrastive_mlp",
    "margin": "03_centroids_and_contrastive_mlp",
    "cost matrix": "04_hungarian_matching",
    "assignment": "04_hungarian_matching",
}


def texts(name: str) -> list[str]:
    """The text cells of a notebook."""
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def glossary() -> dict[str, str]:
    """English -> Chinese, from the index."""
    table = next(text for text in texts("index") if text.startswith("## Words of the course"))
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|.*\|$", table, re.MULTILINE)[1:]
    return dict(rows)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_heading_is_in_both_languages(path):
    headings = [
        line
        for text in texts(path.stem)
        for line in re.sub(r"```.*?```", "", text, flags=re.DOTALL).splitlines()
        if re.match(r"#{1,3} ", line)
    ]
    assert len(headings) > 5
    assert [line for line in headings if not CHINESE.search(line) or not re.search("[A-Za-z]{2}", line)] == []


def test_the_glossary_translates_every_standard_term():
    english = "\n".join(glossary())
    for term in (*EXPLAINED, "spectrogram", "hop length", "Hungarian algorithm"):
        assert term in english
    assert all(CHINESE.search(chinese) for chinese in glossary().values())
    assert len(glossary()) >= 30


@pytest.mark.parametrize(("term", "name"), EXPLAINED.items())
def test_a_standard_term_is_set_off_where_it_is_explained(term, name):
    whole = re.sub(r"\s+", " ", "\n".join(texts(name)))
    assert re.search(rf"\*[^*]*{term}[^*]*\*", whole, re.IGNORECASE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_that_speaks_of_the_report_says_what_it_is(path):
    whole = re.sub(r"\s+", " ", "\n".join(texts(path.stem)))
    first = whole.find("the report")
    if first >= 0:
        assert "course report" in whole[max(0, first - 250) : first + 250]


def test_the_first_puzzle_does_not_print_its_solution():
    notebook = nbformat.read(FOLDER / "index.ipynb", as_version=4)
    puzzle = next(cell.source for cell in notebook.cells if "line_up" in cell.source)
    assert not re.search(r'"[ABC]": seen', puzzle)
    seed = int(re.search(r"default_rng\((\d+)\)\.permutation\(3\)", puzzle)[1])
    three = re.search(r"three = \[(\w+)", puzzle)[1]
    assert three == "seen"  # number 0 of the three
    place = "ABC"[np.random.default_rng(seed).permutation(3).tolist().index(0)]
    answer = next(text for text in texts("index") if "<summary>Answer" in text)
    assert f"**{place}.**" in answer
