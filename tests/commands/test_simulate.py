"""Where simulated data go, and that options reach the simulator."""

import sys
from pathlib import Path
from types import SimpleNamespace

from labutils.__main__ import main


def test_simulate_hands_its_options_on(monkeypatch, capsys):
    calls = []
    fake = SimpleNamespace(generate=lambda *args, **options: calls.append((args, options)))
    monkeypatch.setitem(sys.modules, "labutils.simulate.generate", fake)
    arguments = "simulate --preset tiny --seed 7 --audio-format pkl --out DATA --workers 2"
    assert main(arguments.split()) == 0
    options = {"audio_format": "pkl", "workers": 2, "progress": True}
    assert calls == [((Path("DATA"), "tiny", 7), options)]
    assert "DATA" in capsys.readouterr().out


def test_simulated_sets_go_to_the_home_of_the_lab_by_name_and_seed(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    made = []
    fake = SimpleNamespace(generate=lambda out, *_, **__: made.append(out))
    monkeypatch.setitem(sys.modules, "labutils.simulate.generate", fake)
    for arguments in (["--preset", "tiny"], ["--preset", "lab", "--seed", "7"]):
        assert main(["simulate", *arguments]) == 0
    assert made == [tmp_path / "data" / "tiny", tmp_path / "data" / "lab-seed7"]
