"""What all tests of figures share: no warning, no figure left open, and a look into axes."""

import warnings
from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D


@pytest.fixture(autouse=True)
def no_figure_left_open() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")


def labels(ax: Axes) -> list[str]:
    """The words of a legend."""
    return [text.get_text() for text in ax.get_legend().get_texts()] if ax.get_legend() else []


def line(ax: Axes, label: str) -> Line2D:
    """The line with a label."""
    return next(artist for artist in ax.lines if artist.get_label() == label)
