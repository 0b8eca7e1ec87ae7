"""Controls above a picture: what all panels are, and the panel whose picture follows its controls."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets

from labutils.widgets.controls import Control

INVITATION = "It comes to life when you run this cell."


class Panel(ipywidgets.VBox):
    """Controls above a picture, and a line that says what went wrong."""

    def __init__(self, controls: Sequence[Control], *, title: str, below: Sequence[ipywidgets.Widget] = ()):
        self.title = title
        self.controls = {control.name: control.box for control in controls}
        self.picture = ipywidgets.HTML()
        self.alert = ipywidgets.HTML()
        self._complain(None)
        heading = ipywidgets.HTML(f"<b>{escape(title)}</b>")
        views = [control.view for control in controls]
        super().__init__([heading, *views, *below, self.alert, self.picture])

    @property
    def settings(self) -> dict[str, Any]:
        """What the controls say now: name -> value."""
        return {name: box.value for name, box in self.controls.items()}

    def _complain(self, error: Exception | None) -> None:
        """Say in one sentence what went wrong, or clear the line."""
        text = "" if error is None else f"<b>That did not work:</b> {escape(_one_sentence(error))}"
        self.alert.value = f'<div role="alert">{text}</div>'

    def __repr__(self) -> str:
        return f"{self.title}: a panel with controls. {INVITATION}"


def _one_sentence(error: Exception) -> str:
    """The first line of the message, or the kind of error where there is none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


class FormulaPanel(Panel):
    """A picture that follows its controls at once.

    Args:
        draw: settings (name -> value) -> HTML; a pure function, quick enough for a moving slider.
        controls: what can be set.
        title: heading of the panel.
    """

    def __init__(self, draw: Callable[[dict[str, Any]], str], controls: Sequence[Control], *, title: str):
        super().__init__(controls, title=title)
        self._draw = draw
        for box in self.controls.values():
            box.observe(self._update, names="value")
        self._update()

    def _update(self, _change: Any = None) -> None:
        """Draw anew. What fails here has no cell to fail in: the alert line is where the reader sees it."""
        try:
            self.picture.value = self._draw(self.settings)
            self._complain(None)
        except Exception as error:
            self._complain(error)
