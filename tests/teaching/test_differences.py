"""Two answers: whether they are the same, and in which words they differ."""

import numpy as np
import pytest
import torch

from labutils.teaching.differences import are_same, describe, describe_difference


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (1, 1.0),
        ([1, 2], np.array([1.0, 2.0])),
        (torch.tensor([1.0, 2.0], requires_grad=True), np.array([1.0, 2.0])),
        (np.float32(1 / 3), 1 / 3),
        ([1, [2, 3]], (1, np.array([2, 3]))),
        ("left", "left"),
        (-np.inf, -np.inf),
        ({"a": 1, "b": 2}, {"a": 1}),
    ],
)
def test_rounding_and_the_kind_of_container_do_not_matter(found, expected):
    assert are_same(found, expected)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (1.001, 1.0),
        ([1, 2], np.array([[1, 2]])),
        (np.nan, 1.0),
        ("left", 1),
        (1, "left"),
        (None, 1.0),
        ([[1], [2, 3]], np.zeros((2, 2))),
        ((1, 2, 3), (1, 2)),
        (5, (1, 2)),
        ({"a": 2}, {"a": 1}),
        ({}, {"a": 1}),
    ],
)
def test_another_answer_is_another_answer(found, expected):
    assert not are_same(found, expected)


@pytest.mark.parametrize(
    ("found", "expected", "words"),
    [
        ([4.0, 8.0], np.array([1.0, 2.0]), "4 x the right answer"),
        ([-1.0, -2.0], np.array([1.0, 2.0]), "-1 x the right answer"),
        ([3.0, 4.0], np.array([1.0, 2.0]), "plus 2 everywhere"),
        (np.zeros((2, 3)), np.zeros((3, 2)), "the axes are swapped"),
        (np.zeros(4), np.zeros(3), "Expected shape (3,), found shape (4,)."),
        ([1.0, np.nan], np.array([1.0, 2.0]), "divided by 0"),
        ([1.0, 5.0], np.array([1.0, 2.0]), "At index 1: expected 2, found 5."),
        (5.0, np.float64(0.0), "Expected 0, found 5."),
        ("left", np.array("top"), "Expected 'top', found 'left'."),
        (7, "top", "Expected 'top', found 7."),
        (7, (1, 2), "Expected 2 things (return a, b, ...), found 7."),
        ((1, 5), (1, 2), "Part 2 of 2: "),
        ({"size": 3}, {"size": 2, "odd": 1}, "size: "),
        (np.arange(6.0), np.array([0, 1, 2, 3, 4, 9.0]), "expected from 0 to 9, found from 0 to 5"),
    ],
)
def test_the_difference_is_put_into_words(found, expected, words):
    assert words in describe_difference(found, expected)


def test_small_things_are_shown_and_large_ones_measured():
    assert describe(np.array([1.0, 2.5])) == "[1. , 2.5]"
    assert describe(np.zeros((30, 4))) == "ndarray of shape (30, 4)"
    assert describe(0.123456) == "0.1235" and describe(3) == "3" and describe("left") == "'left'"
    assert describe(describe) == "describe"
