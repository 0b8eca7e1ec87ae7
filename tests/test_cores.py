"""As many processors as this process may use."""

import os

import pytest

from labutils.cores import usable_cores


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="Linux knows which processors a process may use"
)
def test_a_process_held_to_one_processor_uses_one():
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_without_affinity_all_processors_count(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert usable_cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores() == 1
