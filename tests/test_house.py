"""The house: rooms import downward only, files and functions stay small, every module has its tests."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "labutils"
# A room imports only from rooms of a lower number.
RANKS = {
    "errors": 0,
    "rows": 0,
    "places": 1,
    "progress": 1,
    "storage": 0.5,
    "safe_pickle": 1,
    "mask_notation": 1,
    "sound_headers": 1,
    "sound_levels": 1,
    "cores": 0,
    "cluster": 1,
    "processes": 1,
    "clip_names": 1,
    "clip_files": 2,
    "truth_files": 3,
    "clips": 3.5,
    "spectrogram": 4,
    "tones": 5,
    "centroid": 4,
    "linear_discriminant": 4,
    "mask_shape": 5,
    "features": 5,
    "augmentation": 5,
    "splits": 5,
    "pairs": 5,
    "resnet": 5,
    "encoders": 5,
    "contrastive_loss": 5,
    "kept_networks": 4,
    "training": 5,
    "one_cycle": 6,
    "jobs": 6,
    "towers": 7,
    "contact_maps": 7,
    "physics_score": 5,
    "heard_path": 7,
    "sound_class": 7,
    "matching": 8,
    "evaluation": 8,
    "pair_evidence": 9,
    "html_page": 9,
    "plots": 9,
    "systems": 10,
    "system": 11,
    "simulate": 4,
    "validation": 10,
    "players": 9,
    "films": 10,
    "classroom": 9,
    "lab": 11,
    "teaching": 11,
    "widgets": 12,
    "reading_edition": 13,
    "commands": 14,
    "__main__": 15,
    "__init__": 0,
}
MODULES = sorted(ROOT.rglob("*.py"))
NEEDS_NO_TEST = {"__init__", "interface", "version", "__main__", "objects", "style"}


def room(path: Path) -> str:
    """The package or module directly in labutils that a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """The rooms that a file imports from, at the top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "labutils":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("labutils."):
            found.add(node.module.split(".")[1])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_downward_only(path):
    own = room(path)
    upward = [other for other in imported_rooms(path) - {own} if RANKS[other] >= RANKS[own]]
    assert not upward, f"{path} imports {upward}"


def test_no_file_is_over_400_lines_and_no_body_over_40():
    large = [p for p in MODULES if len(p.read_text(encoding="utf-8").splitlines()) > 400]
    long = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[bool(ast.get_docstring(node)) :] or node.body
                if node.end_lineno - body[0].lineno >= 40:
                    long.append(f"{path}: {node.name}")
    assert not large and not long


def test_only_what_simulates_imports_the_physics_engine():
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert room(path) == "simulate" or ("import mujoco" not in text and "from mujoco" not in text), path


def test_every_module_has_its_test_file():
    tests = {path.relative_to(ROOT.parent / "tests") for path in (ROOT.parent / "tests").rglob("test_*.py")}
    missing = [
        path
        for path in MODULES
        if path.stem not in NEEDS_NO_TEST
        and path.relative_to(ROOT).with_name(f"test_{path.name}") not in tests
    ]
    assert not missing


def scripts() -> list[Path]:
    """Every file of Python in the project, but the installation's."""
    folders = [ROOT, *(ROOT.parent / name for name in ("tests", "benchmarks", "tools"))]
    return [path for folder in folders for path in sorted(folder.rglob("*.py"))] + [ROOT.parent / "run.py"]


def test_no_line_is_broken_by_the_comment_behind_it():
    """A formatter breaks a line that a comment makes too long; such a comment stands above."""
    broken = [
        f"{path}: {found.group().strip()}"
        for path in scripts()
        for found in re.finditer(
            r"^ *[)\]}]+[:,]?  # (?!fmt).*", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert not broken


def test_no_function_is_unused():
    """Every function and class of the library is named somewhere besides where it is defined."""
    texts = [path.read_text(encoding="utf-8") for path in scripts()]
    for notebook in (ROOT.parent / "notebooks").glob("*.ipynb"):
        texts += ["".join(cell["source"]) for cell in json.loads(notebook.read_bytes())["cells"]]
    whole = "\n".join(texts)
    unused = []
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and whole.count(node.name) < 2:
                unused.append(f"{path}: {node.name}")
    assert not unused
