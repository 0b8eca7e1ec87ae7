"""The exercises of the notebooks: their solutions pass, their stubs do not, and students get no answers."""

import ast
import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import nbformat
import pytest

from labutils.teaching.student_copies import student_copy
from tools import refresh

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("0*.ipynb"))
STUB = ["# YOUR CODE HERE", "raise NotImplementedError()"]
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n(.*?\n) *### END SOLUTION$", re.MULTILINE | re.DOTALL)
pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def graded(notebook: nbformat.NotebookNode, kind: str) -> list:
    """The cells that nbgrader knows as `solution` or as `grade`."""
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get(kind)]


def imports_of(notebook: nbformat.NotebookNode) -> dict:
    """What the first code cell imports, and nothing else of what a notebook makes."""
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    found = [node for node in ast.parse(first.source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {}
    exec(compile(ast.Module(found, []), "imports", "exec"), names)
    return names


def verdicts(notebook: nbformat.NotebookNode) -> dict:
    """Run the exercises of a notebook alone; check -> its result."""
    names, found = imports_of(notebook), {}
    for cell in notebook.cells:
        if cell in graded(notebook, "solution"):
            exec(cell.source, names)
        elif cell in graded(notebook, "grade"):
            *before, last = ast.parse(cell.source).body
            exec(compile(ast.Module(before, []), "check", "exec"), names)
            found[cell.metadata.nbgrader.grade_id] = eval(
                compile(ast.Expression(last.value), "check", "eval"), names
            )
    return found


def test_every_notebook_has_exercises_with_a_task_a_hint_and_a_check(path):
    cells = read(path).cells
    places = [i for i, cell in enumerate(cells) if cell.metadata.get("nbgrader", {}).get("solution")]
    assert len(places) >= 4
    for place in places:
        task = cells[place - 1].source
        assert "**Exercise" in task and "练习" in task and "*Expected:*" in task and "<details>" in task
        assert cells[place + 1].metadata.nbgrader.grade
        assert len(SOLUTION.findall(cells[place].source)) == 1
    numbers = re.findall(r"\*\*Exercise (\d)\.(\d)", "\n".join(cell.source for cell in cells))
    assert numbers == [(path.name[1], str(i)) for i in range(1, len(places) + 1)]


def test_every_check_passes_the_solution(path):
    found = verdicts(read(path))
    assert found and all(result.passed for result in found.values()), found


def test_every_check_fails_the_stub_without_a_traceback(path):
    found = verdicts(student_copy(read(path)))
    assert len(found) == len(graded(read(path), "grade"))
    assert {result.message[:15] for result in found.values()} == {"Nothing is writ"}


def test_checks_are_shown_as_nbgrader_reads_them(path):
    for copy, right in ((read(path), True), (student_copy(read(path)), False)):
        for result in verdicts(copy).values():
            shown, failed = io.StringIO(), io.StringIO()
            with redirect_stdout(shown), redirect_stderr(failed):
                result._ipython_display_()
            assert bool(shown.getvalue()) == right and bool(failed.getvalue()) != right


def with_stubs(source: str) -> str:
    """What a student should find in the place of a solution."""
    return SOLUTION.sub(lambda match: "\n".join(match[1] + line for line in STUB), source)


def test_stub_plus_solution_is_the_source(path):
    """The copy is the source with stubs, and putting the solutions back gives the source again."""
    solved = read(path)
    copy = student_copy(solved)
    assert len(copy.cells) == len(solved.cells)
    for mine, theirs in zip(solved.cells, copy.cells, strict=True):
        assert theirs.source == with_stubs(mine.source) and theirs.id == mine.id
        if theirs.source != mine.source:
            indent = SOLUTION.search(mine.source)[1]
            stub = "\n".join(indent + line for line in STUB)
            again = theirs.source.replace(stub, SOLUTION.search(mine.source)[0])
            assert theirs.source.count(stub) == 1 and again == mine.source


def test_students_copies_hold_no_solution_and_no_output(path):
    copy = student_copy(read(path))
    nbformat.validate(copy)
    whole = "\n".join(cell.source for cell in copy.cells)
    for cell in graded(read(path), "solution"):
        assert SOLUTION.search(cell.source)[2].strip() not in whole
    assert "BEGIN SOLUTION" not in nbformat.writes(copy)
    for cell in copy.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_checks_are_locked_for_students_and_solutions_are_not(path):
    copy = student_copy(read(path))
    assert all(cell.metadata.editable is False for cell in graded(copy, "grade"))
    assert all(cell.metadata.get("editable", True) for cell in graded(copy, "solution"))


def test_every_notebook_ends_with_its_quiz(path):
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert code[-1].source == f'from labutils.teaching.quiz import quiz\n\nquiz("{path.stem}")'


def test_marks_of_nbgrader_survive_a_refresh(path):
    again = nbformat.reads(refresh.canonical_text(read(path)), as_version=4)
    assert [cell.metadata for cell in again.cells] == [cell.metadata for cell in read(path).cells]
