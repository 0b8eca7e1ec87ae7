"""Put deliberate mistakes into copies of the library, one at a time, and see that a named test notices each.

    python tools/mutants.py            all of them: a table, exit status 1 if one survives (minutes, not seconds)
    python tools/mutants.py --check    only see that each still applies and that each named test exists (seconds)
    python tools/mutants.py --tenth    a fixed tenth of those whose tests are quick (a minute)

A table of our own and not mutmut or cosmic-ray: those change operators one by one and leave open which mistake of a
scientist a survivor stands for; here every mistake has a name, and a test that must notice it.
"""

import argparse
import contextlib
import gc
import importlib
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_suffix(".json")
SLOW = ("/systems/", "/test_cluster", "trained")
"""Tests with these words in their names wait for networks that several tests share, or for other processes."""
PATIENCE_S = 600.0
"""A test that waits for ever has noticed the mistake, too."""
PRELOADED = (
    "torch", "sklearn.linear_model", "scipy.signal", "matplotlib.pyplot", "safetensors.torch", "librosa", "hypothesis",
    "pytest", "nbval.plugin", "xdist.plugin", "jsonschema",
)  # fmt: skip
"""Imported once for all mutants; nothing of the lab, which each of them imports anew."""


@dataclass(frozen=True)
class Mutant:
    """One deliberate mistake: in `file`, the text `old`, there once, becomes `new`; `killed_by` is a pytest node."""

    name: str
    file: str
    old: str
    new: str
    killed_by: str


def read_table(table: Path = TABLE) -> list[Mutant]:
    """Read all mutants."""
    return [Mutant(**entry) for entry in json.loads(table.read_text(encoding="utf-8"))]


def find_problem(mutant: Mutant) -> str:
    """Say why a mutant does not apply; empty if it does."""
    count = (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old)
    test, _, function = mutant.killed_by.partition("::")
    if count != 1:
        return f"{mutant.name}: its text is {count} times in {mutant.file}, expected once"
    if f"def {function.partition('[')[0]}(" not in (ROOT / test).read_text(encoding="utf-8"):
        return f"{mutant.name}: there is no test {mutant.killed_by}"
    return ""


def copy_tree(folder: Path) -> None:
    """Copy what the tests need."""
    for name in ("labutils", "tests", "tools", "notebooks", "benchmarks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml", "run.py", "environment.yml"):
        shutil.copy(ROOT / name, folder / name)


def is_killed(mutant: Mutant, folder: Path) -> bool:
    """Put a mistake into a copy, run the named test, and mend the copy again."""
    path = folder / mutant.file
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        return run_test(mutant.killed_by, folder=folder, patience_s=PATIENCE_S) == 1
    finally:
        path.write_text(good, encoding="utf-8")


def run_test(*nodes: str, folder: Path, patience_s: float | None = None) -> int:
    """Run one test, or several, on the library of that folder; the exit status of pytest, 1 if it does not end in time."""
    arguments = ["-x", "-q", "-p", "no:cacheprovider", *nodes]
    if "fork" not in multiprocessing.get_all_start_methods():  # Windows
        env = {**os.environ, "PYTHONPATH": str(folder)}
        command = [sys.executable, "-B", "-m", "pytest", *arguments]
        options = {"cwd": folder, "env": env, "capture_output": True, "timeout": patience_s}
        with contextlib.suppress(subprocess.TimeoutExpired):
            return subprocess.run(command, **options).returncode
        return 1
    process = multiprocessing.get_context("fork").Process(target=_run_pytest, args=(arguments, folder))
    process.start()
    process.join(patience_s)
    if process.exitcode is None:
        process.kill()
        return 1
    return process.exitcode


def _run_pytest(arguments: list[str], folder: Path) -> None:
    """Run pytest in this process, silently, with the library of a folder."""
    os.environ |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    with open(os.devnull, "w") as nowhere, contextlib.ExitStack() as silent:
        silent.enter_context(contextlib.redirect_stdout(nowhere))
        silent.enter_context(contextlib.redirect_stderr(nowhere))
        status = importlib.import_module("pytest").main(arguments)
    sys.exit(int(status))


def main() -> int:
    """Run or check the mutants; 0 if all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--tenth", action="store_true")
    parser.add_argument("--table", type=Path, default=TABLE, help="another table (default: mutants.json)")
    options = parser.parse_args()
    mutants = read_table(options.table)
    problems = [problem for problem in map(find_problem, mutants) if problem]
    if problems or options.check:
        print("\n".join(problems) or f"all {len(mutants)} mutants apply, and their tests exist")
        return int(bool(problems))
    return kill_all(choose_tenth(mutants) if options.tenth else mutants)


def choose_tenth(mutants: list[Mutant]) -> list[Mutant]:
    """Return every tenth of those whose tests are quick."""
    return [mutant for mutant in mutants if not any(word in mutant.killed_by for word in SLOW)][::10]


def kill_all(mutants: list[Mutant]) -> int:
    """Print a table as it grows; 1 if a mutant survives, or if a test fails without any."""
    survivors = 0
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")  # as in conftest.py, which comes too late for what is preloaded
    for name in PRELOADED:
        importlib.import_module(name)
    gc.freeze()  # nor does any of them look through all that again
    with tempfile.TemporaryDirectory() as folder:
        copy_tree(Path(folder))
        if run_test(*dict.fromkeys(mutant.killed_by for mutant in mutants), folder=Path(folder)):
            print("the tests do not pass without the mistakes either")
            return 1
        for number, mutant in enumerate(mutants, 1):
            start_s = time.monotonic()
            killed = is_killed(mutant, Path(folder))
            survivors += not killed
            state = "killed" if killed else "SURVIVED"
            print(
                f"{number:3}/{len(mutants)} {state:8} {time.monotonic() - start_s:5.1f} s  {mutant.name}  "
                f"({mutant.file})  by {mutant.killed_by}",
                flush=True,
            )
    print(f"{len(mutants) - survivors} of {len(mutants)} killed")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
