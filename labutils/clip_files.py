"""Single files of a clip: sound and pictures, read with distrust and written whole or not at all.

Files from others are not trusted: pickles are rebuilt without being run, and sizes are looked at before
anything is decoded. Whatever cannot be used is refused in one sentence that names the file.
"""

import json
import math
import os
import pickle
import shutil
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image
from scipy.signal import resample_poly

from labutils.errors import ClipError
from labutils.safe_pickle import UnsafePickle, rebuild
from labutils.storage import whole_file

SAMPLE_RATE_HZ = 44100
CHANNELS = 4
MASK_SIZE = 440
FRAME_SIZE = (640, 480)  # width, height

MAX_FILE_BYTES = 64 * 2**20
MAX_AUDIO_VALUES = 2**25
_AUDIO_FORMATS = ("flac", "wav", "pkl")
_RATES_HZ = (4000, 192000)
# What Pillow raises for broken files of the two formats.
_PICTURE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    struct.error,
    Image.DecompressionBombError,
)
_LOUDEST = 4.0  # beyond this the numbers are not in the range -1 to 1 at all


def load_pickle_safely(path: str | Path) -> object:
    """Read a pickle without running it: dict, str, numbers and (read-only) numpy arrays, and nothing else.

    Raises:
        ClipError: if the file is missing, too large, broken, or holds or calls anything else.
    """
    try:
        return rebuild(_read_bytes(Path(path)))
    except UnsafePickle as error:
        raise ClipError(
            f"{path} was not read, because {error}: expected a complete pickle of dict, text, "
            "numbers and numpy arrays; get the file again from its source."
        ) from error


def _read_bytes(path: Path) -> bytes:
    _check_size(path)
    return path.read_bytes()


def _check_size(path: Path) -> None:
    if not path.is_file():
        raise ClipError(f"{path} does not exist: expected a file; check that the data set is complete.")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ClipError(
            f"{path} has {path.stat().st_size / 2**20:.0f} MiB: expected at most {MAX_FILE_BYTES >> 20} MiB."
        )


def read_json(path: Path) -> dict:
    try:
        content = json.loads(_read_bytes(path))
    except ClipError:
        raise
    except (ValueError, RecursionError) as error:
        raise ClipError(
            f"{path} is no JSON file ({error}): expected one written by `python -m labutils simulate`."
        ) from error
    if not isinstance(content, dict):
        raise ClipError(
            f"{path} holds a {type(content).__name__}: expected a JSON object; simulate the set again."
        )
    return content


def read_audio(path: Path) -> np.ndarray:
    """Read a FLAC, WAV or pickle file.

    Returns:
        float32 [samples, 4] in -1 to 1 at 44.1 kHz.

    Raises:
        ClipError: if it holds anything else.
    """
    values, rate_hz = _read_audio_file(path)
    return _to_lab_rate(_checked_audio(values, path), rate_hz, path)


def _read_audio_file(path: Path) -> tuple[np.ndarray, int]:
    """Values as the file has them, and the sample rate."""
    if path.suffix.lower() == ".pkl":
        return _read_audio_pickle(path)
    _check_size(path)
    try:
        info = soundfile.info(path)
        if info.frames * info.channels > MAX_AUDIO_VALUES:
            raise ClipError(f"{path} claims {info.duration:.0f} s of sound: expected about 4 s; cut it.")
        return soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise ClipError(
            f"{path} is no readable sound ({error}): expected a four-channel FLAC or WAV file."
        ) from error


def _read_audio_pickle(path: Path) -> tuple[np.ndarray, int]:
    content = load_pickle_safely(path)
    expected = 'expected a dict with "audio" (samples, 4) and "audio_samplerate"'
    if not isinstance(content, dict):
        raise ClipError(f"{path} holds a {type(content).__name__}: {expected}.")
    for key in ("audio", "audio_samplerate"):
        if key not in content:
            raise ClipError(
                f'{path} has no key "{key}", only {", ".join(sorted(content)[:5]) or "none"}: {expected}.'
            )
    audio = content["audio"]
    if not isinstance(audio, np.ndarray):
        raise ClipError(f"{path} holds audio of type {type(audio).__name__}: expected an array (samples, 4).")
    return audio, content["audio_samplerate"]


def _checked_audio(values: np.ndarray, path: Path) -> np.ndarray:
    """Sound as float32 in -1 to 1, if it is four channels of finite numbers."""
    if values.ndim != 2 or values.shape[1] != CHANNELS:
        raise ClipError(
            f"{path} holds audio of shape {values.shape}: expected (samples, {CHANNELS}), one column a wall."
        )
    if not 0 < values.size <= MAX_AUDIO_VALUES:
        raise ClipError(f"{path} holds {len(values)} samples: expected about 176400, 4 s.")
    if values.dtype.kind not in "if":
        raise ClipError(
            f"{path} holds audio of type {values.dtype}: expected floats from -1 to 1 or signed integers."
        )
    if not np.isfinite(values).all():
        bad = int(np.argmin(np.isfinite(values).all(axis=1)))
        raise ClipError(
            f"{path} holds NaN or infinity, first at sample {bad}: expected finite numbers; export it again."
        )
    scale = 1.0 if values.dtype.kind == "f" else -float(np.iinfo(values.dtype).min)
    peak = float(np.abs(values.astype(np.float64)).max()) / scale
    if peak > _LOUDEST:
        raise ClipError(
            f"{path} holds floats up to {peak:.4g}: expected -1 to 1; divide by full scale before saving."
        )
    return np.clip(values / scale, -1.0, 1.0).astype(np.float32)


