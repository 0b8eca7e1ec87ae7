"""The video towers: sizes, order of layers, the MLP against numpy; layers that standardise and normalise."""

import numpy as np
import pytest
import torch
from torch import nn

from labutils.encoders import MaskCNN3D, Normalise, Standardise, TrajectoryMLP


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


def test_normalised_embeddings_have_length_one_and_keep_their_direction():
    found = Normalise()(torch.tensor([[3.0, 4.0], [0.0, -2.0]]))
    torch.testing.assert_close(found, torch.tensor([[0.6, 0.8], [0.0, -1.0]]))


@pytest.mark.parametrize("tower", [TrajectoryMLP(), MaskCNN3D()])
def test_every_weight_learns(tower):
    shape = (2, 35, 60, 60) if isinstance(tower, MaskCNN3D) else (4, 70)
    out = tower(torch.rand(shape, generator=torch.Generator().manual_seed(0)))
    assert out.shape == (shape[0], 10)
    out.square().sum().backward()
    assert all(parameter.grad is not None for parameter in tower.parameters())


def test_standardised_training_data_have_mean_zero_and_std_one():
    values = np.random.default_rng(0).normal(-70, 8, (6, 4, 5, 7)).astype(np.float16)
    layer = Standardise()
    layer.fit(values)
    out = layer(torch.tensor(values, dtype=torch.float32))
    assert out.mean().item() == pytest.approx(0, abs=1e-3)
    assert out.std(correction=0).item() == pytest.approx(1, abs=1e-3)


def test_louder_microphone_stays_louder():
    values = np.stack([np.full((5, 7), level) for level in (-20.0, -40, -60, -80)])[None]
    layer = Standardise()
    layer.fit(values)
    levels = layer(torch.tensor(values))[0, :, 0, 0]
    torch.testing.assert_close(
        levels.diff(), torch.full((3,), -20 / np.std([20, 40, 60, 80]), dtype=levels.dtype)
    )


def test_constant_data_are_not_divided_by_zero():
    layer = Standardise()
    layer.fit(np.full((2, 3), -100.0))
    assert torch.equal(layer(torch.full((2, 3), -100.0)), torch.zeros(2, 3))


def test_mean_and_std_are_saved_with_the_weights():
    layer, loaded = Standardise(), Standardise()
    layer.fit(np.array([1.0, 5.0]))
    loaded.load_state_dict(layer.state_dict())
    assert (loaded.mean.item(), loaded.std.item()) == (3.0, 2.0)
