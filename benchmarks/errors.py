"""Which pairs the lab's own system gets wrong, and what would have told them apart.

    python benchmarks/errors.py --models models/lab data/lab data/lab1 data/lab2 data/lab3 data/lab4

Writes `errors.csv`, a row for each wrong answer: what was said, what is true, how far the objects move, and by how much each
term of the score prefers the answer. Prints how many errors there are of each kind, and how many answers would be right if
the system knew the true classes. What each term is worth, `benchmarks/matching.py` tells: it calibrates anew without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matchers.groups import COMPLETE_TASK, TestGroup, read_all_groups
from matchers.stillness import STILL_CM, reach_cm
from system_options import parse_system_options
from tqdm.auto import tqdm

from labutils import matching
from labutils.clips import CLASS_NAMES
from labutils.evaluation import mean_interval
from labutils.matching import UNMATCHED
from labutils.storage import write_whole
from labutils.systems import model_files
from labutils.systems.contact import TERMS, ContactSystem

KINDS = {
    "other object": "took a film of another object",
    "same object": "took another film of the same object",
    "missed": "answered -1, but there is a film",
    "none there": "took a film, but there is none",
}


@dataclass(frozen=True)
class Asked:
    """A group with everything that its answers depend on.

    Attributes:
        terms: [N, M, 4], `TERMS` of every pair.
        reach: [M], how far the object of each film moves, cm.
    """

    group: TestGroup
    terms: np.ndarray
    reach: np.ndarray


def ask(system: ContactSystem, group: TestGroup, cache: Path) -> Asked:
    """Terms and movement of a group."""
    kept = {"cache": cache, "progress": False}
    sounds = system.sound_features(group.sounds, **kept)
    videos = system.video_features(group.videos, **kept)
    return Asked(group, system.parts.pair_terms(sounds, videos), reach_cm(videos))


def answers(matcher: matching.GroupMatcher, asked: Asked, terms: np.ndarray | None = None) -> np.ndarray:
    """What the matcher says, with other terms if they are given; int [N]."""
    complete = asked.group.task == COMPLETE_TASK
    return matcher.solve(matcher.log_ratios(asked.terms if terms is None else terms), complete=complete)[0]


def kind_of(said: int, true: int, group: TestGroup) -> str:
    """One of `KINDS`."""
    if said == UNMATCHED:
        return "missed"
    if true == UNMATCHED:
        return "none there"
    same = group.video_class[said] == group.video_class[true]
    return "same object" if same else "other object"


def error_rows(matcher: matching.GroupMatcher, asked: Asked) -> list[dict]:
    """One row for each wrong answer of a group."""
    group, said = asked.group, answers(matcher, asked)
    rows = []
    for sound in np.flatnonzero(said != group.truth):
        own, taken = int(group.truth[sound]), int(said[sound])
        row = {"data": group.data.name, "task": group.task, "group": group.name, "sound": int(sound)}
        row |= {"said": taken, "true": own, "kind": kind_of(taken, own, group)}
        row["class"] = CLASS_NAMES[group.sound_class[sound]]
        row["class of the film taken"] = CLASS_NAMES[group.video_class[taken]] if taken >= 0 else ""
        row["own film moves (cm)"] = asked.reach[own] if own >= 0 else np.nan
        row["film taken moves (cm)"] = asked.reach[taken] if taken >= 0 else np.nan
        for number, term in enumerate(TERMS):
            known = own >= 0 and taken >= 0
            preferred = (
                asked.terms[sound, taken, number] - asked.terms[sound, own, number] if known else np.nan
            )
            row[f"{term} prefers the film taken by"] = matcher.pair.weights[number] * preferred
        rows.append(row)
    return rows


def with_true_classes(asked: Asked) -> np.ndarray:
    """The terms of a system that knows every class; [N, M, 4]."""
    group, terms = asked.group, asked.terms.copy()
    sound, film = (
        np.log(np.maximum(np.eye(len(CLASS_NAMES))[labels], 1e-4))
        for labels in (group.sound_class, group.video_class)
    )
    counts = np.bincount(group.video_class, minlength=len(CLASS_NAMES)) + 1.0
    terms[..., TERMS.index("class")] = matching.class_term(sound, film, np.log(counts / counts.sum()))
    return terms


def what_if(matcher: matching.GroupMatcher, groups: Sequence[Asked]) -> pd.DataFrame:
    """Accuracy, with its interval over groups, as it is and with true classes; a row each."""
    changes = {"as it is": lambda asked: asked.terms, "true classes known": with_true_classes}
    rows = []
    for name, change in changes.items():
        row = {"system": name}
        for task in sorted({asked.group.task for asked in groups}):
            own = [asked for asked in groups if asked.group.task == task]
            right = [(answers(matcher, a, change(a)) == a.group.truth).mean() for a in own]
            row |= dict(
                zip((task, f"{task} low", f"{task} high"), np.clip(mean_interval(right), 0, 1), strict=True)
            )
        rows.append(row)
    return pd.DataFrame(rows)


def count_kinds(errors: pd.DataFrame, groups: Sequence[Asked]) -> pd.DataFrame:
    """Errors of each kind in a hundred answers, and the share of them in which a film hardly moves."""
    sounds = {
        task: sum(len(a.group.truth) for a in groups if a.group.task == task) for task in set(errors["task"])
    }
    still = errors[["own film moves (cm)", "film taken moves (cm)"]].min(axis=1) < STILL_CM
    rows = [
        {
            "task": task,
            "kind": kind,
            "in a hundred answers": 100 * len(own) / sounds[task],
            f"of them with a film below {STILL_CM:.0f} cm": still[own.index].mean(),
        }
        for (task, kind), own in errors.groupby(["task", "kind"])
    ]
    return pd.DataFrame(rows)


def main() -> None:
    """Write the errors, print what they say together."""
    options = parse_system_options(__doc__)
    system = model_files.load(options.models)
    groups = [
        ask(system, group, options.kept) for group in tqdm(read_all_groups(options.data), desc="groups")
    ]
    errors = pd.DataFrame([row for asked in groups for row in error_rows(system.matcher, asked)])
    write_whole(options.out / "errors.csv", errors.to_csv(index=False, float_format="%.3g"))
    changes = what_if(system.matcher, groups)
    write_whole(options.out / "what_if.csv", changes.to_csv(index=False, float_format="%.4f"))
    print(count_kinds(errors, groups).round(2).to_string(index=False), end="\n\n")
    print(changes.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
