"""Clips on disk: the course's folder layout, found, checked and read.

Everything passes through here, simulated, recorded by the course or by a student. A training clip is a
folder `dataset/train/<class name>/<clip id>/` with `audio_data.flac`, `rgb/` and `mask/`; a folder of test
clips holds `audio_0000.flac` files and `video_0000/` folders with `rgb/` and `mask/`. See data_README.md.

Links are refused, so that a data set cannot lead outside itself, and what a system put there (`.DS_Store`, `__MACOSX`,
`@eaDir`) is passed over. What a single file may hold is decided in `clip_files`, what a name means in `clip_names`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labutils.clip_files import (
    CHANNELS,
    FRAME_SIZE,
    MASK_SIZE,
    SAMPLE_RATE_HZ,
    load_pickle_safely,
    read_audio,
    read_mask_codes,
    read_picture,
    write_audio,
    write_video,
)
from labutils.clip_names import in_time_order, is_foreign, number_of_video, refuse_doubles, refuse_unread
from labutils.errors import ClipError
from labutils.mask_notation import object_masks
from labutils.truth_files import read_manifest_file, read_truth_file

__all__ = [
    "CHANNELS",
    "CLASS_NAMES",
    "CLIP_S",
    "FRAME_SIZE",
    "MASK_CROP",
    "MASK_SIZE",
    "SAMPLE_RATE_HZ",
    "WALLS",
    "Clip",
    "ClipError",
    "audio_clips",
    "data_set_fingerprint",
    "find_dataset",
    "fit_length",
    "inner_folder",
    "load_pickle_safely",
    "number_of_video",
    "read_manifest",
    "read_truth",
    "simulated_as",
    "train_clips",
    "video_clips",
    "write_audio",
    "write_video",
]

CLIP_S = 4.0
WALLS = ("bottom", "left", "top", "right")
CLASS_NAMES = (
    "061_foam_brick",
    "green_basketball",
    "salt_cylinder",
    "shiny_toy_gun",
    "stanley_screwdriver",
    "strawberry",
    "toothpaste_box",
    "toy_elephant",
    "whiteboard_spray",
    "yellow_block",
)
MASK_CROP = (slice(20, 460), slice(100, 540))  # rows, columns of a frame that the mask covers
SESSIONS_WITHOUT_MANIFEST = 5
MAX_FRAMES = 1000
_AUDIO_SUFFIXES = (".flac", ".wav", ".pkl")
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class Clip:
    """One clip, of which either half may be absent; nothing is read before it is asked for.

    `name` is the file name of a test clip (`audio_0000.flac`, `video_0003`) or `<class>/<id>` of a training
    clip. Clips of one `session` were cut from one continuous recording and must not be split between training
    and validation.
    """

    name: str
    audio_path: Path | None
    video_path: Path | None
    label: int | None = None
    session: str | None = None

    def audio(self) -> np.ndarray:
        """Read the sound.

        Returns:
            float32 [samples, 4] in -1 to 1 at 44.1 kHz; columns bottom, left, top, right wall. Other sample
            rates are resampled; the length is left as it is (see `fit_length`).

        Raises:
            ClipError: if there is no sound, or it cannot be used.
        """
        if self.audio_path is None:
            raise ClipError(
                f"{self.video_path or self.name} has no audio: expected audio_data.flac, .wav or .pkl in it."
            )
        return read_audio(self.audio_path)

    def masks(self) -> np.ndarray:
        """Read the masks, and only them.

        Returns:
            bool [T, 440, 440], True where the camera saw the object; a mask may be empty. Other notations than 0 and 255 are
            understood, see `mask_notation`.

        Raises:
            ClipError: if there are no masks, or one cannot be used.
        """
        codes = [read_mask_codes(path) for path in self._pictures("mask")]
        return object_masks(codes, self.video_path)

    def frames(self) -> np.ndarray:
        """Read the pictures.

        Returns:
            uint8 [T, 480, 640, 3], red, green, blue.

        Raises:
            ClipError: if there are no pictures, or one cannot be used.
        """
        return np.stack([read_picture(path, "RGB", FRAME_SIZE) for path in self._pictures("rgb")])

    def frame_times_s(self) -> np.ndarray:
        """Times of the frames within the clip, taken as evenly spread: the layout does not record them.

        Returns:
            float64 [T], seconds from the start of the clip.
        """
        has_masks = self.video_path is not None and (self.video_path / "mask").is_dir()
        count = len(self._pictures("mask" if has_masks else "rgb"))
        return (np.arange(count) + 0.5) / count * CLIP_S

    def _pictures(self, kind: str) -> list[Path]:
        """The files of `rgb` or `mask` in time order; where both exist, they must be as many."""
        if self.video_path is None:
            raise ClipError(
                f"{self.audio_path or self.name} is a sound without a video: expected a folder with {kind}/."
            )
        pictures = _picture_files(self.video_path / kind)
        other = self.video_path / ("mask" if kind == "rgb" else "rgb")
        partners = len(_picture_files(other)) if other.is_dir() else len(pictures)
        if partners != len(pictures):
            raise ClipError(
                f"{self.video_path} has {len(pictures)} pictures in {kind}/ but {partners} in {other.name}/: "
                "expected one mask for every picture; delete those without a partner."
            )
        return pictures


def fit_length(audio: np.ndarray, samples: int = round(CLIP_S * SAMPLE_RATE_HZ)) -> np.ndarray:
    """Give a sound an exact length: cut what is longer, pad with silence what is shorter.

    Args:
        audio: float [n, channels].
        samples: wanted length; the default is 4 s, 176400 samples.

    Returns:
        float [samples, channels].
    """
    missing = max(0, samples - len(audio))
    return np.pad(audio[:samples], ((0, missing), (0, 0)))


def find_dataset(path: str | Path) -> Path:
    """Find the folder with `train/` and `task1/` to `task3/`: the given one, or `dataset/` in it.

    Raises:
        ClipError: if neither is there.
    """
    path = Path(path)
    for folder in (path, path / "dataset"):
        if any((folder / part).is_dir() for part in ("train", "task1", "task2", "task3")):
            return folder
    found = "does not exist" if not path.exists() else "holds none of train/, task1/, task2/, task3/"
    raise ClipError(
        f"{path} {found}: expected a data set; make one with `python -m labutils simulate --out {path}`."
    )


def train_clips(data: str | Path) -> list[Clip]:
    """List the training clips of a data set.

    Sessions come from the manifest of a simulated set. Without one, the clip ids of a class, which follow the
    recording, are cut into five contiguous blocks: neighbouring clips continue one motion, and a random split
    would leak.

    Args:
        data: folder of the data set.

    Returns:
        Clips with label and session, by class, then by id.

    Raises:
        ClipError: if there are none, or a folder carries no class name.
    """
    train = inner_folder(find_dataset(data), "train")
    sessions = (read_manifest(data) or {}).get("sessions", {})
    clips = []
    for folder in sorted(_subfolders(train)):
        if folder.name not in CLASS_NAMES:
            raise ClipError(
                f"{folder} carries no class name: expected one of {', '.join(CLASS_NAMES)}; rename it."
            )
        clips += _class_clips(folder, sessions.get(folder.name))
    if not clips:
        raise ClipError(f"{train} holds no clips: expected folders like {train.name}/{CLASS_NAMES[0]}/0/.")
    return sorted(clips, key=lambda clip: clip.label)


def audio_clips(folder: str | Path) -> list[Clip]:
    """List the sounds of a test folder, `audio_0000.flac` and so on, in order.

    Raises:
        ClipError: if the folder is missing or holds none.
    """
    paths = _files(Path(folder), _AUDIO_SUFFIXES)
    refuse_unread(Path(folder), _entries(Path(folder)), paths, _AUDIO_SUFFIXES)
    refuse_doubles(paths)
    if not paths:
        raise ClipError(
            f"{folder} holds no sound: expected files like audio_0000.flac or audio_0000.pkl{_hint(folder)}."
        )
    return [Clip(path.name, audio_path=path, video_path=None) for path in paths]


def video_clips(folder: str | Path) -> list[Clip]:
    """List the videos of a test folder, `video_0000/` and so on, in order.

    Raises:
        ClipError: if the folder is missing or holds none, or a video has no masks.
    """
    folders = [path for path in _subfolders(Path(folder)) if _is_video(path)]
    if not folders:
        raise ClipError(f"{folder} holds no video: expected folders like video_0000/{_hint(folder)}.")
    known: dict[int, Path] = {}
    for path in folders:
        if not (path / "mask").is_dir():
            raise ClipError(
                f"{path} has no mask folder: expected {path.name}/mask/ with one PNG for every frame{_hint(path)}."
            )
        other = known.setdefault(number_of_video(path.name, path), path)
        if other is not path:
            raise ClipError(
                f"{path} and {other.name} have the same number: expected each once; move one elsewhere."
            )
    return [Clip(path.name, audio_path=None, video_path=path) for path in folders]


def _is_video(folder: Path) -> bool:
    """A folder that has masks is a video, whatever its name: `number_of_video` refuses what gives no number."""
    return folder.name.casefold().startswith("video") or (folder / "mask").is_dir()


def read_truth(data: str | Path, task: str) -> dict:
    """Read the right answers to "task1", "task2" or "task3", see `read_truth_file`; only simulated sets have them.

    Raises:
        ClipError: if there are none, or they are of another shape.
    """
    path = inner_folder(find_dataset(data), task) / "truth.json"
    if not path.is_file():
        raise ClipError(
            f"{path} does not exist: expected the answers to {task}; without them nothing can be scored."
        )
    return read_truth_file(path, task)


def read_manifest(data: str | Path) -> dict | None:
    """Read how a simulated set was made; None for recordings."""
    path = find_dataset(data) / "manifest.json"
    return read_manifest_file(path) if path.is_file() else None


def data_set_fingerprint(data: str | Path) -> str | None:
    """What tells one simulated data set from another; None for recordings."""
    return (read_manifest(data) or {}).get("fingerprint")


def simulated_as(data: str | Path) -> dict | None:
    """Preset, seed and version of the simulator that made a data set; None for recordings."""
    manifest = read_manifest(data) or {}
    names = ("preset", "seed", "simulator_version")
    return {name: manifest[name] for name in names} if all(name in manifest for name in names) else None


def _class_clips(folder: Path, ranges: list | None) -> list[Clip]:
    folders = _subfolders(folder)
    refuse_doubles(folders)
    for nested in folders:
        if nested.name in CLASS_NAMES:
            raise ClipError(
                f"{nested} is a class folder inside a class folder: expected clips, like {folder.name}/0/; move all "
                "one folder up."
            )
    label = CLASS_NAMES.index(folder.name)
    blocks = np.arange(len(folders)) * SESSIONS_WITHOUT_MANIFEST // max(1, len(folders))
    clips = []
    for clip_folder, block in zip(folders, blocks, strict=True):
        session = int(block) if ranges is None else _session_of(clip_folder, ranges)
        sounds = _files(clip_folder, _AUDIO_SUFFIXES)
        if not sounds and not any((clip_folder / part).is_dir() for part in ("mask", "rgb")):
            raise ClipError(
                f"{clip_folder} holds neither a sound nor mask/ or rgb/: expected a clip{_hint(clip_folder)}; "
                "complete it or delete it."
            )
        if len(sounds) > 1:
            raise ClipError(
                f"{clip_folder} holds {len(sounds)} sounds: expected one audio_data file; move the others."
            )
        name = f"{folder.name}/{clip_folder.name}"
        clips.append(Clip(name, next(iter(sounds), None), clip_folder, label, f"{folder.name}/{session}"))
    return clips


def _session_of(folder: Path, ranges: list) -> int:
    for number, (first, last) in enumerate(ranges):
        if folder.name.isdecimal() and first <= int(folder.name) <= last:
            return number
    raise ClipError(
        f"{folder} is in no session of manifest.json: expected an id in one of {ranges}; move it elsewhere."
    )


def _hint(folder: str | Path) -> str:
    """Where the wanted files may be instead: in a folder of the folder, after unpacking or one level too high."""
    inner = [Path(folder) / "test", *_subfolders(Path(folder))] if Path(folder).is_dir() else []
    found = [path for path in inner if path.is_dir() and path.name not in ("mask", "rgb")]
    return f"; did you mean {found[0]}?" if found else ""


def inner_folder(root: Path, *parts: str) -> Path:
    """The folder `root/part/part`, whether it exists or not.

    Raises:
        ClipError: if one of the parts is a link, which could lead outside the data set.
    """
    for number in range(len(parts)):
        _refuse_link(root.joinpath(*parts[: number + 1]))
    return root.joinpath(*parts)


def _refuse_link(path: Path) -> None:
    is_junction = getattr(path, "is_junction", lambda: False)  # Python 3.12, Windows
    if path.is_symlink() or is_junction():
        raise ClipError(
            f"{path} is a link: expected plain files and folders; copy what it points to into its place."
        )


def _entries(folder: Path) -> list[Path]:
    """What a folder shows, in time order."""
    if not folder.is_dir():
        found = "is no folder" if folder.exists() else "does not exist"
        raise ClipError(
            f"{folder} {found}: expected a folder; check the path and that the data set is complete."
        )
    try:
        entries = [path for path in folder.iterdir() if not is_foreign(path.name)]
    except OSError as error:
        raise ClipError(
            f"{folder} cannot be read ({error.strerror}): expected a folder that you may read; check its permissions."
        ) from error
    for path in entries:
        _refuse_link(path)
    return in_time_order(entries)


def _subfolders(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_dir()]


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    return [path for path in _entries(folder) if path.suffix.lower() in suffixes and path.is_file()]


def _picture_files(folder: Path) -> list[Path]:
    _entries(folder.parent)  # refuses a link in the place of the folder
    pictures = _files(folder, _PICTURE_SUFFIXES)
    refuse_doubles(pictures, numbered=False)
    if not 0 < len(pictures) <= MAX_FRAMES:
        raise ClipError(
            f"{folder} holds {len(pictures)} pictures: expected 1 to {MAX_FRAMES}, about 25 for 4 s."
        )
    return pictures
