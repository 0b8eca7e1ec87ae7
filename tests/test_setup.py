"""The way in: run.py on an empty machine, and the two lists of dependencies."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import run
from labutils import places

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"pysoundfile": "soundfile", "pytorch": "torch"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def ranges(requirements: list[str]) -> dict[str, SpecifierSet]:
    """Return {name as on PyPI: allowed versions}."""
    parsed = [Requirement(text) for text in requirements]
    return {CONDA_NAMES.get(one.name, one.name): one.specifier for one in parsed}


def conda_requirements(text: str) -> tuple[list[str], list[str]]:
    """Return what an environment.yml asks of conda and what of pip."""
    dependencies = yaml.safe_load(text)["dependencies"]
    pip = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    return [entry for entry in dependencies if isinstance(entry, str)], pip


def disagreements(environment: str) -> set[str]:
    """Return the names on which an environment.yml and pyproject.toml differ."""
    conda, pip = conda_requirements(environment)
    theirs = ranges([*conda, *(entry for entry in pip if entry != "-e .")])
    theirs.pop("pip")
    extras = PROJECT["optional-dependencies"]
    ours = ranges(PROJECT["dependencies"] + extras["test"] + extras["teach"] + extras["scale"])
    assert "impact-lab" in ours, "the extra `test` holds the other extras"
    ours.pop("impact-lab")
    ours["python"] = SpecifierSet(PROJECT["requires-python"])
    return {name for name in ours | theirs if ours.get(name) != theirs.get(name)}


def test_environment_yml_and_pyproject_agree():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert disagreements(text) == set()
    assert yaml.safe_load(text)["channels"] == ["conda-forge", "nodefaults"]
    assert "-e ." in conda_requirements(text)[1], "the lab itself is not installed"


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("numpy >=2.0,<3", "numpy >=2.0,<4", "numpy"),
        ("pytorch ==2.13.0", "pytorch >=2.13.0", "torch"),
        ("  - scipy >=1.14,<2\n", "", "scipy"),
        ("  - pip\n", "  - pip\n  - flask >=3\n", "flask"),
        ("python >=3.11,<3.14", "python >=3.11,<3.15", "python"),
    ],
)
def test_a_disagreement_is_found(old, new, name):
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert old in text
    assert disagreements(text.replace(old, new, 1)) == {name}


def test_run_accepts_exactly_the_pythons_of_the_project():
    for minor in range(15):
        accepted = not run.find_python_problem((3, minor), lambda _: True)
        assert accepted == SpecifierSet(PROJECT["requires-python"]).contains(f"3.{minor}")


def test_a_wrong_python_is_told_what_to_install():
    assert "This is Python 3.9" in run.find_python_problem((3, 9), lambda _: True)
    assert "python.org" in run.find_python_problem((3, 14), lambda _: True)
    assert "apt install python3.12-venv" in run.find_python_problem((3, 12), lambda name: name != "ensurepip")


def test_run_is_readable_by_old_pythons_and_needs_nothing_installed():
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name.split(".")[0] for node in imports for alias in node.names}
    modules = {node.module for node in imports if isinstance(node, ast.ImportFrom)} - {None}
    assert "__future__" not in modules
    assert (names - {"Path", "places"} | modules - {"labutils"}) <= sys.stdlib_module_names
    asked = ast.parse((ROOT / "labutils" / "places.py").read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(asked) if isinstance(node, ast.ImportFrom)}
    names = {alias.name for node in ast.walk(asked) if isinstance(node, ast.Import) for alias in node.names}
    assert names | modules <= sys.stdlib_module_names


class Machine:
    """An empty lab folder in which run.py's commands are written down and pretended."""

    def __init__(self, root: Path):
        self.root, self.commands = root, []
        self.pip_status = self.first_use_status = 0
        (root / "pyproject.toml").write_text("dependencies = 1")

    def call(self, command, **_):
        words = [str(word) for word in command]
        if words[1] == "-c":
            return self.first_use_status
        self.commands.append(words[2])
        if words[2] == "venv":
            run.venv_python().parent.mkdir(parents=True)
            run.venv_python().touch()
            return 0
        return self.pip_status

    def call_together(self, commands, **changes):
        self.changes = changes
        return max(map(self.call, commands))

    def start(self) -> list[str]:
        """Start run.py once; return what it called."""
        self.commands.clear()
        run.ensure_environment()
        return list(self.commands)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    machine = Machine(tmp_path)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "STAMP", tmp_path / ".venv" / "stamp")
    monkeypatch.setattr(run, "call", machine.call)
    monkeypatch.setattr(run, "call_together", machine.call_together)
    return machine


