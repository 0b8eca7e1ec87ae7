"""The panel of the matching game.

Nothing that is shown before the choice depends on the answer: films are called A to D, their order is drawn here, in the
kernel, and the page holds no name of a file or of an object. Notebook: 05_contact_maps.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets
import numpy as np

from labutils.clips import CLASS_NAMES, WALLS
from labutils.films import film, silent_film
from labutils.films.film import ears
from labutils.pair_evidence import Evidence
from labutils.physics_score import STEP_TIMES_S
from labutils.players import players
from labutils.plots import plot_contact_maps
from labutils.teaching.game import CHOICES, Game, Opponent, Pair, Round, draw_rounds, movement_of
from labutils.widgets.controls import choice
from labutils.widgets.panel import Panel
from labutils.widgets.pictures import new_figure, show_figure, show_table, side_by_side

LETTERS = "ABCDEFGH"[:CHOICES]
LEVELS = [("different objects", False), ("the same object", True)]


class GamePanel(Panel):
    """Hear a sound, see four silent films, choose; ten rounds, beside the systems and chance.

    Args:
        pairs: what is heard and seen, of `teaching.game.test_pairs`.
        opponents: name -> what a system says of these pairs.
        evidence: the contact maps of these pairs; shown after each answer.
        rng: draws rounds and the order of the films; another game each time if None.

    Attributes:
        game: the game that is played, None before the first.

    Notebook: 05_contact_maps.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        opponents: Mapping[str, Opponent],
        evidence: Evidence,
        *,
        rng: np.random.Generator | None = None,
    ):
        self._pairs, self._opponents, self._evidence = pairs, opponents, evidence
        self._rng = np.random.default_rng() if rng is None else rng
        self.game: Game | None = None
        self.start_button = ipywidgets.Button(description="New game", button_style="primary")
        self.next_button = ipywidgets.Button(description="Next round", disabled=True)
        self.status = ipywidgets.HTML()
        self.sound, self.score, self.errors = (ipywidgets.HTML() for _ in range(3))
        self.films = [ipywidgets.HTML() for _ in LETTERS]
        self.choose_buttons = [_choose_button(letter) for letter in LETTERS]
        for place, button in enumerate(self.choose_buttons):
            button.on_click(lambda _button, place=place: self.choose(place))
        self.start_button.on_click(self.start)
        self.next_button.on_click(self.next)
        bar = ipywidgets.HBox([self.start_button, self.next_button, self.status])
        level = choice("same_object", "films of a round show", False, LEVELS)
        super().__init__([level], title="The matching game", below=[bar, self.sound, self._candidates()])
        self.children = (*self.children, self.score, self.errors)
        self._say("press New game")

    def _candidates(self) -> ipywidgets.Box:
        cells = [ipywidgets.VBox(list(cell)) for cell in zip(self.films, self.choose_buttons, strict=True)]
        return ipywidgets.Box(cells, layout={"display": "flex", "flex_flow": "row wrap"})

    def start(self, _button: Any = None) -> None:
        """Draw ten new rounds at the chosen level and ask the first."""
        labels = [pair.label for pair in self._pairs]
        same_object = self.settings["same_object"]
        try:
            rounds = draw_rounds(labels, movement_of(self._evidence), same_object=same_object, rng=self._rng)
        except Exception as error:
            self._complain(error)
            return
        self.game = Game(rounds)
        self._beaten = {
            name: [opponent.is_right(question, self._rng) for question in rounds]
            for name, opponent in self._opponents.items()
        }
        self._seen_again: list[str] = []
        self.score.value = self.errors.value = ""
        self._ask()

    def next(self, _button: Any = None) -> None:
        """Ask the next round, once this one is answered; at the end there is none."""
        if self.game is not None and not self.game.is_over and not self.next_button.disabled:
            self._ask()

    def _ask(self) -> None:
        """Show the sound and the films of a round, and nothing that tells which belong together."""
        self._say(f"drawing the films of round {len(self.game.chosen) + 1}")
        self.next_button.disabled = True
        self.picture.value = self.sound.value = ""
        self._complain(None)
        question = self.game.question
        try:
            self._show_question(question)
        except Exception as error:
            self._complain(error)
            return
        self.game.ask()
        self._say(f"round {len(self.game.chosen) + 1} of {len(self.game.rounds)}: listen, look, choose")

    def _show_question(self, question: Round) -> None:
        for place, (letter, box, button) in enumerate(
            zip(LETTERS, self.films, self.choose_buttons, strict=True)
        ):
            shown = place < len(question.videos)
            button.disabled, button.layout.display = not shown, None if shown else "none"
            box.value = (
                silent_film(self._pairs[question.videos[place]].video, caption=f"film {letter}")._repr_html_()
                if shown
                else ""
            )
        audio = self._pairs[question.sound].sound.audio()
        self.sound.value = players({"the sound": ears(audio)}, same_scale=False).data

    def choose(self, place: int) -> None:
        """Answer the round with a film; then see what gave it away."""
        if self.game is None or self.game.is_over or self.choose_buttons[place].disabled:
            return
        question = self.game.question
        is_right = self.game.choose(place)
        for button in self.choose_buttons:
            button.disabled = True
        answer = LETTERS[question.answer]
        words = f"right, film {answer}" if is_right else f"film {LETTERS[place]}? It was film {answer}"
        self._say(f"{words}; drawing what gave it away")
        self.score.value = show_table(self._standings(), caption="Score")
        again = self._seen_and_heard(question, place)
        self.picture.value = again + draw_maps(self._evidence, question, place)
        if not is_right:
            self._seen_again.append(f"<p>Round {len(self.game.chosen)}</p>{again}")
        self._end(words) if self.game.is_over else self._say(words)
        self.next_button.disabled = self.game.is_over

    def _end(self, words: str) -> None:
        right = sum(self.game.right)
        self._say(f"{words}. The game is over: {right} of {len(self.game.rounds)} right")
        if self._seen_again:
            self.errors.value = "<b>Your errors, to see and hear again</b>" + "".join(self._seen_again)

    def _standings(self) -> dict[str, str]:
        """How many answers so far are right, and how long each took: the player's, the systems' and of chance."""
        done = len(self.game.chosen)
        rows = {"you": _standing(sum(self.game.right), done, float(np.mean(self.game.seconds)))}
        for name, opponent in self._opponents.items():
            rows[name] = _standing(sum(self._beaten[name][:done]), done, opponent.seconds)
        return rows | {"chance": f"{self.game.chance:.2g} of {done}"}

    def _seen_and_heard(self, question: Round, place: int) -> str:
        """The right film with its sound, and the chosen one with the same sound if it is another."""
        pair, taken = self._pairs[question.sound], self._pairs[question.videos[place]]
        letter = LETTERS[question.answer]
        shown = [film(pair.video, pair.sound, caption=f"film {letter}, right: {CLASS_NAMES[pair.label]}")]
        if place != question.answer:
            caption = f"film {LETTERS[place]}, chosen: {CLASS_NAMES[taken.label]}"
            shown.append(film(taken.video, pair.sound, caption=caption))
        return side_by_side([one._repr_html_() for one in shown])

    def _say(self, words: str) -> None:
        self.status.value = f'<span role="status">{escape(words)}</span>'


