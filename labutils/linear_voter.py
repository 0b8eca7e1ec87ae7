"""A classifier without training loop: how loud every band becomes, and a line between every two classes."""

import numpy as np
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch import Tensor, nn

LEVELS = (0.5, 0.8, 0.9, 0.94, 0.96, 0.98, 1.0)  # shares of the moments that are quieter; hits are short
AFTER = (0, 1, 2, 4, 8, 15)  # moments of 20 ms after the hit at which its decay is read
BEFORE = (-16, -2)  # moments before it, in which an object slides or rolls
SHRINKAGE = 0.1  # of the covariance, because there are about as many clips as features
CAUTION = 0.3  # factor on the scores, which are far too sure of themselves on other days


class LinearVoter(nn.Module):
    """Linear discriminant analysis of how loud every band becomes and how the hit decays; [B, C, F, T] -> [B, classes].

    It errs elsewhere than networks do, and a mean of both is more often right than either. The last rows of its input are a
    close-up of the hit (`spectrogram.close_up`), the rows before them the picture of the whole clip.

    Args:
        bands: rows of the picture.
        close_bands: rows of the close-up.
        classes: how many.

    Source: Hastie, Tibshirani, Friedman, "The elements of statistical learning", section 4.3.
    """

    def __init__(self, bands: int, close_bands: int, classes: int):
        super().__init__()
        self.bands, self.close_bands = bands, close_bands
        features = bands * len(LEVELS) + close_bands * (2 * len(AFTER) + 1)
        self.register_buffer("weight", torch.zeros(classes, features))
        self.register_buffer("bias", torch.zeros(classes))

    def features(self, x: Tensor) -> Tensor:
        """What the discriminant sees; [B, C, F, T] -> [B, bands * levels + close_bands * (2 * moments + 1)]."""
        picture, close = x[:, :, : -self.close_bands], x[:, :, -self.close_bands :]
        return torch.cat([_loudness(picture[:, :, -self.bands :]), _decay(close)], dim=1)

    def set_to(self, x: Tensor, labels) -> None:
        """Fit to training clips; classes that are not among them get no votes, a single class gets all."""
        rows = torch.from_numpy(np.unique(labels))
        self.bias.fill_(-1e4)
        if len(rows) == 1:
            self.bias[rows] = 0
            return
        fitted = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=SHRINKAGE)
        fitted.fit(self.features(x).double().numpy(), labels)
        weight, bias = fitted.coef_, fitted.intercept_
        if len(rows) == 2:  # of two classes it gives one line: how far the second stands above the first
            weight, bias = np.vstack([0 * weight, weight]), np.append(0, bias)
        self.weight[rows] = CAUTION * torch.from_numpy(weight).float()
        self.bias[rows] = CAUTION * torch.from_numpy(bias).float()

    def forward(self, x: Tensor) -> Tensor:
        return self.features(x) @ self.weight.T + self.bias


def _loudness(picture: Tensor) -> Tensor:
    """Quantiles over time of the level of every band, mean of the microphones; [B, C, F, T] -> [B, F * levels]."""
    ordered = picture.mean(dim=1).sort(dim=-1).values  # -> (B, F, T)
    places = [int(level * (ordered.shape[-1] - 1)) for level in LEVELS]
    return ordered[..., places].flatten(1)


def _decay(close: Tensor) -> Tensor:
    """Levels from the hit on, of the loudest microphone and of all others, and before it; [B, C, F, T] -> [B, F * ...].

    Which wall was hit does not matter: the microphones are told apart by their loudness alone.
    """
    hit = close.shape[-1] // 2
    loudest = close[..., hit].mean(dim=2).argmax(dim=1)  # (B, C, F) -> (B,)
    own = close[torch.arange(len(close)), loudest]  # (B, F, T)
    others = (close.sum(dim=1) - own) / max(close.shape[1] - 1, 1)
    columns = [min(hit + moment, close.shape[-1] - 1) for moment in AFTER]
    before = own[..., max(hit + BEFORE[0], 0) : max(hit + BEFORE[1], 1)].mean(dim=-1, keepdim=True)
    return torch.cat([own[..., columns], others[..., columns], before], dim=-1).flatten(1)
