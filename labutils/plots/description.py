"""What a figure shows, in words, for those who do not see it: from the words that stand in it.

Notebook: all of them. The words are stored beside the picture and become its `alt` on a web page.
"""

import re
from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure

MOST_NAMES = 12  # of rows or columns


def describe(figure: Figure) -> str:
    """Return titles, axes, legends and colours of a figure: "Figure. loss over epoch. Legend: train; validation." """
    shown = [ax for ax in figure.axes if not _is_colour_bar(ax) and ax.get_visible()]
    panels = _plain(_describe_axes(ax) for ax in shown)
    bars = filter(_is_colour_bar, (*figure.axes, *(child for ax in shown for child in ax.child_axes)))
    parts = {
        "": _plain([figure.get_suptitle()]),
        "Panels: " if len(panels) > 1 else " ": [". ".join(panels)] if panels else [],
        "All: ": _plain([_over(figure.get_supylabel(), figure.get_supxlabel())]),
        "Legend: ": _plain(words for holder in (figure, *shown) for words in _legend_words(holder)),
        "Colours: ": _plain(ax.get_ylabel() or ax.get_xlabel() for ax in bars),
    }
    return " ".join(
        ["Figure.", *(f"{name.lstrip()}{'; '.join(said)}." for name, said in parts.items() if said)]
    )


def _describe_axes(ax: Axes) -> str:
    """ "title: y over x", or as much of it as there is."""
    if not ax.axison:
        return ax.get_title()
    titles = (ax.get_title(where) for where in ("left", "center", "right"))
    y, x = _describe_axis(ax.yaxis), _describe_axis(ax.xaxis)
    has_rows = y and x and not ax.yaxis.get_label_text()  # "accuracy of ours, chance"
    return ": ".join(
        filter(None, (" ".join(filter(None, titles)), f"{x} of {y}" if has_rows else _over(y, x)))
    )


def _describe_axis(axis: Axis) -> str:
    """Its label, and the names along it if it has names and not numbers."""
    ticks = (
        [tick.get_text() for tick in axis.get_ticklabels() if tick.get_text()] if axis.get_visible() else []
    )
    has_names = 0 < len(ticks) <= MOST_NAMES and all(re.search("[^\\W\\d_]", tick) for tick in ticks)
    names = "; ".join(ticks) if has_names and "$" not in "".join(ticks) else ""
    label = axis.get_label_text()
    return f"{label} ({names})" if label and names else label or names


def _over(y: str, x: str) -> str:
    return " over ".join(filter(None, (y, x)))


def _legend_words(holder: Figure | Axes) -> list[str]:
    legends = holder.legends if isinstance(holder, Figure) else filter(None, [holder.get_legend()])
    return [text.get_text() for one in legends for text in (one.get_title(), *one.get_texts())]


def _is_colour_bar(ax: Axes) -> bool:
    return hasattr(ax, "_colorbar")


def _plain(texts: Iterable[str]) -> list[str]:
    """Each text once, on one line, without marks of mathematics."""
    cleaned = (re.sub(r"\s+", " ", text.replace("$", "").replace("\\", "")).strip() for text in texts)
    return list(dict.fromkeys(filter(None, cleaned)))
