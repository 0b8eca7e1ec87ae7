"""Open the Impact Lab or test it: one command each, on any machine with Python 3.11, 3.12 or 3.13.

    python3 run.py lab  [arguments for JupyterLab]   open your copy of the notebooks
    python3 run.py test [arguments for pytest]       run the tests, and the notebooks as tests
    python3 run.py setup                             only install
    python3 run.py copy                              only bring your copies of the notebooks up to date

The first start installs everything into `.venv/`, which belongs to this script: it is made anew when an
installation broke half-way or the folder was moved, and brought up to date when `pyproject.toml` changes.
Later starts need no network.

`lab` works on copies, so that an update of the lab never meets your own work:
  - every notebook is copied to `my-lab/` with its exercises unsolved (`notebooks/` holds them solved); delete a
    copy, and the next start brings a fresh one;
  - a copy whose cells you have not touched follows the updates of the lab; to open it and save it changes no cell;
  - a copy in which you have edited or run a cell is never written to: a newer version is put beside it, once, as
    `..._update.ipynb`.
JupyterLab opens at once. If data or networks of the notebooks are missing (`data/lab`, `models/lab-report-fast`)
they are made meanwhile, told in `data/prepare.log`; this stops when the lab is closed and goes on at the next start.

`test` runs pytest from the root of the lab on the small `tiny` data; name files (`tests/test_setup.py`) to
run only those.
"""

import contextlib
import difflib
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

# This file must at least be readable by older Pythons, so that they can be refused in plain words.
COMMANDS = ("lab", "test", "setup", "copy")
OLDEST, TOO_NEW = (3, 11), (3, 14)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "impact-lab.stamp"
# What a user may tell pip and Python: where packages come from, and how text is written. All else (install for the
# user, into another folder, without dependencies, with other modules) would spoil what belongs to this script.
PIP_WELCOME = [
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_TRUSTED_HOST",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_PROXY",
    "PIP_CACHE_DIR",
    "PIP_NO_CACHE_DIR",
    "PIP_CONFIG_FILE",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_RETRIES",
]
PYTHON_WELCOME = [
    "PYTHONUTF8",
    "PYTHONIOENCODING",
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
]
OWN_SETTINGS = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_USER": "0",  # as variables these also overrule pip's configuration files
    "PIP_TARGET": "",
    "PIP_PREFIX": "",
    "PIP_ROOT": "",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PYTHONNOUSERSITE": "1",
    "JUPYTER_PREFER_ENV_PATH": "1",  # a kernel of the user with the same name would be another Python
}
PATIENCE = {"PIP_DEFAULT_TIMEOUT": "20", "PIP_RETRIES": "2"}  # pip's own retries last a quarter of an hour
# What is used is compiled now, on two cores, and not by pip, which would compile everything; librosa compiles some
# functions, and matplotlib lists the fonts, when they are first used: some 20 seconds.
IMPORT_TOOLS = """
import importlib
for name in "jupyterlab.labapp ipykernel.kernelapp nbgrader.apps nbval.plugin xdist.plugin hypothesis torch._dynamo".split():
    importlib.import_module(name)
"""
IMPORT_LAB = """
import importlib, pkgutil
import labutils
for module in pkgutil.walk_packages(labutils.__path__, "labutils."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
import librosa, numpy
librosa.stft(numpy.zeros(4096, numpy.float32))
"""


