"""The panel of the contrastive loss follows margin and weight."""

import pytest

from labutils import widgets
from labutils.widgets import contrastive_loss
from widgets.conftest import walk_through


def test_picture_follows_every_control_over_its_range():
    walk_through(widgets.contrastive_panel())


def test_panel_starts_at_the_loss_with_which_the_notebook_trains():
    panel = widgets.contrastive_panel()
    assert (panel.controls["margin"].value, panel.controls["weight"].value) == (10, 0.1)
    assert "costs 9 at D = 0" in panel.picture.value  # (1 - lambda) m


def test_panel_says_what_a_negative_pair_costs():
    panel = widgets.contrastive_panel()
    panel.controls["margin"].value, panel.controls["weight"].value = 6, 0.25
    assert "costs 4.5 at D = 0 and nothing from D = m = 6 on" in panel.picture.value


def test_both_branches_are_those_of_the_report(monkeypatch):
    drawn = {}

    def plot(distance, positive, negative, *, margin, ax):
        drawn.update({d: (p, n) for d, p, n in zip(distance.tolist(), positive, negative, strict=True)})
        return ax

    monkeypatch.setattr(contrastive_loss, "plot_contrastive_loss", plot)
    contrastive_loss.draw_contrastive_loss(margin=10, weight=0.25)
    assert drawn[4.0] == pytest.approx((0.25 * 16, 0.75 * 6))  # lambda D^2, (1 - lambda) (m - D)
    assert drawn[20.0] == pytest.approx((0.25 * 400, 0))
