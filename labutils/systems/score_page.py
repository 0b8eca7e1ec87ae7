"""One page of a trained system's answers: scores, confusions, heatmaps, curves, and errors to hear and see."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from labutils import plots
from labutils.clips import CLASS_NAMES
from labutils.evaluation import confusion, match_scores
from labutils.html_page import picture, plain_table, whole_page
from labutils.players import loudest_excerpt, players
from labutils.plots.style import new_axes
from labutils.progress import duration_in_words
from labutils.systems.interface import ImpactSystem
from labutils.systems.tasks import AnsweredGroup, Score, score_groups, video_number
from labutils.training import History

HEATMAPS, ERRORS = 4, 6  # of each task: the page stays of a size that can be sent
_TASK_NAMES = {
    "task1": "Task 1: which object was it",
    "task2": "Task 2: which video belongs to it",
    "task3": "Task 3: its video, or none",
}
_SYSTEM_NAMES = {"contact": "The lab's own system (contact)", "report": "The course report's system (report)"}


def score_page(
    system: ImpactSystem, groups: Sequence[AnsweredGroup], facts: dict[str, str], others: Sequence[str] = ()
) -> str:
    """Write the page.

    Args:
        system: what answered.
        groups: its answers to every test group, with the truth.
        facts: what the page says at its top: folder of the networks, data, settings, ...
        others: further sections, in HTML.

    Returns:
        A whole HTML page: pictures and sounds are inside, nothing is fetched.
    """
    scores = score_groups(groups)
    introduction = plain_table("What was asked", ("", ""), list(facts.items()))
    sections = [_scores_section(scores)]
    for task, title in _TASK_NAMES.items():
        own = [group for group in groups if group.task == task]
        parts = (
            [_confusion(own[0])] if task == "task1" else [_match_table(own), *map(_heatmap, own[:HEATMAPS])]
        )
        sections.append(_section(title, "".join(parts) + _errors(own)))
    curves = "".join(_curves(name, history) for name, history in system.histories.items() if history.epochs)
    sections.append(_section("Curves of the training", curves or "<p>No curves were kept.</p>"))
    return whole_page(title_of(system), introduction, "".join([*sections, *others]))


def title_of(system: ImpactSystem) -> str:
    """What the page asks of a system, which it names in words."""
    return f"{_SYSTEM_NAMES.get(system.name, f'The system {system.name}')}: how good is it?"


def training_in_words(system: ImpactSystem) -> dict[str, str]:
    """Say what is known of the training of a system: name -> value, for the top of the page."""
    told = {}
    for name, value in system.metadata.items():
        label, say = _METADATA_WORDS.get(name, (name.replace("_", " "), str))
        told[label] = say(value)
    return told | {"seed of the training": str(system.settings.seed)}


def _origin(simulated: Mapping[str, Any] | None) -> str:
    """Where training data come from, by `clips.simulated_as`."""
    if simulated is None:
        return "not made by the simulator"
    return "preset {preset}, data seed {seed}, simulator version {simulator_version}".format_map(simulated)


_METADATA_WORDS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "data_set": ("fingerprint of the training data", str),
    "simulated": ("training data", _origin),
    "seconds": ("time of the training", duration_in_words),
}


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _scores_section(scores: Sequence[Score]) -> str:
    rows = [
        (
            f"{s.task}, {s.group}",
            s.sounds,
            f"{s.accuracy:.3f}",
            f"{s.low:.3f} - {s.high:.3f}",
            f"{s.chance:.3f}",
        )
        for s in scores
    ]
    head = ("task, group", "sounds", "accuracy", "95 % interval", "without skill")
    whole = [s for s in scores if s.group == "all"]
    ax = plots.plot_scores(
        {s.task: (s.accuracy, s.low, s.high) for s in whole}, chance={s.task: s.chance for s in whole}
    )
    words = "Share of right answers in each task, with its 95 % interval, and what no skill reaches."
    return _section("Scores", plain_table("Scores", head, rows) + picture(ax.figure, words))


def _confusion(group: AnsweredGroup) -> str:
    names = list(group.truth)
    answered = [group.answers.get(name, -1) for name in names]
    counts = confusion([group.truth[name] for name in names], answered, len(CLASS_NAMES))
    words = "How often each object (row) was taken for each other one (column); the diagonal is right."
    return picture(plots.plot_confusion(counts, CLASS_NAMES).figure, words)


def _match_table(groups: Sequence[AnsweredGroup]) -> str:
    rows = [
        (group.group, *(f"{value:.3f}" for value in match_scores(group.answers, group.truth).values()))
        for group in groups
    ]
    return plain_table("Of the matches that were made", ("group", "precision", "recall", "F1"), rows)


def _heatmap(group: AnsweredGroup) -> str:
    """Pair scores of a group, sounds by class and videos in the order of their sounds: right pairs on the diagonal."""
    place = {video_number(clip): index for index, clip in enumerate(group.videos)}
    truth = np.array([place.get(group.truth.get(clip.name), -1) for clip in group.sounds])
    labels = [group.audio_class.get(clip.name, -1) for clip in group.sounds]
    rows = np.lexsort((np.arange(len(labels)), truth < 0, labels))
    own = [truth[row] for row in rows if truth[row] >= 0]
    columns = np.array([*own, *np.setdiff1d(np.arange(len(group.videos)), own)], dtype=int)
    new_place = np.append(np.argsort(columns), -1)  # index -1 stays -1
    ax = plots.plot_distance_heatmap(
        group.found.scores[np.ix_(rows, columns)],
        new_place[group.found.assignment[rows]],
        truth=new_place[truth[rows]],
        value_label="pair score (higher: belongs together)",
    )
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
    words = (
        f"Group {group.group}: score of every sound (row, sorted by class) with every video (column, in the order of its "
        "sound). Marks: right answers, wrong answers, and the videos that wrong answers missed."
    )
    return picture(ax.figure, words)


def _curves(name: str, history: History) -> str:
    axes = plots.plot_history(history.curves)
    return picture(axes[0].figure, f"Training of {name}: {history.epochs} epochs.")


def _errors(groups: Sequence[AnsweredGroup]) -> str:
    """Some wrong answers: the sound to hear and, in tasks 2 and 3, the films that were confused."""
    wrong = [(group, clip) for group in groups for clip in group.sounds if not _is_right(group, clip.name)]
    if not wrong:
        return "<p>Every answer is right.</p>"
    chosen = [wrong[i] for i in np.unique(np.linspace(0, len(wrong) - 1, ERRORS).round().astype(int))]
    shown = "".join(_error(group, clip) for group, clip in chosen)
    return f"<h3>Errors to hear: {len(chosen)} of {len(wrong)}</h3>{shown}"


def _is_right(group: AnsweredGroup, name: str) -> bool:
    return name not in group.truth or group.answers.get(name) == group.truth[name]


def _error(group: AnsweredGroup, clip) -> str:
    answered, right = group.answers.get(clip.name, -1), group.truth[clip.name]
    audio = clip.audio().mean(axis=1)
    title = f"group {group.group}, {clip.name}" if group.videos else clip.name
    if not group.videos:
        words = f"{title}: it is {CLASS_NAMES[right]} and was taken for {_class_name(answered)}"
    else:
        known = f" ({CLASS_NAMES[group.audio_class[clip.name]]})" if clip.name in group.audio_class else ""
        words = f"{title}{known}: answered {_video_name(answered)}, right {_video_name(right)}"
    sound = players({words: loudest_excerpt(audio, length_s=1.5)}, same_scale=False).data
    return sound + _films(group, {"answered": answered, "right": right})


def _class_name(label: int) -> str:
    return CLASS_NAMES[label] if 0 <= label < len(CLASS_NAMES) else "nothing"


def _video_name(number: int) -> str:
    return f"video {number}" if number >= 0 else "no video"


def _films(group: AnsweredGroup, numbers: dict[str, int]) -> str:
    """Stills of the videos in question, one strip below the other; nothing if there are none."""
    films = {video_number(clip): clip for clip in group.videos}
    shown = {f"{word}: {number}": films[number] for word, number in numbers.items() if number in films}
    if not shown:
        return ""
    axes: Sequence[Axes] = new_axes(len(shown), 1, size_inch=(8, 1.3 * len(shown)))[:, 0]
    for ax, (label, clip) in zip(axes, shown.items(), strict=True):
        plots.plot_film_strip(clip.frames(), clip.frame_times_s(), ax=ax)
        ax.set(ylabel=label, xlabel="time (s)" if ax is axes[-1] else "")
    return picture(axes[0].figure, "Stills of the videos: " + ", ".join(shown))
