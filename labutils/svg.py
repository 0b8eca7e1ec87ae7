"""Pictures of the live panels, written by hand as SVG: they follow the light or dark theme of the page.

Axes and letters are drawn in `currentColor`, the colour of the text around them. Unlike `plots`, nothing here needs
matplotlib's figures, so a panel may draw while the notebook computes.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from matplotlib.ticker import MaxNLocator
from PIL import Image

LEFT, RIGHT, TOP, BOTTOM = 56, 12, 26, 42  # room for numbers and names around the plot, in pixels
DASHES = {"-": "none", "--": "7 4", "-.": "9 3 2 3", ":": "2 4"}


@dataclass(frozen=True)
class Axis:
    """One axis: what it shows with its unit, and the values at its ends (`low` is left, or at the bottom)."""

    label: str
    low: float
    high: float

    def share(self, values: np.ndarray | float) -> np.ndarray:
        """Where values lie along the axis, 0 at `low` and 1 at `high`."""
        return (np.asarray(values, dtype=float) - self.low) / ((self.high - self.low) or 1.0)

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Which values lie on the axis; nan and inf do not."""
        low, high = sorted((self.low, self.high))
        return (values >= low) & (values <= high)

    def ticks(self) -> list[float]:
        """Round values along the axis."""
        low, high = sorted((self.low, self.high))
        steps = MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=self.label == "epoch").tick_values(
            low, high
        )
        return [float(tick) for tick in steps if low <= tick <= high]


@dataclass(frozen=True)
class Line:
    """One curve: its values, and its look as (colour, matplotlib's line style)."""

    x: np.ndarray
    y: np.ndarray
    look: tuple[str, str]


