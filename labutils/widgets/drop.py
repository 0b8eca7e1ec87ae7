"""The panel of notebook 1 that drops an object into the tilting tray.

It is given the simulator as a function and does not import it. Notebook: 01_spectrograms.
"""

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
import numpy as np

from labutils.clips import CLASS_NAMES, MASK_CROP, SAMPLE_RATE_HZ, WALLS
from labutils.films import Contacts, Scene, film
from labutils.players import players
from labutils.widgets.background import BackgroundPanel
from labutils.widgets.controls import choice, number_box, whole_number
from labutils.widgets.pictures import show_photograph, show_table


class DropPanel(BackgroundPanel):
    """Drop an object into the tilting tray; then watch it, hear it, and see which wall it hit when.

    Args:
        drop: `drop(label, seed=...)`, as `labutils.simulate.drop.drop_object`; called in a thread of its own.

    Notebook: 01_spectrograms.
    """

    def __init__(self, drop: Callable[..., Any]):
        controls = [
            choice("label", "object", 0, [(name, label) for label, name in enumerate(CLASS_NAMES)]),
            number_box("seed", "seed", 1, 0, 2**31 - 1),
        ]
        super().__init__(controls, title="Drop an object", verb="Drop")
        self.hits, self.film, self.sound = (ipywidgets.HTML() for _ in range(3))
        self.moment = whole_number("moment", "picture (number)", 0, 0, 1)
        self._moment_box, self._moment_slider, _ = self.moment.view.children
        self.moment.view.children = (self._moment_box, self._moment_slider)  # films differ in length
        seen = ipywidgets.HBox([self.picture, self.hits])
        self.children = (*self.children[:-1], self.film, self.sound, self.moment.view, seen)
        self._drop = drop
        self._moment_slider.continuous_update = True  # the pictures are there: let them run as a film
        self._moment_box.observe(self._show_moment, names="value")
        self._empty()

    def _prepare(self, settings: dict[str, Any]) -> None:
        self._empty()
        self._say("simulating")

    def _compute(self, settings: dict[str, Any]) -> Any:
        return self._drop(settings["label"], seed=settings["seed"])

    def _finish(self, settings: dict[str, Any]) -> str:
        self.hits.value, self.sound.value = draw_hits(self.result), draw_sounds(self.result)
        self.film.value = draw_film(self.result)
        for control in (self._moment_slider, self._moment_box):
            control.max = len(self.result.frames) - 1
        self.moment.view.layout.display = None
        self._show_moment()
        count = len(self.result.hits)
        return f"{CLASS_NAMES[settings['label']]}, {count} {'hit' if count == 1 else 'hits'}"

    def _empty(self) -> None:
        """Show nothing, and go back to the first picture."""
        self.picture.value = self.hits.value = self.film.value = self.sound.value = ""
        self.moment.view.layout.display = "none"
        self._moment_slider.value = 0

    def _show_moment(self, _change: Any = None) -> None:
        if self.result is not None:
            self.picture.value = draw_moment(self.result, self._moment_box.value)


def draw_moment(drop: Any, number: int) -> str:
    """Draw one picture of `DropPanel`, and say what was hit since the picture before."""
    time_s, (x, y) = drop.times_s[number], drop.frame_places[number]
    earlier_s = drop.times_s[number - 1] if number else -np.inf
    new = [hit for hit in drop.hits if earlier_s < hit.time_s <= time_s]
    hits = "; ".join(f"hit the {WALLS[hit.wall]} wall at {hit.time_s:.2f} s" for hit in new)
    description = (
        f"The tray from above at {time_s:.2f} s: the object's middle is {x:.2f} tray widths from the left wall "
        f"and {y:.2f} from the top wall."
    )
    caption = f"{time_s:.2f} s" + (f": {hits}" if hits else "")
    image = show_photograph(drop.frames[number][MASK_CROP], description)
    return f'<figure style="margin:0">{image}<figcaption>{escape(caption)}</figcaption></figure>'


def draw_hits(drop: Any) -> str:
    """Draw the table of hits of `DropPanel`: when, which wall, and how fast the object was just before."""
    rows = {
        f"{number}. at {hit.time_s:.2f} s": f"{WALLS[hit.wall]} wall, {speed_m_s:.2f} m/s"
        for number, (hit, speed_m_s) in enumerate(zip(drop.hits, drop.hit_speeds_m_s, strict=True), start=1)
    }
    return show_table(rows, caption="Hits: when, wall, speed before") if rows else "<p>It hit no wall.</p>"


def draw_film(drop: Any) -> str:
    """Draw the film of `DropPanel`: the tray and all four microphones, a wall lit where it is hit."""
    length_s = len(drop.audio) / SAMPLE_RATE_HZ
    scene = Scene(drop.frames[:, *MASK_CROP], drop.times_s, drop.frame_places, length_s)
    hits = Contacts([hit.time_s for hit in drop.hits], [hit.wall for hit in drop.hits])
    return film(scene, drop.audio, caption="all four microphones", contacts=hits)._repr_html_()


def draw_sounds(drop: Any) -> str:
    """Draw the players of `DropPanel`: each microphone alone, on one scale."""
    return players({f"{wall} wall": sound for wall, sound in zip(WALLS, drop.audio.T, strict=True)}).data
