"""The video towers: sizes, order of layers, and the MLP against numpy; what motion is made of."""

import numpy as np
import pytest
import torch
from torch import nn

from labutils.encoders import NEAR, MaskCNN3D, MotionMLP, Normalise, TrajectoryMLP, motion


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


def test_motion_of_a_steady_way_to_the_right_wall():
    x = np.linspace(0.32, 1.0, 35)  # 0.02 a moment, and at the wall in the end
    vector = torch.tensor(np.stack([x, np.full(35, 0.5)], axis=1).ravel(), dtype=torch.float32)
    place, step, change, speed, near_low, near_high = motion(vector[None])[0].split([70, 68, 66, 34, 70, 70])
    torch.testing.assert_close(place, vector)
    torch.testing.assert_close(step.reshape(34, 2), torch.tensor([[0.02, 0.0]]).expand(34, 2))
    torch.testing.assert_close(change, torch.zeros(66), atol=1e-6, rtol=0)
    torch.testing.assert_close(speed, torch.full((34,), 0.02))
    assert near_high.reshape(35, 2)[-1, 0] == pytest.approx(1)
    assert near_low.reshape(35, 2)[0, 0] == pytest.approx(np.exp(-0.32 / NEAR), rel=1e-4)


def test_normalised_embeddings_have_length_one_and_keep_their_direction():
    found = Normalise()(torch.tensor([[3.0, 4.0], [0.0, -2.0]]))
    torch.testing.assert_close(found, torch.tensor([[0.6, 0.8], [0.0, -1.0]]))


@pytest.mark.parametrize("tower", [TrajectoryMLP(), MotionMLP(), MaskCNN3D()])
def test_every_weight_learns(tower):
    shape = (2, 35, 60, 60) if isinstance(tower, MaskCNN3D) else (4, 70)
    out = tower(torch.rand(shape, generator=torch.Generator().manual_seed(0)))
    assert out.shape == (shape[0], 10)
    out.square().sum().backward()
    assert all(parameter.grad is not None for parameter in tower.parameters())
