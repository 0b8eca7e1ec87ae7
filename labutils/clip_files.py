"""Single files of a clip: sound and pictures, read with distrust and written whole or not at all.

Files from others are not trusted: pickles are rebuilt without being run, and sizes are looked at before
anything is decoded. Whatever cannot be used is refused in one sentence that names the file.
"""

import io
import json
import math
import os
import pickle
import shutil
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image
from scipy.signal import resample_poly

from labutils.errors import ClipError
from labutils.mask_notation import mask_codes
from labutils.safe_pickle import UnsafePickle, rebuild
from labutils.sound_headers import flac_length, with_wav_length, without_flac_length
from labutils.sound_levels import to_unit_level
from labutils.storage import write_whole

SAMPLE_RATE_HZ = 44100
CHANNELS = 4
MASK_SIZE = 440
FRAME_SIZE = (640, 480)  # width, height

MAX_FILE_BYTES = 64 * 2**20
MAX_AUDIO_VALUES = 2**24  # before and after resampling: a minute and a half, in 64 MiB
MAX_SCANS = 100  # of a JPEG; a progressive one has about ten, and each costs a pass over the picture
_AUDIO_FORMATS = ("flac", "wav", "pkl")
_READ_FORMATS = ("FLAC", "WAV", "WAVEX", "RF64")
_RATES_HZ = (4000, 192000)
# What Pillow raises for broken files of the two formats.
_PICTURE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    struct.error,
    OverflowError,
    MemoryError,
    Image.DecompressionBombError,
)


def load_pickle_safely(path: str | Path) -> object:
    """Read a pickle without running it: plain values and (read-only) numpy arrays in a dict; see `safe_pickle`.

    Raises:
        ClipError: if the file is missing, too large, broken, or holds or calls anything else.
    """
    try:
        return rebuild(read_bytes(Path(path)))
    except UnsafePickle as error:
        raise ClipError(
            f"{path} was not read, because {error}: expected a complete pickle of dict, text, "
            "numbers and numpy arrays; get the file again from its source."
        ) from error


def read_bytes(path: Path) -> bytes:
    """The content of a file of bearable size.

    Raises:
        ClipError: if it is missing, too large, or may not be read.
    """
    try:
        if not path.is_file():
            raise ClipError(f"{path} does not exist: expected a file; check that the data set is complete.")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ClipError(
                f"{path} has {size / 2**20:.0f} MiB: expected at most {MAX_FILE_BYTES >> 20} MiB."
            )
        return path.read_bytes()
    except OSError as error:
        raise ClipError(
            f"{path} cannot be read ({error.strerror}): expected one that you may read; check permissions and disk."
        ) from error


def read_json(path: Path) -> dict:
    """Read a JSON object.

    Raises:
        ClipError: if the file holds anything else, or a name twice.
    """
    try:
        content = json.loads(read_bytes(path), object_pairs_hook=_without_doubles)
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


def _without_doubles(pairs: list[tuple[str, object]]) -> dict:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a name is there twice")
    return content


def read_audio(path: Path) -> np.ndarray:
    """Read a FLAC, WAV or pickle file.

    Returns:
        float32 [samples, 4] in -1 to 1 at 44.1 kHz.

    Raises:
        ClipError: if it holds anything else.
    """
    values, rate_hz = _read_audio_pickle(path) if path.suffix.lower() == ".pkl" else _read_sound_file(path)
    audio = _checked_audio(values, path)
    return _to_lab_rate(audio, _checked_rate(rate_hz, len(values), path))


