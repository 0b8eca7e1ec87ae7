"""How long a new process takes to be of use, against one of Python alone."""

import subprocess
import sys

from costs.row import Row, best_s

STARTS = {
    "python -c pass": ["-c", "pass"],
    "import labutils": ["-c", "import labutils"],
    "python -m labutils --help": ["-m", "labutils", "--help"],
}


def starts(repeats: int) -> list[Row]:
    """Time of whole processes."""
    spent_s = {}
    for name, words in STARTS.items():
        command = [sys.executable, *words]
        spent_s[name] = best_s(
            lambda command=command: subprocess.run(command, capture_output=True, check=True), repeats
        )
    bare_s = spent_s["python -c pass"]
    return [Row(name, own_s, {"bare Python": own_s / bare_s}) for name, own_s in spent_s.items()]