def _to_lab_rate(audio: np.ndarray, rate_hz: object, path: Path) -> np.ndarray:
    lowest, highest = _RATES_HZ
    if (
        isinstance(rate_hz, str | np.ndarray | dict)
        or not lowest <= rate_hz <= highest
        or rate_hz != int(rate_hz)
    ):
        found = rate_hz if isinstance(rate_hz, int | float | str) else type(rate_hz).__name__
        raise ClipError(
            f"{path} has the sample rate {found!r}: expected a whole number from {lowest} to {highest} Hz."
        )
    if rate_hz == SAMPLE_RATE_HZ:
        return audio
    common = math.gcd(int(rate_hz), SAMPLE_RATE_HZ)
    resampled = resample_poly(audio, SAMPLE_RATE_HZ // common, int(rate_hz) // common, axis=0)
    return np.clip(resampled, -1.0, 1.0).astype(np.float32)


def read_picture(path: Path, mode: str, size: tuple[int, int]) -> np.ndarray:
    """Decode a PNG or JPEG; its size is checked first, so a small file cannot unfold into gigabytes."""
    _check_size(path)
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as picture:
            if picture.size != size:
                found = "x".join(map(str, picture.size))
                raise ClipError(
                    f"{path} is {found} pixels: expected {size[0]}x{size[1]}, the layout's size for {mode}."
                )
            return np.asarray(picture.convert(mode))
    except ClipError:
        raise
    except _PICTURE_ERRORS as error:
        raise ClipError(
            f"{path} is no readable picture ({error}): expected a PNG or JPEG; export it again."
        ) from error


def write_audio(path: str | Path, audio: np.ndarray, audio_format: str = "flac") -> Path:
    """Write a sound; it appears under its name only when complete.

    Args:
        path: where, with or without a suffix; the format decides the suffix.
        audio: float [samples, 4] in -1 to 1 at 44.1 kHz.
        audio_format: "flac" or "wav" (16 bit), or "pkl", the course's pickle, for exchange with other
        solutions.

    Returns:
        Path of the file.

    Raises:
        ClipError: if the audio or the format is not one that can be read back.
    """
    if audio_format not in _AUDIO_FORMATS:
        raise ClipError(f"{path} cannot be written as {audio_format!r}: expected flac, wav or pkl.")
    path = Path(path).with_suffix(f".{audio_format}")
    audio = _checked_audio(np.asarray(audio), path)
    with whole_file(path) as aside:
        if audio_format == "pkl":
            aside.write_bytes(_course_pickle(audio))
        else:
            soundfile.write(aside, audio, SAMPLE_RATE_HZ, format=audio_format.upper(), subtype="PCM_16")
    return path


def _course_pickle(audio: np.ndarray) -> bytes:
    """The course's dict; numpy's internals under their numpy 1 name, so that solutions of 2020 can read it."""
    content = {"audio": np.ascontiguousarray(audio), "audio_samplerate": SAMPLE_RATE_HZ}
    data = pickle.dumps(content, protocol=3)
    return data.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n", 1)


def write_video(folder: str | Path, frames: np.ndarray, masks: np.ndarray) -> Path:
    """Write the pictures and masks of a clip to `rgb/0000.jpg` and `mask/0000.png` and on; each folder
    appears complete.

    Args:
        folder: the clip's folder; what else is in it stays.
        frames: uint8 [T, 480, 640, 3].
        masks: bool [T, 440, 440].

    Returns:
        The folder.

    Raises:
        ClipError: if the arrays are not one mask for every frame, in the layout's sizes.
    """
    folder = Path(folder)
    width, height = FRAME_SIZE
    if (
        frames.shape[1:] != (height, width, 3)
        or masks.shape != (len(frames), MASK_SIZE, MASK_SIZE)
        or len(frames) == 0
    ):
        raise ClipError(
            f"{folder} cannot be written: found frames {frames.shape} and masks {masks.shape}, expected one mask a frame."
        )
    pictures = (Image.fromarray(frame) for frame in np.asarray(frames, dtype=np.uint8))
    _write_pictures(folder / "rgb", pictures, ".jpg", quality=65)
    levels = np.multiply(masks, 255, dtype=np.uint8)
    _write_pictures(folder / "mask", map(Image.fromarray, levels), ".png")
    return folder


def _write_pictures(folder: Path, pictures: Iterable[Image.Image], suffix: str, **options: int) -> None:
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        picture.save(part / f"{number:04d}{suffix}", **options)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)