def main(arguments) -> int:
    """Obey the command line and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # a folder in letters that the terminal does not have is printed all the same
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    command = arguments[0] if arguments else "--help"
    if command not in COMMANDS and command not in ("-h", "--help"):
        near = difflib.get_close_matches(command, COMMANDS, 1)
        guess = f"did you mean '{near[0]}'? " if near else ""
        print(
            "error: {!r} is no command: {}expected one of {}.".format(command, guess, ", ".join(COMMANDS)),
            file=sys.stderr,
        )
        return 2
    if command not in COMMANDS or {"-h", "--help"} & set(arguments[1:]):  # help starts and installs nothing
        print(__doc__)
        return 0
    problem = find_python_problem(sys.version_info[:2], importlib.util.find_spec)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    try:
        return obey(command, arguments[1:])
    except BrokenPipeError:  # the folder is not to blame
        raise
    except OSError as error:
        print(
            f"{ROOT} cannot be worked in ({error}): copy the lab to a folder of your own and start again.",
            file=sys.stderr,
        )
        return 1


def obey(command, arguments) -> int:
    """Install if need be, and run one of the commands."""
    ensure_environment()
    return {"lab": open_lab, "test": run_tests, "setup": explain_setup, "copy": bring_copies}[command](
        arguments
    )


def find_python_problem(version, find_module) -> str:
    """Say in a sentence why this Python cannot run the lab; empty if it can."""
    found = "This is Python {}.{}".format(*version)
    if not OLDEST <= tuple(version) < TOO_NEW:
        return (
            f"{found}, and the lab needs Python 3.11, 3.12 or 3.13: install one from "
            "https://www.python.org/downloads/ and start again with it, for example 'python3.12 run.py lab'."
        )
    if not (find_module("venv") and find_module("ensurepip")):
        return (
            f"{found} without its venv module: install it, on Debian or Ubuntu with "
            "'sudo apt install python{}.{}-venv', and start again.".format(*version)
        )
    return find_platform_problem()


def find_platform_problem() -> str:
    """Say in a sentence why torch and mujoco have no ready-made wheels for this machine; empty if they do."""
    system, machine = platform.system(), platform.machine().lower()
    found = f"This is {system} on {machine}, 64 bits: {sys.maxsize > 2**32}"
    elsewhere = "use Linux, Windows on x86-64, or a Mac with Apple silicon, for example in the cloud."
    if platform.python_implementation() != "CPython" or "free-threading" in sys.version:
        return "The lab needs the usual CPython, not PyPy and not a free-threaded build: install one from python.org."
    if sys.maxsize <= 2**32:
        return "This Python has 32 bits, and torch needs 64: install the 64-bit one from python.org."
    if system == "Darwin" and machine == "x86_64":
        return (
            "This is a Python for Intel Macs, for which torch is no longer made: on Apple silicon install the universal2 "
            "Python from python.org; on an Intel Mac " + elsewhere
        )
    if system == "Windows" and machine in ("arm64", "aarch64"):
        return "Windows on ARM has no torch and no mujoco that fit the lab: " + elsewhere
    if system == "Linux" and (machine not in ("x86_64", "aarch64") or any(Path("/lib").glob("ld-musl-*"))):
        return f"{found} has no ready-made torch (it needs glibc on x86-64 or ARM64): {elsewhere}"
    return ""


def ensure_environment() -> None:
    """Install the lab into `.venv`, unless the stamp says that this was done."""
    if is_installed():
        return
    if not os.access(str(ROOT), os.W_OK):
        sys.exit(
            f"{ROOT} may only be read, and what is installed in it is missing or older than the lab: whoever installed it "
            "runs 'python3 run.py setup' there, or you copy the lab to a folder of your own."
        )
    with installing_alone():
        if not is_installed():
            install()


def is_installed() -> bool:
    """Tell whether the last installation finished, here and with the present pyproject.toml."""
    return venv_python().exists() and read_stamp() == make_stamp()


def venv_python() -> Path:
    """Return the Python of the environment, on Windows or elsewhere."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_stamp() -> list:
    """Return what an installation depends on: the folder and the list of dependencies."""
    return [str(ROOT), hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()]


def read_stamp() -> list:
    """Return what the last finished installation depended on; empty if none finished."""
    return STAMP.read_text(encoding="utf-8", errors="replace").splitlines() if STAMP.exists() else []


def install() -> None:
    """Make or mend `.venv`; the stamp goes first and comes last, so that half an installation has none."""
    if venv_python().exists() and read_stamp()[:1] == make_stamp()[:1]:
        print("pyproject.toml has changed: bringing .venv up to date.", flush=True)
        STAMP.unlink()
    else:
        print("Installing into .venv: about 2 GB, one to ten minutes, this once.", flush=True)
        print(
            "(If pip warns that the package index does not answer, it gives up by itself soon.)", flush=True
        )
        make_venv()
    install_all = [venv_python(), "-m", "pip", "install", "--no-compile", "-e", f"{ROOT}[test]"]
    first_uses = [[venv_python(), "-c", program] for program in (IMPORT_TOOLS, IMPORT_LAB)]
    # where bytecode is not to be written, as in many containers, each start would compile all of it again
    if call(install_all) or call_together(first_uses, PYTHONDONTWRITEBYTECODE=""):
        sys.exit(
            "The installation did not finish (see above): check that the package index answers and that the disk has room, "
            "and start again; another index is named by PIP_INDEX_URL."
        )
    STAMP.write_text("\n".join(make_stamp()), encoding="utf-8")
    print("Installed.", flush=True)


def make_venv() -> None:
    """Make an empty environment in the place of whatever is there."""
    try:
        if VENV.exists():
            shutil.rmtree(VENV)
    except OSError as error:
        sys.exit(f"{VENV} is broken and cannot be removed ({error}): close what uses it, and start again.")
    # may be running inside the old .venv
    base_python = getattr(sys, "_base_executable", None) or sys.executable
    if call([base_python, "-m", "venv", VENV]):
        sys.exit(f"{base_python} could not make an environment in {VENV} (see above).")


