"""The panel that drops an object: every picture, every hit, every microphone; and the simulator stays outside."""

import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest

from labutils import widgets
from labutils.clips import CLASS_NAMES, WALLS
from widgets.conftest import WAIT_S, alert


@dataclass(frozen=True)
class FakeDrop:
    """What the panel shows of a drop: four pictures in a second, and two hits."""

    hits: list = field(
        default_factory=lambda: [SimpleNamespace(time_s=0.2, wall=3), SimpleNamespace(time_s=0.7, wall=0)]
    )
    times_s: np.ndarray = field(default_factory=lambda: np.arange(4) / 4)
    frames: np.ndarray = field(default_factory=lambda: np.full((4, 480, 640, 3), 90, dtype=np.uint8))
    frame_places: np.ndarray = field(default_factory=lambda: np.linspace((0.25, 0.5), (1.0, 0.75), 4))
    audio: np.ndarray = field(default_factory=lambda: np.random.default_rng(0).normal(0, 0.1, (44100, 4)))

    @property
    def hit_speeds_m_s(self) -> np.ndarray:
        return 0.5 + 0.25 * np.arange(len(self.hits))


def dropped(drop):
    """A panel in which that drop has just ended, and what it was asked for."""
    asked = []
    panel = widgets.DropPanel(lambda label, *, seed: asked.append((label, seed)) or drop)
    panel.controls["label"].value, panel.controls["seed"].value = 6, 11
    panel.run_button.click()
    assert panel.join(WAIT_S) is drop
    return panel, asked


def test_drop_panel_shows_every_picture_with_its_time_and_its_hits():
    panel, asked = dropped(FakeDrop())
    assert asked == [(6, 11)]
    assert alert(panel) == "" and "Drop 1: toothpaste_box, 2 hits" in panel.status.value
    box, slider = panel.moment.view.children
    assert box.max == slider.max == 3 and slider.continuous_update
    captions = []
    for number in range(4):
        slider.value = number
        picture = ElementTree.fromstring(panel.picture.value)
        assert f"at {number / 4:.2f} s" in picture.find("img").get("alt")
        assert picture.find("img").get("src").startswith("data:image/jpeg;base64,")
        captions.append(picture.find("figcaption").text)
    assert captions == [
        "0.00 s",
        "0.25 s: hit the right wall at 0.20 s",
        "0.50 s",
        "0.75 s: hit the bottom wall at 0.70 s",
    ]


def test_picture_says_where_the_object_is():
    panel, _ = dropped(FakeDrop())
    assert "0.25 tray widths from the left wall and 0.50 from the top wall" in panel.picture.value


def test_drop_panel_lets_hear_the_microphones_and_lists_the_hits():
    panel, _ = dropped(FakeDrop())
    assert panel.sound.value.count("<audio") == 4
    assert panel.film.value.count("<video controls") == 1 and "all four microphones" in panel.film.value
    for wall in WALLS:
        assert f'aria-label="{wall} wall"' in panel.sound.value
    rows = re.findall(r">([^<>]+)</th><td>([^<]*)<", panel.hits.value)
    assert rows == [("1. at 0.20 s", "right wall, 0.50 m/s"), ("2. at 0.70 s", "bottom wall, 0.75 m/s")]


def test_drop_panel_says_that_no_wall_was_hit():
    panel, _ = dropped(replace(FakeDrop(), hits=[]))
    assert "It hit no wall." in panel.hits.value and "0 hits" in panel.status.value


def test_a_shorter_drop_after_a_longer_one_starts_at_its_first_picture():
    whole = FakeDrop()
    half = {name: getattr(whole, name)[:2] for name in ("frames", "times_s", "frame_places")}
    drops = [replace(whole, **half), whole]
    panel = widgets.DropPanel(lambda label, *, seed: drops.pop())
    panel.run()
    panel.join(WAIT_S)
    box, slider = panel.moment.view.children
    box.value = 3
    panel.run()
    panel.join(WAIT_S)
    assert (box.value, box.max, slider.max, panel.runs) == (0, 1, 1, 2)
    assert "0.00 s" in panel.picture.value


def test_second_drop_while_one_moves_is_ignored_and_nothing_old_is_shown():
    goes_on, started = threading.Event(), []

    def drop(label, *, seed):
        started.append(seed)
        if len(started) == 1:
            return FakeDrop()
        goes_on.wait(WAIT_S)
        raise ValueError("the <tray> is broken")

    panel = widgets.DropPanel(drop)
    assert panel.moment.view.layout.display == "none"
    panel.run()
    panel.join(WAIT_S)
    assert panel.moment.view.layout.display is None and panel.picture.value
    panel.run_button.click()
    panel.run()
    assert panel.run_button.disabled and panel.runs == 2 and "simulating" in panel.status.value
    goes_on.set()
    assert panel.join(WAIT_S) is None
    assert len(started) == 2 and not panel.run_button.disabled
    assert alert(panel) == "<b>That did not work:</b> the &lt;tray&gt; is broken"
    assert panel.picture.value == panel.hits.value == panel.sound.value == ""
    assert panel.moment.view.layout.display == "none"


def test_every_part_of_a_drop_panel_has_a_name_and_its_text_is_friendly():
    panel = widgets.DropPanel(lambda label, *, seed: None)
    assert all(box.description for box in [*panel.controls.values(), panel.moment.box])
    assert panel.run_button.description == "Drop"
    assert "run this cell" in repr(panel) and len(repr(panel)) <= 110


def test_panel_shows_what_the_simulator_gives():
    drop_object = pytest.importorskip("labutils.simulate.drop").drop_object
    panel, _ = dropped(drop_object(CLASS_NAMES.index("toothpaste_box"), seed=1, duration_s=1.0))
    assert alert(panel) == "" and panel.error is None
    assert panel.hits.value.count("<tr>") == len(panel.result.hits) > 0


def test_panels_need_no_simulator():
    code = "import sys; import labutils.widgets; assert 'mujoco' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
