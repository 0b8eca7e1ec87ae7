"""Scores as a table of text."""

from labutils.commands.evaluate import score_table
from labutils.systems.tasks import Score


def test_a_line_a_group_under_a_heading():
    heading, line = score_table([Score("task2", "all", 100, 0.9712, 0.9, 1.0, 0.02)]).splitlines()
    assert heading.split()[:4] == ["task", "group", "sounds", "accuracy"]
    assert line.split() == ["task2", "all", "100", "0.971", "0.900", "-", "1.000", "0.020"]
