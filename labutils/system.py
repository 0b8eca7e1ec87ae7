"""The trained whole: sounds and videos in, answers out.

Notebook: 04_hungarian_matching.
"""

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load, save
from scipy.special import log_softmax
from torch import Tensor, nn
from tqdm.auto import tqdm

from labutils import evaluation, matching
from labutils.clips import (
    CLASS_NAMES,
    Clip,
    ClipError,
    audio_clips,
    find_dataset,
    read_manifest,
    read_truth,
    train_clips,
    video_clips,
)
from labutils.datasets import (
    MASK_PIXELS,
    SYMMETRIES,
    Frames,
    Spectrograms,
    VideoFeatures,
    audio_features,
    even_vectors,
    session_folds,
    turn_channels,
    video_features,
)
from labutils.encoders import EMBEDDING, MaskCNN3D, MotionMLP, Normalise, TrajectoryMLP
from labutils.linear_voter import LinearVoter
from labutils.resnet import Ensemble, ResNet, Rows
from labutils.training import (
    REPORT_TOWERS,
    ClassifierSettings,
    History,
    PairedClips,
    Standardise,
    Towers,
    TowerSettings,
    epoch_seed,
    fit_classifier,
    fit_towers,
    turn_video,
)

WEIGHTS, CARD = "model.safetensors", "card.json"
DEFAULT_MODELS = Path(__file__).parents[1] / "models" / "lab"
BATCH = 64
FINE_TUNING = 0.3  # learning rate of a class's towers, as a share of that of the towers they start from


@dataclass(frozen=True)
class Settings:
    """Everything that decides what is trained; `REPORT` has the report's settings.

    Mended: `voters` small audio classifiers, each trained from another start, answer together. They cost no more than the
    report's one of 20 layers; with so few clips each of them errs elsewhere, and together they err less than one alone.

    Mended: with `mel_voters` every second of them sees mel bands, narrow at the bottom, where the tones of small hard things
    lie close together, and keeps how high a tone is (pool "time"). What the two kinds see differs, and so do their errors.

    Mended: `linear_voter` lets a linear discriminant analysis count as much as all networks together. It sees how loud every
    band becomes (mel, if there are mel voters) and, in a close-up of the hit, how it decays; it costs a second, and errs
    elsewhere.

    `shrink` averages the 513 x 196 spectrogram over blocks before the ResNet: (8, 4) leaves 64 x 49 and makes a laptop fast
    enough; (1, 1) is the report's full picture, some 30 times slower. `frames_per_clip` masks of a clip train the video
    classifier. `all_sessions` lets the two classifiers learn from every training session; False keeps one of each class out
    and gives them validation curves. The rejection threshold is calibrated for groups with some `group_size` sounds of a
    class (fifty of ten, in the course), of which a share `missing` has no partner.
    """

    seed: int = 0
    shrink: tuple[int, int] = (8, 4)
    audio: ClassifierSettings = ClassifierSettings(epochs=60, blocks=(1, 1, 1))
    voters: int = 6
    mel_voters: bool = True
    linear_voter: bool = True
    frames: ClassifierSettings = ClassifierSettings(
        epochs=10, batch_size=32, learning_rate=0.05, weight_decay=1e-3, blocks=(1, 1, 1)
    )
    all_sessions: bool = True
    frames_per_clip: int = 6
    towers: TowerSettings = TowerSettings()
    folds: int = 5
    missing: float = 0.25
    group_size: int = 5

    @classmethod
    def from_dict(cls, values: dict) -> "Settings":
        """The settings that `dataclasses.asdict` and JSON turned into plain dicts and lists."""
        parts = {"audio": ClassifierSettings, "frames": ClassifierSettings, "towers": TowerSettings}
        return cls(**{k: parts[k](**_tuples(v)) if k in parts else v for k, v in _tuples(values).items()})


def _tuples(values: dict) -> dict:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


