"""The image of the lab: its steps name what is there, and the student who runs it owns nothing of the lab."""

import os
import re
import subprocess
from pathlib import Path

import pytest

import run
from labutils.__main__ import _parser

ROOT = Path(__file__).resolve().parents[1]
STEPS = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
ENTRY = ROOT / "tools" / "container_entry.sh"


def test_every_command_of_the_image_is_one_of_the_lab():
    assert set(re.findall(r"run\.py (\w+)", STEPS + ENTRY.read_text(encoding="utf-8"))) <= set(run.COMMANDS)
    for line in re.findall(r"-m labutils ([^;&\n]+)", STEPS):
        words = line.replace('"', "").replace("$PRESET", "lab").split()
        assert _parser().parse_args(words).run


def test_the_lab_belongs_to_root_and_the_user_comes_after_it():
    names = re.findall(r"^(FROM|COPY|RUN|USER|ENTRYPOINT|CMD)\b", STEPS, re.MULTILINE)
    assert names.count("USER") == 1
    assert names.index("USER") > max(i for i, name in enumerate(names) if name in ("COPY", "RUN"))
    assert "/srv/impact-lab/tools/container_entry.sh" in STEPS


def test_nothing_private_or_large_travels_into_the_image():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "data", "models", "my-lab"} <= set(ignored)


@pytest.mark.skipif(os.name == "nt", reason="no shell")
def test_the_entry_is_a_shell_script_that_may_be_run():
    assert os.access(ENTRY, os.X_OK)
    assert subprocess.run(["sh", "-n", ENTRY]).returncode == 0
    assert ENTRY.read_text(encoding="utf-8").rstrip().endswith('exec "$@"')
