"""The panel that trains, with live curves, a bar and an estimate of the time that is left."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import ipywidgets
import numpy as np

from labutils.plots import plot_history
from labutils.plots.learning import quantities_of
from labutils.widgets.background import BackgroundPanel
from labutils.widgets.controls import Control
from labutils.widgets.pictures import new_figure, show_figure
from labutils.widgets.progress import draw_progress
from labutils.widgets.runs import JUDGED, Run, compare_runs, draw_runs, link_to_csv

SECONDS_BETWEEN_PICTURES = 0.15
SHARE_OF_TIME_FOR_PICTURES = 0.2
CURVES_WIDTH_INCH, CURVES_HEIGHT_INCH = 4.2, 3.0
PAUSE, GO_ON = "Pause", "Go on"


class TrainingPanel(BackgroundPanel):
    """Run, pause and stop a training, with live curves of loss and accuracy; the runs are kept and compared.

    Args:
        train: `train(settings, on_epoch, should_stop) -> result`, called in a thread of its own; it calls
            `on_epoch(history)` after every epoch, where `history.curves` maps names such as "train loss" to one value
            an epoch, and asks `should_stop()` before every step.
        controls: what can be set; "epochs", if it is among them, is how many there will be.
        title: heading of the panel.
        judge: what `train` returned -> accuracy on held-out clips, lower and upper end of its 95 % interval; then these are
            kept and compared too.

    Attributes:
        kept: the runs that came to an end, in their order.
    """

    def __init__(
        self,
        train: Callable[[dict[str, Any], Callable, Callable[[], bool]], Any],
        controls: Sequence[Control],
        *,
        title: str,
        judge: Callable[[Any], tuple[float, float, float]] | None = None,
    ):
        self.pause_button = ipywidgets.Button(description=PAUSE, disabled=True)
        self.stop_button = ipywidgets.Button(description="Stop", disabled=True)
        whole = {"width": "auto", "flex": "none"}  # its words are longer than a button is wide
        self.forget_button = ipywidgets.Button(description="Forget the runs", disabled=True, layout=whole)
        self.progress, self.overlay, self.table, self.export = (ipywidgets.HTML() for _ in range(4))
        self.kept: list[Run] = []
        buttons = [self.pause_button, self.stop_button, self.forget_button]
        super().__init__(controls, title=title, verb="Run", beside=buttons)
        below = self.progress, self.picture, self.overlay, self.table, self.export
        self.children = (*self.children[:-1], *below)
        self._train, self._judge = train, judge
        self._stop, self._goes_on = threading.Event(), threading.Event()
        self._curves: dict[str, list[float]] = {}
        self._start_s = self._next_picture_s = 0.0
        self.pause_button.on_click(self.pause_or_go_on)
        self.stop_button.on_click(self.stop)
        self.forget_button.on_click(self.forget_runs)

    def forget_runs(self, _button: Any = None) -> None:
        """Begin a new comparison; ignored while a training goes on."""
        if not self._busy.is_set():
            self.kept.clear()
            self._show_runs()

    def stop(self, _button: Any = None) -> None:
        """Ask the training to end at its next step."""
        self._stop.set()
        self._goes_on.set()

    def pause_or_go_on(self, _button: Any = None) -> None:
        """Let the training wait before its next step, or go on with it."""
        if self._goes_on.is_set():
            self._goes_on.clear()
            self.pause_button.description = GO_ON
        else:
            self.pause_button.description = PAUSE
            self._goes_on.set()

    def _should_stop(self, settings: dict[str, Any]) -> bool:
        """Asked before every step; while the training is paused the answer waits."""
        if not self._goes_on.is_set():
            start_s = time.monotonic()
            self._show(settings, "paused", is_busy=False)
            self._goes_on.wait()
            self._start_s += time.monotonic() - start_s  # a pause is no time of training
            self._say("training")
        return self._stop.is_set()

    def _prepare(self, settings: dict[str, Any]) -> None:
        self._stop, self._goes_on = threading.Event(), threading.Event()
        self._goes_on.set()
        self._curves = {}
        self._start_s = self._next_picture_s = time.monotonic()
        self.pause_button.disabled = self.stop_button.disabled = False
        self._show(settings, "started")

    def _compute(self, settings: dict[str, Any]) -> Any:
        def on_epoch(history) -> None:
            self._curves = {name: list(values) for name, values in history.curves.items()}
            if time.monotonic() >= self._next_picture_s:
                self._show(settings, "training")

        try:
            return self._train(settings, on_epoch, partial(self._should_stop, settings))
        finally:
            self.pause_button.disabled = self.stop_button.disabled = True
            self.pause_button.description = PAUSE
            self.progress.value = ""

    def _finish(self, settings: dict[str, Any]) -> str:
        self.picture.value = draw_curves(self._curves, epochs=settings.get("epochs"))
        ending = "stopped" if self._stop.is_set() else "finished"
        seconds = time.monotonic() - self._start_s
        judged = self._judge(self.result) if self._judge else None
        self.kept.append(Run(settings, self._curves, seconds, self._stop.is_set(), judged))
        self._show_runs()
        words = [f"{JUDGED[0]} {judged[0]:.2f}"] if judged else []
        return ", ".join([ending, *latest_values(self._curves), *words])

    def _show_runs(self) -> None:
        """Compare the runs so far: curves over each other, a table, and a file to take away."""
        labels = {name: box.description for name, box in self.controls.items()}
        self.overlay.value = draw_runs(self.kept, labels)
        self.table.value = compare_runs(self.kept, labels)
        self.export.value = link_to_csv(self.kept, labels)
        self.forget_button.disabled = not self.kept

    def _show(self, settings: dict[str, Any], state: str, *, is_busy: bool = True) -> None:
        """Show how far the training is, and take care that showing it does not slow it down."""
        start_s, epochs = time.monotonic(), settings.get("epochs")
        self.picture.value = draw_curves(self._curves, epochs=epochs)
        self.progress.value = draw_progress(count_epochs(self._curves), epochs, start_s - self._start_s)
        self._say(", ".join([state, *latest_values(self._curves)]), is_busy=is_busy)
        end_s = time.monotonic()
        pause_s = max(SECONDS_BETWEEN_PICTURES, (end_s - start_s) / SHARE_OF_TIME_FOR_PICTURES)
        self._next_picture_s = start_s + pause_s


def count_epochs(curves: Mapping[str, Sequence[float]]) -> int:
    """Return how many epochs the longest curve has."""
    return max(map(len, curves.values()), default=0)


def latest_values(curves: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the number of epochs and the last value of every curve, in words."""
    epochs = count_epochs(curves)
    words = [f"{epochs} epochs" if epochs > 1 else "1 epoch"] if epochs else []
    last = {name: values[-1] for name, values in curves.items() if len(values)}
    return words + [
        f"{name} {value:.3g}" if np.isfinite(value) else f"{name} not a finite number"
        for name, value in last.items()
    ]


