"""The panel of notebook 5 that trains contact maps and compares the runs.

Notebook: 05_contact_maps.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from labutils.contact_maps import MapSettings
from labutils.widgets.controls import decimal_number, whole_number
from labutils.widgets.training import TrainingPanel

KNOBS = {
    "longest_lag": "longest lag (steps)",
    "longest_shift": "longest shift (steps)",
    "inverse_temperature": "first 1 / temperature",
    "width": "width (channels)",
    "epochs": "epochs",
}


class MapTrainingPanel(TrainingPanel):
    """Train contact maps with other lags, shifts, temperature and width; every run adds a row to a table.

    Args:
        train: as for `TrainingPanel`; its settings are those of `KNOBS`.
        judge: what `train` returned -> (accuracy, lower end, upper end of its interval) on held-out groups.
        usual: what the knobs are at the start.

    Attributes:
        compared: the rows, one a run: its settings and "accuracy", a triple.

    Notebook: 05_contact_maps.
    """

    def __init__(
        self,
        train: Callable[[dict[str, Any], Callable, Callable[[], bool]], Any],
        judge: Callable[[Any], tuple[float, float, float]],
        *,
        usual: MapSettings,
    ):
        controls = [
            whole_number("longest_lag", KNOBS["longest_lag"], usual.longest_lag, 0, 8),
            whole_number("longest_shift", KNOBS["longest_shift"], usual.longest_shift, 0, 12),
            decimal_number(
                "inverse_temperature", KNOBS["inverse_temperature"], usual.inverse_temperature, 1, 50, step=1
            ),
            whole_number("width", KNOBS["width"], usual.width, 4, 64, step=4),
            whole_number("epochs", KNOBS["epochs"], usual.epochs, 1, 60),
        ]
        self.compared: list[dict[str, Any]] = []
        super().__init__(train, controls, title="Train contact maps")
        self._judge = judge

    def _finish(self, settings: dict[str, Any]) -> str:
        ending = super()._finish(settings)
        accuracy, low, high = self._judge(self.result)
        self.compared.append({**settings, "accuracy": (accuracy, low, high), "stopped": self._stop.is_set()})
        self._show_runs()
        return f"{ending}; held-out groups {accuracy:.2f}"

    def forget_runs(self, _button: Any = None) -> None:
        """Begin a new comparison; ignored while a training goes on."""
        if not self._busy.is_set():
            self.compared.clear()
            super().forget_runs()

    def _compare_runs(self, labels: Mapping[str, str]) -> str:
        return compare_judged(self.compared) if self.compared else ""


def compare_judged(runs: Sequence[dict[str, Any]]) -> str:
    """Return an HTML table of the runs, one a row, the best accuracy in bold."""
    heads = ["run", *KNOBS.values(), "right on held-out groups (95 % interval)"]
    head = "".join(f'<th scope="col" style="padding:0 0.6em">{escape(name)}</th>' for name in heads)
    best = max(run["accuracy"][0] for run in runs)
    rows = []
    for number, run in enumerate(runs, start=1):
        accuracy, low, high = run["accuracy"]
        words = f"{accuracy:.2f} ({low:.2f} to {high:.2f})" + (", stopped early" if run["stopped"] else "")
        cells = [f"{run[knob]:g}" for knob in KNOBS]
        cells.append(f"<b>{words}</b>" if accuracy == best else words)
        rows.append(
            f'<tr><th scope="row">{number}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        )
    return f"<table><caption>Runs compared</caption><tr>{head}</tr>{''.join(rows)}</table>"
