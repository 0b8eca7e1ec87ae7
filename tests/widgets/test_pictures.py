"""Pictures as HTML: they hold what they were given, and say it to those who do not see."""

import numpy as np

from labutils.widgets.pictures import new_figure, show_figure, show_photograph, show_table, side_by_side
from widgets.conftest import pictures


def test_figure_is_drawn_opaque_with_a_description_and_its_size():
    figure = new_figure(2, 1)
    figure.add_axes((0, 0, 0.5, 1), facecolor="black", xticks=[], yticks=[])
    html = show_figure(figure, 'a < b & "c"')
    ((description, pixels),) = pictures(html)
    assert description == "a &lt; b &amp; &quot;c&quot;"
    height, width = pixels.shape[:2]
    assert f'width="{width}" height="{height}"' in html and width == 2 * height
    assert (pixels[height // 2, width // 4] == 0).all() and (pixels[height // 2, -5] == 255).all()


def test_photograph_is_what_it_was_given():
    colours = np.full((40, 60, 3), (200, 40, 90), dtype=np.uint8)
    ((_, pixels),) = pictures(show_photograph(colours, "red"))
    assert pixels.shape == (40, 60, 3)
    assert np.abs(pixels.astype(int) - colours).max() < 6  # JPEG is not exact


def test_table_escapes_names_and_values():
    table = show_table({"<b>": "1 < 2"}, caption="counts & shares")
    assert "&lt;b&gt;</th><td>1 &lt; 2<" in table and "<caption>counts &amp; shares</caption>" in table


def test_parts_stay_in_their_order():
    assert side_by_side(["<p>1</p>", "<p>2</p>"]).endswith("<p>1</p><p>2</p></div>")