QUICK = Settings(
    all_sessions=False,
    audio=ClassifierSettings(epochs=3, batch_size=8, blocks=(1, 1, 1)),
    voters=2,
    frames=ClassifierSettings(epochs=3, batch_size=16, blocks=(1, 1, 1)),
    frames_per_clip=2,
    towers=TowerSettings(shared_epochs=2, epochs=1),
)
"""Shallow networks and few epochs: for the `tiny` preset, where only the way matters and not the score."""


REPORT = Settings(
    shrink=(1, 1),
    audio=ClassifierSettings(vary=False),
    voters=1,
    mel_voters=False,
    linear_voter=False,
    frames=ClassifierSettings(epochs=12, batch_size=32, learning_rate=0.05, vary=False),
    towers=REPORT_TOWERS,
)
"""The report's own settings, weak places included: full spectrograms, nothing varied, towers of each class from nothing."""


class ImpactMatcher(nn.Module):
    """The report's system: two classifiers, one pair of towers for each class, one threshold.

    Make one with `train` or `load`; then `classify` sounds (task 1) or `match` sounds with videos (tasks 2 and 3).

    Source: the course report. Its weak places stay (a wrong class makes a match impossible; one threshold serves every
    class), plain mistakes are mended where they are named: `Frames` (pixels not normalised), `trajectory_vector` (padding
    by wrapping around), `session_folds` (leaking splits); `Settings` and `TowerSettings` name what else differs. Each clip
    passes its network once, or once for each symmetry of the tray, not once for every pair.
    """

    def __init__(self, settings: Settings, labels: Sequence[int]):
        super().__init__()
        self.settings = settings
        self.audio_classifier = audio_classifier(settings)
        self.frame_classifier = frame_network(settings.frames)
        self.towers = nn.ModuleDict({str(label): tower_networks(settings) for label in labels})
        self.register_buffer("threshold", torch.tensor(float("inf"), dtype=torch.float64))
        self.histories: dict[str, History] = {}
        self.facts: dict = {}

    def classify(self, spectrograms: np.ndarray) -> np.ndarray:
        """Class of every sound; [N, 4, F, T] -> int [N].

        A classifier trained on the symmetries of the tray is asked about all eight of them.
        """
        if not self.settings.audio.vary:
            return outputs(self.audio_classifier, spectrograms).argmax(axis=1)
        looks = [turn_channels(torch.from_numpy(spectrograms), *symmetry) for symmetry in SYMMETRIES]
        scores = sum(log_softmax(outputs(self.audio_classifier, look), axis=1) for look in looks)
        return scores.argmax(axis=1)

    def classify_videos(self, videos: VideoFeatures) -> np.ndarray:
        """Class of every video: each frame votes, the most votes win (at a tie the lower number); int [N]."""
        frames = Frames(videos, np.zeros(len(videos), dtype=int))
        votes = outputs(self.frame_classifier, torch.stack([mask for mask, _ in frames])).argmax(axis=1)
        clip = np.array([place[0] for place in frames.places])
        counts = np.zeros((len(videos), len(CLASS_NAMES)), dtype=int)
        np.add.at(counts, (clip, votes), 1)
        return counts.argmax(axis=1)

    def class_block(
        self,
        label: int,
        spectrograms: np.ndarray,
        videos: VideoFeatures,
        rows: np.ndarray,
        columns: np.ndarray,
    ) -> matching.ClassBlock:
        """The distance matrix of one class: sounds `rows` against videos `columns` of a group.

        Towers trained on the symmetries of the tray are asked about all eight of them; the distance is the mean.
        """
        towers, design = self.towers[str(label)], self.settings.towers
        sounds = torch.from_numpy(even_bands(spectrograms[rows], self.settings))
        clips = video_input(videos[columns], design)
        distances = [
            matching.distance_matrix(
                outputs(towers.audio, turn_channels(sounds, *symmetry)),
                outputs(towers.video, turn_video(design.video)(clips, *symmetry)),
            )
            for symmetry in (SYMMETRIES if design.vary else SYMMETRIES[:1])
        ]
        return matching.ClassBlock(label, rows, columns, np.mean(distances, axis=0))

    def match(self, spectrograms: np.ndarray, videos: VideoFeatures, *, complete: bool) -> "Matching":
        """Match the sounds of a group with its videos.

        Args:
            spectrograms: [N, 4, F, T].
            videos: M videos.
            complete: True if every sound has a video (task 2): leftovers of the class split are paired at random. False
                (task 3): leftovers and matches further apart than the threshold become -1.
        """
        audio_class, video_class = self.classify(spectrograms), self.classify_videos(videos)
        blocks = [
            self.class_block(label, spectrograms, videos, rows, columns)
            for label, rows, columns in matching.split_by_class(audio_class, video_class)
            if str(label) in self.towers
        ]
        assignment, distance = matching.match_within_classes(blocks, len(spectrograms))
        if complete:
            rng = np.random.default_rng(self.settings.seed)
            assignment = matching.pair_leftovers(assignment, len(videos), rng)
        else:
            assignment = matching.reject(assignment, distance, float(self.threshold))
        return Matching(audio_class, video_class, blocks, assignment, distance)

    def save(self, folder: Path) -> None:
        """Write the weights (safetensors) and a card (JSON) that says what they are."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = save({name: tensor.contiguous().cpu() for name, tensor in self.state_dict().items()})
        settings, classes = dataclasses.asdict(self.settings), sorted(map(int, self.towers))
        card = {
            "settings": settings,
            "classes": classes,
            "sha256": _seal(settings, classes, weights),
            "facts": self.facts,
            "histories": {name: history.curves for name, history in self.histories.items()},
        }
        _write_aside(folder / WEIGHTS, weights)
        _write_aside(folder / CARD, json.dumps(card, indent=1).encode())

    @classmethod
    def load(cls, folder: Path) -> "ImpactMatcher":
        """Read what `save` wrote.

        Raises:
            ClipError: if a file is missing, is not readable or does not belong to the other.
        """
        folder = Path(folder)
        card, weights = _read_card(folder), _read_weights(folder)
        settings, classes = card.get("settings"), card.get("classes")
        if card.get("sha256") != _seal(settings, classes, weights):
            raise ClipError(
                f"{folder / WEIGHTS}: its content is not what {CARD} describes; train again: {_how_to_train(folder)}"
            )
        try:
            settings = Settings.from_dict(settings)
            matcher = cls(settings, classes)
            matcher.load_state_dict(load(weights))
        except (TypeError, RuntimeError) as error:
            raise ClipError(
                f"{folder / CARD}: from another version of the lab ({str(error).splitlines()[0]}); train again: "
                f"{_how_to_train(folder)}"
            ) from error
        matcher.histories = {name: History(curves) for name, curves in card.get("histories", {}).items()}
        matcher.facts = card.get("facts", {})
        return matcher.eval()


@dataclass(frozen=True)
class Matching:
    """How a group was matched: classes, a distance matrix for each class, and for every sound the place of its video."""

    audio_class: np.ndarray
    video_class: np.ndarray
    blocks: list[matching.ClassBlock]
    assignment: np.ndarray
    distance: np.ndarray

    def answers(self, sounds: Sequence[Clip], videos: Sequence[Clip]) -> dict[str, int]:
        """File name of each sound -> number of its video, -1 for none: the course's dictionary."""
        numbers = [video_number(video) for video in videos]
        return {
            sound.name: numbers[place] if place != matching.UNMATCHED else matching.UNMATCHED
            for sound, place in zip(sounds, self.assignment, strict=True)
        }


