"""The students' copies of the notebooks: without solutions and outputs, made by nbgrader from the solved ones.

    python -m labutils.teaching.student_copies notebooks .cache/students

The solved notebooks carry nbgrader's marks. What `nbgrader generate_assignment` does with them is done here too, with the
same parts of nbgrader, but without its database of grades: `run.py lab` needs no course.
"""

import sys
from pathlib import Path

import nbformat

from labutils.storage import write_whole


def student_copy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """What a student gets of a solved notebook: stubs for solutions, locked checks, and no outputs.

    Args:
        notebook: a solved notebook; it stays as it is.

    Raises:
        RuntimeError: if a solution has no end, or stands in a cell that is not marked as one.
    """
    from nbgrader import preprocessors as steps  # only who makes copies needs nbgrader

    copy, resources = nbformat.from_dict(notebook), {}
    for step in (
        steps.LockCells,
        steps.ClearSolutions,
        steps.ClearOutput,
        steps.ClearHiddenTests,
        steps.ClearMarkScheme,
        steps.ComputeChecksums,
        steps.CheckCellMetadata,
    ):
        copy, resources = step().preprocess(copy, resources)
    return copy


def write_student_copies(source: Path, target: Path) -> list[Path]:
    """Write the students' copies of all notebooks in a folder, and remove copies whose notebook is gone.

    Args:
        source: folder of solved notebooks.
        target: folder for the copies; made if it is missing.

    Returns:
        The files that were written.
    """
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for path in sorted(source.glob("*.ipynb")):
        copy = student_copy(nbformat.read(path, as_version=4))
        write_whole(target / path.name, nbformat.writes(copy) + "\n")
        written.append(target / path.name)
    for old in set(target.glob("*.ipynb")) - set(written):
        old.unlink()
    return written


if __name__ == "__main__":
    write_student_copies(*map(Path, sys.argv[1:3]))
