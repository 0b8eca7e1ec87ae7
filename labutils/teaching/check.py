"""A check: it tries the learner's function on small cases and, where the answers differ, names the mistake behind it.

Every notebook from 1 to 5 has a module of checks (`checks_spectrograms` and so forth). A check knows the right function and
the *typical mistakes*: wrong variants, each with the one sentence that helps. If the learner's answers equal those of a
variant, its sentence is the diagnosis.

In a notebook a failed check is shown on the error stream, which is how nbgrader knows that the exercise gets no points.
"""

import copy
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labutils.teaching.differences import are_same, describe, describe_difference

NOTHING_YET = "Nothing is written here yet: put your own lines in the place of `raise NotImplementedError()`."
NO_FUNCTION = "Give the check the function itself, without brackets: check_it(my_function)."
NO_RETURN = "Your function returns nothing: is the `return` missing?"
CHANGED = "Your function changes the array that it is given: take a copy first (x = x.copy())."


@dataclass(frozen=True)
class CheckResult:
    """What a check found: whether the function is right, and the sentence for the learner."""

    passed: bool
    message: str

    def _ipython_display_(self) -> None:
        """Show the sentence under the cell; a failure on the error stream, where nbgrader looks."""
        (sys.stdout if self.passed else sys.stderr).write(self.message + "\n")


def call(function: Callable, *case: Any) -> Any:
    """Ask a function for its answer to a case: the usual way to ask."""
    return function(*case)


@dataclass(frozen=True, eq=False)
class Check:
    """The check of one exercise; call it with the learner's function.

    Attributes:
        right: a right solution.
        cases: makes the small cases, one tuple of arguments each.
        mistakes: sentence -> the wrong variant that it explains.
        praise: what is said of a right answer.
        ask: (function, *case) -> the answer that is compared; for what cannot simply be called.
    """

    right: Callable
    cases: Callable[[], Sequence[tuple]]
    mistakes: Mapping[str, Callable]
    praise: str
    ask: Callable = call

    def __call__(self, yours: Callable) -> CheckResult:
        """Try a function; the result says in one or two sentences what was found."""
        problem = self.find_problem(yours)
        return CheckResult(not problem, problem or f"Right. {self.praise}")

    def find_problem(self, yours: Callable) -> str:
        """Say what is wrong with a function; empty if nothing is."""
        if not callable(yours):
            return NO_FUNCTION
        found = []
        for case in self.cases():
            tried = copy.deepcopy(case)
            try:
                found.append(self._answer(yours, tried))
            except NotImplementedError:
                return NOTHING_YET
            except Exception as error:  # whatever the learner wrote, a sentence comes back
                return describe_failure(error, yours)
            if not all(map(_unchanged, tried, case)):
                return CHANGED
        return self.diagnose(found)

    def diagnose(self, found: Sequence) -> str:
        """Say what answers to all cases reveal; empty if they are right."""
        expected = self.answers_of(self.right)
        if all(map(are_same, found, expected)):
            return ""
        if any(answer is ... for answer in found):
            return NOTHING_YET
        if any(answer is None for answer in found):
            return NO_RETURN
        for sentence, variant in self.mistakes.items():
            if all(map(are_same, found, self.answers_of(variant))):
                return sentence
        case, one, other = next(
            (c, f, e) for c, f, e in zip(self.cases(), found, expected, strict=True) if not are_same(f, e)
        )
        return f"Not yet, for {', '.join(map(describe, case))}: {describe_difference(one, other)}"

    def answers_of(self, function: Callable) -> list:
        """The answers of a function to all cases."""
        return [self._answer(function, case) for case in self.cases()]

    def _answer(self, function: Callable, case: tuple) -> Any:
        """One answer, without warnings: they would go to the error stream, as if the check had failed."""
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            return self.ask(function, *case)


def _unchanged(after: Any, before: Any) -> bool:
    return callable(before) or are_same(after, before)


def describe_failure(error: Exception, yours: Callable) -> str:
    """Say where and how a learner's function stopped."""
    text = str(error).strip().splitlines()
    sentence = f"Your function stopped with {type(error).__name__}: {text[0] if text else 'no reason given'}."
    code = getattr(yours, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if code is not None and frame.filename == code.co_filename]
    return f"{sentence} It happened in the line: {own[-1].line}" if own and own[-1].line else sentence
