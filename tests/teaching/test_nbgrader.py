"""nbgrader's own commands on the exercises of the lab: release, collect, autograde, and the points in its gradebook."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "01_spectrograms.ipynb"


def exercises_alone() -> nbformat.NotebookNode:
    """The exercises of notebook 1 with the imports they need, so that no data are waited for."""
    solved = nbformat.read(NOTEBOOK, as_version=4)
    imports = nbformat.v4.new_code_cell("import numpy as np\n\nfrom labutils.clips import WALLS")
    solved.cells = [imports, *(cell for cell in solved.cells if "nbgrader" in cell.metadata)]
    return solved


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Iterator[NbGraderAPI]:
    """A course with the exercises released, and the work of three students collected and graded."""
    with pytest.MonkeyPatch.context() as patch:  # nbgrader calls `alembic`, which lies beside this Python
        patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        yield grade_three(tmp_path_factory.mktemp("course"))


def grade_three(root: Path) -> NbGraderAPI:
    """Release the exercises, and grade three students: one with all solutions, one with two, one with none."""
    solved = exercises_alone()
    (root / "source" / "ps1").mkdir(parents=True)
    nbformat.write(solved, root / "source" / "ps1" / "01.ipynb")
    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.db_url = str(root), f"sqlite:///{root}/gradebook.db"
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    assert api.generate_assignment("ps1")["success"]
    release = root / "release" / "ps1" / "01.ipynb"
    for student, first in {"all": len(solved.cells), "two": 5, "none": 0}.items():
        folder = root / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        shutil.copy(release, folder)
        work = nbformat.read(release, as_version=4)
        for mine, theirs in zip(work.cells[:first], solved.cells[:first], strict=True):
            mine.source = theirs.source
        nbformat.write(work, folder / "01.ipynb")
        result = api.autograde("ps1", student)
        assert result["success"], result["log"]
    return api


def test_the_release_of_nbgrader_is_the_copy_of_the_lab(course):
    released = nbformat.read(Path(course.coursedir.root) / "release" / "ps1" / "01.ipynb", as_version=4)
    sources = "\n".join(cell.source for cell in released.cells)
    assert sources.count("raise NotImplementedError()") == 6 and "SOLUTION" not in sources


def test_each_check_that_passes_is_a_point(course):
    with Gradebook(course.coursedir.db_url) as gradebook:
        points = {s.student_id: (s.score, s.max_score) for s in gradebook.assignment_submissions("ps1")}
    assert points == {"all": (6, 6), "two": (2, 6), "none": (0, 6)}
