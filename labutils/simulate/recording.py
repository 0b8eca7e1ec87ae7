"""One recording session: simulated, cut into clips as the recordings were, and written.

As in the paper, an object moves in the tilting tray for a while, contacts are found as peaks of the sound, and 4 s clips
are cut with such a peak in their middle. This selects, as it did there: what moved unheard is in no clip's middle, clips do
not overlap, and the first clips of a session are kept until the plan has enough.

Source: Gandhi, Gupta, Pinto, "Swoosh! Rattle! Thump!", RSS 2020, section III.
"""

import hashlib
import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from labutils.clips import CLIP_S, SAMPLE_RATE_HZ, write_audio, write_video
from labutils.simulate.camera import Camera
from labutils.simulate.contacts import find_contacts
from labutils.simulate.objects import OBJECTS
from labutils.simulate.plan import Session
from labutils.simulate.rig import Rig
from labutils.simulate.sound import synthesise
from labutils.simulate.tray import Motion, simulate_session

_SECONDS_PER_CLIP = 7.0  # a session's first guess: an object is heard about so often
_LONGEST_PART_S = 90.0  # bounds the memory
_MOST_PARTS = 30
_FRAME_RATE_HZ, _FRAME_RATE_SPREAD, _FRAME_JITTER_S = 6.45, 0.07, 0.008
_DROPPED_FRAMES, _MOST_FRAMES = 0.02, 35


def record_session(session: Session, seed: int, audio_format: str, folder: Path) -> int:
    """Simulate one session and write its clips to a folder, which appears complete.

    Args:
        session: what to record.
        seed: of the data set.
        audio_format: "flac" or "pkl".
        folder: where; the clips lie in it as they will in the data set.

    Returns:
        The number of clips.
    """
    part = folder.with_name(f".{folder.name}.{os.getpid()}")
    rng = np.random.default_rng([seed, zlib.crc32(session.key.encode())])
    camera, obj = Camera.draw(rng), OBJECTS[session.label]
    try:
        for take, (motion, audio, start_s) in zip(session.takes, cut_clips(session, rng), strict=False):
            if take.audio:
                write_audio(part / take.audio, audio, audio_format)
            if take.video:
                frames, masks = camera.film(motion, obj, start_s + draw_frame_times_s(rng), rng)
                write_video(part / take.video, frames, masks)
        (part / "fingerprint").write_text(_fingerprint(part))
        os.rename(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return len(session.takes)


def cut_clips(session: Session, rng: np.random.Generator) -> Iterator[tuple[Motion, np.ndarray, float]]:
    """Simulate a session, in parts, and cut clips from it until there are enough.

    Args:
        session: what to record.
        rng: the source of randomness.

    Yields:
        Motion of the part, sound of the clip float32 [176400, 4], start of the clip in the part in seconds.

    Raises:
        RuntimeError: if the object was hardly ever heard.
    """
    obj, rig, missing = OBJECTS[session.label], Rig.draw(rng), len(session.takes)
    for _ in range(_MOST_PARTS):
        duration_s = min(missing * _SECONDS_PER_CLIP + CLIP_S, _LONGEST_PART_S)
        motion = simulate_session(obj, duration_s=duration_s, seed=int(rng.integers(2**32)))
        audio = synthesise(motion, obj, rig, rng)
        for start_s in clip_starts_s(find_contacts(audio), duration_s)[:missing]:
            first = round(start_s * SAMPLE_RATE_HZ)
            yield motion, audio[first : first + round(CLIP_S * SAMPLE_RATE_HZ)], start_s
            missing -= 1
        if not missing:
            return
    raise RuntimeError(
        f"session {session.key}: {obj.name} was hardly ever heard, {missing} clips are missing"
    )


def clip_starts_s(contacts_s: np.ndarray, duration_s: float) -> list[float]:
    """Choose clips with a contact in their middle, one after the other, without overlap.

    Args:
        contacts_s: [contacts] times of audio peaks in seconds, rising.
        duration_s: length of the recording in seconds.

    Returns:
        Starts of the clips in seconds, rising by at least 4 s.
    """
    starts: list[float] = []
    for contact_s in contacts_s:
        start_s = float(contact_s) - CLIP_S / 2
        if start_s >= (starts[-1] + CLIP_S if starts else 0) and start_s + CLIP_S <= duration_s:
            starts.append(start_s)
    return starts


def draw_frame_times_s(rng: np.random.Generator) -> np.ndarray:
    """Draw when the pictures of a clip are taken: about 6 a second, with jitter and a few dropped ones.

    Args:
        rng: the source of randomness.

    Returns:
        [T] seconds from the start of the clip, rising; 25.3 on average, at most 35.
    """
    rate_hz = _FRAME_RATE_HZ * np.exp(_FRAME_RATE_SPREAD * rng.standard_normal())
    times_s = (np.arange(CLIP_S * rate_hz + 1) - rng.random()) / rate_hz
    times_s += _FRAME_JITTER_S * rng.standard_normal(len(times_s))
    kept = (rng.random(len(times_s)) >= _DROPPED_FRAMES) & (times_s >= 0) & (times_s < CLIP_S)
    return np.sort(times_s[kept])[:_MOST_FRAMES]


def is_whole(folder: Path) -> bool:
    """Tell whether the folder of a session still holds what was recorded."""
    kept = folder / "fingerprint"
    return kept.is_file() and kept.read_bytes() == _fingerprint(folder).encode()


def _fingerprint(folder: Path) -> str:
    """Return the SHA-256 of all names and contents in a folder, but for the fingerprint itself."""
    digest = hashlib.sha256()
    for path in sorted(
        path for path in folder.rglob("*") if path.is_file() and path != folder / "fingerprint"
    ):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
