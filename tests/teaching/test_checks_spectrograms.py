"""The checks of notebook 1."""

from labutils.teaching import checks_spectrograms
from teaching.conftest import hold

CHECKS = {name: c for name, c in vars(checks_spectrograms).items() if name.startswith("check_")}
test_right, test_nothing_else, test_mistakes = hold(CHECKS)
