"""Figures, photographs and tables as HTML for a panel.

A panel draws with the functions of `labutils.plots` on figures that pyplot does not know. So it may draw in a thread while
the notebook computes, and never disturbs the figures of other cells. The pictures are opaque: they are readable on a dark
page too.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

DPI = 90


def new_figure(width_inch: float, height_inch: float, **options) -> Figure:
    """Make an opaque figure without pyplot; `options` are more arguments of `matplotlib.figure.Figure`."""
    figure = Figure(figsize=(width_inch, height_inch), dpi=DPI, facecolor="white", **options)
    FigureCanvasAgg(figure)
    return figure


def show_figure(figure: Figure, description: str) -> str:
    """Return a figure as an `<img>` that holds it as PNG.

    Args:
        figure: of `new_figure`.
        description: what a screen reader says of the picture.
    """
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    return _image(pixels, description, "png", compress_level=1)


def show_photograph(pixels: np.ndarray, description: str) -> str:
    """Return a photograph, uint8 [rows, columns, 3], as an `<img>` that holds it as JPEG: a tenth of the size of a PNG."""
    return _image(pixels, description, "jpeg")


def _image(pixels: np.ndarray, description: str, file_format: str, **options) -> str:
    """An `<img>` that keeps its place while it changes: its size is known, and it is decoded before it is shown."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, format=file_format, **options)
    height, width = pixels.shape[:2]
    packed = base64.b64encode(buffer.getvalue()).decode("ascii")
    return (
        f'<img alt="{escape(description)}" width="{width}" height="{height}" decoding="sync" '
        f'style="max-width:100%;height:auto" src="data:image/{file_format};base64,{packed}"/>'
    )


def show_table(rows: Mapping[str, str], *, caption: str) -> str:
    """Return a small two-column HTML table of names and values."""
    cells = (
        f'<tr><th scope="row" style="text-align:left;padding-right:1em">{escape(name)}</th>'
        f"<td>{escape(value)}</td></tr>"
        for name, value in rows.items()
    )
    return f"<table><caption>{escape(caption)}</caption>{''.join(cells)}</table>"


def side_by_side(parts: Sequence[str]) -> str:
    """Return pieces of HTML beside each other, below each other where the page is narrow."""
    return f'<div style="display:flex;flex-wrap:wrap;gap:12px;align-items:center">{"".join(parts)}</div>'
