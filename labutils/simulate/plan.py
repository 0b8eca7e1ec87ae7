"""What a simulated data set will hold: every session, every clip and its place, drawn before anything is simulated.

Numbers of clips, groups and ids are drawn at random, so that neither a file name nor an order tells a class or a pair.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from labutils.clips import CLASS_NAMES

SESSION_CLIPS = 12  # at most so many clips are cut from one session
_GAP_IDS = (3, 20)  # training ids left out between two sessions, as the course's ids have gaps
_UNMATCHED = (0.2, 0.3)  # share of a task-3 group without a partner


@dataclass(frozen=True)
class Preset:
    """How much of everything a data set holds."""

    name: str
    train: tuple[int, ...]  # training clips of each class
    train_sessions: int  # at least so many training sessions a class
    task1: int  # sounds to classify
    groups: int  # groups of task 2, and of task 3
    group_size: int  # sounds, and videos, in a group
    has_training: bool = True  # False: the same test clips alone, to judge what was trained on other data


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("tiny", (4,) * 10, 2, task1=8, groups=1, group_size=6),
        Preset("lab", (78, 90, 86, 82, 88, 89, 81, 83, 87, 80), 6, task1=100, groups=2, group_size=50),
        Preset(
            "course",
            (57, 332, 248, 187, 288, 323, 173, 180, 285, 176),
            5,
            task1=248,
            groups=10,
            group_size=50,
        ),
    )
}
PRESETS["lab-tests"] = replace(PRESETS["lab"], name="lab-tests", has_training=False)


@dataclass(frozen=True)
class Take:
    """One clip to be cut: where its two halves go, relative to the data set; None for a half that is not kept.

    The sound's path has no suffix; the video's is the folder of `rgb/` and `mask/`.
    """

    audio: str | None
    video: str | None


@dataclass(frozen=True)
class Session:
    """One recording of one object, and the clips to be cut from it, in order of time."""

    key: str
    label: int
    takes: tuple[Take, ...]

    @property
    def is_training(self) -> bool:
        """Tell whether its clips belong to the training part."""
        return self.key.startswith("train-")


@dataclass(frozen=True)
class Plan:
    """A whole data set, before it is simulated."""

    preset: Preset
    seed: int
    audio_format: str
    sessions: tuple[Session, ...]
    train_ids: dict[str, list[list[int]]]  # class name -> [first, last] clip id of every session
    truth: dict[str, dict]  # "task1" ... -> what its truth.json holds

    @property
    def clips(self) -> int:
        """Return the number of clips to be cut."""
        return sum(len(session.takes) for session in self.sessions)


def make_plan(preset: Preset, seed: int, audio_format: str = "flac") -> Plan:
    """Draw the plan of a data set; no session is shared by two parts of it.

    Args:
        preset: how much of everything.
        seed: same preset and seed, same plan.
        audio_format: "flac" or "pkl", the suffix of the sounds in the truth.
    """
    rng = np.random.default_rng(seed)
    sessions, train_ids = _plan_training(preset, rng)
    task1_sessions, truth1 = _plan_task1(preset, audio_format, rng)
    sessions, truth = sessions + task1_sessions, {"task1": truth1}
    for task in ("task2", "task3"):
        truth[task] = {}
        for group in range(preset.groups):
            low, high = (round(share * preset.group_size) for share in _UNMATCHED)
            unmatched = int(rng.integers(low, high + 1)) if task == "task3" else 0
            group_sessions, truth[task][str(group)] = _plan_group(
                preset, task, group, unmatched, audio_format, rng
            )
            sessions += group_sessions
    if not preset.has_training:
        sessions, train_ids = [session for session in sessions if not session.is_training], {}
    return Plan(preset, seed, audio_format, tuple(sessions), train_ids, truth)


def _plan_training(preset: Preset, rng: np.random.Generator) -> tuple[list[Session], dict]:
    """Give every session of a class a run of ids, with gaps between the sessions."""
    sessions, train_ids = [], {}
    for label, clips in enumerate(preset.train):
        name, next_id, train_ids[CLASS_NAMES[label]] = CLASS_NAMES[label], int(rng.integers(10)), []
        count = max(min(preset.train_sessions, clips), -(-clips // SESSION_CLIPS))
        for number, size in enumerate(_shares(clips, count, rng)):
            folders = [f"train/{name}/{next_id + i}" for i in range(size)]
            takes = tuple(Take(f"{folder}/audio_data", folder) for folder in folders)
            sessions.append(Session(f"train-{label}-{number}", label, takes))
            train_ids[name].append([next_id, next_id + size - 1])
            next_id += size + int(rng.integers(*_GAP_IDS))
    return sessions, train_ids


def _shares(total: int, count: int, rng: np.random.Generator) -> list[int]:
    """Split a number into nearly equal whole parts, the larger ones at random places."""
    parts = np.full(count, total // max(count, 1))
    parts[: total - parts.sum()] += 1
    return [int(part) for part in rng.permutation(parts)]


def _plan_task1(preset: Preset, audio_format: str, rng: np.random.Generator) -> tuple[list[Session], dict]:
    labels = _draw_labels(preset, preset.task1, rng)
    names = [f"audio_{number:04d}" for number in range(preset.task1)]
    takes = [Take(f"task1/test/{name}", None) for name in names]
    truth = {f"{name}.{audio_format}": label for name, label in zip(names, labels, strict=True)}
    return _sessions("task1", labels, takes, rng), truth


def _plan_group(
    preset: Preset, task: str, group: int, unmatched: int, audio_format: str, rng: np.random.Generator
) -> tuple[list[Session], dict]:
    """Draw one group: some clips give both halves, as many others only the sound as only the video."""
    size = preset.group_size
    kinds = np.repeat(["both", "audio", "video"], [size - unmatched, unmatched, unmatched])
    labels = _draw_labels(preset, len(kinds), rng)
    audio, video = (_numbers(kinds != other, rng) for other in ("video", "audio"))
    folder = f"{task}/test/{group}"
    takes = [
        Take(
            f"{folder}/audio_{a:04d}" if a >= 0 else None,
            f"{folder}/video_{v:04d}" if v >= 0 else None,
        )
        for a, v in zip(audio, video, strict=True)
    ]
    events = list(zip(audio, video, labels, strict=True))
    heard = sorted(event for event in events if event[0] >= 0)
    truth = {
        "matches": {f"audio_{a:04d}.{audio_format}": v for a, v, _ in heard},
        "audio_class": {f"audio_{a:04d}.{audio_format}": label for a, _, label in heard},
        "video_class": {
            f"video_{v:04d}": label for v, label in sorted((v, c) for _, v, c in events if v >= 0)
        },
    }
    return _sessions(f"{task}-{group}", labels, takes, rng), truth


def _numbers(present: np.ndarray, rng: np.random.Generator) -> list[int]:
    """Number what is present in random order; -1 for the rest."""
    numbers = np.full(len(present), -1)
    numbers[present] = rng.permutation(present.sum())
    return numbers.tolist()


def _draw_labels(preset: Preset, count: int, rng: np.random.Generator) -> list[int]:
    """Draw classes, each as likely as it is among the training clips."""
    share = np.array(preset.train) / sum(preset.train)
    return rng.choice(len(share), count, p=share).tolist()


def _sessions(prefix: str, labels: list[int], takes: list[Take], rng: np.random.Generator) -> list[Session]:
    """Sort the clips by class into sessions, in random order of time."""
    by_label = defaultdict(list)
    for index in rng.permutation(len(takes)):
        by_label[labels[index]].append(takes[index])
    return [
        Session(
            f"{prefix}-{label}-{start // SESSION_CLIPS}", label, tuple(own[start : start + SESSION_CLIPS])
        )
        for label, own in sorted(by_label.items())
        for start in range(0, len(own), SESSION_CLIPS)
    ]
