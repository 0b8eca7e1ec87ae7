"""The game is played from the first to the last round, and the page does not know the answer before the player does."""

import re

import ipywidgets
import numpy as np
import pytest
import torch

from labutils import widgets
from labutils.clips import CLASS_NAMES
from labutils.contact_maps import ContactMaps, MapSettings
from labutils.pair_evidence import channel_of, collect_evidence
from labutils.physics_score import STEPS
from labutils.teaching.game import Opponent, Round, test_pairs
from labutils.widgets import game as module
from labutils.widgets.game import LETTERS, draw_maps
from widgets.conftest import alert, pictures


@pytest.fixture(scope="module")
def pairs(tiny_data):
    return test_pairs(tiny_data)


@pytest.fixture(scope="module")
def evidence(pairs):
    rng, count = np.random.default_rng(0), len(pairs)
    levels = rng.normal(-60, 10, (count, 4, 16, STEPS)).astype(np.float32)
    movement = np.full((count, 6, STEPS), 0.01, dtype=np.float32)
    movement[:, :2] = rng.uniform(0.2, 0.8, (count, 2, STEPS))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = ContactMaps(16, MapSettings(width=4, channels=2))
    nothing, channel = np.zeros((count, count)), channel_of(network, levels, movement)
    return collect_evidence(network, levels, movement, class_term=nothing, log_ratio=nothing, channel=channel)


@pytest.fixture
def quick(monkeypatch):
    """Films that cost nothing."""

    class Quick:
        def __init__(self, video, sound=None, *, caption):
            self.caption, self.kind = caption, "silent" if sound is None else "sound"

        def _repr_html_(self):
            return f'<video controls aria-label="{self.kind}: {self.caption}"></video>'

    monkeypatch.setattr(module, "film", Quick)
    monkeypatch.setattr(module, "silent_film", Quick)


def new_panel(pairs, evidence, seed=0):
    perfect = Opponent(np.eye(len(pairs)), 0.05)
    rng = np.random.default_rng(seed)
    return widgets.GamePanel(pairs, {"our system": perfect}, evidence, rng=rng)


def texts(widget: ipywidgets.Widget) -> list[str]:
    """Every text that a widget and its children send to the page."""
    own = [str(getattr(widget, name, "")) for name in ("value", "description", "tooltip", "placeholder")]
    return own + [text for child in getattr(widget, "children", ()) for text in texts(child)]


@pytest.mark.parametrize("same_object", [False, True])
def test_a_game_is_played_to_its_end(pairs, evidence, quick, same_object):
    panel = new_panel(pairs, evidence)
    panel.controls["same_object"].value = same_object
    panel.start_button.click()
    rounds = panel.game.rounds
    for number, question in enumerate(rounds, start=1):
        assert f"round {number} of {len(rounds)}" in panel.status.value and alert(panel) == ""
        assert [box.value.count("<video") for box in panel.films] == [1] * 4
        assert panel.sound.value.count("<audio") == 1 and panel.next_button.disabled
        place = question.answer if number % 2 else (question.answer + 1) % 4
        panel.choose_buttons[place].click()
        assert f"film {LETTERS[question.answer]}" in panel.status.value
        assert panel.picture.value.count("<video") == (1 if number % 2 else 2)
        assert all(button.disabled for button in panel.choose_buttons)
        panel.next_button.click()
    right = (len(rounds) + 1) // 2
    assert f"The game is over: {right} of {len(rounds)} right" in panel.status.value
    assert panel.errors.value.count("<p>Round") == len(rounds) - right
    assert panel.errors.value.count("<video") == 2 * (len(rounds) - right)
    rows = dict(re.findall(r">([^<>]+)</th><td>([^<]*)<", panel.score.value))
    assert rows["you"].startswith(f"{right} of {len(rounds)}, ")
    assert rows["our system"] == f"{len(rounds)} of {len(rounds)}, 0.05 s each"
    assert rows["chance"] == f"{len(rounds) / 4:.2g} of {len(rounds)}"
    panel.start_button.click()
    assert panel.game.chosen == [] and panel.errors.value == panel.score.value == panel.picture.value == ""


def test_nothing_on_the_page_tells_the_answer_before_the_choice(pairs, evidence):
    panel = new_panel(pairs, evidence)
    panel.game = None
    panel.start_button.click()
    question = panel.game.question
    page = "\n".join(texts(panel))
    shown = [pairs[video] for video in question.videos]
    secrets = [name for pair in shown for name in (pair.sound.name, pair.video.name, CLASS_NAMES[pair.label])]
    words = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    for secret in [*secrets, "audio_", "video_", "right", "answer"]:
        assert secret not in words, secret
    captions = re.findall(r"<figcaption>([^<]*)</figcaption>", page)
    assert captions == ["the sound", "film A", "film B", "film C", "film D"]
    assert all('aria-label="silent film: film' in box.value for box in panel.films)


def test_the_same_film_looks_the_same_whether_it_is_right_or_not(pairs, evidence, monkeypatch):
    page = []
    for sound in (0, 1):
        panel = new_panel(pairs, evidence)
        question = Round(sound, (0, 1, 2, 3))
        monkeypatch.setattr(module, "draw_rounds", lambda *_, question=question, **__: [question])
        panel.start_button.click()
        page.append([box.value for box in panel.films])
    assert page[0] == page[1]


def test_real_films_are_seen_and_heard_after_the_choice(pairs, evidence):
    panel = new_panel(pairs, evidence)
    panel.start_button.click()
    place = (panel.game.question.answer + 1) % 4
    panel.choose_buttons[place].click()
    assert alert(panel) == "" and panel.picture.value.count('aria-label="film with sound') == 2
    assert len(pictures(panel.picture.value)) == 1


def test_clicks_at_the_wrong_time_do_nothing(pairs, evidence, quick):
    panel = new_panel(pairs, evidence)
    panel.choose(0)
    panel.next()
    assert panel.game is None
    panel.start()
    panel.next()
    panel.choose(1)
    panel.choose(2)
    assert panel.game.chosen == [1]


def test_maps_show_what_gave_it_away(evidence):
    question = Round(0, (3, 0, 1, 2))
    ((words, right),) = pictures(draw_maps(evidence, question, 1))
    ((_, wrong),) = pictures(draw_maps(evidence, question, 2))
    assert wrong.shape[0] > right.shape[0] and words == "Contact maps"
    assert f"film B {evidence.agreement[:, 0, 0].max():.2f}" in draw_maps(evidence, question, 1)


def test_a_game_that_cannot_be_says_so(pairs, evidence):
    panel = widgets.GamePanel(pairs[:1], {}, evidence)
    panel.start_button.click()
    assert "expected at least 2" in alert(panel)


def test_every_button_has_a_name_and_the_panel_a_friendly_text(pairs, evidence):
    panel = new_panel(pairs, evidence)
    assert [button.description for button in panel.choose_buttons] == [f"Choose film {x}" for x in "ABCD"]
    assert repr(panel) == "The matching game: a panel with controls. It comes to life when you run this cell."
