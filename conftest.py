"""Settings of every pytest run: the notebooks as tests, the `tiny` data, and nothing left to chance."""

import ast
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parent
CELL_TIMEOUT_S = 120.0  # nbval waits 2000 s for a dead kernel otherwise
NBVAL_DEFAULT_TIMEOUT_S = 2000.0
SIMULATOR_PACKAGES = ("mujoco-core", "numpy", "scipy", "pillow", "soundfile")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

# Before torch and numpy start their threads, here and in the kernels: one thread each, always the same sums.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("LAB_PRESET", "tiny")
os.environ.pop("LAB_DATA", None)  # a student's own clips are not what the tests know
# Loads numpy, so not before this; and not through MPLBACKEND, which the kernels would inherit.
importlib.import_module("matplotlib").use("Agg")
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")


def pytest_configure(config: pytest.Config) -> None:
    """Run notebooks with the Python that runs pytest, with limited patience, each in one process."""
    option = config.option
    if not option.nbval_kernel_name:
        option.nbval_current_env = True
    if option.nbval_cell_timeout == NBVAL_DEFAULT_TIMEOUT_S:
        option.nbval_cell_timeout = CELL_TIMEOUT_S
    if not option.nbval_sanitize_with:
        option.nbval_sanitize_with = str(ROOT / "tests" / "notebooks" / "sanitize.cfg")
    if getattr(option, "dist", "no") == "load":
        option.dist = "loadfile"
        option.loadscopereorder = False  # it would leave the longest files, of few tests, to the end


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the `tiny` data before the first notebook asks for them, with their progress in sight."""
    config = session.config
    is_worker = hasattr(config, "workerinput")
    if not is_worker and os.environ["LAB_PRESET"] == "tiny" and runs_notebooks(config):
        with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            make_tiny_data()


def runs_notebooks(config: pytest.Config) -> bool:
    """Tell whether notebooks of the lab are among the files to test."""
    folder = ROOT / "notebooks"
    paths = [(config.invocation_params.dir / word.split("::")[0]).resolve() for word in config.args]
    named = any(folder == path or folder in path.parents or path in folder.parents for path in paths)
    return config.option.nbval and named


@pytest.fixture(scope="session")
def tiny_data() -> Path:
    """Return the folder of the `tiny` data set, made for the code as it is now."""
    return make_tiny_data()


def make_tiny_data() -> Path:
    """Make `data/tiny` unless it is there, made by the present simulator; one process at a time.

    Models that other code trained, or that were trained on other data, are deleted: no test passes on a leftover.
    """
    data = ROOT / "data" / "tiny"
    made_by, trained_by = data / "made_by_code.txt", data / "models_by_code.txt"
    simulator = fingerprint_code(files_that_simulate(ROOT / "labutils"), SIMULATOR_PACKAGES)
    library = fingerprint_code((ROOT / "labutils").rglob("*.py"), (*SIMULATOR_PACKAGES, "torch"))
    data.parent.mkdir(exist_ok=True)
    with FileLock(data.parent / "tiny.lock"):
        if not holds(made_by, simulator):
            shutil.rmtree(data, ignore_errors=True)
            simulate_tiny(data)
            made_by.write_text(simulator)
        if not holds(trained_by, library):
            for models in (ROOT / "models").glob("tiny*"):
                shutil.rmtree(models, ignore_errors=True)
            trained_by.write_text(library)
    return data


def simulate_tiny(data: Path) -> None:
    """Simulate the `tiny` data set; end the run of the tests if that fails."""
    command = [sys.executable, "-m", "labutils", "simulate", "--preset", "tiny", "--out", str(data)]
    if subprocess.run(command, cwd=ROOT).returncode:
        pytest.exit(f"The data of the tests could not be made: {' '.join(command)}", returncode=1)


def holds(path: Path, text: str) -> bool:
    """Tell whether a file is there and holds this text."""
    return path.exists() and path.read_text() == text


def files_that_simulate(library: Path) -> list[Path]:
    """Return the modules that decide what is in a simulated data set."""
    written_by = [library / name for name in ("clips.py", "clip_files.py", "storage.py")]
    return [*sorted((library / "simulate").glob("*.py")), *written_by]


def fingerprint_code(files: Iterable[Path], packages: Iterable[str]) -> str:
    """Return the SHA-256 of what modules do, without docstrings and comments, and of the versions of packages."""
    digest = hashlib.sha256()
    for path in sorted(files):
        code = code_without_docstrings(path.read_text(encoding="utf-8"))
        digest.update(f"{path.name} {code}".encode())
    for name in packages:
        digest.update(f"{name} {version(name)}".encode())
    return digest.hexdigest()


@cache
def code_without_docstrings(source: str) -> str:
    """Return the syntax tree of a module as text, without its docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return ast.dump(tree)
