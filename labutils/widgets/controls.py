"""What can be set in a panel: sliders with number boxes, lists and check boxes, each with a name that is read aloud."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets

from labutils.widgets.slider_names import tell_slider

DECIMALS = 9  # hides the last bits of 0.1 + 0.2 from the number boxes
SPOKEN_DIGITS = 4
NAME_WIDTH = {"description_width": "170px"}
NUMBER_WIDTH, LIST_WIDTH = {"width": "290px"}, {"width": "380px"}


@dataclass(frozen=True)
class Control:
    """One setting: its name in the settings, the labelled box that holds `value`, and what is shown."""

    name: str
    box: ipywidgets.Widget
    view: ipywidgets.Widget


def whole_number(name: str, label: str, value: int, low: int, high: int, *, step: int = 1) -> Control:
    """A slider with a number box, for whole numbers from `low` to `high`."""
    limits = {"value": value, "min": low, "max": high, "step": step, "continuous_update": False}
    slider = ipywidgets.IntSlider(**limits, readout=False)
    return _linked(name, slider, ipywidgets.BoundedIntText(**limits, **_labelled(label)))


def number_box(name: str, label: str, value: int, low: int, high: int) -> Control:
    """A number box alone, for whole numbers of which none is more than the next."""
    limits = {"value": value, "min": low, "max": high, "continuous_update": False}
    box = ipywidgets.BoundedIntText(**limits, **_labelled(label))
    return Control(name, box, box)


def decimal_number(
    name: str, label: str, value: float, low: float, high: float, *, step: float, note: str | None = None
) -> Control:
    """A slider with a number box, for numbers from `low` to `high`; `note` stands beside it, else where it starts."""
    limits = {"value": value, "min": low, "max": high, "step": step, "continuous_update": False}
    slider = ipywidgets.FloatSlider(**limits, readout=False)
    box = ipywidgets.BoundedFloatText(**limits, **_labelled(label))
    return _linked(name, slider, box, shown=lambda number: round(number, DECIMALS), note=note)


def power_of_ten(name: str, label: str, value: float, low: int, high: int) -> Control:
    """A slider on a logarithmic scale with a number box, for numbers from 10^low to 10^high."""
    common = {"value": value, "continuous_update": False}
    slider = ipywidgets.FloatLogSlider(**common, min=low, max=high, step=0.25, readout=False)
    limits = {"min": 10.0**low, "max": 10.0**high, "step": 10.0**low}
    box = ipywidgets.BoundedFloatText(**common, **limits, **_labelled(label))
    return _linked(name, slider, box, shown=lambda number: float(f"{number:.2g}"))


def choice(name: str, label: str, value: Any, options: Sequence) -> Control:
    """A drop-down list; `options` as in `ipywidgets.Dropdown`."""
    box = ipywidgets.Dropdown(options=options, value=value, **_labelled(label) | {"layout": LIST_WIDTH})
    return Control(name, box, box)


def switch(name: str, label: str, value: bool) -> Control:
    """A check box."""
    box = ipywidgets.Checkbox(value=value, description=label, indent=False)
    return Control(name, box, box)


def _labelled(label: str) -> dict[str, Any]:
    return {"description": label, "style": NAME_WIDTH, "layout": NUMBER_WIDTH}


def _linked(
    name: str,
    slider,
    box,
    *,
    shown: Callable[[float], float] = lambda number: number,
    note: str | None = None,
) -> Control:
    """Slider and box move together and have one name; the box has the value that counts.

    The note, by default where the panel starts, stays in sight when the slider has moved.
    """
    ipywidgets.link((slider, "value"), (box, "value"), transform=(shown, lambda number: number))
    spoken = tell_slider(box.description, base=getattr(slider, "base", None), digits=SPOKEN_DIGITS)
    words = f"start: {shown(box.value):g}" if note is None else note
    beside = ipywidgets.HTML(f"<small>{escape(words)}</small>{spoken}")
    return Control(name, box, ipywidgets.HBox([box, slider, beside]))