def test_what_is_used_is_compiled_even_where_no_bytecode_is_to_be_written(machine, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    machine.start()
    (tmp_path / "used.py").touch()
    for changes, compiled in ({}, False), (machine.changes, True):
        env = {**run.lab_environment(**changes), "PYTHONPYCACHEPREFIX": ""}
        subprocess.run([sys.executable, "-c", "import used"], cwd=tmp_path, env=env, check=True)
        assert (tmp_path / "__pycache__").exists() == compiled


def test_the_second_start_installs_nothing(machine):
    assert machine.start() == ["venv", "pip"]
    assert machine.start() == []


@pytest.mark.parametrize("step", ["pip_status", "first_use_status"])
def test_a_broken_installation_is_made_anew(machine, step):
    setattr(machine, step, 1)
    with pytest.raises(SystemExit, match="did not finish"):
        machine.start()
    leftover = run.VENV / "half a package"
    leftover.touch()
    setattr(machine, step, 0)
    assert machine.start() == ["venv", "pip"]
    assert not leftover.exists()


def test_changed_dependencies_are_installed_into_the_same_environment(machine):
    machine.start()
    kept = run.VENV / "big package"
    kept.touch()
    (machine.root / "pyproject.toml").write_text("dependencies = 2")
    assert machine.start() == ["pip"]
    assert kept.exists()


def test_a_failed_update_leaves_no_stamp(machine):
    machine.start()
    (machine.root / "pyproject.toml").write_text("dependencies = 2")
    machine.pip_status = 1
    with pytest.raises(SystemExit):
        machine.start()
    assert run.read_stamp() == []


def test_a_moved_folder_or_a_vanished_python_is_installed_anew(machine):
    machine.start()
    run.STAMP.write_text(run.STAMP.read_text().replace(str(machine.root), "/elsewhere"))
    assert machine.start() == ["venv", "pip"]
    run.venv_python().unlink()
    assert machine.start() == ["venv", "pip"]


def test_two_starts_do_not_install_at_once(tmp_path):
    with open(tmp_path / "lock", "w") as one, open(tmp_path / "lock", "w") as other:
        assert run.try_lock(one)
        assert not run.try_lock(other)


def test_commands_see_the_lab_and_not_the_packages_of_others(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/opt/robot")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/mine")
    monkeypatch.setenv("LAB_DATA", "recordings")
    env = run.lab_environment(LAB_PRESET="tiny")
    assert "PYTHONPATH" not in env
    assert env["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [str(ROOT / ".jupyter"), "/mine"]
    assert env["PATH"].startswith(str(run.venv_python().parent))
    assert env["LAB_PRESET"] == "tiny"
    assert env["LAB_DATA"] == os.path.abspath("recordings")


def test_the_exit_status_of_a_command_comes_back():
    assert run.call([sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_commands_run_at_the_same_time_and_each_may_fail(tmp_path):
    """Each waits for the file that the other one writes."""
    meet = "import pathlib, sys, time; own, other = map(pathlib.Path, sys.argv[1:]); own.touch()\n"
    meet += "while not other.exists(): time.sleep(0.01)"
    files = [str(tmp_path / name) for name in "ab"]
    assert run.call_together([[sys.executable, "-c", meet, *order] for order in (files, files[::-1])]) == 0
    statuses = [[sys.executable, "-c", f"raise SystemExit({status})"] for status in (0, 4)]
    assert run.call_together(statuses) == 4


def test_an_unknown_command_is_named_and_what_was_meant(capsys):
    assert run.main(["labb"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert (
        output.err
        == "error: 'labb' is no command: did you mean 'lab'? expected one of lab, test, setup, copy.\n"
    )
    assert run.main(["dance"]) == 2
    assert "did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["lab", "--help"], ["test", "-x", "-h"], ["setup", "-h"]]
)
def test_help_starts_and_installs_nothing(arguments, monkeypatch, capsys):
    monkeypatch.setattr(run, "ensure_environment", lambda: pytest.fail("installed"))
    monkeypatch.setattr(run, "call", lambda *_, **__: pytest.fail("started"))
    assert run.main(arguments) == 0
    assert "python3 run.py lab" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--help"], ["lab", "--help"]])
def test_a_reader_who_has_had_enough_is_no_error(words):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, str(ROOT / "run.py"), *words]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_reader_who_has_had_enough_is_not_a_folder_that_cannot_be_worked_in(monkeypatch):
    def print_to_nobody(*_):
        raise BrokenPipeError

    monkeypatch.setattr(run, "obey", print_to_nobody)
    with pytest.raises(BrokenPipeError):
        run.main(["setup"])


@pytest.mark.parametrize(
    ("arguments", "everything"),
    [([], True), (["-x", "-k", "matching"], True), (["tests/test_setup.py"], False), (["run.ipynb"], False)],
)
def test_tests_run_on_everything_or_on_the_named_files(monkeypatch, arguments, everything):
    calls = []
    monkeypatch.setattr(run, "call", lambda command, **changes: calls.append((command, changes)) or 1)
    assert run.run_tests(arguments) == 1
    command, changes = calls[0]
    assert (command[-2 - len(arguments) :][:2] == ["notebooks", "tests"]) == everything
    assert command[len(command) - len(arguments) :] == arguments
    assert "--nbval" in command
    assert changes == {"LAB_PRESET": "tiny"}


def test_data_and_networks_are_made_while_the_lab_is_open_and_only_if_missing(tmp_path, monkeypatch):
    for name in ("LAB_PRESET", "LAB_DATA", "LAB_SEED", "LAB_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.setattr("labutils.places.ROOT", tmp_path / "install")  # not what was made for this lab
    monkeypatch.setattr(run, "venv_python", lambda: sys.executable)
    started, ended = [], []
    monkeypatch.setattr(run, "start_apart", lambda command, **_: started.append(command) or "maker")
    monkeypatch.setattr(run, "end_group", ended.append)
    there = ["data/lab/dataset/manifest.json", "models/lab/card.json", "models/lab-report-fast/card.json"]
    there.append(str(places.rehearsal_note("lab").relative_to(tmp_path)))
    for count, name in enumerate(there, 1):
        with run.preparing():
            assert started[-1][-2:] == ["labutils", "prepare"]
            assert (len(started), len(ended)) == (count, count - 1)
        assert ended == ["maker"] * count
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with run.preparing():
        assert len(started) == 4
    monkeypatch.setenv("LAB_SEED", "7")
    with run.preparing():
        assert len(started) == 5
    monkeypatch.setenv("LAB_DATA", "my-recordings")
    with run.preparing():
        assert len(started) == 5


def test_background_work_ends_with_its_workers(tmp_path):
    worker = (
        f"import pathlib, time\nwhile True: pathlib.Path({str(tmp_path / 'beat')!r}).touch(); time.sleep(.05)"
    )
    boss = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {worker!r}])"
    process = run.start_apart([sys.executable, "-c", boss])
    deadline = time.monotonic() + 20
    while not (tmp_path / "beat").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    run.end_group(process)
    time.sleep(0.1)
    (tmp_path / "beat").unlink()
    time.sleep(0.3)
    assert not (tmp_path / "beat").exists(), "the worker is still alive"


@pytest.fixture
def copies(tmp_path):
    source, target = tmp_path / "notebooks", tmp_path / "my-lab"
    source.mkdir()
    (source / "01_a.ipynb").write_text("first")

    def start() -> dict[str, str]:
        run.copy_notebooks(source, target)
        return {path.name: path.read_text() for path in target.glob("*.ipynb")}

    return source / "01_a.ipynb", target / "01_a.ipynb", start


def test_an_untouched_copy_follows_updates(copies):
    original, _, start = copies
    assert start() == {"01_a.ipynb": "first"}
    original.write_text("second")
    assert start() == {"01_a.ipynb": "second"}


def test_an_edited_copy_is_kept_and_updates_are_put_beside(copies):
    original, mine, start = copies
    start()
    mine.write_text("my work")
    assert start() == {"01_a.ipynb": "my work"}
    original.write_text("second")
    assert start() == {"01_a.ipynb": "my work", "01_a_update.ipynb": "second"}
    original.write_text("third")
    assert start() == {"01_a.ipynb": "my work", "01_a_update.ipynb": "third"}


def test_an_edited_update_is_kept_as_well(copies):
    original, mine, start = copies
    start()
    mine.write_text("my work")
    original.write_text("second")
    start()
    mine.with_name("01_a_update.ipynb").write_text("more work")
    original.write_text("third")
    expected = {
        "01_a.ipynb": "my work",
        "01_a_update.ipynb": "more work",
        "01_a_update_update.ipynb": "third",
    }
    assert start() == start() == expected


def test_a_deleted_copy_comes_back_and_a_deleted_update_does_not(copies):
    original, mine, start = copies
    start()
    mine.unlink()
    assert start() == {"01_a.ipynb": "first"}
    mine.write_text("my work")
    original.write_text("second")
    start()
    mine.with_name("01_a_update.ipynb").unlink()
    assert start() == {"01_a.ipynb": "my work"}


def test_copies_without_a_record_are_taken_for_edited(copies):
    _, mine, start = copies
    mine.parent.mkdir()
    mine.write_text("found here")
    assert start() == {"01_a.ipynb": "found here", "01_a_update.ipynb": "first"}


def notebook_text(source: str, **cell) -> str:
    """A notebook of one cell, as it is handed out."""
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], **cell}
    metadata = {"language_info": {"name": "python"}}
    whole = {"cells": [{**cell, "source": source}], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1)


def saved_by_jupyterlab(text: str) -> str:
    """The same notebook after it was opened and saved: metadata completed, sources as lists, another layout."""
    notebook = json.loads(text)
    notebook["metadata"]["language_info"] |= {"version": "3.12.1", "file_extension": ".py"}
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return json.dumps(notebook, sort_keys=True) + "\n"


def test_a_copy_that_was_only_opened_and_saved_still_follows_updates(copies):
    original, mine, start = copies
    original.write_text(notebook_text("1\n2"))
    start()
    mine.write_text(saved_by_jupyterlab(mine.read_text()))
    original.write_text(notebook_text("3"))
    assert start() == {"01_a.ipynb": notebook_text("3")}


@pytest.mark.parametrize(
    "changed",
    [
        notebook_text("1\n22"),
        notebook_text("1\n2", execution_count=1),
        notebook_text("1\n2", outputs=[{"output_type": "stream", "name": "stdout", "text": "2"}]),
        notebook_text("1\n2", cell_type="markdown"),
    ],
    ids=["source", "count", "output", "kind"],
)
def test_a_changed_or_executed_cell_is_an_edit(copies, changed):
    original, mine, start = copies
    original.write_text(notebook_text("1\n2"))
    start()
    mine.write_text(saved_by_jupyterlab(changed))
    original.write_text(notebook_text("3"))
    assert start() == {"01_a.ipynb": mine.read_text(), "01_a_update.ipynb": notebook_text("3")}


def test_a_copy_that_an_older_lab_handed_out_follows_updates(copies):
    original, mine, start = copies
    mine.parent.mkdir()
    mine.write_text(notebook_text("old"))
    record = mine.with_name(".copied.json")
    record.write_text(json.dumps({"01_a": run.digest(mine.read_bytes())}))
    original.write_text(notebook_text("new"))
    assert start() == {"01_a.ipynb": notebook_text("new")}


@pytest.fixture
def unsolved(tmp_path, monkeypatch):
    """A lab folder whose students' copies are made by a pretended command; yields the commands and its exit status."""
    calls, status = [], [0]

    def call(command, **_):
        calls.append([str(word) for word in command])
        Path(command[-1]).mkdir(parents=True, exist_ok=True)
        return status[0]

    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_a.ipynb").write_text("solved")
    (tmp_path / "labutils" / "teaching").mkdir(parents=True)
    (tmp_path / "labutils" / "teaching" / "student_copies.py").write_text("maker")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "call", call)
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    return tmp_path, calls, status