def video_number(video: Clip) -> int:
    """23 of "video_0023".

    Raises:
        ClipError: if the name does not end in a number.
    """
    number = video.name.rpartition("_")[2]
    if not number.isdecimal():
        raise ClipError(
            f"{video.video_path}: has no number to answer with, expected a name like video_0023; rename it."
        )
    return int(number)


def sound_features(clips: Sequence[Clip], settings: Settings, **options) -> np.ndarray:
    """What networks of these settings see of sounds: pictures in even bands and in mel bands and a close-up, as they need.

    Args:
        clips: N clips with sound.
        settings: blocks of the pictures, and who votes.
        options: those of `audio_features`.

    Returns:
        float16 [N, 4, F, T] in dB; with mel voters F rows more, with a linear voter those of the close-up after them.
    """
    views = ["even"] + ["mel"] * settings.mel_voters + ["close-up"] * settings.linear_voter
    return audio_features(clips, settings.shrink, views=views, **options)


def even_bands(spectrograms: np.ndarray, settings: Settings) -> np.ndarray:
    """The picture in even bands, which the towers see; [N, 4, F + ..., T] -> [N, 4, F, T]."""
    return spectrograms[:, :, : picture_size(settings)[0]]


def close_bands(settings: Settings) -> int:
    """Rows of the close-up, which come last."""
    return 513 // (2 * settings.shrink[0]) if settings.linear_voter else 0


