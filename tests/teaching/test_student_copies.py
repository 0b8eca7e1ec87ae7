"""The students' copies, in small; tests/notebooks/test_exercises.py holds those of the lab."""

import nbformat
import pytest

from labutils.teaching.student_copies import student_copy, write_student_copies

SOLVED = "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"


def mark(name: str, **fields) -> dict:
    usual = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    return {"nbgrader": usual | {"grade_id": name} | fields}


def notebook(source: str = SOLVED, **marks) -> nbformat.NotebookNode:
    """A solved notebook of one exercise, as it was run."""
    said = [nbformat.v4.new_output("stream", text="Right.\n")]
    cells = [
        nbformat.v4.new_code_cell(
            source, metadata=mark("f", **{"solution": True, **marks}), execution_count=1
        ),
        nbformat.v4.new_code_cell(
            "check(f)",
            metadata=mark("check-f", grade=True, locked=True, points=1),
            outputs=said,
            execution_count=2,
        ),
    ]
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def test_a_copy_has_a_stub_and_no_outputs_and_the_original_stays():
    solved = notebook()
    copy = student_copy(solved)
    assert copy.cells[0].source == "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert copy.cells[1].source == "check(f)" and copy.cells[1].outputs == []
    assert (
        solved.cells[0].source == SOLVED
        and solved.cells[1].outputs
        and "editable" not in solved.cells[1].metadata
    )


def test_a_solution_without_end_or_mark_is_refused():
    with pytest.raises(RuntimeError, match="end solution"):
        student_copy(notebook(SOLVED.replace("### END SOLUTION", "")))
    with pytest.raises(RuntimeError, match="solution cells"):
        student_copy(notebook(solution=False))


def test_copies_of_a_folder_are_written_and_old_ones_removed(tmp_path):
    source, target = tmp_path / "solved", tmp_path / "students"
    source.mkdir()
    target.mkdir()
    (target / "gone.ipynb").touch()
    nbformat.write(notebook(), source / "one.ipynb")
    assert write_student_copies(source, target) == [target / "one.ipynb"]
    assert [path.name for path in target.iterdir()] == ["one.ipynb"]
    first = (target / "one.ipynb").read_bytes()
    write_student_copies(source, target)
    assert (target / "one.ipynb").read_bytes() == first and b"BEGIN SOLUTION" not in first
