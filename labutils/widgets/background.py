"""The panel whose work runs in a thread of its own, so that the notebook stays usable meanwhile."""

import threading
from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets

from labutils.widgets.controls import Control
from labutils.widgets.panel import Panel

BUSY_SIGN = ' <progress aria-label="busy" style="width:4em"></progress>'


class BackgroundPanel(Panel):
    """A button that starts a piece of work, and a line that says how it goes.

    A subclass says what the work is (`_compute`), and may say what is to be done before (`_prepare`) and after (`_finish`).

    Args:
        controls: what can be set; read once, when the button is pressed.
        title: heading of the panel.
        verb: what the button says.
        beside: what stands beside the button.

    Attributes:
        runs: how often the work was started.
        result: what it returned last, None before.
        error: what it raised last, None if it did not.
    """

    def __init__(
        self,
        controls: Sequence[Control],
        *,
        title: str,
        verb: str,
        beside: Sequence[ipywidgets.Widget] = (),
    ):
        self.verb = verb
        self.run_button = ipywidgets.Button(description=verb, button_style="primary")
        self.status = ipywidgets.HTML()
        buttons = ipywidgets.HBox([self.run_button, *beside, self.status])
        super().__init__(controls, title=title, below=[buttons])
        self._busy = threading.Event()
        self._thread: threading.Thread | None = None
        self.runs, self.result, self.error = 0, None, None
        self.run_button.on_click(self.run)
        self._say("not started yet", is_busy=False)

    def run(self, _button: Any = None) -> None:
        """Start the work with the settings of this moment; ignored while it is going on."""
        if self._busy.is_set():
            return
        self.join()  # the thread of the last run may still be writing its last line
        self._busy.set()
        self.run_button.disabled = True
        self.runs, self.result, self.error = self.runs + 1, None, None
        self._complain(None)
        self._say("started")
        settings = self.settings
        self._prepare(settings)
        self._thread = threading.Thread(target=self._work, args=(settings,), daemon=True)
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> Any:
        """Wait until the work has ended; returns its result."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self.result

    def _work(self, settings: dict[str, Any]) -> None:
        """The thread. Nobody else sees what fails here, so every error ends in the alert line."""
        try:
            self.result = self._compute(settings)
            ending = self._finish(settings)
        except Exception as error:
            self.error, ending = error, "failed"
            self._complain(error)
        self._say(ending, is_busy=False)
        self.run_button.disabled = False
        self._busy.clear()

    def _prepare(self, settings: dict[str, Any]) -> None:
        """What is done before the thread starts."""

    def _compute(self, settings: dict[str, Any]) -> Any:
        """Do the work, in the thread, and return its result."""
        raise NotImplementedError

    def _finish(self, settings: dict[str, Any]) -> str:
        """Show the result, in the thread, and return in words how the work ended."""
        return "finished"

    def _say(self, text: str, *, is_busy: bool = True) -> None:
        """Say how the work goes, with a bar that moves as long as it does."""
        words = f'<span role="status">{self.verb} {self.runs}: {escape(text)}</span>'
        self.status.value = words + BUSY_SIGN * is_busy