def picture_size(settings: Settings) -> tuple[int, int]:
    """(frequencies, moments) of the spectrogram after shrinking."""
    return 513 // settings.shrink[0], 196 // settings.shrink[1]


def audio_tower(settings: Settings) -> nn.Module:
    """Standardise and ResNet; [B, 4, F, T] -> [B, 10], an embedding."""
    design = settings.towers
    network = ResNet(
        4,
        EMBEDDING,
        input_size=picture_size(settings),
        blocks=design.blocks,
        planes=design.planes,
        pool=design.audio_pool,
    )
    return nn.Sequential(Standardise(), network)


def audio_classifier(settings: Settings) -> nn.Module:
    """Standardise, and the ResNets that answer together; [B, 4, F, T] -> [B, 10]."""
    bands = picture_size(settings)[0]
    linear = LinearVoter(bands, close_bands(settings), len(CLASS_NAMES)) if settings.linear_voter else None
    voters = [_voter(settings, place) for place in range(settings.voters)]
    return nn.Sequential(Standardise(), Ensemble(voters, linear))


def _voter(settings: Settings, place: int) -> nn.Module:
    """One of the ResNets; with mel voters the first, third, ... sees even bands; [B, 4, F + ..., T] -> [B, 10]."""
    design, bands = settings.audio, picture_size(settings)[0]
    mel = settings.mel_voters and place % 2 == 1
    resnet = ResNet(
        4,
        len(CLASS_NAMES),
        input_size=picture_size(settings),
        blocks=design.blocks,
        planes=design.planes,
        shortcuts=design.shortcuts,
        pool="time" if mel else "width",
    )
    if not settings.mel_voters and not settings.linear_voter:
        return resnet
    return nn.Sequential(Rows(bands, 2 * bands) if mel else Rows(0, bands), resnet)


def frame_network(design: ClassifierSettings) -> nn.Module:
    """The same ResNet on single masks; [B, 1, 60, 60] -> [B, 10]."""
    size = (MASK_PIXELS, MASK_PIXELS)
    return ResNet(
        1,
        len(CLASS_NAMES),
        input_size=size,
        blocks=design.blocks,
        planes=design.planes,
        shortcuts=design.shortcuts,
    )


def tower_networks(settings: Settings) -> Towers:
    """Audio: ResNet to an embedding. Video: an MLP on the trajectory, or the 3-D CNN on the stacked masks."""
    design = settings.towers
    networks = {"centroids": TrajectoryMLP, "motion": MotionMLP, "masks": MaskCNN3D}
    audio, video = audio_tower(settings), networks[design.video]()
    if design.normalise:
        audio, video = audio.append(Normalise()), nn.Sequential(video, Normalise())
    return Towers(audio, video)


def video_input(videos: VideoFeatures, design: TowerSettings) -> Tensor:
    """What the video tower sees: trajectories [N, 70], or stacked masks [N, 35, 60, 60] in 0-1."""
    if design.video == "masks":
        return torch.from_numpy(videos.masks).float() / 255
    return torch.from_numpy(even_vectors(videos) if design.video == "motion" else videos.vectors)


@torch.no_grad()
def outputs(network: nn.Module, inputs: np.ndarray | Tensor) -> np.ndarray:
    """What the network makes of all inputs, in batches, in evaluation mode; [N, ...] -> [N, length]."""
    network.eval()
    device = next(network.parameters()).device
    batches = torch.as_tensor(inputs).split(BATCH)
    return torch.cat([network(batch.to(device).float()).cpu() for batch in batches]).numpy()


