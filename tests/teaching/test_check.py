"""The frame of all checks: what comes back for a right function, a wrong one, a broken one and none."""

import numpy as np
import pytest

from labutils.teaching.check import CHANGED, NO_FUNCTION, NO_RETURN, NOTHING_YET, Check, CheckResult

double = Check(
    right=lambda x: 2 * x,
    cases=lambda: [(np.array([1.0, 2.0]),), (np.array([-3.0]),)],
    mistakes={"You squared it.": lambda x: x**2, "You logged it.": np.log},
    praise="Twice as much.",
)


def test_a_right_function_is_praised_whatever_its_container():
    assert double(lambda x: [2 * value for value in x]) == CheckResult(True, "Right. Twice as much.")


def test_a_listed_mistake_is_named_and_another_one_described():
    assert double(lambda x: x * x) == CheckResult(False, "You squared it.")
    assert double(lambda x: 8 * x).message == (
        "Not yet, for [1., 2.]: Yours is 4 x the right answer: is a factor or a sign missing?"
    )


def test_one_wrong_case_is_enough_and_is_the_one_that_is_told():
    assert double(lambda x: 2 * np.abs(x)).message.startswith("Not yet, for [-3.]: ")


def fails(x):
    return x[7]


def changes(x):
    x *= 2
    return x


@pytest.mark.parametrize(
    ("yours", "words"),
    [
        (7, NO_FUNCTION),
        (lambda x: ..., NOTHING_YET),
        (lambda x: None, NO_RETURN),
        (fails, "stopped with IndexError: index 7 is out of bounds"),
        (fails, "It happened in the line: return x[7]"),
        (lambda: 1, "stopped with TypeError"),
        (changes, CHANGED),
    ],
)
def test_no_wrong_function_ends_in_a_traceback(yours, words):
    result = double(yours)
    assert not result.passed and words in result.message


def test_a_failure_is_shown_where_nbgrader_looks_and_a_success_is_not(capsys):
    double(lambda x: 2 * x)._ipython_display_()
    assert capsys.readouterr() == ("Right. Twice as much.\n", "")
    double(fails)._ipython_display_()
    assert capsys.readouterr()[1].startswith("Your function stopped")


def test_a_warning_of_numpy_is_not_taken_for_a_failure(capsys):
    assert double(lambda x: 2 * x + 0 * np.log(np.zeros(1)).clip(0)).passed
    assert capsys.readouterr().err == ""
