"""Both systems, and any third one, offer what the interface names."""

import inspect

import pytest

from labutils.systems.contact import ContactSystem
from labutils.systems.interface import ImpactSystem
from labutils.systems.report import ReportSystem

METHODS = [name for name, value in vars(ImpactSystem).items() if inspect.isfunction(value) and name[0] != "_"]


@pytest.mark.parametrize("system", [ContactSystem, ReportSystem])
@pytest.mark.parametrize("name", [*METHODS, "from_state"])
def test_system_offers_every_method_with_its_arguments(system, name):
    theirs = inspect.signature(getattr(ImpactSystem, name)).parameters
    ours = inspect.signature(getattr(system, name)).parameters
    takes_options = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in ours.values())
    assert all(p in ours or takes_options for p in theirs), (list(theirs), list(ours))