def answer_task1(matcher: ImpactMatcher, folder: Path, **options) -> dict[str, int]:
    """{"audio_0000.pkl": class number} of every sound in a folder; `options` are those of `audio_features`."""
    sounds = audio_clips(folder)
    classes = matcher.classify(sound_features(sounds, matcher.settings, **options))
    return {sound.name: int(label) for sound, label in zip(sounds, classes, strict=True)}


def match_folder(
    matcher: ImpactMatcher, folder: Path, *, complete: bool, **options
) -> tuple[Matching, dict[str, int]]:
    """Match one group folder; the matching and its answers {"audio_0000.pkl": video number or -1}."""
    sounds, videos = audio_clips(folder), video_clips(folder)
    spectrograms = sound_features(sounds, matcher.settings, **options)
    found = matcher.match(spectrograms, video_features(videos, **options), complete=complete)
    return found, {name: int(number) for name, number in found.answers(sounds, videos).items()}


def test_task1(root_path: str | Path, models: Path | None = None) -> dict[str, int]:
    """Task 1 in the form of the course: {"audio_0000.pkl": class number}.

    Args:
        root_path: folder of sounds.
        models: folder that `python -m labutils train` wrote; default: the lab's own, `models/lab`.
    """
    return answer_task1(ImpactMatcher.load(models or DEFAULT_MODELS), Path(root_path), progress=False)


def test_task2(root_path: str | Path, models: Path | None = None) -> dict[str, int]:
    """Task 2 in the form of the course: {"audio_0000.pkl": video number}, every sound with a video."""
    matcher = ImpactMatcher.load(models or DEFAULT_MODELS)
    return match_folder(matcher, Path(root_path), complete=True, progress=False)[1]


def test_task3(root_path: str | Path, models: Path | None = None) -> dict[str, int]:
    """Task 3 in the form of the course: {"audio_0000.pkl": video number}, -1 for a sound without a video."""
    matcher = ImpactMatcher.load(models or DEFAULT_MODELS)
    return match_folder(matcher, Path(root_path), complete=False, progress=False)[1]


for _task in (test_task1, test_task2, test_task3):
    _task.__test__ = False  # named by the course; not tests for pytest to collect


def train(
    data: Path,
    settings: Settings = Settings(),
    *,
    checkpoints: Path | None = None,
    cache: Path | None = None,
    progress: bool = True,
) -> ImpactMatcher:
    """Train the whole system on a folder of labelled clips.

    One recording session of every class is kept out of the towers: it gives their validation curves and the rejection
    threshold. The two classifiers learn from all sessions, unless the settings say otherwise.

    Args:
        data: folder with `train/`.
        settings: what to train.
        checkpoints: folder for checkpoints; an interrupted run with the same data and settings goes on from there.
        cache: folder for features.
        progress: show progress bars.

    Raises:
        ClipError: if the data cannot be read.
    """
    return _Trainer(data, settings, checkpoints, cache, progress).run()


def load_or_train(
    models: Path, data: Path, settings: Settings = Settings(), *, progress: bool = True
) -> ImpactMatcher:
    """The system in `models`; if there is none yet, it is trained on `data` first and kept there.

    Raises:
        ClipError: if the system in `models` was trained with other settings or on other data, or cannot be read.
    """
    if (models / CARD).exists():
        matcher = ImpactMatcher.load(models)
        _expect_settings(models, matcher.settings, settings)
        _expect_data(models, matcher.facts, data)
        return matcher
    matcher = train(
        data, settings, checkpoints=models / ".checkpoints", cache=models / ".features", progress=progress
    )
    matcher.save(models)
    return matcher


def _expect_settings(models: Path, found: Settings, expected: Settings) -> None:
    found, expected = _flat(found), _flat(expected)
    others = [
        f"{name} is {found[name]!r}, expected {expected[name]!r}"
        for name in found
        if found[name] != expected[name]
    ]
    if others:
        raise ClipError(
            f"{models}: trained with other settings ({'; '.join(others)}); delete the folder to train again, or use "
            "these networks with ImpactMatcher.load."
        )


