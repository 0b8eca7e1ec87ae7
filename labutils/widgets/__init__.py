"""The panels of the notebooks: controls that train, draw or match anew, without holding any science of their own.

A panel writes only into HTML widgets. What takes long runs in a thread of its own: the notebook stays usable, and Stop works
at the next step. A panel is imported when it is asked for: a bar alone needs no torch. Notebook: all of them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "background": ["BackgroundPanel"],
        "classifier": ["classifier_panel"],
        "contrastive_loss": ["contrastive_panel"],
        "contrastive_training": ["contrastive_training_panel"],
        "controls": ["choice", "decimal_number", "number_box", "power_of_ten", "switch", "whole_number"],
        "drop": ["DropPanel"],
        "game": ["GamePanel"],
        "map_training": ["MapTrainingPanel"],
        "matching": ["matching_panel"],
        "pair_score": ["ScorePanel"],
        "panel": ["FormulaPanel", "Panel"],
        "precision": ["Matches", "PrecisionPanel"],
        "progress": ["ProgressBar", "show_progress"],
        "spectrogram": ["spectrogram_panel"],
        "training": ["TrainingPanel"],
    },
)
