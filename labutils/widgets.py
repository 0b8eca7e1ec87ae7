"""The panels of the notebooks: controls that train, draw or match anew, without holding any science of their own.

A panel computes in a thread of its own and writes only into HTML widgets, so the notebook stays usable, Stop works at
the next step, and a panel never disturbs the figures of other cells. Notebook: all of them.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets
import matplotlib
import numpy as np
import torch

from labutils import spectrogram, svg
from labutils.clips import CLASS_NAMES, MASK_CROP, SAMPLE_RATE_HZ, WALLS
from labutils.contrastive_loss import weighted_contrastive_loss
from labutils.players import players
from labutils.plots import BLUE, DISTANCE_COLOUR_MAP, ORANGE, SOUND_COLOUR_MAP, curve_style
from labutils.training import REPORT_TOWERS, TowerSettings

SECONDS_BETWEEN_PICTURES = 0.15
DECIMALS = 9  # hides the last bits of 0.1 + 0.2 from the number boxes
NAME_WIDTH = {"description_width": "170px"}
BOX_WIDTH = {"width": "290px"}

Settings = dict[str, Any]


# Controls


@dataclass(frozen=True)
class Control:
    """One setting: its name in the settings, the labelled box that holds `value`, and what is shown."""

    name: str
    box: ipywidgets.Widget
    view: ipywidgets.Widget


def whole_number(name: str, label: str, value: int, low: int, high: int, *, step: int = 1) -> Control:
    """A slider with a number box, for whole numbers from `low` to `high`."""
    limits = {"value": value, "min": low, "max": high, "step": step}
    slider = ipywidgets.IntSlider(**limits, readout=False, continuous_update=False)
    return _linked(
        name, slider, ipywidgets.BoundedIntText(**limits, continuous_update=False, **_labelled(label))
    )


def number_box(name: str, label: str, value: int, low: int, high: int) -> Control:
    """A number box alone, for whole numbers of which none is more than the next."""
    box = ipywidgets.BoundedIntText(
        value=value, min=low, max=high, continuous_update=False, **_labelled(label)
    )
    return Control(name, box, box)


def decimal_number(name: str, label: str, value: float, low: float, high: float, *, step: float) -> Control:
    """A slider with a number box, for numbers from `low` to `high`."""
    limits = {"value": value, "min": low, "max": high, "step": step}
    slider = ipywidgets.FloatSlider(**limits, readout=False, continuous_update=False)
    box = ipywidgets.BoundedFloatText(**limits, continuous_update=False, **_labelled(label))
    return _linked(name, slider, box, shown=lambda number: round(number, DECIMALS))


def power_of_ten(name: str, label: str, value: float, low: int, high: int) -> Control:
    """A slider on a logarithmic scale with a number box, for numbers from 10^low to 10^high."""
    slider = ipywidgets.FloatLogSlider(
        value=value, min=low, max=high, step=0.25, readout=False, continuous_update=False
    )
    box = ipywidgets.BoundedFloatText(
        value=value,
        min=10.0**low,
        max=10.0**high,
        step=10.0**low,
        continuous_update=False,
        **_labelled(label),
    )
    return _linked(name, slider, box, shown=lambda number: float(f"{number:.2g}"))


def choice(name: str, label: str, value: Any, options: Sequence) -> Control:
    """A drop-down list; `options` as in `ipywidgets.Dropdown`."""
    box = ipywidgets.Dropdown(options=options, value=value, **_labelled(label))
    return Control(name, box, box)


def switch(name: str, label: str, value: bool) -> Control:
    """A check box."""
    box = ipywidgets.Checkbox(value=value, description=label, indent=False)
    return Control(name, box, box)


def _labelled(label: str) -> dict[str, Any]:
    return {"description": label, "style": NAME_WIDTH, "layout": BOX_WIDTH}


def _linked(name: str, slider, box, *, shown: Callable[[float], float] = lambda number: number) -> Control:
    """Slider and box move together; the box has the name that a screen reader says, and the value that counts."""
    ipywidgets.link((slider, "value"), (box, "value"), transform=(shown, lambda number: number))
    return Control(name, box, ipywidgets.HBox([box, slider]))


# Panels


class Panel(ipywidgets.VBox):
    """Controls above a picture, and a line that says what went wrong."""

    def __init__(self, controls: Sequence[Control], *, title: str, buttons: Sequence = ()):
        self.title = title
        self.controls = {control.name: control.box for control in controls}
        self.picture = ipywidgets.HTML()
        self.alert = ipywidgets.HTML()
        self._complain(None)
        heading = ipywidgets.HTML(f"<b>{escape(title)}</b>")
        views = [control.view for control in controls]
        super().__init__([heading, *views, *buttons, self.alert, self.picture])

    @property
    def settings(self) -> Settings:
        """What the controls say now: name -> value."""
        return {name: box.value for name, box in self.controls.items()}

    def _complain(self, error: Exception | None) -> None:
        """Say in one sentence what went wrong, or clear the line."""
        text = "" if error is None else f"<b>That did not work:</b> {escape(_one_sentence(error))}"
        self.alert.value = f'<div role="alert">{text}</div>'

    def __repr__(self) -> str:
        return f"{self.title}: a panel with controls. It comes to life when you run this cell."


def _one_sentence(error: Exception) -> str:
    """The first line of the message, or the kind of error where there is none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


