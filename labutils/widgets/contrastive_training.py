"""The panel of notebook 3 that trains on pairs.

Notebook: 03_centroids_and_contrastive_mlp.
"""

from collections.abc import Callable
from typing import Any

from labutils.widgets.controls import decimal_number, power_of_ten, whole_number
from labutils.widgets.training import TrainingPanel


def contrastive_training_panel(train: Callable, *, usual: Any, epochs: int = 20) -> TrainingPanel:
    """Train two encoders with other settings of the contrastive loss.

    Args:
        train: as for `TrainingPanel`; its settings are margin, weight, pairs_per_clip, learning_rate, epochs.
        usual: what the first four are at the start: an object that has them as attributes.
        epochs: epochs at the start.

    Notebook: 03_centroids_and_contrastive_mlp.
    """
    controls = [
        decimal_number("margin", "margin m", usual.margin, 0.5, 20, step=0.5),
        decimal_number("weight", "weight λ", usual.weight, 0, 1, step=0.05),
        whole_number("pairs_per_clip", "random pairs per clip", usual.pairs_per_clip, 1, 10),
        power_of_ten("learning_rate", "learning rate", usual.learning_rate, -5, -1),
        whole_number("epochs", "epochs", epochs, 1, 200),
    ]
    return TrainingPanel(train, controls, title="Train on pairs")
