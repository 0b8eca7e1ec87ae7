"""The hand-written SVG: well formed, in the right place, and untroubled by values that are not finite."""

import base64
import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from labutils import svg

NAMESPACE = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def chart():
    return svg.Chart(svg.Axis("time (s)", 0, 4), svg.Axis("loss <no unit>", 0, 2))


def line(values):
    return svg.Line(np.arange(len(values)), values, ("#0173b2", "--"))


def parse(text):
    assert not re.search(r"\b(nan|inf)\b", re.sub(r'href="data:[^"]*"', "", text), re.IGNORECASE)
    return ElementTree.fromstring(text)


def test_picture_is_xml_with_role_and_description(chart):
    root = parse(chart.render(description='a < b & "c"'))
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'a < b & "c"'
    assert [text.text for text in root.iter(f"{NAMESPACE}text")][-2:] == ["time (s)", "loss <no unit>"]


def test_larger_values_are_higher_up_and_further_right(chart):
    assert chart.up(2) < chart.up(1) < chart.up(0)
    assert chart.across(0) < chart.across(4) <= chart.width


def test_upside_down_axis_puts_its_low_end_at_the_bottom():
    chart = svg.Chart(svg.Axis("video", 0, 1), svg.Axis("sound", 9.5, -0.5))
    assert chart.up(0) < chart.up(9)


def test_gap_where_a_value_is_not_finite(chart):
    path = parse(chart.render(chart.lines({"train": line([1, 1, np.nan, 1, np.inf, 1])}), description=""))
    drawn = path.find(f".//{NAMESPACE}g/{NAMESPACE}path").get("d")
    assert drawn.count("M") == 3
    assert drawn.count("L") == 1


def test_single_value_is_a_dot_and_no_value_is_nothing(chart):
    parsed = parse(
        chart.render(chart.lines({"a": line([1.0]), "b": line([np.nan]), "c": line([])}), description="")
    )
    assert len(list(parsed.iter(f"{NAMESPACE}circle"))) == 1


def test_value_beyond_the_axis_leaves_the_picture(chart):
    drawn = chart.lines({"train": line([1.0, 2.0, 1e9])})
    assert f"L{chart.across(1):.1f} {chart.up(2):.1f}" in drawn
    assert f"{chart.across(2):.1f} " not in drawn


def test_line_style_is_drawn_as_dashes(chart):
    assert f'stroke-dasharray="{svg.DASHES["--"]}"' in chart.lines({"validation": line([1, 2])})


def test_image_holds_the_picture_it_was_given(chart):
    colours = np.random.default_rng(0).integers(0, 256, (3, 5, 3), dtype=np.uint8)
    href = parse(chart.render(chart.image(colours), description="")).find(f"{NAMESPACE}image").get("href")
    decoded = Image.open(io.BytesIO(base64.b64decode(href.removeprefix("data:image/png;base64,"))))
    np.testing.assert_array_equal(np.asarray(decoded), colours)


def test_marks_stand_where_they_belong(chart):
    drawn = chart.marks(np.array([1.0]), np.array([0.5]), "cross", size=4)
    assert f"M{chart.across(1):.1f} {chart.up(0.5):.1f}m" in drawn
    assert chart.marks(np.array([]), np.array([]), "circle", size=4) == ""


def test_ticks_are_round_and_inside():
    ticks = svg.Axis("epoch", 1, 3).ticks()
    assert ticks == [1, 2, 3]
    assert svg.Axis("sound", 4.5, -0.5).ticks() == [0, 1, 2, 3, 4]


def test_table_escapes_names():
    assert "&lt;b&gt;" in svg.table({"<b>": "1"}, caption="counts")
