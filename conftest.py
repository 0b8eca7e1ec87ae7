"""Settings of every pytest run: the notebooks as tests, the `tiny` data, and nothing left to chance."""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import hypothesis
import matplotlib
import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parent
CELL_TIMEOUT_S = 120.0  # nbval waits 2000 s for a dead kernel otherwise
NBVAL_DEFAULT_TIMEOUT_S = 2000.0

# Before torch and numpy start their threads, here and in the kernels: one thread each, always the same sums.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("LAB_PRESET", "tiny")
os.environ.pop("LAB_DATA", None)  # a student's own clips are not what the tests know
matplotlib.use("Agg")  # not through MPLBACKEND, which the kernels would inherit
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
    """Make `data/tiny` unless it is there, made by the present code; one process at a time.

    Models that other code trained on `tiny` are removed, so that a test never passes on a leftover.
    """
    data, models = ROOT / "data" / "tiny", ROOT / "models"
    data.parent.mkdir(exist_ok=True)
    with FileLock(data.parent / "tiny.lock"):
        all_code = fingerprint_code(sorted((ROOT / "labutils").rglob("*.py")))
        if not is_stamped(models / "tiny_code.txt", all_code):
            for stale in models.glob("tiny*"):
                shutil.rmtree(stale, ignore_errors=True)
            models.mkdir(exist_ok=True)
            (models / "tiny_code.txt").write_text(all_code)
        made_by = fingerprint_code(simulating_code())
        if is_stamped(data / "made_by_code.txt", made_by):
            return data
        shutil.rmtree(data, ignore_errors=True)
        command = [sys.executable, "-m", "labutils", "simulate", "--preset", "tiny", "--out", str(data)]
        if subprocess.run(command, cwd=ROOT).returncode:
            pytest.exit(f"The data of the tests could not be made: {' '.join(command)}", returncode=1)
        (data / "made_by_code.txt").write_text(made_by)
    return data


def is_stamped(stamp: Path, text: str) -> bool:
    """Tell whether a file is there and holds that text."""
    return stamp.exists() and stamp.read_text() == text


def simulating_code() -> list[Path]:
    """Return the modules on which the simulated clips depend."""
    writers = [ROOT / "labutils" / name for name in ("clips.py", "clip_files.py", "storage.py", "errors.py")]
    return [*writers, *sorted((ROOT / "labutils" / "simulate").glob("*.py"))]


def fingerprint_code(files: list[Path]) -> str:
    """Return the SHA-256 of what some modules do, without docstrings and comments, and of the libraries they use."""
    versions = [
        f"{name} {version(name)}" for name in ("mujoco-core", "numpy", "scipy", "pillow", "soundfile")
    ]
    texts = [strip_docstrings(path.read_text(encoding="utf-8")) for path in files]
    return hashlib.sha256("\n".join([*versions, *texts]).encode()).hexdigest()


def strip_docstrings(code: str) -> str:
    """Return what a module does: another docstring, comment or line break gives the same text."""
    tree = ast.parse(code)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