class FormulaPanel(Panel):
    """A picture that follows its controls at once.

    Args:
        draw: settings -> HTML or SVG; a pure function, quick enough for a moving slider.
        controls: what can be set.
        title: heading of the panel.
    """

    def __init__(self, draw: Callable[[Settings], str], controls: Sequence[Control], *, title: str):
        super().__init__(controls, title=title)
        self._draw = draw
        for box in self.controls.values():
            box.observe(self._update, names="value")
        self._update()

    def _update(self, _change: Any = None) -> None:
        try:
            self.picture.value = self._draw(self.settings)
            self._complain(None)
        except (
            Exception
        ) as error:  # a callback has no cell to fail in: the alert line is where the reader sees it
            self._complain(error)


class TrainingPanel(Panel):
    """Run and Stop a training, with live curves of loss and accuracy.

    Args:
        train: `train(settings, on_epoch, should_stop) -> result`, called in a thread of its own; it calls
            `on_epoch(history)` after every epoch, where `history.curves` maps names such as "train loss" to one value
            an epoch, and asks `should_stop()` before every step.
        controls: what can be set; read once, when Run is pressed.
        title: heading of the panel.

    Attributes:
        runs: how many trainings were started.
        result: what `train` returned last, None before.
        error: what `train` raised last, None if it did not.
    """

    def __init__(
        self,
        train: Callable[[Settings, Callable, Callable[[], bool]], Any],
        controls: Sequence[Control],
        *,
        title: str,
    ):
        self.run_button = ipywidgets.Button(description="Run", button_style="primary")
        self.stop_button = ipywidgets.Button(description="Stop", disabled=True)
        self.status = ipywidgets.HTML()
        buttons = ipywidgets.HBox([self.run_button, self.stop_button, self.status])
        super().__init__(controls, title=title, buttons=[buttons])
        self._train = train
        self._stop = threading.Event()
        self._busy = threading.Event()
        self._thread: threading.Thread | None = None
        self._drawn_s = -np.inf
        self._curves: dict[str, list[float]] = {}
        self.runs, self.result, self.error = 0, None, None
        self.run_button.on_click(self.run)
        self.stop_button.on_click(self.stop)
        self._say("not run yet")

    def run(self, _button: Any = None) -> None:
        """Start a training with the settings of this moment; ignored while one is running."""
        if self._busy.is_set():
            return
        self.join()  # an ended training may still be writing its last line
        self._busy.set()
        self._stop = threading.Event()
        self.runs, self.result, self.error = self.runs + 1, None, None
        self._curves, self._drawn_s = {}, -np.inf
        self.run_button.disabled, self.stop_button.disabled = True, False
        self._complain(None)
        self._say("started")
        self._thread = threading.Thread(target=self._work, args=(self.settings, self._stop), daemon=True)
        self._thread.start()

    def stop(self, _button: Any = None) -> None:
        """Ask the training to end at its next step."""
        self._stop.set()

    def join(self, timeout_s: float | None = None) -> Any:
        """Wait until the training has ended; returns its result."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self.result

    def _work(self, settings: Settings, stop: threading.Event) -> None:
        """The thread: train, then say how it ended."""

        def on_epoch(history) -> None:
            self._curves = {name: list(values) for name, values in history.curves.items()}
            if time.monotonic() - self._drawn_s >= SECONDS_BETWEEN_PICTURES:
                self._show(settings, "training")

        try:
            self.result = self._train(settings, on_epoch, stop.is_set)
            ending = "stopped" if stop.is_set() else "finished"
        except Exception as error:  # nobody else sees what fails in a thread
            self.error, ending = error, "failed"
            self._complain(error)
        self._show(settings, ending)
        self.stop_button.disabled, self.run_button.disabled = True, False
        self._busy.clear()

    def _show(self, settings: Settings, state: str) -> None:
        self._drawn_s = time.monotonic()
        self.picture.value = draw_curves(self._curves, epochs=settings.get("epochs"))
        self._say(", ".join([state, *_latest(self._curves)]))

    def _say(self, text: str) -> None:
        self.status.value = f'<span role="status">Run {self.runs}: {escape(text)}</span>'


def _latest(curves: Mapping[str, Sequence[float]]) -> list[str]:
    """The number of epochs and the last value of every curve, in words."""
    epochs = max(map(len, curves.values()), default=0)
    words = [f"{epochs} epochs" if epochs > 1 else "1 epoch"] if epochs else []
    for name, values in curves.items():
        if len(values):
            words.append(
                f"{name} {values[-1]:.3g}" if np.isfinite(values[-1]) else f"{name} not a finite number"
            )
    return words


class DropPanel(Panel):
    """Drop an object into the tilting tray; then watch it, hear it, and see which wall it hit when.

    Args:
        drop: `drop(label, seed=...)`, as `labutils.simulate.drop.drop_object`; called in a thread of its own.

    Attributes:
        runs: how many objects were dropped.
        result: what `drop` returned last, None before.
        error: what `drop` raised last, None if it did not.

    Notebook: 01_spectrograms.
    """

    def __init__(self, drop: Callable[..., Any]):
        controls = [
            choice("label", "object", 0, [(name, label) for label, name in enumerate(CLASS_NAMES)]),
            number_box("seed", "seed", 1, 0, 2**31 - 1),
        ]
        self.drop_button = ipywidgets.Button(description="Drop", button_style="primary")
        self.status = ipywidgets.HTML()
        self.hits, self.sound = ipywidgets.HTML(), ipywidgets.HTML()
        self.moment = whole_number("moment", "picture (number)", 0, 0, 1)
        buttons = ipywidgets.HBox([self.drop_button, self.status])
        super().__init__(controls, title="Drop an object", buttons=[buttons])
        seen = ipywidgets.HBox([self.picture, self.hits])
        self.children = (*self.children[:-1], self.moment.view, seen, self.sound)
        self._drop = drop
        self._busy = threading.Event()
        self._thread: threading.Thread | None = None
        self.runs, self.result, self.error = 0, None, None
        self.drop_button.on_click(self.run)
        self.moment.view.children[
            1
        ].continuous_update = True  # the pictures are there: let them run as a film
        self.moment.box.observe(self._show_moment, names="value")
        self._show_result()
        self._say("nothing dropped yet")

    def run(self, _button: Any = None) -> None:
        """Drop the object that is chosen at this moment; ignored while one is moving."""
        if self._busy.is_set():
            return
        self.join()  # an ended drop may still be writing its last line
        self._busy.set()
        self.drop_button.disabled = True
        self.runs, self.result, self.error = self.runs + 1, None, None
        self._complain(None)
        self._say("simulating")
        self._thread = threading.Thread(target=self._work, args=(self.settings,), daemon=True)
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> Any:
        """Wait until the drop has been simulated; returns its result."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self.result

    def _work(self, settings: Settings) -> None:
        """The thread: simulate, then show what came of it."""
        try:
            self.result = self._drop(settings["label"], seed=settings["seed"])
            ending = f"{CLASS_NAMES[settings['label']]}, {_counted(len(self.result.hits), 'hit')}"
        except Exception as error:  # nobody else sees what fails in a thread
            self.error, ending = error, "failed"
            self._complain(error)
        self._show_result()
        self._say(ending)
        self.drop_button.disabled = False
        self._busy.clear()

    def _show_result(self) -> None:
        """Fill the panel from `result`, or empty it."""
        there = self.result is not None
        self.moment.view.layout.display = None if there else "none"
        self.hits.value = draw_hits(self.result) if there else ""
        self.sound.value = draw_sounds(self.result) if there else ""
        box, slider = self.moment.view.children
        slider.value = 0
        for control in (slider, box):
            control.max = len(self.result.frames) - 1 if there else 1
        self._show_moment()

    def _show_moment(self, _change: Any = None) -> None:
        drop = self.result
        self.picture.value = "" if drop is None else draw_moment(drop, self.moment.box.value)

    def _say(self, text: str) -> None:
        self.status.value = f'<span role="status">Drop {self.runs}: {escape(text)}</span>'


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def draw_moment(drop: Any, number: int) -> str:
    """The picture of one moment of `DropPanel`, and in words what was hit since the picture before."""
    time_s, (x, y) = drop.times_s[number], drop.frame_places[number]
    earlier_s = drop.times_s[number - 1] if number else -np.inf
    new = [hit for hit in drop.hits if earlier_s < hit.time_s <= time_s]
    hits = "; ".join(f"hit the {WALLS[hit.wall]} wall at {hit.time_s:.2f} s" for hit in new)
    place = f"The tray from above at {time_s:.2f} s: the object's middle is {x:.2f} tray widths from the left wall"
    alt = f"{place} and {y:.2f} from the top wall."
    caption = f"{time_s:.2f} s" + (f": {hits}" if hits else "")
    image = f'<img alt="{escape(alt)}" src="{svg.jpeg_uri(drop.frames[number][MASK_CROP])}" style="max-width:100%"/>'
    return f'<figure style="margin:0">{image}<figcaption>{escape(caption)}</figcaption></figure>'


