"""The checks of notebook 5."""

from labutils.teaching import checks_contact_maps
from teaching.conftest import hold

CHECKS = {name: c for name, c in vars(checks_contact_maps).items() if name.startswith("check_")}
test_right, test_nothing_else, test_mistakes = hold(CHECKS)
