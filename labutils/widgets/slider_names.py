"""What a screen reader says of a slider: its name and its value.

The handle of an ipywidgets slider has no name, and says two decimals of where it stands, which for a logarithmic slider is
the exponent. Neither can be set from Python. So a panel puts beside each slider a hidden picture that cannot be loaded, and
whose `onerror` tells the handle what to say: the number of the box in its row, or of the step to which it moved from there.
Where a page forbids such a thing, all else works as before.
"""

import json
from html import escape

_TELL_HANDLE = """
const picture = this, name = NAME, base = BASE, digits = DIGITS;
function tell(tries) {
    const row = picture.closest('.widget-hbox'), slider = row?.querySelector('.noUi-target');
    if (!slider?.noUiSlider) return tries && setTimeout(tell, 100, tries - 1);
    const handle = slider.querySelector('[role=slider]');
    function say() {
        const place = slider.noUiSlider.get(true), box = Number(row.querySelector('input').value);
        const away = Math.abs((base ? Math.log(box) / Math.log(base) : box) - place);
        const value = away < slider.noUiSlider.options.step / 2 ? box : base ? base ** place : place;
        const words = String(Number(value.toPrecision(digits)));
        if (handle.getAttribute('aria-valuetext') !== words) handle.setAttribute('aria-valuetext', words);
    }
    handle.setAttribute('aria-label', name);
    new MutationObserver(say).observe(handle, {attributeFilter: ['aria-valuetext']});
    say();
}
tell(100);
"""


def tell_slider(name: str, *, base: float | None, digits: int) -> str:
    """Return HTML that gives a name and a value to the slider in whose row it is shown.

    Args:
        name: what the slider sets.
        base: of a logarithmic slider; None for others.
        digits: how many significant ones of the value are said.
    """
    values = {"NAME": name, "BASE": base, "DIGITS": digits}
    script = _TELL_HANDLE
    for word, value in values.items():
        script = script.replace(word, json.dumps(value))
    return f'<img hidden alt="" src="data:," onerror="{escape(script)}">'