def draw_hits(drop: Any) -> str:
    """The table of hits of `DropPanel`: when, which wall, and how fast the object was just before."""
    rows = {
        f"{number}. at {hit.time_s:.2f} s": f"{WALLS[hit.wall]} wall, {speed_m_s:.2f} m/s"
        for number, (hit, speed_m_s) in enumerate(zip(drop.hits, drop.hit_speeds_m_s, strict=True), start=1)
    }
    return svg.table(rows, caption="Hits: when, wall, speed before" if rows else "It hit no wall.")


def draw_sounds(drop: Any) -> str:
    """The players of `DropPanel`: all microphones at once, and each alone, on one scale."""
    sounds = {"all four microphones": drop.audio.mean(axis=1)}
    sounds |= {f"{wall} wall": sound for wall, sound in zip(WALLS, drop.audio.T, strict=True)}
    return players(sounds).data


def draw_curves(curves: Mapping[str, Sequence[float]], *, epochs: int | None = None) -> str:
    """Loss and accuracy over the epochs, as SVG side by side.

    Args:
        curves: name -> one value an epoch; names end in "loss" or "accuracy".
        epochs: right end of the axis; the epochs so far if None or if there are more.

    Returns:
        HTML; empty while there is nothing to draw.
    """
    pictures = []
    for quantity in ("loss", "accuracy"):
        chosen = {
            name.removesuffix(quantity).strip(): v for name, v in curves.items() if name.endswith(quantity)
        }
        if any(len(values) for values in chosen.values()):
            pictures.append(_draw_quantity(quantity, chosen, epochs or 1))
    return svg.side_by_side(pictures) if pictures else ""