@dataclass(frozen=True)
class Chart:
    """A picture with two axes, `width` x `height` pixels; its methods return parts of it as SVG."""

    x: Axis
    y: Axis
    width: int = 390
    height: int = 240

    def across(self, values: np.ndarray | float) -> np.ndarray:
        """Pixels from the left."""
        return LEFT + self.x.share(values) * (self.width - LEFT - RIGHT)

    def up(self, values: np.ndarray | float) -> np.ndarray:
        """Pixels from the top; larger values are higher up."""
        return self.height - BOTTOM - self.y.share(values) * (self.height - BOTTOM - TOP)

    def render(self, *body: str, description: str) -> str:
        """The whole `<svg>` element: the parts, then the axes above them.

        Args:
            body: parts, as the other methods return them.
            description: what a screen reader says of the picture.
        """
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(description)}" '
            f'viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}" '
            'style="max-width:100%;height:auto" fill="currentColor" font-size="12" font-family="sans-serif">'
            f"{''.join(body)}{self._axes()}</svg>"
        )

    def _axes(self) -> str:
        right, floor, middle = self.width - RIGHT, self.height - BOTTOM, (self.height - BOTTOM + TOP) / 2
        parts = [f'<path d="M{LEFT} {TOP}V{floor}H{right}" fill="none" stroke="currentColor"/>']
        for tick in self.x.ticks():
            at = float(self.across(tick))
            parts.append(f'<path d="M{at:.1f} {floor}v5" stroke="currentColor"/>')
            parts.append(f'<text x="{at:.1f}" y="{floor + 18}" text-anchor="middle">{tick:g}</text>')
        for tick in self.y.ticks():
            at = float(self.up(tick))
            parts.append(f'<path d="M{LEFT} {at:.1f}h-5" stroke="currentColor"/>')
            parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{tick:g}</text>')
        below = f'x="{(LEFT + right) / 2}" y="{self.height - 6}" text-anchor="middle"'
        beside = f'x="14" y="{middle}" transform="rotate(-90 14 {middle})" text-anchor="middle"'
        parts.append(
            f"<text {below}>{escape(self.x.label)}</text><text {beside}>{escape(self.y.label)}</text>"
        )
        return "".join(parts)

    def lines(self, lines: Mapping[str, Line]) -> str:
        """Named curves and their legend; values beyond the axes, or not finite, leave gaps."""
        parts, at = [], 6
        for name, line in lines.items():
            colour, style = line.look
            look = f'stroke="currentColor" stroke-width="2" stroke-dasharray="{DASHES[style]}" fill="none"'
            parts.append(f'<g color="{colour}">{self._curve(line, look)}<path d="M{at} 12h26" {look}/></g>')
            parts.append(f'<text x="{at + 31}" y="16">{escape(name)}</text>')
            at += 43 + 6 * len(name)
        return "".join(parts)

    def _curve(self, line: Line, look: str) -> str:
        """A path through the values on the axes, and a dot where there is only one."""
        values = np.asarray(line.y, dtype=float)
        held = self.y.holds(values)
        left, top = self.across(line.x), self.up(np.where(held, values, 0))
        if held.sum() == 1:
            (only,) = np.flatnonzero(held)
            return f'<circle cx="{left[only]:.1f}" cy="{top[only]:.1f}" r="3.5" fill="currentColor"/>'
        pen = np.where(np.concatenate([[False], held])[:-1], "L", "M")  # lifted after a gap
        steps = [f"{p}{a:.1f} {b:.1f}" for p, a, b, ok in zip(pen, left, top, held, strict=True) if ok]
        return f'<path d="{"".join(steps)}" {look}/>' if steps else ""

    def image(self, colours: np.ndarray) -> str:
        """A picture that fills the axes exactly, cell by cell; uint8 [rows, columns, 3], the first row at the top."""
        width, height = self.width - LEFT - RIGHT, self.height - BOTTOM - TOP
        return (
            f'<image href="{png_uri(colours)}" x="{LEFT}" y="{TOP}" width="{width}" height="{height}" '
            'preserveAspectRatio="none" style="image-rendering:pixelated"/>'
        )

    def marks(self, x: np.ndarray, y: np.ndarray, kind: str, *, size: float) -> str:
        """Circles or crosses, black with a white rim so that they show on any colour."""
        shapes = {
            "circle": f"m{-size} 0a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 {-2 * size} 0",
            "cross": f"m{-size} {-size}l{2 * size} {2 * size}m0 {-2 * size}l{-2 * size} {2 * size}",
        }
        places = zip(self.across(x), self.up(y), strict=True)
        path = "".join(f"M{left:.1f} {top:.1f}{shapes[kind]}" for left, top in places)
        looks = ('stroke="white" stroke-width="4"', 'stroke="black" stroke-width="1.6"')
        return "".join(f'<path d="{path}" fill="none" {look}/>' for look in looks) if path else ""


def png_uri(colours: np.ndarray) -> str:
    """A uint8 [rows, columns, 3] picture as the address of a PNG that holds it, exactly."""
    return _picture_uri(colours, "png")


def jpeg_uri(colours: np.ndarray) -> str:
    """A uint8 [rows, columns, 3] picture as the address of a JPEG that holds it: for photographs, a tenth of the size."""
    return _picture_uri(colours, "jpeg")


def _picture_uri(colours: np.ndarray, kind: str) -> str:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(colours)).save(buffer, format=kind)
    return f"data:image/{kind};base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def table(rows: Mapping[str, str], *, caption: str) -> str:
    """A small two-column HTML table of names and values."""
    cells = (
        f'<tr><th scope="row" style="text-align:left;padding-right:1em">{escape(name)}</th>'
        f"<td>{escape(value)}</td></tr>"
        for name, value in rows.items()
    )
    return f"<table><caption>{escape(caption)}</caption>{''.join(cells)}</table>"


def side_by_side(pictures: Sequence[str]) -> str:
    """Pictures beside each other, below each other where the page is narrow."""
    return f'<div style="display:flex;flex-wrap:wrap;gap:12px;align-items:center">{"".join(pictures)}</div>'
