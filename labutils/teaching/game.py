"""The matching game: hear a sound, see four silent films, choose the one that belongs to it. Its rules, without its looks.

It is played on the pairs of the test groups, which no system was trained on. Two levels: four films of different objects, or
of the same one. The systems answer the same rounds, and so does chance.

Notebook: 05_contact_maps.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from labutils.clips import Clip, audio_clips, find_dataset, inner_folder, read_truth, video_clips
from labutils.errors import LabError
from labutils.pair_evidence import Evidence, channel_of, collect_evidence
from labutils.systems.contact import ContactSystem
from labutils.systems.interface import ImpactSystem
from labutils.systems.tasks import names_in_folder, video_number

ROUNDS, CHOICES = 10, 4


@dataclass(frozen=True)
class Pair:
    """A sound of a test group, the video that belongs to it, and their class."""

    sound: Clip
    video: Clip
    label: int


@dataclass(frozen=True)
class Opponent:
    """What a system says of every sound and video of the game: scores [N, N], and how many seconds each sound took."""

    scores: np.ndarray
    seconds: float

    def is_right(self, question: "Round", rng: np.random.Generator) -> bool:
        """Whether it chooses the right film; among films that it finds equally good (or all impossible) it guesses."""
        scores = self.scores[question.sound, list(question.videos)]
        best = np.flatnonzero(scores == scores.max())
        return question.videos[rng.choice(best)] == question.sound


@dataclass(frozen=True)
class Round:
    """One question: the number of the pair that is heard, and those of the pairs whose films are shown, in their order."""

    sound: int
    videos: tuple[int, ...]

    @property
    def answer(self) -> int:
        """The place of the right film."""
        return self.videos.index(self.sound)


def test_pairs(data: Path) -> list[Pair]:
    """All sounds of the test groups of tasks 2 and 3 that have a video and a known class, with it.

    Raises:
        ClipError: if the answers are not there, as for the recordings of the course, or sounds of theirs are missing.
    """
    pairs = []
    for task in ("task2", "task3"):
        for group, truth in read_truth(data, task).items():
            folder = inner_folder(find_dataset(data), task, "test", group)
            videos = {video_number(video): video for video in video_clips(folder)}
            sounds = {sound.name: sound for sound in audio_clips(folder)}
            names = names_in_folder(truth["matches"], sounds, folder)
            for name, label in truth["audio_class"].items():
                number = truth["matches"].get(name)
                if number in videos:
                    pairs.append(Pair(sounds[names[name]], videos[number], label))
    return pairs


test_pairs.__test__ = False  # pairs of the test groups; not a test for pytest to collect


def ask(system: ImpactSystem, pairs: Sequence[Pair]) -> Opponent:
    """Let a system score every sound with every video, from the files on, and take the time."""
    start_s = time.perf_counter()
    sounds = system.sound_features([pair.sound for pair in pairs], progress=False)
    videos = system.video_features([pair.video for pair in pairs], progress=False)
    scores = system.pair_scores(sounds, videos)
    return Opponent(scores, (time.perf_counter() - start_s) / max(len(pairs), 1))


def draw_evidence(
    system: ContactSystem, pairs: Sequence[Pair], scores: np.ndarray, *, cache: Path | None = None
) -> Evidence:
    """Draw the contact maps of all sounds and videos of the game.

    Args:
        system: draws them.
        pairs: N of them.
        scores: of each sound with each video [N, N], nats.
        cache: folder for features.
    """
    options = {"cache": cache, "progress": False}
    levels = system.sound_features([pair.sound for pair in pairs], **options).steps
    movement = system.video_features([pair.video for pair in pairs], **options).movement
    channel = channel_of(system.parts.maps, levels, movement)
    known = {"class_term": np.zeros_like(scores), "log_ratio": scores, "channel": channel}
    return collect_evidence(system.parts.maps, levels, movement, **known)


def movement_of(evidence: Evidence) -> np.ndarray:
    """How far the object of each video goes, in tray widths; [M]."""
    place = evidence.distance[:, 1:3]  # from the left and from the top wall: x and y; (M, 2, T)
    return np.linalg.norm(np.diff(place, axis=2), axis=1).sum(axis=1)


def draw_rounds(
    labels: Sequence[int],
    movement: np.ndarray,
    *,
    same_object: bool,
    rng: np.random.Generator,
    rounds: int = ROUNDS,
    choices: int = CHOICES,
) -> list[Round]:
    """Draw the questions of a game, and the order of the films in each.

    Objects that move are preferred: four films in which nothing happens are no question.

    Args:
        labels: class of each pair [N].
        movement: how far the object of each pair goes [N].
        same_object: all films of a round show the object that is heard; else each shows another one. Where there are not
            enough such films, others take their places.
        rng: draws everything.
        rounds: how many; fewer where there are fewer pairs.
        choices: films in a round; fewer where there are fewer pairs.

    Raises:
        LabError: if there are not two pairs.
    """
    labels = np.asarray(labels)
    if len(labels) < 2:
        raise LabError(
            f"the game found {len(labels)} pairs of a sound and a video in the test groups, expected at least 2; "
            "use a data set with larger groups."
        )
    others = [_ranked_others(labels, movement, sound, same_object, rng) for sound in range(len(labels))]
    fitting = np.array([count >= choices - 1 for _, count in others])
    lively = np.asarray(movement) >= np.median(movement)
    order = rng.permutation(len(labels))
    order = order[np.argsort(-(2 * fitting + lively)[order], kind="stable")]
    return [
        Round(int(sound), tuple(rng.permutation([sound, *others[sound][0][: choices - 1]]).tolist()))
        for sound in order[:rounds]
    ]


def _ranked_others(
    labels: np.ndarray, movement: np.ndarray, sound: int, same_object: bool, rng: np.random.Generator
) -> tuple[list[int], int]:
    """The other pairs, those first that the level asks for, of these the lively ones; and how many it asks for."""
    lively = np.asarray(movement) >= np.median(movement)
    asked, met = [], set() if same_object else {labels[sound]}
    rest = []
    shuffled = [int(i) for i in rng.permutation(len(labels)) if i != sound]
    for i in sorted(shuffled, key=lambda i: not lively[i]):
        fits = labels[i] == labels[sound] if same_object else labels[i] not in met
        (asked if fits else rest).append(i)
        met.add(labels[i])
    return asked + rest, len(asked)


@dataclass
class Game:
    """One game: its rounds, and what the player has answered so far.

    Attributes:
        rounds: the questions.
        clock: gives the time in seconds.
        chosen: place of the film chosen in each round so far.
        seconds: how long each answer took.
    """

    rounds: Sequence[Round]
    clock: Callable[[], float] = time.monotonic
    chosen: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _asked_s: float | None = None

    @property
    def question(self) -> Round:
        """The round that is to be answered.

        Raises:
            LabError: if all are answered.
        """
        if self.is_over:
            raise LabError(f"all {len(self.rounds)} rounds are answered: start a new game.")
        return self.rounds[len(self.chosen)]

    @property
    def is_over(self) -> bool:
        """Whether all rounds are answered."""
        return len(self.chosen) == len(self.rounds)

    def ask(self) -> Round:
        """The next round; its time begins."""
        question, self._asked_s = self.question, self.clock()
        return question

    def choose(self, place: int) -> bool:
        """Answer the round that was asked; tells whether it is right."""
        question = self.question
        if not 0 <= place < len(question.videos):
            raise LabError(f"film {place} was chosen, expected 0 to {len(question.videos) - 1}.")
        now_s = self.clock()
        self.seconds.append(0.0 if self._asked_s is None else now_s - self._asked_s)
        self.chosen.append(place)
        return place == question.answer

    @property
    def right(self) -> list[bool]:
        """Whether each answer so far is right."""
        return [place == question.answer for place, question in zip(self.chosen, self.rounds, strict=False)]

    @property
    def chance(self) -> float:
        """How many answers a guesser would have right by now, on average."""
        return float(sum(1 / len(question.videos) for question in self.rounds[: len(self.chosen)]))
