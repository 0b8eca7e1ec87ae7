"""Linear discriminant analysis, kept as plain arrays: a line between every two classes.

Source: Hastie, Tibshirani, Friedman, "The elements of statistical learning", section 4.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve
from scipy.special import log_softmax
from sklearn.covariance import shrunk_covariance

LEAST_SPREAD = 0.1
"""Features that hardly vary in training are not blown up: their standard deviation counts as this share of the median."""


@dataclass(frozen=True)
class LinearDiscriminant:
    """A fitted linear discriminant, as plain arrays: scores of x are `weights` x + `bias`.

    Attributes:
        weights: float [10, features]; zero for classes that were not in the training.
        bias: float [10]; very low for classes that were not in the training.
    """

    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def fit(
        cls, features: np.ndarray, labels: np.ndarray, *, classes: int, shrinkage: float, scale: float = 1.0
    ) -> "LinearDiscriminant":
        """Fit to labelled examples; one class alone gets every answer.

        The same lines as of scikit-learn's `LinearDiscriminantAnalysis(solver="lsqr")`, which takes nine times as long for
        1536 features: it does not use that a shrunk covariance can be inverted.

        Args:
            features: [N, F].
            labels: int [N].
            classes: 10.
            shrinkage: above 0, at most 1, of the covariance towards a round one, after every feature was scaled to unit
                variance.
            scale: factor on the scores, below 1 for features that make them too sure of themselves on other days.
        """
        weights, bias = np.zeros((classes, features.shape[1])), np.full(classes, -1e3)
        present, number, counts = np.unique(labels, return_inverse=True, return_counts=True)
        if len(present) == 1:
            bias[present] = 0.0
            return cls(weights, bias)
        mean, std = features.mean(axis=0), features.std(axis=0)
        std = np.maximum(std, max(LEAST_SPREAD * np.median(std), 1e-6))
        scaled = features.astype(float)  # then in place: of many clips, the features are large
        scaled -= mean
        scaled /= std
        of_class = np.stack([scaled[labels == label].mean(axis=0) for label in present])  # (present, F)
        within = scaled
        within -= of_class[number]
        covariance = shrunk_covariance(within.T @ within / len(within), shrinkage)  # (F, F)
        slope = solve(covariance, of_class.T, assume_a="pos").T
        offset = np.log(counts / len(labels)) - (slope * of_class).sum(axis=1) / 2
        weights[present] = scale * slope / std
        bias[present] = scale * (offset - slope / std @ mean)
        return cls(weights, bias)

    def log_probabilities(self, features: np.ndarray) -> np.ndarray:
        """Log-probability of every class; [N, F] -> [N, 10]."""
        return log_softmax(features @ self.weights.T + self.bias, axis=1)

    def arrays(self) -> dict[str, np.ndarray]:
        """The learned arrays, by name."""
        return {"weights": self.weights, "bias": self.bias}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "LinearDiscriminant":
        """What `arrays` gave."""
        return cls(np.asarray(arrays["weights"]), np.asarray(arrays["bias"]))
