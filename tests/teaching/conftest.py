"""What the tests of all checks share: a right answer passes, a stub and each listed mistake are named."""

import pytest

from labutils.teaching import check


def stub(*_):
    """What a student finds."""
    raise NotImplementedError()


def hold(checks: dict[str, check.Check]):
    """Make the tests that every check has to pass; a module of tests assigns them to names of its own."""
    named = [
        pytest.param(c, sentence, variant, id=f"{name}: {sentence[:40]}")
        for name, c in checks.items()
        for sentence, variant in c.mistakes.items()
    ]

    @pytest.mark.parametrize("one", checks.values(), ids=checks)
    def test_the_right_function_passes_and_the_stub_does_not(one):
        assert one(one.right).passed and one(one.right).message == f"Right. {one.praise}"
        assert one(stub) == check.CheckResult(False, check.NOTHING_YET)

    @pytest.mark.parametrize("one", checks.values(), ids=checks)
    def test_nothing_else_passes(one):
        for answer in (None, 0, "left", (1, 2), [1.0]):
            result = one(lambda *_, answer=answer: answer)
            assert not result.passed and len(result.message) > 10

    @pytest.mark.parametrize(("one", "sentence", "variant"), named)
    def test_a_typical_mistake_is_named(one, sentence, variant):
        assert one(variant) == check.CheckResult(False, sentence)
        assert "*" not in sentence  # it is shown as plain text

    return (
        test_the_right_function_passes_and_the_stub_does_not,
        test_nothing_else_passes,
        test_a_typical_mistake_is_named,
    )
