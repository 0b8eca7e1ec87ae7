"""What every notebook must hold to, so that it can be tested, read and used."""

import ast
import itertools
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXPECTED = {
    "index",
    "01_spectrograms",
    "02_resnet_classifier",
    "03_centroids_and_contrastive_mlp",
    "04_hungarian_matching",
    "05_contact_maps",
}
LONGEST_CELL = 40
MOST_IGNORED_CELLS = 2
FORBIDDEN_NAMES = {
    "interact": "hangs now and then when it is tested: use a panel of labutils.widgets",
    "interactive": "hangs now and then when it is tested: use a panel of labutils.widgets",
    "interactive_output": "hangs now and then when it is tested: use a panel of labutils.widgets",
    "Output": "hangs now and then when it is tested: write into widgets.HTML",
    "clear_output": "cannot be compared with stored outputs",
    "to_jshtml": "loads its icons from the network",
    "tqdm": "prints timings: the library shows its own progress",
}
MARKER = re.compile(r"NBVAL_(IGNORE_OUTPUT|CHECK_OUTPUT|RAISES_EXCEPTION|SKIP)")
THIS_MACHINE = re.compile(r"/(?:home|root|tmp|Users|work)/\S+|[A-Z]:\\\S+|\bat 0x[0-9a-fA-F]{6,}")


def counts(notebook) -> list[str]:
    """A cell without its count is compared with nothing: nbval would pass whatever it printed."""
    found = [cell.execution_count for cell in code_cells(notebook)]
    expected = list(range(1, len(found) + 1))
    return [] if found == expected else [f"execution counts are {found}, expected {expected}"]


def constructs(notebook) -> list[str]:
    """Some constructs of Jupyter cannot be tested, or need the network."""
    problems = []
    for cell in code_cells(notebook):
        names = {getattr(node, "id", getattr(node, "attr", None)) for node in ast.walk(parse(cell))}
        imported = {name for node in ast.walk(parse(cell)) for name in imported_names(node)}
        problems += [
            f"{name} {FORBIDDEN_NAMES[name]}" for name in FORBIDDEN_NAMES.keys() & (names | imported)
        ]
        if re.search(r"^\s*%matplotlib\s+(?!inline)", cell.source, re.MULTILINE):
            problems.append("only the inline backend of matplotlib works everywhere")
        if re.search(r";\s*$", cell.source):
            problems.append("a semicolon at the end does not hide the output from nbval: write _ = ...")
    return problems


def markers(notebook) -> list[str]:
    """Cells are compared, with few exceptions, and a marker that nbval does not see is a mistake."""
    problems = []
    ignored = 0
    for cell in code_cells(notebook):
        tags = cell.metadata.get("tags", [])
        lines = [line.strip() for line in cell.source.splitlines() if MARKER.search(line)]
        problems += [
            f"{line!r} must be a line of its own" for line in lines if not re.fullmatch(r"#\s*\w+", line)
        ]
        ignored += any("IGNORE" in line for line in lines) or "nbval-ignore-output" in tags
        if any("SKIP" in line for line in lines) or "nbval-skip" in tags:
            problems.append("a skipped cell is not tested at all")
    if ignored > MOST_IGNORED_CELLS:
        problems.append(f"{ignored} cells ignore their output, at most {MOST_IGNORED_CELLS} may")
    return problems


