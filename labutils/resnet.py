"""Residual networks of the CIFAR type, and their plain twins.

Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016: eq. 1, section 4.2, option A.
Notebook: 02_resnet_classifier.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions F and a shortcut around them: y = relu(F(x) + x).

    Without the shortcut it is a plain block, y = relu(F(x)). Where the block halves the picture or widens the channels, the
    shortcut takes every second pixel and fills the new channels with zeros: it has no parameters (option A).

    Notebook: 02_resnet_classifier.
    """

    def __init__(self, in_planes: int, planes: int, stride: int = 1, *, shortcut: bool = True):
        super().__init__()
        self.conv1 = nn.Conv2d(in_planes, planes, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(planes)
        self.stride, self.new_planes, self.has_shortcut = stride, planes - in_planes, shortcut

    def forward(self, x: Tensor) -> Tensor:
        out = functional.relu(self.norm1(self.conv1(x)))  # (B, C, F, T) -> (B, C', F/s, T/s)
        out = self.norm2(self.conv2(out))
        if self.has_shortcut:
            out = out + self.shortcut(x)
        return functional.relu(out)

    def shortcut(self, x: Tensor) -> Tensor:
        """The identity, brought to the shape of the block's output."""
        x = x[:, :, :: self.stride, :: self.stride]
        before = self.new_planes // 2
        return functional.pad(x, (0, 0, 0, 0, before, self.new_planes - before))


class ResNet(nn.Module):
    """Three stages of basic blocks, an average pool and one linear layer.

    Args:
        in_channels: 4 for a spectrogram, 1 for a mask.
        outputs: number of classes, or length of an embedding.
        input_size: (height, width) of the pictures.
        blocks: basic blocks in every stage; (3, 3, 3) is the report's network of 20 layers.
        planes: channels of every stage.
        shortcuts: False makes the plain twin.

    The pool averages over squares as wide as the picture, as the report does: a whole 513 x 196 spectrogram leaves two such
    squares, a small picture one.

    Source: He et al. 2016, section 4.2.
    Notebook: 02_resnet_classifier.
    """

    def __init__(
        self,
        in_channels: int,
        outputs: int,
        *,
        input_size: tuple[int, int],
        blocks: tuple[int, ...] = (3, 3, 3),
        planes: tuple[int, ...] = (16, 32, 64),
        shortcuts: bool = True,
    ):
        super().__init__()
        self.stem = nn.Conv2d(in_channels, planes[0], 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(planes[0])
        self.stages = nn.Sequential(*self._stages(blocks, planes, shortcuts))
        self.linear = nn.Linear(self._feature_count(in_channels, input_size), outputs)
        self.apply(_initialise)
        self.to(memory_format=torch.channels_last)

    @staticmethod
    def _stages(blocks, planes, shortcuts):
        in_planes = planes[0]
        for stage, (count, width) in enumerate(zip(blocks, planes, strict=True)):
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                yield BasicBlock(in_planes, width, stride, shortcut=shortcuts)
                in_planes = width

    def _feature_count(self, in_channels: int, input_size: tuple[int, int]) -> int:
        self.eval()  # the empty picture must not move the running means of the batch norms
        with torch.no_grad():
            count = self.features(torch.zeros(1, in_channels, *input_size)).shape[1]
        self.train()
        return count

    def features(self, x: Tensor) -> Tensor:
        """What the linear layer sees; [B, C, F, T] -> [B, features]."""
        x = x.contiguous(memory_format=torch.channels_last)
        x = functional.relu(self.norm(self.stem(x)))
        x = self.stages(x)  # (B, C, F, T) -> (B, 64, F/4, T/4)
        height, width = x.shape[-2:]
        return functional.avg_pool2d(x, (min(height, width), width)).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.features(x))  # (B, C, F, T) -> (B, outputs)


def _initialise(module: nn.Module) -> None:
    """He's initialisation (ICCV 2015, eq. 14) for the layers with weights."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight)


def layer_count(blocks: tuple[int, ...]) -> int:
    """Layers with weights: the stem, two in every block, the linear layer."""
    return 2 + 2 * sum(blocks)
