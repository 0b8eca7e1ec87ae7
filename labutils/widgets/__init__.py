"""The panels of the notebooks: controls that train, draw or match anew, without holding any science of their own.

A panel writes only into HTML widgets. What takes long runs in a thread of its own: the notebook stays usable, and Stop works
at the next step. Notebook: all of them.
"""

from labutils.widgets.background import BackgroundPanel
from labutils.widgets.classifier import classifier_panel
from labutils.widgets.contrastive_loss import contrastive_panel
from labutils.widgets.contrastive_training import contrastive_training_panel
from labutils.widgets.controls import choice, decimal_number, number_box, power_of_ten, switch, whole_number
from labutils.widgets.drop import DropPanel
from labutils.widgets.game import GamePanel
from labutils.widgets.map_training import MapTrainingPanel
from labutils.widgets.matching import matching_panel
from labutils.widgets.pair_score import ScorePanel
from labutils.widgets.panel import FormulaPanel, Panel
from labutils.widgets.precision import Matches, PrecisionPanel
from labutils.widgets.progress import ProgressBar, show_progress
from labutils.widgets.spectrogram import spectrogram_panel
from labutils.widgets.training import TrainingPanel

__all__ = [
    "BackgroundPanel",
    "DropPanel",
    "FormulaPanel",
    "GamePanel",
    "MapTrainingPanel",
    "Matches",
    "Panel",
    "PrecisionPanel",
    "ProgressBar",
    "ScorePanel",
    "TrainingPanel",
    "choice",
    "classifier_panel",
    "contrastive_panel",
    "contrastive_training_panel",
    "decimal_number",
    "matching_panel",
    "number_box",
    "power_of_ten",
    "show_progress",
    "spectrogram_panel",
    "switch",
    "whole_number",
]
