"""The panel that trains a classifier has the settings that notebook 2 reads."""

from labutils import widgets
from widgets.conftest import quick_training


def test_panel_starts_at_a_small_network():
    assert widgets.classifier_panel(quick_training, epochs=2).settings == {
        "blocks_per_stage": 1,
        "shortcuts": True,
        "learning_rate": 0.05,
        "momentum": 0.9,
        "weight_decay": 1e-3,
        "batch_size": 16,
        "epochs": 2,
    }
