"""What came of an attack, and what counts as good: an answer, or one sentence."""

import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from labutils.errors import LabError


@dataclass
class Outcome:
    """How often the lab stood an attack.

    Attributes:
        name: of the attack.
        good, tried: cases.
        worst_s: the slowest case.
        bad: what was seen in the others.
    """

    name: str
    good: int = 0
    tried: int = 0
    worst_s: float = 0.0
    bad: list[str] = field(default_factory=list)

    def count(self, what: str, trouble: str) -> None:
        """Add a case; `trouble` is empty if it went well."""
        self.tried += 1
        self.good += not trouble
        if trouble:
            self.bad.append(f"{what}: {trouble}"[:200])


def answer_or_sentence(action: Callable[[], object]) -> str:
    """Carry out an action; what is wrong with how it ended, empty if it gave an answer or one printable sentence."""
    try:
        action()
    except LabError as error:
        return "" if str(error).isprintable() and len(str(error)) < 2000 else f"no sentence: {str(error)!r}"
    except OSError as error:
        return "" if error.errno else f"{type(error).__name__}: {error}"
    except Exception as error:  # what escapes is what is looked for
        return f"{type(error).__name__}: {error}"
    return ""


def try_all(name: str, cases: Iterable[tuple[str, Callable[[], object]]], *, most_s: float = 10.0) -> Outcome:
    """Carry out every case in this process; none may take longer than `most_s`, or the process grow over 2 GB."""
    outcome = Outcome(name)
    for what, action in cases:
        start_s = time.perf_counter()
        trouble = answer_or_sentence(action)
        took_s = time.perf_counter() - start_s
        outcome.worst_s = max(outcome.worst_s, took_s)
        outcome.count(what, trouble or (f"{took_s:.0f} s" if took_s > most_s else ""))
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 2 * 2**20:  # kB
        outcome.count("memory", "over 2 GB")
    return outcome
