"""Bars: what is done, how long the rest takes, and nothing left in a stored notebook."""

import time
from types import SimpleNamespace

import pytest

from labutils.widgets.progress import ProgressBar, draw_progress, duration_in_words


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets; starts at 100 s."""
    now = SimpleNamespace(s=100.0)
    monkeypatch.setattr(time, "monotonic", lambda: now.s)
    return now


def after(epochs: int) -> SimpleNamespace:
    """The history after some epochs."""
    return SimpleNamespace(epochs=epochs)


def test_waiting_is_told_how_long_it_will_be():
    assert "first epoch is running" in draw_progress(0, 20, 3.0)
    bar = draw_progress(5, 20, 10.0)
    assert '<progress max="20" value="5"' in bar and "epoch 5 of 20, about 30 s left" in bar
    assert "clip 20 of 20, done" in draw_progress(20, 20, 9.0, unit="clip")
    assert draw_progress(3, None, 10.0) == "epochs: 3"


def test_durations_are_said_as_one_waits_for_them():
    assert [duration_in_words(s) for s in (0.4, 89, 91, 1500, 5400)] == [
        "0 s",
        "89 s",
        "2 min",
        "25 min",
        "1 h 30 min",
    ]


def test_bar_follows_trainings_one_after_the_other(clock):
    bar = ProgressBar(10)
    for training in range(2):
        with bar.training(5) as on_epoch:
            for epoch in range(1, 6):
                clock.s += 3
                on_epoch(after(epoch))
                assert bar.done == 5 * training + epoch
                assert f"epoch {bar.done} of 10" in bar.value
    assert bar.value.endswith("epoch 10 of 10, done")


def test_kept_network_moves_the_bar_and_does_not_spoil_the_estimate(clock):
    bar = ProgressBar(10)
    with bar.training(4):
        pass
    with bar.training(6) as on_epoch:
        clock.s += 3
        on_epoch(after(1))
    assert bar.done == 10
    with ProgressBar(10).training(10):
        pass

    bar = ProgressBar(10)
    with bar.training(4):
        clock.s += 0.5
    with bar.training(6) as on_epoch:
        clock.s += 2.5
        on_epoch(after(1))
        assert "epoch 5 of 10, about 15 s left" in bar.value


def test_resumed_training_starts_where_it_was(clock):
    bar = ProgressBar(10)
    with bar.training(10) as on_epoch:
        clock.s += 2
        on_epoch(after(8))
        assert "epoch 8 of 10, about 4 s left" in bar.value


def test_interrupted_training_says_how_to_go_on(clock):
    bar = ProgressBar(10)
    with pytest.raises(KeyboardInterrupt), bar.training(10) as on_epoch:
        on_epoch(after(3))
        raise KeyboardInterrupt
    assert bar.value == "epoch 3 of 10, stopped; run the cell again to go on"


def test_bar_moves_at_most_seven_times_a_second(clock):
    bar, shown = ProgressBar(1000, unit="clip"), []
    bar.observe(lambda change: shown.append(change["new"]), names="value")
    for _ in range(1000):
        clock.s += 0.001
        bar.update()
    assert 6 <= len(shown) <= 8
    assert "clip 1000 of 1000, done" in bar.value
