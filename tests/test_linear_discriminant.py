"""The linear discriminant as arrays: equal to scikit-learn's, and sensible with few classes or constant features."""

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from labutils.linear_discriminant import LinearDiscriminant


def clusters(classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(60) % classes
    return rng.normal(size=(60, 4)) + 3 * np.eye(classes, 4)[labels], labels


def test_log_probabilities_equal_those_of_scikit_learn():
    features, labels = clusters(3)
    found = LinearDiscriminant.fit(features, labels, classes=3, shrinkage=0.2)
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.2).fit(scaled, labels)
    np.testing.assert_allclose(
        found.log_probabilities(features), log_softmax(theirs.decision_function(scaled), axis=1), atol=1e-8
    )


@pytest.mark.parametrize("known", [[7], [2, 5], [0, 3, 9]])
def test_classes_that_were_not_in_the_training_are_never_answered(known):
    features, labels = clusters(len(known))
    labels = np.array(known)[labels]
    found = LinearDiscriminant.fit(features, labels, classes=10, shrinkage=0.1)
    answers = found.log_probabilities(features).argmax(axis=1)
    assert set(answers) <= set(known) and (answers == labels).mean() > 0.9


def test_features_that_hardly_vary_in_training_do_not_decide():
    features, labels = clusters(3)
    features = np.hstack([features, np.where(np.arange(60) == 0, 1e-9, 0.0)[:, None]])
    found = LinearDiscriminant.fit(features, labels, classes=3, shrinkage=0.1)
    moved = features + np.array([0, 0, 0, 0, 0.01])
    np.testing.assert_allclose(found.log_probabilities(moved), found.log_probabilities(features), atol=0.5)


def test_scale_makes_it_less_sure_but_changes_no_answer():
    features, labels = clusters(3)
    sure, doubtful = (
        LinearDiscriminant.fit(features, labels, classes=3, shrinkage=0.1, scale=s) for s in (1, 0.1)
    )
    a, b = sure.log_probabilities(features), doubtful.log_probabilities(features)
    assert np.array_equal(a.argmax(axis=1), b.argmax(axis=1)) and b.max(axis=1).mean() < a.max(axis=1).mean()


def test_arrays_are_all_there_is():
    found = LinearDiscriminant.fit(*clusters(3), classes=3, shrinkage=0.1)
    again = LinearDiscriminant.of(found.arrays())
    np.testing.assert_array_equal(again.weights, found.weights)
    np.testing.assert_array_equal(again.bias, found.bias)
