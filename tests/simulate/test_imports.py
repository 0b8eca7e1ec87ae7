"""Only what simulates needs the physics engine."""

import ast
import subprocess
import sys
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[2] / "labutils"


def imported(path: Path) -> set[str]:
    """Names of all packages that a module imports, anywhere in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


def test_only_the_simulator_imports_the_physics_engine():
    users = {
        path.relative_to(LIBRARY).parts[0] for path in LIBRARY.rglob("*.py") if "mujoco" in imported(path)
    }
    assert users == {"simulate"}


def test_what_only_shows_loads_neither_the_physics_engine_nor_networks():
    """One process imports them one after the other; the first that loads one of the two is named."""
    names = ["simulate.plan", "clips", "simulate.data_folder", "plots", "films", "evaluation", "lab"]
    code = f"""
import importlib, sys
for name in {names}:
    importlib.import_module(f"labutils.{{name}}")
    heavy = {{"mujoco", "torch"}} & set(sys.modules)
    assert not heavy, (name, heavy)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_simulator_touches_only_clips_and_below():
    below = {"clips", "clip_files", "storage", "cores", "errors", "progress", "processes", "cluster"}
    for path in (LIBRARY / "simulate").glob("*.py"):
        nodes = [
            node
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
        ]
        rooms = {node.module.split(".")[1] for node in nodes if (node.module or "").startswith("labutils.")}
        assert rooms <= below | {"simulate"}, path.name
