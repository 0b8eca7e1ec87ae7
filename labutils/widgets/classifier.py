"""The panel of notebook 2 that trains a classifier.

Notebook: 02_resnet_classifier.
"""

from collections.abc import Callable

from labutils.widgets.controls import power_of_ten, switch, whole_number
from labutils.widgets.training import TrainingPanel


def classifier_panel(train: Callable, *, epochs: int = 5) -> TrainingPanel:
    """Train a ResNet or its plain twin with other settings.

    Args:
        train: as for `TrainingPanel`; its settings are blocks_per_stage, shortcuts, learning_rate, weight_decay, epochs.
        epochs: epochs at the start.

    Notebook: 02_resnet_classifier.
    """
    controls = [
        whole_number("blocks_per_stage", "depth (blocks per stage)", 1, 1, 9),
        switch("shortcuts", "shortcuts (off: the plain twin)", True),
        power_of_ten("learning_rate", "learning rate", 0.05, -4, 0),
        power_of_ten("weight_decay", "weight decay", 1e-3, -6, -1),
        whole_number("epochs", "epochs", epochs, 1, 50),
    ]
    return TrainingPanel(train, controls, title="Train a classifier")
