"""The panel of notebook 5 that trains contact maps and compares the runs.

Notebook: 05_contact_maps.
"""

from collections.abc import Callable
from typing import Any

from labutils.contact_maps import MapSettings
from labutils.widgets.controls import decimal_number, whole_number
from labutils.widgets.training import TrainingPanel


class MapTrainingPanel(TrainingPanel):
    """Train contact maps with other lags, shifts, temperature and width.

    Args:
        train: as for `TrainingPanel`; its settings are longest_lag, longest_shift, inverse_temperature, width, epochs.
        judge: what `train` returned -> (accuracy, lower end, upper end of its interval) on held-out groups.
        usual: what the settings are at the start.

    Notebook: 05_contact_maps.
    """

    def __init__(
        self,
        train: Callable[[dict[str, Any], Callable, Callable[[], bool]], Any],
        judge: Callable[[Any], tuple[float, float, float]],
        *,
        usual: MapSettings,
    ):
        first = usual.inverse_temperature
        controls = [
            whole_number("longest_lag", "longest lag (steps)", usual.longest_lag, 0, 8),
            whole_number("longest_shift", "longest shift (steps)", usual.longest_shift, 0, 12),
            decimal_number("inverse_temperature", "first 1 / temperature", first, 1, 50, step=1),
            whole_number("width", "width (channels)", usual.width, 4, 64, step=4),
            whole_number("epochs", "epochs", usual.epochs, 1, 60),
        ]
        super().__init__(train, controls, title="Train contact maps", judge=judge)
