"""A classifier without training loop: how loud every band becomes, and a line between every two classes."""

import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch import Tensor, nn

LEVELS = (0.5, 0.8, 0.9, 0.94, 0.96, 0.98, 1.0)  # shares of the moments that are quieter; hits are short
SHRINKAGE = 0.1  # of the covariance, because there are about as many clips as features
CAUTION = 0.3  # factor on the scores, which are far too sure of themselves on other days


class LinearVoter(nn.Module):
    """Linear discriminant analysis of how loud every band of the last `bands` rows becomes; [B, C, F, T] -> [B, classes].

    It errs elsewhere than networks do, and a mean of both is more often right than either.

    Source: Hastie, Tibshirani, Friedman, "The elements of statistical learning", section 4.3.
    """

    def __init__(self, bands: int, classes: int):
        super().__init__()
        self.bands = bands
        self.register_buffer("weight", torch.zeros(classes, bands * len(LEVELS)))
        self.register_buffer("bias", torch.zeros(classes))

    def features(self, x: Tensor) -> Tensor:
        """Quantiles over time of the level, mean of the microphones; [B, C, F, T] -> [B, bands * levels]."""
        ordered = x[:, :, -self.bands :].mean(dim=1).sort(dim=-1).values  # -> (B, bands, T)
        places = [int(level * (ordered.shape[-1] - 1)) for level in LEVELS]
        return ordered[..., places].flatten(1)

    def set_to(self, x: Tensor, labels) -> None:
        """Fit to training clips; classes that are not among them get no votes."""
        fitted = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=SHRINKAGE)
        fitted.fit(self.features(x).double().numpy(), labels)
        if len(fitted.classes_) < 3:
            raise ValueError(
                f"a linear voter needs clips of at least 3 classes, found {len(fitted.classes_)}"
            )
        rows = torch.from_numpy(fitted.classes_)
        self.bias.fill_(-1e4)
        self.weight[rows] = CAUTION * torch.from_numpy(fitted.coef_).float()
        self.bias[rows] = CAUTION * torch.from_numpy(fitted.intercept_).float()

    def forward(self, x: Tensor) -> Tensor:
        return self.features(x) @ self.weight.T + self.bias