@contextlib.contextmanager
def installing_alone():
    """Wait until no other start is installing; the lock dies with its process."""
    (ROOT / ".cache").mkdir(exist_ok=True)
    with open(ROOT / ".cache" / "install.lock", "w", encoding="utf-8") as lock:
        if not try_lock(lock):
            print("Waiting for another installation into .venv.", flush=True)
            while not try_lock(lock):
                time.sleep(0.5)
        yield


def try_lock(file) -> bool:
    """Lock an open file without waiting; tell whether it was free."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def lab_environment(**changes) -> dict:
    """Return the environment variables of everything that is started here."""
    env = {name: value for name, value in os.environ.items() if is_welcome(name)}
    env.update(OWN_SETTINGS, **{name: env.get(name, value) for name, value in PATIENCE.items()})
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = os.pathsep.join([str(venv_python().parent), env.get("PATH", "")])
    config_path = [str(ROOT / ".jupyter"), env.get("JUPYTER_CONFIG_PATH", "")]
    env["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, config_path))
    if env.get("LAB_DATA"):  # kernels run in another folder
        env["LAB_DATA"] = os.path.abspath(os.path.expanduser(env["LAB_DATA"]))
    return {**env, **changes}


def is_welcome(name) -> bool:
    """Tell whether a variable of the user may reach the environment of the lab; on Windows names are in capitals."""
    if name.startswith("PIP_"):
        return name in PIP_WELCOME
    return not (name.startswith("PYTHON") or name == "MPLBACKEND") or name in PYTHON_WELCOME


def call(command, **changes) -> int:
    """Run a command in the root of the lab and return its exit status; Ctrl-C is left to the command."""
    return call_together([command], **changes)


def call_together(commands, **changes) -> int:
    """Run commands at the same time; return the exit status of the first one that failed, or 0."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    env, children = lab_environment(**changes), []
    try:
        for command in commands:
            children.append(subprocess.Popen([str(word) for word in command], cwd=str(ROOT), env=env))
        return next(filter(None, [child.wait() for child in children]), 0)
    finally:
        for child in children:
            if child.poll() is None:
                child.terminate()
                child.wait()
        signal.signal(signal.SIGINT, before)


def open_lab(arguments) -> int:
    """Copy the notebooks, start making what they wait for if it is missing, and open JupyterLab."""
    bring_copies()
    with preparing():
        return call([venv_python(), "-m", "jupyterlab", *lab_view(), *arguments])


def bring_copies(_=()) -> int:
    """Bring the copies of the notebooks up to date, and start nothing."""
    for line in copy_notebooks(make_student_copies(), home() / "my-lab"):
        print(line)
    return 0


def home() -> Path:
    """Return the folder for all that is written: this one, or one of the user's if this one may only be read."""
    from labutils import places  # needs nothing installed either

    return places.home()


def lab_view() -> list:
    """Return the options that open the index, with the whole folder of the lab in the file browser."""
    return [f"--ServerApp.root_dir={home()}", "--LabApp.default_url=/lab/tree/my-lab/index.ipynb"]


def make_student_copies() -> Path:
    """Make the notebooks without solutions, unless they were made from the present ones; return their folder."""
    source, maker = ROOT / "notebooks", ROOT / "labutils" / "teaching" / "student_copies.py"
    made_from = digest(b"".join(path.read_bytes() for path in [maker, *sorted(source.glob("*.ipynb"))]))
    target = home() / ".cache" / "students"
    for folder in (ROOT / ".cache" / "students", target):
        stamp = folder / "made_from.txt"
        if stamp.exists() and stamp.read_text(encoding="utf-8") == made_from:
            return folder
    if call([venv_python(), "-m", "labutils.teaching.student_copies", source, target]):
        sys.exit(
            "The students' copies of the notebooks could not be made (see above): has a notebook been changed?"
        )
    write_whole(target / "made_from.txt", made_from.encode())
    return target


def run_tests(arguments) -> int:
    """Run pytest on the tests and the notebooks, or on the files that are named."""
    names_files = any(re.search(r"[/\\]|\.py\b|\.ipynb\b", word) for word in arguments if word[:1] != "-")
    processes = str(min(4, os.cpu_count() or 1))
    what = [] if names_files else ["-n", processes, "notebooks", "tests"]
    return call([venv_python(), "-m", "pytest", "--nbval", *what, *arguments], LAB_PRESET="tiny")


def explain_setup(_) -> int:
    """Say how to use the environment that was just made."""
    activate = ".venv\\Scripts\\activate" if os.name == "nt" else "source .venv/bin/activate"
    print(f"Ready. For the commands of the lab, type in {ROOT}:\n  {activate}\n  python -m labutils --help")
    return 0


