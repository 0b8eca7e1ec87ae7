"""The bar over epochs: what it says while a training runs, and that nothing is left of it."""

from labutils.training import History
from labutils.widgets import EpochBar


def after(epochs: int) -> History:
    return History({"train loss": [1.0] * epochs})


def test_bar_tells_the_epoch_and_the_time_left_and_vanishes():
    bar = EpochBar("resnet20", 4)
    assert "epoch 0 of 4, first epoch" in bar.value
    bar(after(1))
    assert "epoch 1 of 4, about" in bar.value and 'value="1" max="4"' in bar.value
    bar(after(4))
    assert bar.value == ""


def test_reader_without_a_kernel_sees_a_sentence():
    assert repr(EpochBar("resnet20", 4)) == "(a progress bar, while resnet20 trains)"
