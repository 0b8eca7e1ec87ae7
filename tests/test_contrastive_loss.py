"""Both losses against loops, by hand, and their slopes."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labutils.contrastive_loss import (
    ReportLoss,
    contrastive_loss,
    euclidean_distance,
    pairs_right,
    weighted_contrastive_loss,
)
from labutils.errors import LabError

PAIRS = st.lists(st.tuples(st.floats(0, 20), st.booleans()), min_size=1, max_size=12)


def tensors(pairs) -> tuple[torch.Tensor, torch.Tensor]:
    distance, same = zip(*pairs, strict=True)
    return torch.tensor(distance, dtype=torch.float64), torch.tensor(same)


@given(PAIRS, st.floats(0.1, 15))
def test_plain_loss_equals_a_loop(pairs, margin):
    terms = [d**2 / 2 if same else max(0, margin - d) ** 2 / 2 for d, same in pairs]
    loss = contrastive_loss(*tensors(pairs), margin=margin)
    assert loss.item() == pytest.approx(np.mean(terms), abs=1e-9)


@given(PAIRS, st.floats(0.1, 15), st.floats(0, 1))
def test_weighted_loss_equals_a_loop(pairs, margin, weight):
    terms = [weight * d**2 if same else (1 - weight) * max(0, margin - d) for d, same in pairs]
    loss = weighted_contrastive_loss(*tensors(pairs), margin=margin, weight=weight)
    assert loss.item() == pytest.approx(np.mean(terms), abs=1e-9)


def test_plain_loss_by_hand():
    distance, same = torch.tensor([2.0, 0.5, 3.0]), torch.tensor([1, 0, 0])
    each = contrastive_loss(distance, same, margin=1, reduction="none")
    assert each.tolist() == pytest.approx([2.0, 0.125, 0.0])
    assert contrastive_loss(distance, same, margin=1).item() == pytest.approx(2.125 / 3)


def test_weighted_loss_by_hand():
    distance, same = torch.tensor([2.0, 4.0, 11.0]), torch.tensor([1.0, 0.0, 0.0])
    each = weighted_contrastive_loss(distance, same, weight=0.25, reduction="none")
    assert each.tolist() == pytest.approx([1.0, 4.5, 0.0])  # 0.25 * 2^2, 0.75 * (10 - 4), beyond the margin


def test_slope_of_the_losses_over_distance():
    slopes = []
    for loss in (contrastive_loss, weighted_contrastive_loss):
        distance = torch.tensor([3.0, 3.0, 6.0], requires_grad=True)
        loss(distance, torch.tensor([1, 0, 0]), margin=5.0, reduction="none").sum().backward()
        slopes.append(distance.grad.tolist())
    assert slopes[0] == pytest.approx([3.0, -2.0, 0.0])  # D, -(m - D), nothing beyond m
    assert slopes[1] == pytest.approx([3.0, -0.5, 0.0])  # 2 lambda D, -(1 - lambda), nothing beyond m


@pytest.mark.parametrize("loss", [contrastive_loss, weighted_contrastive_loss])
def test_slope_through_the_embeddings_is_the_numerical_one(loss):
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(6, 3, dtype=torch.float64, generator=generator, requires_grad=True) for _ in range(2))
    same = torch.tensor([1, 0, 1, 0, 1, 0])
    assert torch.autograd.gradcheck(lambda a, b: loss(euclidean_distance(a, b), same, margin=1.7), (a, b))


def test_distance_is_that_of_numpy():
    a, b = np.random.default_rng(0).normal(size=(2, 5, 10))
    expected = np.linalg.norm(a - b, axis=1)
    np.testing.assert_allclose(euclidean_distance(torch.tensor(a), torch.tensor(b)), expected)


def test_slope_is_finite_where_embeddings_coincide():
    a = torch.zeros(2, 3, requires_grad=True)
    euclidean_distance(a, torch.zeros(2, 3)).sum().backward()
    assert torch.isfinite(a.grad).all()


def test_right_pairs_are_told_at_half_the_margin():
    distance = torch.tensor([0.4, 0.6, 0.4, 0.6])
    right = pairs_right(distance, torch.tensor([1, 1, 0, 0]), margin=1.0)
    assert right.tolist() == [True, False, False, True]


@pytest.mark.parametrize("settings", [{"weight": 2}, {"weight": -0.1}, {"weight": "half"}, {"margin": -1}])
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(LabError, match=f"ReportLoss: {next(iter(settings))} is .*, expected"):
        ReportLoss(**settings)
    assert ReportLoss(weight=0).weight == 0 and ReportLoss(weight=np.float32(1)).weight == 1


def test_a_lambda_beyond_one_is_refused_where_it_is_used():
    distance = torch.ones(2)
    with pytest.raises(LabError, match="lambda is 2, expected a number from 0 to 1"):
        weighted_contrastive_loss(distance, distance, weight=2)
