"""The panel of notebook 2 that trains a classifier.

Notebook: 02_resnet_classifier.
"""

from collections.abc import Callable

from labutils.widgets.controls import decimal_number, power_of_ten, switch, whole_number
from labutils.widgets.training import TrainingPanel


def classifier_panel(train: Callable, *, epochs: int = 5, batch_size: int = 16) -> TrainingPanel:
    """Train a ResNet or its plain twin with other settings.

    Args:
        train: as for `TrainingPanel`; its settings are blocks_per_stage, shortcuts, learning_rate, momentum,
            weight_decay, batch_size, epochs.
        epochs: epochs at the start.
        batch_size: clips in a batch at the start.

    Notebook: 02_resnet_classifier.
    """
    controls = [
        whole_number("blocks_per_stage", "depth (blocks per stage)", 1, 1, 9),
        switch("shortcuts", "shortcuts (off: the plain twin)", True),
        power_of_ten("learning_rate", "learning rate", 0.05, -4, 0),
        decimal_number("momentum", "momentum", 0.9, 0, 0.99, step=0.01),
        power_of_ten("weight_decay", "weight decay", 1e-3, -6, -1),
        whole_number("batch_size", "batch size (clips)", batch_size, 2, 128),
        whole_number("epochs", "epochs", epochs, 1, 50),
    ]
    return TrainingPanel(train, controls, title="Train a classifier")
