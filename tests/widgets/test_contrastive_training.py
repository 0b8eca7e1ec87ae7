"""The panel that trains on pairs begins at the settings it is given."""

from labutils import widgets
from widgets.conftest import USUAL, quick_training


def test_panel_starts_at_the_usual_settings():
    settings = widgets.contrastive_training_panel(quick_training, usual=USUAL, epochs=20).settings
    assert settings == vars(USUAL) | {"epochs": 20}