def draw_curves(curves: Mapping[str, Sequence[float]], *, epochs: int | None = None) -> str:
    """Draw loss and accuracy over the epochs, side by side.

    Args:
        curves: name -> one value an epoch; names end in "loss" or "accuracy".
        epochs: right end of the axis; the epochs so far if None or if there are more.

    Returns:
        HTML; empty while there is nothing to draw.
    """
    begun = {name: values for name, values in curves.items() if len(values)}
    quantities = quantities_of(begun)
    if not quantities:
        return ""
    figure = new_figure(CURVES_WIDTH_INCH * len(quantities), CURVES_HEIGHT_INCH)
    axes = figure.subplots(1, len(quantities), squeeze=False)[0]
    plot_history(begun, axes=axes)
    for ax in axes:
        ax.set_xlim(0.5, max(epochs or 1, count_epochs(begun)) + 0.5)
        ax.ticklabel_format(axis="y", scilimits=(-3, 4))  # a loss that explodes has no room for its zeros
    # Fixed margins: a layout that measures all labels costs as much as all the rest.
    figure.subplots_adjust(left=0.2 / len(quantities), right=0.985, bottom=0.18, top=0.92, wspace=0.25)
    description = f"{' and '.join(quantities)} over the epochs: {', '.join(latest_values(begun))}"
    return show_figure(figure, description)