def _expect_data(models: Path, facts: dict, data: Path) -> None:
    found, expected = facts.get("data_set"), data_set_fingerprint(data)
    if found and expected and found != expected:
        raise ClipError(
            f"{models}: trained on other data than those in {data} (fingerprint {found[:8]}, expected {expected[:8]}); "
            "delete the folder to train again, or use these networks with ImpactMatcher.load."
        )


def data_set_fingerprint(data: Path) -> str | None:
    """What tells one simulated data set from another; None for recordings."""
    return (read_manifest(data) or {}).get("fingerprint")


def _flat(settings: Settings) -> dict:
    """{"seed": 0, "towers.loss": "plain", ...}"""
    flat = {}
    for name, value in dataclasses.asdict(settings).items():
        parts = value.items() if isinstance(value, dict) else [(None, value)]
        flat |= {f"{name}.{part}" if part else name: own for part, own in parts}
    return flat


class _Trainer:
    """Trains the parts one after the other on the same split; each part goes on from its own checkpoint."""

    def __init__(
        self, data: Path, settings: Settings, checkpoints: Path | None, cache: Path | None, progress: bool
    ):
        self.settings, self.progress = settings, progress
        clips = train_clips(data)
        self.data_set = data_set_fingerprint(data)
        self.labels = np.array([clip.label for clip in clips])
        self.training, self.held_out = session_folds(clips, settings.folds, seed=settings.seed)[0]
        _expect_pairs(self.labels[self.training])
        self.spectrograms = sound_features(clips, settings, cache=cache, progress=progress)
        self.videos = video_features(clips, cache=cache, progress=progress)
        self.data_fingerprint = fingerprint(self.spectrograms, self.videos.vectors, self.labels)
        run = hashlib.sha256(f"{settings} {self.data_fingerprint}".encode()).hexdigest()[:16]
        self.checkpoints = checkpoints and checkpoints / run
        self.matcher = self._seeded(lambda: ImpactMatcher(settings, np.unique(self.labels).tolist()))

    def run(self) -> ImpactMatcher:
        if self.checkpoints:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
        self._train_audio_classifier()
        self._train_frame_classifier()
        shared = self._train_shared_towers()
        for label in map(int, self.matcher.towers):
            self._train_towers(label, shared)
        self._calibrate()
        self.matcher.facts = self._facts()
        if self.checkpoints:
            shutil.rmtree(self.checkpoints)
        return self.matcher.eval()

    def _seeded(self, build: Callable):
        with torch.random.fork_rng():
            torch.manual_seed(self.settings.seed)
            return build()

    def _stage(self, name: str, epochs: int, run: Callable[..., History], *, seed: int | None = None) -> None:
        """Run one fit with a seed (default: that of the settings), a checkpoint and a bar, and keep its curves."""
        checkpoint = self.checkpoints and self.checkpoints / f"{name.replace(' ', '_')}.pt"
        with tqdm(total=epochs, desc=name, unit="epoch", disable=not self.progress) as bar:

            def on_epoch(history: History) -> None:
                bar.set_postfix_str(f"loss {history.last('train loss'):.3f}")
                bar.update(history.epochs - bar.n)

            own_seed = self.settings.seed if seed is None else seed
            history = run(seed=own_seed, on_epoch=on_epoch, checkpoint=checkpoint)
        self.matcher.histories[name] = history

    def _train_audio_classifier(self) -> None:
        (standardise, ensemble), rows = self.matcher.audio_classifier, self._classifier_rows()
        bands = self.spectrograms.shape[2] - close_bands(self.settings)
        standardise.set_to(self.spectrograms[rows[0], :, :bands])
        if ensemble.peer is not None:
            sounds = torch.from_numpy(self.spectrograms[rows[0]]).float()
            ensemble.peer.set_to(standardise(sounds), self.labels[rows[0]])
        data = [Spectrograms(self.spectrograms[part], self.labels[part]) for part in rows]
        for number, resnet in enumerate(ensemble.members):
            self._train_classifier(
                f"audio classifier {number + 1}",
                nn.Sequential(standardise, resnet),
                self.settings.audio,
                data,
                seed=epoch_seed(self.settings.seed, number),
            )

    def _train_frame_classifier(self) -> None:
        self._train_classifier(
            "frame classifier",
            self.matcher.frame_classifier,
            self.settings.frames,
            [
                Frames(self.videos[part], self.labels[part], frames_per_clip=self.settings.frames_per_clip)
                for part in self._classifier_rows()
            ],
        )

    def _classifier_rows(self) -> list[np.ndarray]:
        """Training clips; then, if a session is kept out, validation clips."""
        return [np.arange(len(self.labels))] if self.settings.all_sessions else [self.training, self.held_out]

    def _train_classifier(
        self,
        name: str,
        network: nn.Module,
        design: ClassifierSettings,
        data: list,
        *,
        seed: int | None = None,
    ) -> None:
        validation = data[1] if len(data) > 1 else None
        self._stage(
            name,
            design.epochs,
            lambda **options: fit_classifier(network, data[0], design, validation=validation, **options),
            seed=seed,
        )

    def _train_shared_towers(self) -> Towers | None:
        """Towers that learned from the clips of all classes; None if every class is to begin from nothing."""
        design = self.settings.towers
        if not design.shared_epochs:
            return None
        towers = self._seeded(lambda: tower_networks(self.settings))
        self._fit_towers(
            "towers of all classes", towers, dataclasses.replace(design, epochs=design.shared_epochs)
        )
        return towers

    def _train_towers(self, label: int, shared: Towers | None) -> None:
        towers, design = self.matcher.towers[str(label)], self.settings.towers
        if shared is not None:
            towers.load_state_dict(shared.state_dict())
            design = dataclasses.replace(design, learning_rate=FINE_TUNING * design.learning_rate)
        self._fit_towers(f"towers {CLASS_NAMES[label]}", towers, design, label)

    def _fit_towers(self, name: str, towers: Towers, design: TowerSettings, label: int | None = None) -> None:
        towers.audio[0].set_to(even_bands(self.spectrograms[self.training], self.settings))
        clips, held_out = (
            self._paired(rows if label is None else rows[self.labels[rows] == label])
            for rows in (self.training, self.held_out)
        )
        validation = held_out if len(held_out.labels) >= 2 else None
        self._stage(
            name,
            design.epochs,
            lambda **options: fit_towers(towers, clips, design, validation=validation, **options),
        )

    def _paired(self, rows: np.ndarray) -> PairedClips:
        video = video_input(self.videos[rows], self.settings.towers)
        audio = even_bands(self.spectrograms[rows], self.settings)
        return PairedClips(torch.from_numpy(audio), video, self.labels[rows])

    def _calibrate(self) -> None:
        """Set the rejection threshold on the kept-out sessions, classes taken as known."""
        rows = {
            label: self.held_out[self.labels[self.held_out] == label]
            for label in map(int, self.matcher.towers)
        }
        blocks = [
            self.matcher.class_block(label, self.spectrograms, self.videos, own, own)
            for label, own in rows.items()
            if len(own) >= 2
        ]
        rng = np.random.default_rng(self.settings.seed)
        threshold = matching.calibrate_threshold(
            blocks, missing=self.settings.missing, size=self.settings.group_size, rng=rng
        )
        self.matcher.threshold.fill_(threshold)

    def _facts(self) -> dict:
        return {
            "data_set": self.data_set,
            "data_fingerprint": self.data_fingerprint,
            "training_clips": len(self.labels),
            "kept_out_clips": len(self.held_out),
            "validation_accuracy": {} if self.settings.all_sessions else self._validation_accuracy(),
            "threshold": float(self.matcher.threshold),
        }

    def _validation_accuracy(self) -> dict[str, float]:
        """Share of the kept-out clips whose class is told rightly, from the sound and from the video."""
        rows, matcher = self.held_out, self.matcher
        answers = {
            "audio classifier": matcher.classify(self.spectrograms[rows]),
            "frame classifier": matcher.classify_videos(self.videos[rows]),
        }
        return {name: float((classes == self.labels[rows]).mean()) for name, classes in answers.items()}


