"""The two video towers: sizes, order of layers, and the MLP against numpy."""

import numpy as np
import pytest
import torch
from torch import nn

from labutils.encoders import MaskCNN3D, TrajectoryMLP


def test_mlp_is_70_15_10_10():
    linear = [layer for layer in TrajectoryMLP().layers if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == [(70, 15), (15, 10), (10, 10)]


def test_mlp_has_elu_then_batch_norm_after_every_layer_but_the_last():
    kinds = [type(layer) for layer in TrajectoryMLP().layers]
    assert kinds == [nn.Linear, nn.ELU, nn.BatchNorm1d, nn.Linear, nn.ELU, nn.BatchNorm1d, nn.Linear]


def test_mlp_equals_its_arithmetic_in_numpy():
    mlp, x = TrajectoryMLP().train(), np.random.default_rng(0).random((8, 70))
    out = x
    for layer in (mlp.layers[0], mlp.layers[3]):
        out = out @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
        out = np.where(out > 0, out, np.exp(out) - 1)
        out = (out - out.mean(axis=0)) / np.sqrt(out.var(axis=0) + 1e-5)
    out = out @ mlp.layers[6].weight.detach().numpy().T + mlp.layers[6].bias.detach().numpy()
    torch_out = mlp(torch.tensor(x, dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(torch_out, out, atol=2e-4)


def test_cnn_brings_stacked_masks_to_the_embedding():
    cnn = MaskCNN3D(planes=(2, 2, 2, 2)).eval()
    with torch.no_grad():
        assert cnn(torch.zeros(2, 35, 60, 60)).shape == (2, 10)


def test_cnn_halves_the_picture_four_times_and_time_twice():
    cnn = MaskCNN3D(planes=(2, 2, 2, 2)).eval()
    shapes, x = [], torch.zeros(1, 1, 35, 60, 60)
    with torch.no_grad():
        for layer in cnn.layers:
            x = layer(x)
            if isinstance(layer, nn.Conv3d):
                shapes.append(tuple(x.shape[2:]))
    assert shapes == [(18, 30, 30), (18, 15, 15), (9, 8, 8), (9, 4, 4)]


@pytest.mark.parametrize("tower", [TrajectoryMLP(), MaskCNN3D()])
def test_every_weight_learns(tower):
    shape = (4, 70) if isinstance(tower, TrajectoryMLP) else (2, 35, 60, 60)
    tower(torch.rand(shape, generator=torch.Generator().manual_seed(0))).square().sum().backward()
    assert all(parameter.grad is not None for parameter in tower.parameters())