def _choose_button(letter: str) -> ipywidgets.Button:
    return ipywidgets.Button(description=f"Choose film {letter}", disabled=True, layout={"display": "none"})


def _standing(right: int, of: int, seconds: float) -> str:
    shown = f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.2g}"
    return f"{right} of {of}, {shown} s each"


def draw_maps(evidence: Evidence, question: Round, place: int) -> str:
    """Draw what gave it away: the contact map heard, that of the right film, and that of the chosen one if it is another."""
    maps = {"heard in the sound": evidence.heard[question.sound]}
    marks = {"heard in the sound": evidence.heard_contacts[question.sound]}
    named = {"seen in the right film": question.answer, "seen in the chosen film": place}
    for name, shown in named.items() if place != question.answer else list(named.items())[:1]:
        title = f"{name}, {LETTERS[shown]}"
        maps[title] = evidence.seen[question.videos[shown]]
        marks[title] = evidence.seen_contacts[question.videos[shown]]
    figure = new_figure(7, 1 + 1.3 * len(maps), layout="constrained")
    axes = figure.subplots(len(maps), sharex=True)
    plot_contact_maps(maps, STEP_TIMES_S, walls=WALLS, contacts=marks, axes=axes)
    agree = [float(evidence.agreement[:, question.sound, video].max()) for video in question.videos]
    words = ", ".join(f"film {letter} {value:.2f}" for letter, value in zip(LETTERS, agree, strict=False))
    return (
        f"{show_figure(figure, 'Contact maps')}<p>Agreement with the map of the sound: {escape(words)}.</p>"
    )