def copy_notebooks(source, target) -> list:
    """Bring the student's copies up to date, never writing to an edited one; return what there is to tell."""
    target.mkdir(parents=True, exist_ok=True)
    record = target / ".copied.json"
    copied = read_record(record)
    told = [copy_notebook(path, target, path.stem, copied) for path in sorted(source.glob("*.ipynb"))]
    write_whole(record, json.dumps(copied, indent=1, sort_keys=True).encode())
    return [line for line in told if line]


def read_record(record) -> dict:
    """Return which versions were handed out; a damaged record counts as none, which is said."""
    if not record.exists():
        return {}
    try:
        copied = json.loads(record.read_text(encoding="utf-8"))
        if not isinstance(copied, dict) or not all(isinstance(version, str) for version in copied.values()):
            raise ValueError
    except ValueError:
        print(f"{record} cannot be read and is made anew: your notebooks stay as they are.")
        return {}
    return copied


def copy_notebook(path, folder, name, copied) -> str:
    """Copy one notebook as `name`, or beside an edited copy as `name_update`.

    `copied` keeps the version handed out under each name.
    """
    new, mine = path.read_bytes(), folder / (name + ".ipynb")
    version, handed_out = fingerprint(new), copied.get(name)
    is_update = name != path.stem
    is_edited = mine.exists() and not versions_of(mine.read_bytes()) & {handed_out, version}
    if is_edited:
        return "" if handed_out == version else copy_notebook(path, folder, name + "_update", copied)
    was_thrown_away = handed_out == version and is_update and not mine.exists()
    if was_thrown_away:
        return ""
    is_news = is_update and handed_out != version
    write_whole(mine, new)
    copied[name] = version
    return f"my-lab/{mine.name}: a newer version, put beside your own work." if is_news else ""


def versions_of(content) -> set:
    """Return the names under which a copy may have been handed out: by its cells, and by its bytes as in older labs."""
    return {fingerprint(content), digest(content)}


def fingerprint(content) -> str:
    """Return the SHA-256 of what a reader can change in a notebook: kinds, sources, counts and outputs of its cells.

    JupyterLab completes the metadata of a notebook that was only opened, and writes it in another form.
    """
    try:
        cells = json.loads(content)["cells"]
        kept = [
            [cell["cell_type"], "".join(cell["source"]), cell.get("execution_count"), cell.get("outputs")]
            for cell in cells
        ]
    except (ValueError, KeyError, TypeError):  # no notebook
        return digest(content)
    return digest(json.dumps(kept, sort_keys=True).encode())


def digest(content) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def write_whole(path, content) -> None:
    """Write a file aside and rename it, so that it is never half there."""
    aside = path.with_suffix(".part")
    aside.write_bytes(content)
    os.replace(str(aside), str(path))


@contextlib.contextmanager
def preparing():
    """Make what the notebooks wait for, data and trained networks, in the background, as long as the block lasts."""
    from labutils import places

    name = places.data_set_name(os.environ.get("LAB_PRESET", "lab"), places.data_seed())
    if os.environ.get("LAB_DATA") or is_prepared(name):
        yield
        return
    log_path = places.home() / "data" / "prepare.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    print(
        "Data and networks of the notebooks are being made meanwhile; data/prepare.log tells how far they are.",
        flush=True,
    )
    with open(log_path, "a", encoding="utf-8") as log:
        maker = start_apart([venv_python(), "-m", "labutils", "prepare"], stdout=log, stderr=log)
    try:
        yield
    finally:
        end_group(maker)


def is_prepared(name) -> bool:
    """Whether the data set of this name is there, the systems that the notebooks ask, and what their cells train."""
    from labutils import places

    files = [places.data_folder(name) / "dataset" / "manifest.json"]
    files += [places.trained_models(system) / "card.json" for system in (name, places.report_name(name))]
    return all(file.exists() for file in files) and places.is_rehearsed(name)


def start_apart(command, **options):
    """Start a command in a process group of its own, which Ctrl-C in this terminal does not reach."""
    if os.name == "nt":
        options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
    usual = {"cwd": str(ROOT), "env": lab_environment(), "stdin": subprocess.DEVNULL}
    return subprocess.Popen([str(word) for word in command], **{**usual, **options})


def end_group(process) -> None:
    """End a process that was started apart, with the workers that it has started."""
    if process.poll() is not None:
        return
    if os.name == "nt":
        subprocess.call(["taskkill", "/F", "/T", "/PID", str(process.pid)], stdout=subprocess.DEVNULL)
    else:
        os.killpg(process.pid, signal.SIGTERM)
    process.wait()


if __name__ == "__main__":
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal must end the background work too
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: sys.exit(128 + number))
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)