def test_students_copies_are_made_once_for_each_change(unsolved):
    root, calls, _ = unsolved
    assert run.make_student_copies() == run.make_student_copies() == root / ".cache" / "students"
    assert [command[2:] for command in calls] == [
        ["labutils.teaching.student_copies", str(root / "notebooks"), str(root / ".cache" / "students")]
    ]
    (root / "notebooks" / "01_a.ipynb").write_text("solved again")
    run.make_student_copies()
    (root / "labutils" / "teaching" / "student_copies.py").write_text("another maker")
    run.make_student_copies()
    run.make_student_copies()
    assert len(calls) == 3


def test_students_copies_that_failed_are_not_taken_for_made(unsolved):
    _, calls, status = unsolved
    status[0] = 1
    for _ in range(2):
        with pytest.raises(SystemExit, match="could not be made"):
            run.make_student_copies()
    assert len(calls) == 2


def test_the_lab_opens_the_index_of_the_copies_with_the_whole_folder_beside_it(monkeypatch):
    monkeypatch.delenv("LAB_HOME", raising=False)
    options = run.lab_view()
    assert f"--ServerApp.root_dir={ROOT}" in options
    assert any(option.endswith("/lab/tree/my-lab/index.ipynb") for option in options)


def test_an_update_is_told_once(tmp_path, copies):
    original, mine, start = copies
    start()
    mine.write_text("my work")
    original.write_text("second")
    folders = original.parent, mine.parent
    assert "01_a_update.ipynb" in run.copy_notebooks(*folders)[0]
    assert run.copy_notebooks(*folders) == []


