"""The runs of a training panel, kept: compared in a table and in one picture, and taken away as a CSV file.

Notebook: 02_resnet_classifier, 03_centroids_and_contrastive_mlp, 05_contact_maps.
"""

import base64
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from matplotlib.figure import Figure

from labutils.plots.learning import quantities_of
from labutils.plots.style import LINE_STYLES, PALETTE
from labutils.widgets.pictures import new_figure, show_figure

MOST_CURVES = 8  # in one picture: the latest ones
JUDGED = ("held-out accuracy", "95 % from", "95 % to")
LINK_STYLE = "color:var(--jp-content-link-color,LinkText);text-decoration:underline"  # light and dark
LEGEND_WIDTH_INCH, LEGEND_LINE_INCH = 2.6, 0.16


@dataclass(frozen=True)
class Run:
    """What was set, what came of it at every epoch, how long it took, and whether it was stopped before its end.

    What it returned may be judged on held-out clips: `judged` is the accuracy and both ends of its 95 % interval.
    """

    settings: Mapping[str, Any]
    curves: Mapping[str, Sequence[float]]
    seconds: float
    stopped: bool
    judged: tuple[float, float, float] | None = None

    @property
    def figures(self) -> dict[str, float]:
        """The last value of every curve, and how what was trained is judged."""
        last = {name: float(values[-1]) for name, values in self.curves.items() if len(values)}
        return last | (dict(zip(JUDGED, map(float, self.judged), strict=True)) if self.judged else {})


def rows_of(runs: Sequence[Run], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row a run: its number, its settings under the labels of their controls, final figures, time, how it ended."""
    rows = []
    for number, run in enumerate(runs, start=1):
        settings = {labels.get(name, name): value for name, value in run.settings.items()}
        ending = {"seconds": round(run.seconds, 1), "ended": "stopped early" if run.stopped else "finished"}
        rows.append({"run": number, **settings, **run.figures, **ending})
    return rows


def compare_runs(runs: Sequence[Run], labels: Mapping[str, str]) -> str:
    """Return an HTML table of the runs, the best held-out accuracy in bold; empty without any.

    Args:
        runs: in their order.
        labels: name of a setting -> label of its control.
    """
    rows = rows_of(runs, labels)
    if not rows:
        return ""
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f'<th scope="col" style="padding:0 0.4em">{_two_lines(name)}</th>' for name in names)
    best = max((row[JUDGED[0]] for row in rows if JUDGED[0] in row), default=None)

    def cell(row: Mapping[str, Any], name: str) -> str:
        words = escape(_words(row.get(name, "")))
        return (
            f"<td><b>{words}</b></td>" if name == JUDGED[0] and row.get(name) == best else f"<td>{words}</td>"
        )

    body = "".join(f"<tr>{''.join(cell(row, name) for name in names)}</tr>" for row in rows)
    return (
        '<div style="overflow-x:auto"><table><caption>Runs so far</caption>'
        f"<tr>{head}</tr>{body}</table></div>"
    )


def link_to_csv(runs: Sequence[Run], labels: Mapping[str, str]) -> str:
    """Return a link that saves the table as a CSV file; empty without any run."""
    rows = rows_of(runs, labels)
    if not rows:
        return ""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    packed = base64.b64encode(text.getvalue().encode()).decode()
    address = f"data:text/csv;base64,{packed}"
    return f'<a download="runs.csv" href="{address}" style="{LINK_STYLE}">Save the runs as CSV</a>'


def draw_runs(runs: Sequence[Run], labels: Mapping[str, str]) -> str:
    """Draw the curves of several runs over each other, named by the settings in which they differ.

    Of each quantity the validation curve is drawn, or the training curve where there is none.

    Returns:
        HTML; empty for fewer than two runs.
    """
    shown = [(number, run) for number, run in enumerate(runs, start=1) if any(map(len, run.curves.values()))]
    shown = shown[-MOST_CURVES:]
    if len(shown) < 2:
        return ""
    names = [_name_run(number, run, runs, labels) for number, run in shown]
    quantities = quantities_of(shown[0][1].curves)
    figure = _new_figure_with_legend(len(quantities), lines=sum(name.count("\n") + 1.5 for name in names))
    for ax, quantity in zip(figure.axes, quantities, strict=True):
        for place, (_, run) in enumerate(shown):
            curves = (f"{part} {quantity}" for part in ("validation", "train"))
            drawn = next((name for name in curves if run.curves.get(name)), quantity)
            values = run.curves.get(drawn, [])
            look = {"color": PALETTE[place % 8], "linestyle": LINE_STYLES[place % 4], "marker": "."}
            ax.plot(range(1, len(values) + 1), values, label=names[place], **look)
        ax.set(xlabel="epoch", ylabel=drawn)
        ax.xaxis.get_major_locator().set_params(integer=True)
    figure.axes[-1].legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize="small")
    return show_figure(
        figure, f"Curves of runs {', '.join(str(number) for number, _ in shown)}, over each other"
    )


def _new_figure_with_legend(columns: int, *, lines: float) -> Figure:
    """A row of axes, and beside them room for a legend of so many lines."""
    width_inch, height_inch = 4.2 * columns + LEGEND_WIDTH_INCH, max(3.0, LEGEND_LINE_INCH * lines)
    figure = new_figure(width_inch, height_inch)
    figure.subplots(1, columns)
    # Fixed margins: a layout that measures all labels costs as much as all the rest.
    right, bottom, top = 1 - LEGEND_WIDTH_INCH / width_inch, 0.54 / height_inch, 1 - 0.15 / height_inch
    figure.subplots_adjust(left=0.8 / width_inch, right=right, bottom=bottom, top=top, wspace=0.25)
    return figure


def _name_run(number: int, run: Run, runs: Sequence[Run], labels: Mapping[str, str]) -> str:
    """ "2: learning rate 0.1, epochs 9", with the settings that are not the same in all runs."""
    differs = [name for name in run.settings if len({_words(other.settings.get(name)) for other in runs}) > 1]
    words = [f"{labels.get(name, name)} {_words(run.settings[name])}" for name in differs]
    return f"{number}: " + (",\n".join(words) or "same settings")


def _two_lines(name: str) -> str:
    """A name, as HTML, that breaks before its last word alone: a narrow column would put each word on its own line."""
    first, space, last = name.rpartition(" ")
    return escape(first).replace(" ", "&nbsp;") + space + escape(last)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
