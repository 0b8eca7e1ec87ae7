"""Install the lowest allowed version of every dependency, or the newest, into a fresh environment, and run some tests there.

    python tools/oldest.py                            the lowest versions that pyproject.toml allows
    python tools/oldest.py --newest                   the newest ones
    python tools/oldest.py --python python3.13        with another Python
    python tools/oldest.py tests/test_clips.py        other tests

Lowest are the dependencies that pyproject.toml names; what they need themselves is what pip finds. torch and mujoco-core are
exact in pyproject.toml, so they are the same in both. Prints the versions that were run; the exit status is that of pytest.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
TESTS = (
    "tests/test_clips.py",
    "tests/test_spectrogram.py",
    "tests/test_splits.py",
    "tests/test_jobs.py",
    "tests/test_cluster.py",
    "tests/test_players.py",
    "tests/test_kept_networks.py",
    "tests/matching",
    "tests/plots/test_scores.py",
    "tests/plots/test_matching.py",
    "tests/films/test_film.py",
    "tests/reading_edition/test_mathematics.py",
    "tests/simulate/test_recording.py",
    "tests/systems/test_study.py",
    "tests/teaching/test_rehearsal.py",
    "tests/teaching/test_student_copies.py",
    "tests/widgets/test_controls.py",
)
"""Some for every dependency, in a few minutes."""


def requirements() -> list[Requirement]:
    """Return what pyproject.toml asks for, extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    found = [
        Requirement(text) for text in [*project["dependencies"], *(text for own in extras for text in own)]
    ]
    return [one for one in found if one.name != project["name"]]


def lowest(asked: list[Requirement]) -> list[str]:
    """Return the lowest version that each requirement allows, as pip's constraints."""
    return [
        f"{one.name}=={bound.version}"
        for one in asked
        for bound in one.specifier
        if bound.operator in (">=", "==")
    ]


def installed(python: Path, asked: list[Requirement]) -> str:
    """Return the versions of what was asked for, a line each."""
    code = "import sys; from importlib.metadata import version\nfor name in sys.argv[1:]: print(name, version(name))"
    names = [one.name for one in asked]
    return subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=True).stdout


def main() -> int:
    """Install and run; the exit status of pytest, or of pip if it fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "tests", nargs="*", default=TESTS, help="files or folders (default: some for every dependency)"
    )
    parser.add_argument("--newest", action="store_true", help="the newest versions instead")
    parser.add_argument("--python", default=sys.executable, help="which Python (default: this one)")
    options = parser.parse_args()
    asked = requirements()
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("" if options.newest else "\n".join(lowest(asked)))
        subprocess.run([options.python, "-m", "venv", Path(folder) / "env"], check=True)
        python = Path(folder) / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        install = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--constraint",
            constraints,
            "-e",
            f"{ROOT}[test]",
        ]
        status = subprocess.run(install).returncode
        if status:
            return status
        print(
            subprocess.run([python, "--version"], capture_output=True, text=True).stdout
            + installed(python, asked)
        )
        return subprocess.run([python, "-m", "pytest", "-q", *options.tests], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