def _draw_quantity(quantity: str, curves: Mapping[str, Sequence[float]], epochs: int) -> str:
    longest = max(epochs, *(len(values) for values in curves.values()))
    everything = np.concatenate([np.asarray(values, dtype=float) for values in curves.values()])
    highest = np.max(everything, initial=0.0, where=np.isfinite(everything))
    x = svg.Axis("epoch", 1 if longest > 1 else 0, max(longest, 2))
    y = svg.Axis(quantity, 0, 1 if quantity == "accuracy" else 1.05 * highest or 1)
    lines = {
        name or "all": svg.Line(np.arange(1, len(v) + 1), v, curve_style(name)) for name, v in curves.items()
    }
    chart, latest = svg.Chart(x, y), ", ".join(_latest(curves))
    return chart.render(chart.lines(lines), description=f"{quantity} over the epochs: {latest}")


# The panels of the notebooks


def spectrogram_panel(audio: np.ndarray) -> FormulaPanel:
    """The spectrogram of one microphone with free window, hop and floor.

    Args:
        audio: float [samples, 4] at 44.1 kHz.

    Returns:
        A panel with the settings n_fft, hop_length, floor_db, channel and highest_khz.

    Notebook: 01_spectrograms.
    """
    sound = np.asarray(audio, dtype=np.float32)
    controls = [
        choice("n_fft", "window n_fft (samples)", 1024, [2**k for k in range(6, 14)]),
        whole_number("hop_length", "hop length (samples)", spectrogram.HOP_LENGTH, 64, 4096, step=32),
        decimal_number("floor_db", "floor (dB)", spectrogram.FLOOR_DB, -140, -20, step=5),
        choice("channel", "microphone", 0, [(wall, number) for number, wall in enumerate(WALLS)]),
        decimal_number("highest_khz", "top of the picture (kHz)", 8, 0.5, SAMPLE_RATE_HZ / 2000, step=0.5),
    ]
    return FormulaPanel(lambda settings: draw_spectrogram(sound, settings), controls, title="Spectrogram")


