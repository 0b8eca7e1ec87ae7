"""The panel of notebook 4 that rejects matches.

Notebook: 04_hungarian_matching.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labutils.plots import plot_distance_heatmap
from labutils.plots.heatmap import finite_range
from labutils.plots.matching import DISTANCE_LABEL
from labutils.widgets.controls import DECIMALS, Control, choice, decimal_number
from labutils.widgets.panel import FormulaPanel
from labutils.widgets.pictures import new_figure, show_figure, show_table, side_by_side


def matching_panel(
    cost: np.ndarray,
    truth: np.ndarray,
    *,
    solve: Callable[[np.ndarray, float], np.ndarray],
    classes: Sequence[str] | None = None,
    cost_label: str = DISTANCE_LABEL,
    start: float | None = None,
) -> FormulaPanel:
    """Match sounds with videos under a threshold that can be moved, and count what is right.

    Args:
        cost: float [N, M], distance of every sound to every video; inf where a pair is not allowed.
        truth: int [N], the video of every sound, -1 for none.
        solve: (cost, threshold) -> int [N], the video of every sound, -1 for none.
        classes: class name of every sound [N]; then one class alone can be shown.
        cost_label: what the costs are, with their unit, for the colour bar.
        start: the calibrated threshold, in the unit of the costs: the panel starts there, or at the end of its range that
            is next to it, and names it beside the slider. None starts without rejection.

    Returns:
        A panel with the setting threshold, and class_name if there are classes.

    Notebook: 04_hungarian_matching.
    """
    cost, truth = np.asarray(cost, dtype=float), np.asarray(truth, dtype=int)
    names = np.array(["all"] * len(cost) if classes is None else list(classes), dtype=str)
    controls = [threshold_control(cost, start)]
    if classes is not None:
        controls.append(choice("class_name", "class shown", "all", ["all", *np.unique(names).tolist()]))

    def draw(settings: dict[str, Any]) -> str:
        assignment = np.asarray(solve(cost, settings["threshold"]), dtype=int)
        chosen = settings.get("class_name", "all")
        shown = np.flatnonzero((names == chosen) | (chosen == "all"))
        return draw_matching(cost, assignment, truth, shown, cost_label=cost_label)

    return FormulaPanel(draw, controls, title="Matching with a threshold")


def threshold_control(cost: np.ndarray, start: float | None = None) -> Control:
    """A threshold that reaches from the smallest to the largest finite cost in about fifty round steps.

    Args:
        cost: float [N, M].
        start: the calibrated threshold, which may lie beyond the costs or be infinite; None if there is none.
    """
    low, high = finite_range(cost)
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-6) / 50))
    low, high = (float(round(step * end, DECIMALS)) for end in (np.floor(low / step), np.ceil(high / step)))
    if start is None:
        return decimal_number("threshold", "reject above", high, low, high, step=step)
    inside = float(np.clip(start, low, high))
    note = f"calibrated: {start:g}" + ("" if low <= start <= high else ", beyond this range")
    return decimal_number("threshold", "reject above", inside, low, high, step=step, note=note)


def count_answers(assignment: np.ndarray, truth: np.ndarray) -> dict[str, str]:
    """Return how many answers are matches, right, wrong and rightly -1, and the accuracy; -1 counts as an answer."""
    matched, right = assignment >= 0, assignment == truth
    return {
        "matches": f"{matched.sum()}",
        "of them right": f"{(matched & right).sum()}",
        "of them wrong": f"{(matched & ~right).sum()}",
        "correct −1": f"{(~matched & right).sum()} of {(truth < 0).sum()}",
        "accuracy": f"{right.mean():.2f}" if len(right) else "no sounds",
    }


def draw_matching(
    cost: np.ndarray, assignment: np.ndarray, truth: np.ndarray, shown: np.ndarray, *, cost_label: str
) -> str:
    """Draw the picture of `matching_panel`: costs with the answers marked, and their counts.

    Args:
        cost: float [N, M].
        assignment: int [N], -1 for none (marked to the left of the matrix).
        truth: int [N], -1 for none.
        shown: indices of the sounds to show; of the videos those that any of them may have.
        cost_label: for the colour bar.
    """
    assignment, truth = assignment[shown], truth[shown]
    counts = count_answers(assignment, truth)
    table = show_table(counts, caption="Answers")
    columns = _columns_of(cost[shown], assignment, truth)
    if not len(columns):
        return table
    position = np.append(np.searchsorted(columns, np.arange(cost.shape[1])), -1)  # -1 stays -1
    figure = new_figure(6, 5, layout="constrained")
    ax = plot_distance_heatmap(
        cost[np.ix_(shown, columns)],
        position[assignment],
        truth=position[truth],
        value_label=cost_label,
        ax=figure.subplots(),
    )
    ax.set(xlabel="video (number in the picture)", ylabel="sound (number in the picture)", aspect="auto")
    words = ", ".join(f"{name} {value}" for name, value in counts.items())
    description = f"Costs of sounds and videos with the assignment marked: {words}"
    return side_by_side([show_figure(figure, description), table])


def _columns_of(cost: np.ndarray, assignment: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Indices of the videos that any of these sounds may have, has or should have."""
    possible = np.flatnonzero(np.isfinite(cost).any(axis=0))
    named = np.concatenate([assignment, truth])
    return np.union1d(possible, named[named >= 0]).astype(int)
