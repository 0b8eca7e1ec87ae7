"""The checks of notebook 2."""

from labutils.teaching import checks_classifier
from teaching.conftest import hold

CHECKS = {name: c for name, c in vars(checks_classifier).items() if name.startswith("check_")}
test_right, test_nothing_else, test_mistakes = hold(CHECKS)