def draw_spectrogram(audio: np.ndarray, settings: Settings) -> str:
    """The picture of `spectrogram_panel`, and in words how finely it tells times and frequencies apart.

    Raises:
        ValueError: if the sound is shorter than the window.
    """
    n_fft, hop_length, floor_db = (settings[name] for name in ("n_fft", "hop_length", "floor_db"))
    if len(audio) < n_fft:
        raise ValueError(
            f"The sound has {len(audio)} samples, the window needs {n_fft}: choose a smaller n_fft."
        )
    channel = audio[:, [settings["channel"]]]
    level_db = spectrogram.decibels(
        spectrogram.magnitude(channel, n_fft=n_fft, hop_length=hop_length), floor_db=floor_db
    )[0]  # (F, T)
    frequency_hz = spectrogram.frequencies_hz(n_fft)
    shown = level_db[frequency_hz <= 1000 * settings["highest_khz"]]
    chart = svg.Chart(
        svg.Axis("time (s)", 0, len(audio) / SAMPLE_RATE_HZ),
        svg.Axis("frequency (kHz)", 0, settings["highest_khz"]),
        width=640,
    )
    loudest_db = max(level_db.max(), floor_db + 1)
    image = chart.image(_coloured(shown[::-1], SOUND_COLOUR_MAP, floor_db, loudest_db))
    words = describe_resolution(n_fft, hop_length, level_db.shape)
    scale = f"Colour: {floor_db:g} dB (black) to {loudest_db:.0f} dB (bright); 0 dB is a full-scale sine."
    drawn = chart.render(image, description=f"Spectrogram. {words}")
    return f"{drawn}<p>{escape(words)}<br>{escape(scale)}</p>"


def describe_resolution(n_fft: int, hop_length: int, shape: tuple[int, int]) -> str:
    """Time and frequency resolution of a spectrogram [frequencies, times], in words."""
    window_ms, hop_ms = (1000 * samples / SAMPLE_RATE_HZ for samples in (n_fft, hop_length))
    words = (
        f"A window of {n_fft} samples lasts {window_ms:.1f} ms and tells frequencies {SAMPLE_RATE_HZ / n_fft:.1f} Hz "
        f"apart; a new column every {hop_ms:.1f} ms; {shape[0]} x {shape[1]} values."
    )
    return words + (
        " The hop is longer than the window: some of the sound is never looked at." * (hop_length > n_fft)
    )


def _coloured(values: np.ndarray, colour_map: str, low: float, high: float) -> np.ndarray:
    """Values [rows, columns] as colours, uint8 [rows, columns, 3]; what is not finite becomes grey."""
    share = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    colours = matplotlib.colormaps[colour_map](np.where(np.isfinite(values), share, 0.0), bytes=True)[..., :3]
    return np.where(np.isfinite(values)[..., None], colours, np.uint8(160))


