"""The checks of notebook 4."""

from labutils.teaching import checks_assignment
from teaching.conftest import hold

CHECKS = {name: c for name, c in vars(checks_assignment).items() if name.startswith("check_")}
test_right, test_nothing_else, test_mistakes = hold(CHECKS)
