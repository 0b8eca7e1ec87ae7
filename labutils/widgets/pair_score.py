"""The panel of notebook 5 that shows why a sound and a video have the score they have.

Notebook: 05_contact_maps.
"""

from typing import Any

import numpy as np

from labutils.pair_evidence import Evidence
from labutils.physics_score import STEP_S, STEP_TIMES_S
from labutils.plots import plot_distance_heatmap, plot_pair
from labutils.widgets.controls import whole_number
from labutils.widgets.panel import FormulaPanel
from labutils.widgets.pictures import new_figure, show_figure, show_table, side_by_side


class ScorePanel(FormulaPanel):
    """Choose a cell of the matrix of scores, and see both maps, their agreement and the margin.

    Args:
        evidence: of N sounds and M videos.
        assignment: int [N], the video of each sound, -1 for none.
        truth: int [N], the right video of each sound, -1 for none.
        sound: chosen at the start, with the video that it was assigned.

    Notebook: 05_contact_maps.
    """

    def __init__(self, evidence: Evidence, assignment: np.ndarray, truth: np.ndarray, *, sound: int = 0):
        sounds, videos = evidence.log_ratio.shape
        controls = [
            whole_number("sound", "sound (row)", sound, 0, sounds - 1),
            whole_number("video", "video (column)", max(int(assignment[sound]), 0), 0, videos - 1),
        ]

        def draw(settings: dict[str, Any]) -> str:
            return draw_score(evidence, assignment, truth, settings["sound"], settings["video"])

        super().__init__(draw, controls, title="Why this score?")


def explain_score(
    evidence: Evidence, assignment: np.ndarray, truth: np.ndarray, sound: int, video: int
) -> dict[str, str]:
    """What a pair scores, part by part, in words and numbers."""
    agreement = zip(evidence.lags, evidence.agreement[:, sound, video], strict=True)
    lags = [f"{1000 * lag * STEP_S:+.0f} ms: {value:.2f}" for lag, value in agreement]
    rival = evidence.best_rival(sound, video)
    margin = "no rival" if rival is None else f"{evidence.margin(sound, video):+.1f} over video {rival}"
    return {
        "this pair is": "the true one" if truth[sound] == video else "not a true one",
        "the sound was given": _video_name(assignment[sound]),
        "right would be": _video_name(truth[sound]),
        "agreement of the maps, by lag": ", ".join(lags),
        "score of the maps (nats)": f"{evidence.map_score[sound, video]:.1f}",
        "class term (nats)": f"{evidence.class_term[sound, video]:.1f}",
        "log-likelihood ratio (nats)": f"{evidence.log_ratio[sound, video]:.1f}",
        "margin to the best rival (nats)": margin,
    }


def _video_name(video: int) -> str:
    return f"video {video}" if video >= 0 else "no video"


def draw_score(evidence: Evidence, assignment: np.ndarray, truth: np.ndarray, sound: int, video: int) -> str:
    """Draw the picture of `ScorePanel`: the matrix with the chosen cell, the pair, and its score in parts."""
    table = explain_score(evidence, assignment, truth, sound, video)
    matrix = new_figure(5.6, 5.2, layout="constrained")
    ax = plot_distance_heatmap(
        evidence.log_ratio,
        assignment,
        truth=truth,
        value_label="log-likelihood ratio (nats)",
        ax=matrix.subplots(),
    )
    ax.plot(video, sound, "s", color="red", fillstyle="none", markersize=14, markeredgewidth=2.5)
    figure = new_figure(7, 6.2, layout="constrained")
    plot_pair(
        evidence.pair(sound, video),
        STEP_TIMES_S,
        axes=figure.subplots(5, sharex=True, height_ratios=(1.3, 1, 1, 1, 1)),
    )
    words = ", ".join(f"{name}: {value}" for name, value in table.items())
    parts = [
        show_figure(matrix, f"Scores of all pairs; chosen: sound {sound}, video {video}"),
        show_figure(figure, f"Sound {sound} and video {video}. {words}"),
        show_table(table, caption=f"Sound {sound} and video {video}"),
    ]
    return side_by_side(parts)
