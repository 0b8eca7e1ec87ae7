"""The one way in which the lab draws a matrix as colours: a spectrogram, distances, a confusion matrix, a contact map."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.image import AxesImage


def draw_heatmap(
    ax: Axes,
    values: np.ndarray,
    *,
    colour_map: str,
    value_range: tuple[float, float] | None = None,
    **options,
) -> AxesImage:
    """Draw every cell of a matrix in the colour of its value; cells that are not finite stay blank.

    Args:
        ax: axes to draw on.
        values: float [rows, columns], the first row at the top.
        colour_map: name of a matplotlib colour map.
        value_range: values of the first and the last colour; smallest and largest of the data if None.
        options: more arguments of `matplotlib.axes.Axes.imshow`, such as `extent`, `origin` and `aspect`.

    Returns:
        The image.
    """
    values = np.asarray(values, dtype=float)
    low, high = value_range or finite_range(values)
    shown = np.where(np.isfinite(values), values, np.nan)
    return ax.imshow(shown, cmap=colour_map, vmin=low, vmax=high, interpolation="nearest", **options)


def add_colour_bar(ax: Axes, image: ScalarMappable, label: str) -> None:
    """Explain the colours of a picture beside it, exactly as high as the picture, whatever its aspect."""
    ax.figure.colorbar(image, cax=ax.inset_axes((1.03, 0, 0.05, 1)), label=label)


def finite_range(values: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest finite value; 0 and 1 where there is none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def outer_edges(middles: np.ndarray) -> tuple[float, float]:
    """Return where the first cell begins and the last one ends, given the middles of evenly spaced cells."""
    half = (middles[-1] - middles[0]) / (len(middles) - 1) / 2 if len(middles) > 1 else 0.5
    return float(middles[0] - half), float(middles[-1] + half)
