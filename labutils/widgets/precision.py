"""The panel of notebook 5 that trades answers for precision.

Notebook: 05_contact_maps.
"""

from dataclasses import dataclass

import numpy as np

from labutils.evaluation import wilson_interval
from labutils.matching import precision_cut
from labutils.plots.style import BLUE, ORANGE, VERMILION
from labutils.widgets.controls import decimal_number
from labutils.widgets.panel import FormulaPanel
from labutils.widgets.pictures import new_figure, show_figure, show_table, side_by_side


@dataclass(frozen=True)
class Matches:
    """Matches of some groups: how sure each was, and whether it is right.

    Attributes:
        confidence: float [P], 0-1.
        right: bool [P].
    """

    confidence: np.ndarray
    right: np.ndarray


class PrecisionPanel(FormulaPanel):
    """Choose a precision, and see how many matches are still made and how many of them are right.

    Args:
        learned: matches from which the cut is learned.
        judged: matches of other sessions, on which it is judged.

    Notebook: 05_contact_maps.
    """

    def __init__(self, learned: Matches, judged: Matches):
        controls = [decimal_number("precision", "wanted precision", 0.9, 0.5, 0.995, step=0.005)]
        super().__init__(
            lambda settings: draw_precision(learned, judged, settings["precision"]),
            controls,
            title="How sure do you want to be?",
        )


def cut_matches(learned: Matches, judged: Matches, precision: float) -> tuple[float, float, np.ndarray]:
    """The cut that promises a precision, the share of matches kept at it, and which of those are right, bool [kept].

    The cut is infinite, and nothing is kept, where no cut promises so much.
    """
    cut = precision_cut(learned.confidence, learned.right, precision)
    kept = judged.confidence >= cut
    return cut, float(kept.mean()) if len(kept) else 0.0, judged.right[kept]


def describe_precision(learned: Matches, judged: Matches, precision: float) -> dict[str, str]:
    """The outcome of a wanted precision in words and numbers."""
    cut, answered, right = cut_matches(learned, judged, precision)
    if not len(right):
        reached = "no match is kept"
    else:
        low, high = wilson_interval(int(right.sum()), len(right))
        reached = f"{right.mean():.3f} (95 % interval {low:.3f} to {high:.3f})"
    return {
        "wanted precision": f"{precision:.3f}",
        "keep a match from confidence": f"{cut:.3f}" if np.isfinite(cut) else "no cut promises so much",
        "matches still made": f"{answered:.2f} of {len(judged.right)}",
        "of them right": reached,
    }


def draw_precision(learned: Matches, judged: Matches, precision: float) -> str:
    """Draw the picture of `PrecisionPanel`: what is kept and what is right, for every precision, the chosen one marked."""
    wanted = np.arange(0.5, 0.9951, 0.005)
    outcomes = [cut_matches(learned, judged, p)[1:] for p in wanted]
    figure = new_figure(6, 3.8, layout="constrained")
    ax = figure.subplots()
    ax.plot(wanted, [answered for answered, _ in outcomes], "-", color=BLUE, label="matches still made")
    reached = [right.mean() if len(right) else np.nan for _, right in outcomes]
    ax.plot(wanted, reached, "--", color=ORANGE, label="of them right")
    ax.plot(wanted, wanted, ":", color="0.5", label="wanted")
    ax.axvline(precision, color=VERMILION, label="chosen")
    ax.set(xlabel="wanted precision (share)", ylabel="share", ylim=(-0.03, 1.03))
    ax.grid(alpha=0.3)
    ax.legend(loc="lower left")
    table = describe_precision(learned, judged, precision)
    words = ", ".join(f"{name}: {value}" for name, value in table.items())
    return side_by_side([show_figure(figure, words), show_table(table, caption="Held-out groups")])
