"""The fuzzer of the readers: what it sets out from, and what it says; atheris itself is not needed."""

import subprocess
import sys

import fuzz
import pytest
from attacks.odd_input import originals


def test_it_sets_out_from_good_files_of_every_reader(click_models, tmp_path):
    names = fuzz.write_corpus(originals(click_models), tmp_path)
    assert names[:3] == ["a.flac", "a.wav", "a.pkl"] and names[-1] == "model.safetensors"
    assert len(list((tmp_path / "a.pkl").iterdir())) == 6  # one of each protocol
    for name, content, read in originals(click_models):
        (tmp_path / "own").mkdir(exist_ok=True)
        (tmp_path / "own" / name).write_bytes(content)
        read(tmp_path / "own" / name)


@pytest.mark.parametrize(
    "status, said, expected",
    [
        (0, "#512\tDONE", "all stood"),
        (
            77,
            "#9 NEW\n=== Uncaught Python exception: ===\nRuntimeError: KeyError: 'a'\n==7== ERROR: libFuzzer: fuzz target "
            "exited\nartifact_prefix='/o/'; Test unit written to /o/a.pkl-x",
            "RuntimeError: KeyError: 'a'; ERROR: libFuzzer: fuzz target exited; Test unit written to /o/a.pkl-x",
        ),
        (1, "ImportError: no such thing", "ImportError: no such thing"),
    ],
)
def test_what_it_found_is_said(status, said, expected):
    assert fuzz.verdict(subprocess.CompletedProcess([], status, said)) == expected


def test_without_atheris_it_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["fuzz.py", str(tmp_path)])
    monkeypatch.setitem(sys.modules, "atheris", None)
    monkeypatch.setattr(fuzz.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="pip install atheris"):
        fuzz.main()
