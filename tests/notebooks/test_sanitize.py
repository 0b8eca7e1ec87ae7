"""The sound in a player may differ from the stored one, and nothing else of it."""

from pathlib import Path

import numpy as np
from IPython.display import Audio
from nbval.plugin import IPyNbCell, get_sanitize_patterns

PATTERNS = Path(__file__).with_name("sanitize.cfg").read_text(encoding="utf-8")


def test_the_root_conftest_names_the_patterns(pytestconfig):
    assert Path(pytestconfig.option.nbval_sanitize_with).read_text(encoding="utf-8") == PATTERNS


class Cell:
    """As much of a cell of nbval as cleaning needs."""

    def __init__(self):
        self.parent = self
        self.sanitize_patterns = dict(get_sanitize_patterns(PATTERNS))


def player(samples: int, seed: int = 0, **options) -> str:
    sound = np.random.default_rng(seed).uniform(-1, 1, samples)
    return IPyNbCell.sanitize(Cell(), Audio(sound, rate=8000, **options)._repr_html_())


def test_players_of_other_sounds_are_equal():
    assert player(100, seed=1) == player(2000, seed=2)


def test_another_kind_of_player_differs():
    assert player(100, autoplay=True) != player(100)


def test_plain_text_stays_as_it_is():
    assert IPyNbCell.sanitize(Cell(), "accuracy 0.93 of data:audio\n") == "accuracy 0.93 of data:audio\n"