def classifier_panel(train: Callable, *, epochs: int = 5) -> TrainingPanel:
    """Train a ResNet or its plain twin with other settings.

    Args:
        train: as for `TrainingPanel`; its settings are blocks_per_stage, shortcuts, learning_rate, weight_decay, epochs.
        epochs: epochs at the start.

    Notebook: 02_resnet_classifier.
    """
    controls = [
        whole_number("blocks_per_stage", "depth (blocks per stage)", 1, 1, 9),
        switch("shortcuts", "shortcuts (off: the plain twin)", True),
        power_of_ten("learning_rate", "learning rate", 0.05, -4, 0),
        power_of_ten("weight_decay", "weight decay", 1e-3, -6, -1),
        whole_number("epochs", "epochs", epochs, 1, 50),
    ]
    return TrainingPanel(train, controls, title="Train a classifier")


def contrastive_panel() -> FormulaPanel:
    """The report's contrastive loss over the distance of a pair, with free margin and lambda.

    Returns:
        A panel with the settings margin and weight.

    Notebook: 03_centroids_and_contrastive_mlp.
    """
    controls = [
        decimal_number("margin", "margin m", 10, 0.5, 20, step=0.5),
        decimal_number("weight", "weight λ", 0.5, 0, 1, step=0.05),
    ]
    return FormulaPanel(draw_contrastive_loss, controls, title="Contrastive loss")


def draw_contrastive_loss(settings: Settings) -> str:
    """The picture of `contrastive_panel`: a positive and a negative pair, on axes that stay where they are."""
    distance = torch.linspace(0, 20, 201)
    positive, negative = (
        np.array(
            [float(weighted_contrastive_loss(d[None], torch.tensor([same]), **settings)) for d in distance]
        )
        for same in (1.0, 0.0)
    )
    lines = {
        "positive pair (Y = 1)": svg.Line(distance.numpy(), positive, (BLUE, "-")),
        "negative pair (Y = 0)": svg.Line(distance.numpy(), negative, (ORANGE, "--")),
    }
    margin = settings["margin"]
    words = f"A negative pair costs {negative[0]:.3g} at D = 0 and nothing from D = m = {margin:g} on."
    chart = svg.Chart(
        svg.Axis("distance D of the embeddings", 0, 20), svg.Axis("loss of the pair", 0, 20), width=460
    )
    drawn = chart.render(chart.lines(lines), description=f"Contrastive loss. {words}")
    return f"{drawn}<p>{escape(words)}</p>"


def contrastive_training_panel(
    train: Callable, *, usual: TowerSettings = REPORT_TOWERS, epochs: int = 20
) -> TrainingPanel:
    """Train a pair of towers with other settings of the contrastive loss.

    Args:
        train: as for `TrainingPanel`; its settings are margin, weight, pairs_per_clip, learning_rate, epochs.
        usual: the settings at the start.
        epochs: epochs at the start.

    Notebook: 03_centroids_and_contrastive_mlp.
    """
    controls = [
        decimal_number("margin", "margin m", usual.margin, 0.5, 20, step=0.5),
        decimal_number("weight", "weight λ", usual.weight, 0, 1, step=0.05),
        whole_number("pairs_per_clip", "random pairs per clip", usual.pairs_per_clip, 1, 10),
        power_of_ten("learning_rate", "learning rate", usual.learning_rate, -5, -1),
        whole_number("epochs", "epochs", epochs, 1, 200),
    ]
    return TrainingPanel(train, controls, title="Train on pairs")


