"""What all panels are, and the panel whose picture follows its controls."""

from labutils import widgets
from widgets.conftest import alert, formula_panels, training_panels


def test_picture_follows_the_control():
    panel = widgets.FormulaPanel(
        lambda settings: f"<p>twice is {2 * settings['x']}</p>",
        [widgets.whole_number("x", "my x", 3, 0, 9)],
        title="Twice",
    )
    assert panel.settings == {"x": 3} and panel.picture.value == "<p>twice is 6</p>"
    panel.controls["x"].value = 4
    assert panel.picture.value == "<p>twice is 8</p>"


def test_error_while_drawing_is_said_until_the_next_picture():
    def draw(settings):
        if settings["on"]:
            raise ValueError("too <loud>\nsecond line")
        return "fine"

    panel = widgets.FormulaPanel(draw, [widgets.switch("on", "on", True)], title="A picture")
    assert alert(panel) == "<b>That did not work:</b> too &lt;loud&gt;"
    panel.controls["on"].value = False
    assert alert(panel) == "" and panel.picture.value == "fine"


def test_text_of_a_panel_is_friendly_and_the_same_every_time():
    for make in (formula_panels, training_panels):
        for panel, again in zip(make(), make(), strict=True):
            assert repr(panel) == repr(again)
            assert "run this cell" in repr(panel) and " at 0x" not in repr(panel)
            assert len(repr(panel)) <= 110  # ipywidgets cuts what is longer


def test_title_is_text_and_not_markup():
    panel = widgets.FormulaPanel(lambda settings: "", [], title="a < b")
    assert panel.children[0].value == "<b>a &lt; b</b>"
