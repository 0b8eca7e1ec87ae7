"""The checks of notebook 3."""

from labutils.teaching import checks_towers
from teaching.conftest import hold

CHECKS = {name: c for name, c in vars(checks_towers).items() if name.startswith("check_")}
test_right, test_nothing_else, test_mistakes = hold(CHECKS)