def _expect_pairs(labels: np.ndarray) -> None:
    """Refuse a class of which one clip alone is left to train with: it makes no pairs."""
    for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
        if count < 2:
            raise ClipError(
                f"class {CLASS_NAMES[label]}: found {count} training clip beside the kept-out session, "
                "expected at least 2; record or simulate more."
            )


@dataclass(frozen=True)
class Score:
    """Accuracy of one task on one group ("all": every group together), with a 95 % interval and what no skill reaches."""

    task: str
    group: str
    sounds: int
    accuracy: float
    low: float
    high: float
    chance: float


def evaluate(matcher: ImpactMatcher, data: Path, **options) -> list[Score]:
    """Answer every test group of a data set and compare with its truth; `options` are those of `audio_features`.

    Intervals: Wilson's for task 1; for tasks 2 and 3 whole (group, class) cells are drawn, see `cluster_interval`.

    Raises:
        ClipError: if a test folder or a truth file is missing.
    """
    root = find_dataset(data)
    truth = read_truth(data, "task1")
    right = evaluation.right_answers(answer_task1(matcher, root / "task1" / "test", **options), truth)
    interval = evaluation.wilson_interval(int(right.sum()), len(right))
    scores = [Score("task1", "all", len(right), float(right.mean()), *interval, 1 / len(CLASS_NAMES))]
    for task in ("task2", "task3"):
        scores += _evaluate_matching(matcher, root, task, **options)
    return scores


