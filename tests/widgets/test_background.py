"""Work in a thread: started once, with the values of the moment, and never lost without a word."""

import threading

import pytest

from labutils import widgets
from widgets.conftest import WAIT_S, alert


class Doubling(widgets.BackgroundPanel):
    """Doubles x when it is allowed to go on; fails at 0."""

    def __init__(self):
        super().__init__([widgets.whole_number("x", "my x", 3, 0, 9)], title="Twice", verb="Double")
        self.may_go_on, self.starts = threading.Event(), 0

    def _compute(self, settings):
        self.starts += 1
        self.may_go_on.wait(WAIT_S)
        if not settings["x"]:
            raise ValueError("nothing to <double>\nsecond line")
        return 2 * settings["x"]


@pytest.fixture
def panel():
    panel = Doubling()
    yield panel
    panel.may_go_on.set()
    panel.join(WAIT_S)


def test_result_is_there_when_the_work_has_ended(panel):
    assert "Double 0: not started yet" in panel.status.value and panel.result is None
    panel.may_go_on.set()
    panel.run_button.click()
    assert panel.join(WAIT_S) == panel.result == 6
    assert 'role="status"' in panel.status.value and "Double 1: finished" in panel.status.value
    assert not panel.run_button.disabled


def test_values_are_read_before_the_thread_starts(panel):
    panel.run_button.click()
    panel.controls["x"].value = 5
    panel.may_go_on.set()
    assert panel.join(WAIT_S) == 6


def test_second_run_while_one_lives_is_ignored(panel):
    panel.run_button.click()
    panel.run()
    assert panel.runs == 1 and panel.run_button.disabled
    panel.may_go_on.set()
    panel.join(WAIT_S)
    assert panel.starts == 1
    panel.run()
    panel.join(WAIT_S)
    assert (panel.starts, panel.runs) == (2, 2)


def test_error_is_one_sentence_and_the_next_run_clears_it(panel):
    panel.may_go_on.set()
    panel.controls["x"].value = 0
    panel.run()
    assert panel.join(WAIT_S) is None
    assert alert(panel) == "<b>That did not work:</b> nothing to &lt;double&gt;"
    assert isinstance(panel.error, ValueError) and "Double 1: failed" in panel.status.value
    assert not panel.run_button.disabled
    panel.controls["x"].value = 4
    panel.run()
    assert panel.join(WAIT_S) == 8
    assert alert(panel) == "" and panel.error is None


def test_error_without_a_message_is_named_by_its_kind(panel, monkeypatch):
    def fail(settings):
        raise RuntimeError

    monkeypatch.setattr(panel, "_compute", fail)
    panel.run()
    panel.join(WAIT_S)
    assert "RuntimeError" in alert(panel)


def test_error_while_showing_the_result_does_not_block_the_panel(panel, monkeypatch):
    def fail(settings):
        raise ValueError("too large to show")

    panel.may_go_on.set()
    monkeypatch.setattr(panel, "_finish", fail)
    panel.run()
    assert panel.join(WAIT_S) == 6
    assert "too large to show" in alert(panel) and not panel.run_button.disabled
    panel.run()
    assert panel.runs == 2