def headings(notebook) -> list[str]:
    """The table of contents needs one title, at the top, and levels without gaps."""
    text = "\n".join(without_code(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    levels = [len(marks) for marks in re.findall(r"^(#{1,6})\s", text, re.MULTILINE)]
    problems = [] if levels[:1] == [1] and levels.count(1) == 1 else [f"not one title at the top: {levels}"]
    jumps = [pair for pair in itertools.pairwise(levels) if pair[1] > pair[0] + 1]
    return problems + [f"heading level {high} follows {low}" for low, high in jumps]


def stored_outputs(notebook) -> list[str]:
    """What a reader sees is a clean run: no failure, no warning, nothing of the machine it ran on."""
    problems = []
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
                problems.append(f"failed: {output.ename}")
            if output.get("name") == "stderr":
                problems.append(f"warning or progress: {output.text[:60]!r}")
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            problems += [f"speaks of this machine: {found}" for found in THIS_MACHINE.findall(text)]
    return problems


def pictures(notebook) -> list[str]:
    """A figure is described in words, for those who do not see it."""
    shown = [(cell.source, out) for cell in code_cells(notebook) for out in cell.outputs if "data" in out]
    described = [
        (source, out.metadata.get("image/png", {})) for source, out in shown if "image/png" in out.data
    ]
    return [f"a figure without words: {source[:60]!r}" for source, told in described if not told.get("alt")]


def lengths(notebook) -> list[str]:
    """A cell fits on a screen."""
    long = [len(cell.source.splitlines()) for cell in notebook.cells]
    return [f"a cell of {lines} lines, at most {LONGEST_CELL}" for lines in long if lines > LONGEST_CELL]


def links(notebook) -> list[str]:
    """Links lead to files that are there, and pictures do not come from the network."""
    text = "\n".join(without_code(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    files = [target for target in targets if not re.match(r"\w+:", target)]
    problems = [f"link to {file}, which is not there" for file in files if not (FOLDER / file).exists()]
    pictures = re.findall(r"!\[[^]]*\]\((https?:[^)]+)\)|<(?:img|script|iframe)[^>]*https?:([^>]+)", text)
    return problems + [f"from the network: {first or second}" for first, second in pictures]


def placeholders(notebook) -> list[str]:
    """A text cell says something: a single word was meant to be replaced."""
    texts = [cell.source.strip() for cell in notebook.cells if cell.cell_type == "markdown"]
    return [f"a text cell holds only {text!r}" for text in texts if len(text.split()) < 2]


RULES = [counts, constructs, markers, headings, stored_outputs, pictures, lengths, links, placeholders]


def code_cells(notebook) -> list:
    """Return the cells that run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def parse(cell) -> ast.Module:
    """Return the syntax of a cell without its magics."""
    lines = ["pass" if line.lstrip()[:1] in ("%", "!") else line for line in cell.source.splitlines()]
    return ast.parse("\n".join(lines))


def imported_names(node) -> list[str]:
    """Return the names that an import statement fetches."""
    return [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []


def without_code(markdown: str) -> str:
    """Return Markdown without its code blocks, whose comments look like headings."""
    return re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)


def test_the_notebooks_are_there():
    assert {path.stem for path in NOTEBOOKS} >= EXPECTED


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_rule(path, rule):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert rule(notebook) == []


def code(source, count=1, outputs=(), tags=()):
    """Make a code cell that was run."""
    metadata = {"tags": list(tags)} if tags else {}
    return nbformat.v4.new_code_cell(source, execution_count=count, outputs=list(outputs), metadata=metadata)


def text(source):
    """Make a text cell."""
    return nbformat.v4.new_markdown_cell(source)


def printed(words, name="stdout"):
    """Make the output of a print."""
    return nbformat.v4.new_output("stream", name=name, text=words)


def shown(words):
    """Make the output of a last line."""
    return nbformat.v4.new_output("execute_result", data={"text/plain": words}, execution_count=1)


FAILURE = nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])
BROKEN = [
    (counts, [code("1", count=None)]),
    (counts, [code("1"), code("2", count=3)]),
    (constructs, [code("from ipywidgets import interact")]),
    (constructs, [code("widgets.interactive_output(f, {})")]),
    (constructs, [code("%time f()\nout = widgets.Output()")]),
    (constructs, [code("from IPython.display import clear_output as wipe")]),
    (constructs, [code("%matplotlib widget")]),
    (constructs, [code("plt.plot(x);")]),
    (markers, [code("f()  # NBVAL_IGNORE_OUTPUT")]),
    (markers, [code("# NBVAL_SKIP\nf()")]),
    (
        markers,
        [
            code("# NBVAL_IGNORE_OUTPUT\nf()"),
            code("# NBVAL_IGNORE_OUTPUT\ng()"),
            code("f()", tags=["nbval-ignore-output"]),
        ],
    ),
    (headings, [text("## No title")]),
    (headings, [text("# One"), text("# Two")]),
    (headings, [text("# One\n### Three")]),
    (stored_outputs, [code("f()", outputs=[FAILURE])]),
    (stored_outputs, [code("f()", outputs=[printed("UserWarning: no", "stderr")])]),
    (stored_outputs, [code("f()", outputs=[printed("saved in /home/me/lab")])]),
    (stored_outputs, [code("f()", outputs=[shown("<object at 0x7f12ab34cd56>")])]),
    (pictures, [code("f()", outputs=[nbformat.v4.new_output("display_data", data={"image/png": "aa"})])]),
    (lengths, [code("\n".join(["f()"] * 41))]),
    (links, [text("[next](99_nothing.ipynb)")]),
    (links, [text("![tray](https://example.org/tray.png)")]),
    (links, [text('<img src="https://example.org/tray.png">')]),
    (placeholders, [text("RESULT_TEXT")]),
]


@pytest.mark.parametrize(("rule", "cells"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_broken_rule_is_found(rule, cells):
    assert rule(nbformat.v4.new_notebook(cells=cells))


def test_a_good_notebook_breaks_no_rule():
    cells = [
        text("# Title\n\n```\n# a comment\n```\n## Part\n\n[course](https://example.org)"),
        code("%matplotlib inline\nimport numpy as np", 1),
        code("# NBVAL_IGNORE_OUTPUT\nprint('loss 0.25')", 2, [printed("loss 0.25\n")]),
        code("raise ValueError", 3, [FAILURE], tags=["raises-exception"]),
    ]
    assert [problem for rule in RULES for problem in rule(nbformat.v4.new_notebook(cells=cells))] == []