def test_copies_go_to_the_home_of_the_user_and_the_lab_opens_there(tmp_path, monkeypatch, capsys):
    """As on a JupyterHub, where the lab itself may only be read."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LAB_PRESET", "tiny")
    commands = []

    def call(command, **_):
        commands.append([str(word) for word in command])
        if "labutils.teaching.student_copies" in commands[-1]:
            shutil.copytree(ROOT / "notebooks", command[-1])
        return 0

    monkeypatch.setattr(run, "call", call)
    monkeypatch.setattr(
        run, "digest", lambda content: hashlib.sha256(content + b"no such copies").hexdigest()
    )
    assert run.bring_copies() == 0
    assert (tmp_path / "home" / "my-lab" / "index.ipynb").is_file()
    assert run.open_lab(["--no-browser"]) == 0
    assert f"--ServerApp.root_dir={tmp_path / 'home'}" in commands[-1] and commands[-1][-1] == "--no-browser"
    assert len(commands) == 2, "the copies are made once"


@pytest.mark.skipif(os.name == "nt", reason="no bash")
def test_the_ci_script_uses_the_test_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^python3 run\.py test$", script, re.MULTILINE)
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"]).returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the CI runs on Linux")
@pytest.mark.parametrize(("size", "status"), [(0, 1), (1000, 0), (5_000_001, 1)])
def test_the_ci_script_wants_some_screenshots_and_no_more_than_5_mb(tmp_path, size, status):
    for program in ("bin/chromium", ".venv/bin/python"):  # neither installs nor checks anything
        (tmp_path / program).parent.mkdir(parents=True)
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    (tmp_path / "screenshots").mkdir()
    (tmp_path / "screenshots" / "old.jpeg").write_bytes(bytes(2000))
    tests = (
        "import os, pathlib\npathlib.Path(os.environ['LAB_SCREENSHOTS'], 'a.jpeg').write_bytes(bytes(SIZE))"
    )
    (tmp_path / "run.py").write_text(tests.replace("SIZE", str(size)))
    env = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", tmp_path / ".ci" / "run"], env=env, capture_output=True, text=True)
    assert (done.returncode, f"Screenshots: {size} bytes." in done.stdout) == (status, True), done.stderr


@pytest.mark.parametrize(
    "name",
    [
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_NO_DEPS",
        "PIP_CONSTRAINT",
        "PIP_DRY_RUN",
        "PYTHONHOME",
        "PYTHONOPTIMIZE",
        "PYTHONSTARTUP",
        "PYTHONWARNINGS",
        "MPLBACKEND",
    ],
)
def test_settings_of_the_user_stay_out_of_the_environment(name, monkeypatch):
    monkeypatch.setenv(name, "1")
    assert run.lab_environment().get(name, "") in ("", "0")


@pytest.mark.parametrize(
    "name", ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_PROXY", "PIP_RETRIES", "PYTHONUTF8"]
)
def test_where_packages_come_from_reaches_pip(name, monkeypatch):
    monkeypatch.setenv(name, "7")
    assert run.lab_environment()[name] == "7"


def test_an_index_that_does_not_answer_is_given_up_within_minutes(monkeypatch):
    monkeypatch.delenv("PIP_RETRIES", raising=False)
    monkeypatch.delenv("PIP_DEFAULT_TIMEOUT", raising=False)
    env = run.lab_environment()
    assert int(env["PIP_DEFAULT_TIMEOUT"]) * (1 + int(env["PIP_RETRIES"])) <= 120


PLATFORMS = {
    ("Darwin", "x86_64"): "Intel Macs",
    ("Windows", "ARM64"): "Windows on ARM",
    ("Linux", "riscv64"): "no ready-made torch",
    ("Linux", "armv7l"): "no ready-made torch",
    ("Linux", "x86_64"): "",
    ("Linux", "aarch64"): "",
    ("Darwin", "arm64"): "",
    ("Windows", "AMD64"): "",
}


@pytest.mark.parametrize(("system", "machine"), PLATFORMS, ids="-".join)
def test_platforms_without_wheels_are_told_before_anything_is_downloaded(system, machine, monkeypatch):
    monkeypatch.setattr(run.platform, "system", lambda: system)
    monkeypatch.setattr(run.platform, "machine", lambda: machine)
    said = run.find_python_problem((3, 12), lambda name: True)
    assert PLATFORMS[system, machine] in said and bool(said) == bool(PLATFORMS[system, machine])


def test_a_folder_that_may_not_be_written_to_is_one_sentence(monkeypatch, capsys):
    def refuse():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(run, "ensure_environment", refuse)
    assert run.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert "copy the lab to a folder of your own" in said and said.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe", b'{"a": 1}'])
def test_a_damaged_record_of_copies_is_made_anew(content, tmp_path, capsys):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.ipynb").write_text("new")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.ipynb").write_text("edited")
    (tmp_path / "mine" / ".copied.json").write_bytes(content)
    run.copy_notebooks(tmp_path / "source", tmp_path / "mine")
    assert (tmp_path / "mine" / "a.ipynb").read_text() == "edited"
    assert "made anew" in capsys.readouterr().out
