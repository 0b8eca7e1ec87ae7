"""The residual block against one made by hand, the plain twin, and the network of the report in full size."""

import pytest
import torch
from torch.nn import functional

from labutils.resnet import BasicBlock, ResNet, layer_count


def random_pictures(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(3))


@pytest.fixture(autouse=True)
def fixed_weights():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def zero_weights(block: BasicBlock) -> BasicBlock:
    for layer in (block.conv1, block.conv2):
        torch.nn.init.zeros_(layer.weight)
    return block


def test_block_equals_one_made_by_hand():
    block, x = BasicBlock(3, 8, stride=2).train(), random_pictures(4, 3, 10, 6)
    out = functional.conv2d(x, block.conv1.weight, stride=2, padding=1)
    out = functional.relu(functional.batch_norm(out, None, None, training=True))
    out = functional.conv2d(out, block.conv2.weight, padding=1)
    out = functional.batch_norm(out, None, None, training=True)
    identity = torch.zeros(4, 8, 5, 3)
    identity[:, 2:5] = x[:, :, ::2, ::2]  # five new channels: two before, three after
    torch.testing.assert_close(block(x), functional.relu(out + identity))


def test_block_of_zero_weights_is_the_rectified_identity():
    x = random_pictures(2, 5, 6, 4)
    torch.testing.assert_close(zero_weights(BasicBlock(5, 5))(x), functional.relu(x))


def test_shortcut_takes_every_second_pixel_and_fills_new_channels_with_zeros():
    x = random_pictures(2, 4, 7, 5)
    out = zero_weights(BasicBlock(4, 8, stride=2))(x)
    assert out.shape == (2, 8, 4, 3)
    torch.testing.assert_close(out[:, 2:6], functional.relu(x[:, :, ::2, ::2]))
    assert not out[:, :2].any()
    assert not out[:, 6:].any()


def test_plain_block_of_zero_weights_forgets_its_input():
    block = zero_weights(BasicBlock(4, 4, shortcut=False))
    assert not block(random_pictures(2, 4, 6, 6)).any()


def test_plain_twin_has_the_same_parameters_and_another_answer():
    residual = ResNet(1, 3, input_size=(20, 12), blocks=(2, 1, 1), planes=(4, 8, 16))
    plain = ResNet(1, 3, input_size=(20, 12), blocks=(2, 1, 1), planes=(4, 8, 16), shortcuts=False)
    assert {n: p.shape for n, p in residual.named_parameters()} == {
        n: p.shape for n, p in plain.named_parameters()
    }
    plain.load_state_dict(residual.state_dict())
    x = random_pictures(2, 1, 20, 12)
    assert not torch.allclose(residual.eval()(x), plain.eval()(x))


@pytest.fixture(scope="module")
def report_network() -> ResNet:
    return ResNet(4, 10, input_size=(513, 196))


def test_network_of_the_report_sees_128_features_and_has_20_layers(report_network):
    with torch.no_grad():
        assert report_network.eval().features(torch.zeros(1, 4, 513, 196)).shape == (1, 128)
    layers = [m for m in report_network.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    assert len(layers) == 20 == layer_count((3, 3, 3))


def test_parameters_of_the_report_network(report_network):
    convolutions = 9 * (4 * 16 + 6 * 16 * 16 + 16 * 32 + 5 * 32 * 32 + 32 * 64 + 5 * 64 * 64)
    norms = 2 * (7 * 16 + 6 * 32 + 6 * 64)
    linear = 128 * 10 + 10
    assert sum(p.numel() for p in report_network.parameters()) == convolutions + norms + linear


@pytest.mark.parametrize(
    ("size", "features"),
    [
        ((64, 96), 8),  # 16 x 24 pixels: one square
        ((200, 48), 8 * 4),  # 50 x 12 pixels: four squares of 12, a rest of 2
    ],
)
def test_pool_leaves_the_expected_features(size, features):
    network = ResNet(4, 3, input_size=size, blocks=(1, 1, 1), planes=(2, 4, 8))
    assert network.linear.in_features == features
    assert network(torch.zeros(2, 4, *size)).shape == (2, 3)


def test_counting_the_features_leaves_the_batch_norms_fresh():
    network = ResNet(1, 2, input_size=(16, 16), blocks=(1, 1, 1), planes=(4, 4, 4))
    assert network.training
    assert not network.norm.running_mean.any()
    assert network.norm.num_batches_tracked == 0


def test_weights_are_drawn_as_he_says():
    network = ResNet(4, 10, input_size=(64, 64))
    weight = network.stages[-1].conv2.weight  # 64 inputs of 3 x 3
    assert weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)