def _read_sound_file(path: Path) -> tuple[np.ndarray, int]:
    """Values as the file has them, and the sample rate; no more is decoded than a clip may have."""
    data = read_bytes(path)
    try:
        with soundfile.SoundFile(io.BytesIO(without_flac_length(with_wav_length(data, path)))) as file:
            if file.format not in _READ_FORMATS or file.channels != CHANNELS:
                raise ClipError(
                    f"{path} holds {file.channels} channels of {file.format}: expected {CHANNELS} of FLAC or WAV."
                )
            file.seekable = lambda: False  # else the end is looked for where an unknown length puts it
            kind = "int32" if file.subtype == "PCM_32" else "float32"
            values = file.read(MAX_AUDIO_VALUES // CHANNELS + 1, dtype=kind, always_2d=True)
            rate_hz = file.samplerate
    except soundfile.SoundFileError as error:
        raise ClipError(
            f"{path} is no readable sound ({error}): expected a four-channel FLAC or WAV file."
        ) from error
    said = flac_length(data)
    if values.size <= MAX_AUDIO_VALUES and said not in (0, len(values)):
        raise ClipError(
            f"{path} holds {len(values)} samples and its header speaks of {said}: expected the same; export it again."
        )
    return values, rate_hz


def _read_audio_pickle(path: Path) -> tuple[np.ndarray, int]:
    content = load_pickle_safely(path)
    expected = 'expected a dict with "audio" (samples, 4) and "audio_samplerate"'
    if not isinstance(content, dict):
        raise ClipError(f"{path} holds a {type(content).__name__}: {expected}.")
    for key in ("audio", "audio_samplerate"):
        if key not in content:
            raise ClipError(
                f'{path} has no key "{key}", only {", ".join(sorted(map(str, content))[:5]) or "none"}: {expected}.'
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
    if len(values) == 0:
        raise ClipError(f"{path} holds 0 samples: expected about 176400, 4 s.")
    if values.size > MAX_AUDIO_VALUES:
        raise ClipError(f"{path} holds {len(values)} samples or more: expected about 176400, 4 s; cut it.")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        bad = int(np.argmin(np.isfinite(values).all(axis=1)))
        raise ClipError(
            f"{path} holds NaN or infinity, first at sample {bad}: expected finite numbers; export it again."
        )
    return to_unit_level(values, path)


def _checked_rate(rate_hz: object, samples: int, path: Path) -> int:
    lowest, highest = _RATES_HZ
    number = rate_hz if isinstance(rate_hz, int | float | np.number) and not isinstance(rate_hz, bool) else 0
    if not lowest <= number <= highest or number != int(number):
        found = rate_hz if isinstance(rate_hz, int | float | str) else type(rate_hz).__name__
        raise ClipError(
            f"{path} has the sample rate {found!r}: expected a whole number from {lowest} to {highest} Hz."
        )
    if samples * CHANNELS * SAMPLE_RATE_HZ > MAX_AUDIO_VALUES * number:
        raise ClipError(f"{path} lasts {samples / number:.0f} s: expected about 4 s; cut it.")
    return int(number)


def _to_lab_rate(audio: np.ndarray, rate_hz: int) -> np.ndarray:
    if rate_hz == SAMPLE_RATE_HZ:
        return audio
    common = math.gcd(rate_hz, SAMPLE_RATE_HZ)
    resampled = resample_poly(audio, SAMPLE_RATE_HZ // common, rate_hz // common, axis=0)
    return np.clip(resampled, -1.0, 1.0).astype(np.float32)


def read_picture(path: Path, mode: str, size: tuple[int, int]) -> np.ndarray:
    """Decode a PNG or JPEG; its size is checked first, so a small file cannot unfold into gigabytes or minutes."""
    with _opened_picture(path, size) as picture:
        return np.asarray(picture.convert(mode))


def read_mask_codes(path: Path) -> np.ndarray:
    """Decode a mask to a number for the level or colour of every pixel, see `mask_notation`; [440, 440]."""
    with _opened_picture(path, (MASK_SIZE, MASK_SIZE)) as picture:
        return mask_codes(picture)


@contextmanager
def _opened_picture(path: Path, size: tuple[int, int]) -> Iterator[Image.Image]:
    data = read_bytes(path)
    if data[:2] == b"\xff\xd8" and data.count(b"\xff\xda") > MAX_SCANS:
        raise ClipError(
            f"{path} is a JPEG of more than {MAX_SCANS} passes: expected a plain picture; export it again."
        )
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            if picture.size != size:
                found, expected = ("x".join(map(str, one)) for one in (picture.size, size))
                raise ClipError(f"{path} is {found} pixels: expected {expected}, the size of the layout.")
            yield picture
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
    write_whole(path, _course_pickle(audio) if audio_format == "pkl" else _sound_file(audio, audio_format))
    return path


def _sound_file(audio: np.ndarray, audio_format: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, audio, SAMPLE_RATE_HZ, format=audio_format.upper(), subtype="PCM_16")
    return file.getvalue()


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
    try:
        part.mkdir(parents=True)
        for number, picture in enumerate(pictures):
            picture.save(part / f"{number:04d}{suffix}", **options)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
