"""The panel of notebook 3 that shows the contrastive loss.

Notebook: 03_centroids_and_contrastive_mlp.
"""

from html import escape

import torch

from labutils.contrastive_loss import weighted_contrastive_loss
from labutils.plots import plot_contrastive_loss
from labutils.widgets.controls import decimal_number
from labutils.widgets.panel import FormulaPanel
from labutils.widgets.pictures import new_figure, show_figure

LONGEST_DISTANCE = HIGHEST_LOSS = 20  # the axes stay where they are, so that one sees the curves move
USUAL_MARGIN, USUAL_WEIGHT = 10, 0.1  # the notebook trains its towers with these


def contrastive_panel() -> FormulaPanel:
    """The report's contrastive loss over the distance of a pair, with free margin and lambda.

    Returns:
        A panel with the settings margin and weight.

    Notebook: 03_centroids_and_contrastive_mlp.
    """
    controls = [
        decimal_number("margin", "margin m", USUAL_MARGIN, 0.5, LONGEST_DISTANCE, step=0.5),
        decimal_number("weight", "weight λ", USUAL_WEIGHT, 0, 1, step=0.05),
    ]
    return FormulaPanel(
        lambda settings: draw_contrastive_loss(**settings), controls, title="Contrastive loss"
    )


def draw_contrastive_loss(*, margin: float, weight: float) -> str:
    """Draw the picture of `contrastive_panel`: the loss of a positive and of a negative pair."""
    distance = torch.linspace(0, LONGEST_DISTANCE, 201)
    options = {"margin": margin, "weight": weight, "reduction": "none"}
    positive, negative = (
        weighted_contrastive_loss(distance, torch.full_like(distance, same), **options).numpy()
        for same in (1.0, 0.0)
    )
    figure = new_figure(5.5, 3.2, layout="constrained")
    ax = plot_contrastive_loss(distance.numpy(), positive, negative, margin=margin, ax=figure.subplots())
    ax.set_ylim(0, HIGHEST_LOSS)
    words = f"A negative pair costs {negative[0]:.3g} at D = 0 and nothing from D = m = {margin:g} on."
    return f"{show_figure(figure, f'Contrastive loss. {words}')}<p>{escape(words)}</p>"
