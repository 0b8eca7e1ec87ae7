"""Sliders, number boxes and lists: they move together, wait for the hand to let go, and have names."""

import pytest

from labutils import widgets
from labutils.widgets.slider_names import tell_slider
from widgets.conftest import formula_panels, training_panels


@pytest.mark.parametrize(
    "control",
    [
        widgets.whole_number("n", "a number", 3, 1, 9),
        widgets.decimal_number("n", "a number", 0.5, 0, 1, step=0.05),
        widgets.power_of_ten("n", "a number", 1e-3, -5, -1),
    ],
    ids=["whole", "decimal", "power"],
)
def test_slider_and_number_box_move_together(control):
    box, slider, beside = control.view.children
    assert box is control.box
    assert tell_slider("a number", base=getattr(slider, "base", None), digits=4) in beside.value
    assert box.description == "a number"  # the name that a screen reader says
    for value in (slider.max, slider.min):
        slider.value = slider.base**value if hasattr(slider, "base") else value
        assert box.value == pytest.approx(slider.value)
    box.value = box.max
    assert slider.value == pytest.approx(box.max)


def test_where_a_panel_starts_stays_in_sight():
    control = widgets.power_of_ten("rate", "learning rate", 0.05, -4, 0)
    control.box.value = 0.1
    assert "start: 0.05" in control.view.children[2].value


def test_a_note_stands_where_the_start_would_be_said():
    control = widgets.decimal_number("n", "a number", 0.5, 0, 1, step=0.1, note="known: < 1")
    assert "known: &lt; 1" in control.view.children[2].value and "start" not in control.view.children[2].value


def test_slider_and_number_box_wait_for_the_hand_to_let_go():
    for panel in [*formula_panels(), *training_panels()]:
        for view in panel.children:
            for part in getattr(view, "children", []):
                assert getattr(part, "continuous_update", False) is False


def test_logarithmic_slider_shows_a_short_number():
    control = widgets.power_of_ten("rate", "learning rate", 0.05, -4, 0)
    control.view.children[1].value = 10**-2.5
    assert control.box.value == 0.0032


def test_number_box_hides_the_last_bits_of_a_sum():
    control = widgets.decimal_number("weight", "weight", 0.5, 0, 1, step=0.1)
    control.view.children[1].value = 0.1 + 0.2
    assert control.box.value == 0.3


def test_number_box_alone_holds_its_limits():
    control = widgets.number_box("seed", "seed", 1, 0, 5)
    assert control.view is control.box and control.box.description == "seed"
    control.box.value = 9
    assert control.box.value == 5


def test_every_control_has_a_name():
    for panel in [*formula_panels(), *training_panels()]:
        assert all(box.description for box in panel.controls.values())


def test_list_leaves_room_for_the_longest_class():
    control = widgets.choice("label", "object", 0, [("stanley_screwdriver", 0)])
    width_px, name_px = (int(text[:-2]) for text in (control.box.layout.width, "170px"))
    assert width_px - name_px >= 9 * len("stanley_screwdriver")  # about 8 pixels a letter, and the arrow