def matching_panel(
    cost: np.ndarray,
    truth: np.ndarray,
    *,
    solve: Callable[[np.ndarray, float], np.ndarray],
    classes: Sequence[str] | None = None,
) -> FormulaPanel:
    """Match sounds with videos under a threshold that can be moved, and count what is right.

    Args:
        cost: float [N, M], distance of every sound to every video; inf where a pair is not allowed.
        truth: int [N], the video of every sound, -1 for none.
        solve: (cost, threshold) -> int [N], the video of every sound, -1 for none.
        classes: class name of every sound [N]; then one class alone can be shown.

    Returns:
        A panel with the setting threshold, and class_name if there are classes.

    Notebook: 04_hungarian_matching.
    """
    cost, truth = np.asarray(cost, dtype=float), np.asarray(truth, dtype=int)
    finite = cost[np.isfinite(cost)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-6) / 50))
    low, high = (float(round(step * end, DECIMALS)) for end in (np.floor(low / step), np.ceil(high / step)))
    controls = [decimal_number("threshold", "reject above distance", high, low, high, step=step)]
    names = np.array(["all"] * len(cost) if classes is None else list(classes), dtype=str)
    if classes is not None:
        controls.append(choice("class_name", "class shown", "all", ["all", *np.unique(names).tolist()]))

    def draw(settings: Settings) -> str:
        answers = np.asarray(solve(cost, settings["threshold"]), dtype=int)
        chosen = settings.get("class_name", "all")
        return draw_matching(cost, answers, truth, (names == chosen) | (chosen == "all"))

    return FormulaPanel(draw, controls, title="Matching with a threshold")


def count_answers(answers: np.ndarray, truth: np.ndarray) -> dict[str, str]:
    """How many answers are matches, right, wrong and rightly -1, and the accuracy; -1 counts as an answer."""
    matched, right = answers >= 0, answers == truth
    return {
        "matches": f"{matched.sum()}",
        "of them right": f"{(matched & right).sum()}",
        "of them wrong": f"{(matched & ~right).sum()}",
        "correct −1": f"{(~matched & right).sum()} of {(truth < 0).sum()}",
        "accuracy": f"{right.mean():.2f}" if len(right) else "no sounds",
    }


def draw_matching(cost: np.ndarray, answers: np.ndarray, truth: np.ndarray, rows: np.ndarray) -> str:
    """The picture of `matching_panel`: distances with the answers marked, and their counts.

    Args:
        cost: float [N, M].
        answers: int [N], -1 for none (marked on the left edge).
        truth: int [N], -1 for none.
        rows: bool [N], the sounds to show; of the videos those that any of them may have.
    """
    columns = np.flatnonzero(np.isfinite(cost[rows]).any(axis=0))
    shown, answers, truth = cost[np.ix_(rows, columns)], answers[rows], truth[rows]
    counts = count_answers(answers, truth)
    words = ", ".join(f"{name} {value}" for name, value in counts.items())
    chart = svg.Chart(
        svg.Axis("video (number in the picture)", -0.5, max(len(columns), 1) - 0.5),
        svg.Axis("sound (number in the picture)", max(len(answers), 1) - 0.5, -0.5),
        width=420,
        height=420,
    )
    drawn = chart.render(
        _distances(chart, shown),
        _answers(chart, answers, columns, answers == truth, "circle"),
        _answers(chart, answers, columns, answers != truth, "cross"),
        description=f"Distances of sounds and videos with the assignment marked: {words}",
    )
    key = "Dark: close. Circle: right. Cross: wrong. On the left edge: no video (−1)."
    return svg.side_by_side([f"<div>{drawn}<p>{key}</p></div>", svg.table(counts, caption="Answers")])


def _distances(chart: svg.Chart, cost: np.ndarray) -> str:
    """The cells of the matrix; grey where a pair is not allowed."""
    if cost.size == 0:
        return ""
    finite = cost[np.isfinite(cost)]
    return chart.image(_coloured(cost, DISTANCE_COLOUR_MAP, finite.min(), finite.max()))


def _answers(
    chart: svg.Chart, answers: np.ndarray, columns: np.ndarray, chosen: np.ndarray, kind: str
) -> str:
    """Marks for some of the answers, in the numbering of the columns that are shown; -1 on the left edge."""
    place = {-1: chart.x.low} | {column: number for number, column in enumerate(columns)}
    rows = [row for row in np.flatnonzero(chosen) if answers[row] in place]
    size = float(np.clip(150 / max(len(answers), len(columns), 1), 3.5, 9))
    return chart.marks(np.array([place[answers[row]] for row in rows]), np.array(rows), kind, size=size)
