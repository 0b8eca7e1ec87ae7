"""Panels are driven as a browser drives them: by setting values and clicking, with trainings that cost nothing."""

import base64
import csv
import io
import re
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from labutils import widgets
from labutils.contact_maps import MapSettings

WAIT_S = 60
USUAL = SimpleNamespace(margin=10.0, weight=0.5, pairs_per_clip=2, learning_rate=1e-3)


@pytest.fixture
def no_pictures(monkeypatch):
    """Figures of trainings are drawn, but not turned into pictures: that takes most of the time."""
    for name in ("training", "runs"):
        monkeypatch.setattr(f"labutils.widgets.{name}.show_figure", lambda figure, words: "")


def pictures(html: str) -> list[tuple[str, np.ndarray]]:
    """Every picture in a piece of HTML: what a screen reader says of it, and its pixels."""
    found = re.findall(r'<img alt="([^"]*)"[^>]* src="data:image/(?:png|jpeg);base64,([^"]*)"/>', html)
    assert len(found) == html.count("<img")
    return [(alt, np.asarray(Image.open(io.BytesIO(base64.b64decode(packed))))) for alt, packed in found]


def saved_rows(link: str) -> list[dict[str, str]]:
    """The rows of the CSV file that a link saves."""
    (packed,) = re.findall(r'download="runs.csv" href="data:text/csv;base64,([^"]+)"', link)
    return list(csv.DictReader(io.StringIO(base64.b64decode(packed).decode())))


def alert(panel: widgets.Panel) -> str:
    return re.fullmatch(r'<div role="alert">(.*)</div>', panel.alert.value)[1]


def every_value(box: ipywidgets.Widget) -> list:
    """The ends, the middle and the start of a control, or all options of a list."""
    if isinstance(box, ipywidgets.Checkbox):
        return [True, False]
    if isinstance(box, ipywidgets.Dropdown):
        return [value for _, value in box._options_full]
    return [box.min, box.max, type(box.value)((box.min + box.max) / 2), box.value]


def walk_through(panel: widgets.FormulaPanel) -> None:
    """Set every control to values over its whole range: each time there is one picture, and it changes."""
    for box in panel.controls.values():
        shown = set()
        for value in every_value(box):
            box.value = value
            assert alert(panel) == ""
            ((description, pixels),) = pictures(panel.picture.value)
            assert description and pixels.std() > 0
            shown.add(panel.picture.value)
        assert len(shown) > 1


def history(epochs: int, **curves: list[float]) -> SimpleNamespace:
    """The curves after some epochs."""
    return SimpleNamespace(
        curves={name.replace("_", " "): values[:epochs] for name, values in curves.items()}
    )


def quick_training(settings, on_epoch, should_stop):
    """All epochs at once; returns its settings."""
    losses, accuracies = [1 / k for k in range(1, 201)], [0.5] * 200
    for epoch in range(1, settings["epochs"] + 1):
        on_epoch(history(epoch, train_loss=losses, train_accuracy=accuracies))
    return settings


def formula_panels() -> list[widgets.FormulaPanel]:
    """One of each, small."""
    cost = np.array([[1.0, 5.0], [5.0, 2.0]])
    matches = widgets.Matches(np.linspace(0, 1, 40), np.arange(40) > 10)
    solve = lambda cost, threshold: np.where(cost.diagonal() <= threshold, [0, 1], -1)  # noqa: E731
    return [
        widgets.spectrogram_panel(np.random.default_rng(0).normal(0, 0.1, (20000, 4))),
        widgets.contrastive_panel(),
        widgets.matching_panel(cost, np.array([0, -1]), solve=solve),
        widgets.PrecisionPanel(matches, matches),
    ]


def training_panels() -> list[widgets.TrainingPanel]:
    """One of each, with a training that costs nothing."""
    return [
        widgets.classifier_panel(quick_training),
        widgets.contrastive_training_panel(quick_training, usual=USUAL),
        widgets.MapTrainingPanel(quick_training, lambda settings: (0.5, 0.4, 0.6), usual=MapSettings()),
    ]
