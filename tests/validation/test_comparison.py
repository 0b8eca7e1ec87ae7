"""Single figures beside each other, and the table of the recordings."""

import dataclasses
import math

from labutils.validation.comparison import in_band, near_number, number, real_statistics
from labutils.validation.motion import MotionStatistics


def test_every_figure_of_the_table_has_a_definition_and_a_source():
    table = real_statistics()
    fields = {field.name for field in dataclasses.fields(MotionStatistics)}
    assert fields <= set(table["motion"]["definitions"])
    assert all(len(row["travel_px"]) == 41 for row in table["motion"]["classes"].values())
    for part in ("frames", "sound", "picture", "information"):
        for figure in table[part].values():
            assert figure["definition"] and table["sources"][figure["source"]]


def test_what_is_not_a_number_fails_and_is_called_none():
    assert near_number("s", "a", math.nan, 1.0, 2).passed is False
    row = in_band("s", "a", math.nan, "", 0, 1)
    assert (row.passed, row.simulated) == (False, "none")
    assert [number(-1.26, 1), number(-0.001, 2), number(3, 0)] == ["−1.3", "0.00", "3"]
