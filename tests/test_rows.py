"""Rows of an array: the same numbers and the same name as a copy, without the copy."""

import numpy as np
import pytest
import torch

from labutils.kept_networks import fingerprint_recipe
from labutils.rows import Rows
from labutils.storage import fingerprint


@pytest.fixture
def array() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(200, 3, 4)).astype(np.float16)


def test_parts_of_rows_are_parts_of_the_copy(array):
    indices = np.array([5, 150, 7, 8])
    rows, copy = Rows(array, indices), torch.from_numpy(array[indices])
    assert len(rows) == 4 and rows.shape == copy.shape and rows.dtype == array.dtype
    for which in (slice(None, None, 2), np.array([3, 0, 0]), torch.tensor([3, 0, 0])):
        assert torch.equal(rows[which], copy[which])
    rows[:1].zero_()
    assert array[5].any()


@pytest.mark.parametrize("one", [slice(2, 3), np.array([2]), torch.tensor([2])])
def test_a_batch_of_one_row_is_still_a_batch(one, array):
    """The last batch of 65 clips in batches of 64 is one."""
    assert Rows(array, np.array([5, 150, 7]))[one].shape == (1, 3, 4)


def test_a_network_is_named_by_the_rows_that_it_sees(array):
    indices, network = np.arange(0, 200, 2), torch.nn.Linear(1, 1)
    copy = array[indices]
    assert fingerprint(Rows(array, indices)) == fingerprint(copy) == fingerprint(np.asfortranarray(copy))
    names = [fingerprint_recipe(network, [part]) for part in (copy, Rows(array, indices))]
    array[1] = 0  # not seen
    names.append(fingerprint_recipe(network, [Rows(array, indices)]))
    assert len(set(names)) == 1
    array[198] = 0
    assert fingerprint_recipe(network, [Rows(array, indices)]) not in names


def test_numbers_without_a_length_have_a_fingerprint_too():
    one, other = fingerprint(np.array(1.0)), fingerprint(np.array(2.0))
    assert one != other and fingerprint(np.zeros((0, 3))) != fingerprint(np.zeros((0, 2)))