def _evaluate_matching(matcher: ImpactMatcher, root: Path, task: str, **options) -> list[Score]:
    groups = read_truth(root, task)
    parts = {}
    for group, truth in groups.items():
        folder = root / task / "test" / group
        answers = match_folder(matcher, folder, complete=task == "task2", **options)[1]
        right = evaluation.right_answers(answers, truth["matches"])
        cells = np.array([f"{group} {truth['audio_class'][name]}" for name in truth["matches"]])
        chance = evaluation.chance_of_matching(truth["matches"], len(truth["video_class"]))
        parts[group] = (right, cells, chance)
    rights, cells, chances = zip(*parts.values(), strict=True)
    parts["all"] = (np.concatenate(rights), np.concatenate(cells), np.mean(chances))
    return [
        Score(
            task,
            group,
            len(right),
            float(right.mean()),
            *evaluation.cluster_interval(right, cells),
            float(chance),
        )
        for group, (right, cells, chance) in parts.items()
    ]


def fingerprint(*arrays: np.ndarray) -> str:
    """A short name for what is in the arrays."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _write_aside(path: Path, content: bytes) -> None:
    aside = path.with_name(path.name + ".partial")
    aside.write_bytes(content)
    os.replace(aside, path)


def _seal(settings: dict, classes: list[int], weights: bytes) -> str:
    """What ties the weights to the settings that give them their meaning."""
    described = json.dumps([settings, classes], sort_keys=True)
    return hashlib.sha256(described.encode() + weights).hexdigest()


def _how_to_train(folder: Path) -> str:
    return f"python -m labutils train --models {folder}"


def _read_weights(folder: Path) -> bytes:
    try:
        return (folder / WEIGHTS).read_bytes()
    except OSError as error:
        raise ClipError(
            f"{folder / WEIGHTS}: no trained networks here; train them: {_how_to_train(folder)}"
        ) from error


def _read_card(folder: Path) -> dict:
    path = folder / CARD
    try:
        card = json.loads(path.read_bytes())
    except OSError as error:
        raise ClipError(f"{path}: no trained networks here; train them: {_how_to_train(folder)}") from error
    except ValueError as error:
        raise ClipError(
            f"{path}: not readable as JSON ({error}); train again: {_how_to_train(folder)}"
        ) from error
    if not isinstance(card, dict):
        raise ClipError(
            f"{path}: holds a {type(card).__name__}, no card; train again: {_how_to_train(folder)}"
        )
    return card
