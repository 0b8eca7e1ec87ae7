"""The numbers of the simulator do not change while its code is moved: same preset and seed, same bytes.

If this fails after a change on purpose: raise SIMULATOR_VERSION and run `python tools/simulator_fingerprints.py`.
"""

import copy
import json
import warnings

import pytest

from labutils.clips import CLASS_NAMES, read_manifest
from labutils.simulate import sound
from labutils.simulate.version import SIMULATOR_VERSION
from tools.simulator_fingerprints import FINGERPRINTS, TOLERANCES, machine, of_session, off

CONTENT = json.loads(FINGERPRINTS.read_text(encoding="utf-8"))
SESSIONS = CONTENT["sessions"]
LABELS = [CLASS_NAMES.index(name) for name in SESSIONS]


class BitsDiffer(UserWarning):
    """The statistics agree, but this machine rounds differently."""


def hold(found: dict, expected: dict, *, same_machine: bool) -> None:
    """Assert that a session is the expected one: by its bytes, or, on a machine of another kind, by its statistics."""
    if found["sha256"] == expected["sha256"]:
        return
    changed = [kind for kind, digest in found["sha256"].items() if digest != expected["sha256"][kind]]
    assert not same_machine, f"other bytes of {', '.join(changed)} on the same kind of machine"
    assert off(found["statistics"], expected["statistics"]) == {}
    warnings.warn(
        f"other bytes of {', '.join(changed)}: compared statistics instead", BitsDiffer, stacklevel=2
    )


def test_fingerprints_are_those_of_this_version():
    assert CONTENT["simulator_version"] == SIMULATOR_VERSION


@pytest.mark.parametrize("label", LABELS, ids=lambda label: CLASS_NAMES[label])
def test_a_session_keeps_its_bytes(label):
    hold(of_session(label), SESSIONS[CLASS_NAMES[label]], same_machine=machine() == CONTENT["machine"])


def test_tiny_keeps_its_bytes(tiny_data):
    if read_manifest(tiny_data)["fingerprint"] == CONTENT["tiny"]:
        return
    assert machine() != CONTENT["machine"], "other bytes of the preset tiny on the same kind of machine"
    warnings.warn("other bytes of the preset tiny: test_bands holds its statistics", BitsDiffer, stacklevel=1)


def test_one_changed_bit_is_noticed_on_the_same_kind_of_machine(monkeypatch):
    monkeypatch.setattr(sound, "GAIN", 1.01 * sound.GAIN)
    found, expected = of_session(LABELS[0]), SESSIONS[CLASS_NAMES[LABELS[0]]]
    with pytest.raises(AssertionError, match="other bytes of sound on the same kind"):
        hold(found, expected, same_machine=True)
    with pytest.warns(BitsDiffer, match="sound"):
        hold(found, expected, same_machine=False)


@pytest.mark.parametrize("name", TOLERANCES)
def test_a_statistic_that_is_far_off_is_noticed_on_any_machine(name):
    expected = SESSIONS["green_basketball"]
    found = copy.deepcopy(expected)
    found["sha256"]["sound"] = "another"
    absolute, share = TOLERANCES[name]
    found["statistics"][name] += 1.1 * (absolute + share * abs(expected["statistics"][name]))
    with pytest.raises(AssertionError, match="expected"):
        hold(found, expected, same_machine=False)


def test_the_machine_is_the_same_twice_and_names_what_it_calculates_with():
    assert machine() == machine()
    assert {"mujoco-core", "numpy", "scipy"} <= set(machine()["packages"])
    assert machine()["instructions"]["numpy"]
