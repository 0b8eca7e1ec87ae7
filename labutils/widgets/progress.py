"""A line that tells how far a training in a cell is, and how long it will take; it vanishes at the end.

Notebook: 02_resnet_classifier, 03_centroids_and_contrastive_mlp.
"""

import time
from typing import Any

import ipywidgets
from IPython.display import display


class EpochBar(ipywidgets.HTML):
    """A progress bar over epochs; used as the `on_epoch` of a training.

    Args:
        name: what is trained.
        epochs: how many there will be.
    """

    def __init__(self, name: str, epochs: int):
        super().__init__()
        self._name, self._epochs, self._start_s = name, epochs, time.monotonic()
        display(self)
        self._show(0)

    def __repr__(self) -> str:
        """The text that a reader without a kernel sees."""
        return f"(a progress bar, while {self._name} trains)"

    def __call__(self, history: Any) -> None:
        """Move the bar on to the epochs of a history; after the last one it vanishes."""
        self._show(history.epochs)

    def _show(self, done: int) -> None:
        if done >= self._epochs:
            self.value = ""
            return
        passed_s = time.monotonic() - self._start_s
        left = f"about {passed_s / done * (self._epochs - done):.0f} s left" if done else "first epoch"
        self.value = (
            f'<progress value="{done}" max="{self._epochs}" aria-label="{self._name}"></progress> '
            f"{self._name}: epoch {done} of {self._epochs}, {left}"
        )
