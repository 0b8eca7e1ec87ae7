"""What truly happened in every clip of a simulated data set: contacts with the walls, and the path of the object.

A data folder does not hold this. But preset and seed decide everything, so each session is simulated once more, in the same
order of random numbers as `simulate.recording.record_session`, and this time the motion is kept. The sound that comes out is
compared with the one on disk: if they are equal, the motion is the true one.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from labutils.clip_files import read_audio
from labutils.clips import CLIP_S, Clip, read_manifest
from labutils.errors import LabError
from labutils.simulate.camera import Camera
from labutils.simulate.data_folder import find_preset
from labutils.simulate.drop import tray_widths
from labutils.simulate.hits import Hit, find_hits
from labutils.simulate.objects import OBJECTS
from labutils.simulate.plan import Plan, Session, make_plan
from labutils.simulate.recording import cut_clips, draw_frame_times_s
from labutils.simulate.tray import TRAY_WIDTH_M, Motion
from labutils.simulate.version import SIMULATOR_VERSION
from labutils.storage import whole_file

PATH_RATE_HZ = 50
WIDTH_CM = 100 * TRAY_WIDTH_M
_SAME_SOUND = 1e-4  # full scale; files of 16 bits round to 3e-5


@dataclass(frozen=True)
class Event:
    """What happened during the 4 s of one clip; times in seconds from its start, places in tray widths, y down.

    Attributes:
        label: the true class.
        time_s: [H] when a wall was hit.
        wall: int [H] number of its microphone.
        speed_change: [H] by how many m/s the hit changed the speed of the object: its impulse over the mass.
        frame_time_s: [T] when the pictures were taken; empty if there are none.
        frame_place: [T, 2] where the origin of the object's frame was then.
        path: [200, 2] where that was 50 times a second.
    """

    label: int
    time_s: np.ndarray
    wall: np.ndarray
    speed_change: np.ndarray
    frame_time_s: np.ndarray
    frame_place: np.ndarray
    path: np.ndarray

    @property
    def reach_cm(self) -> float:
        """The largest distance of the object from where it began."""
        return float(WIDTH_CM * np.linalg.norm(self.path - self.path[0], axis=1).max())


_KEPT = tuple(field.name for field in fields(Event) if field.name != "label")


def events_of_sounds(clips: Sequence[Clip], kept: Path, **options) -> list[Event]:
    """The events behind N sounds; `options` as of `true_events`."""
    return true_events([clip.audio_path.with_suffix("") for clip in clips], kept, **options)


def events_of_videos(clips: Sequence[Clip], kept: Path, **options) -> list[Event]:
    """The events behind M videos; `options` as of `true_events`."""
    return true_events([clip.video_path for clip in clips], kept, **options)


def true_events(paths: Sequence[Path], kept: Path, *, progress: bool = False) -> list[Event]:
    """What truly happened in some clips; their sessions are simulated once more, and kept.

    Args:
        paths: of sounds, without suffix, or of videos, in simulated data sets.
        kept: folder in which every session is kept: a run that was stopped goes on where it was.
        progress: show a progress bar.

    Raises:
        LabError: if the data were not simulated, or not by this version on a machine like this one.
    """
    found: dict[Path, Event] = {}
    for root in dict.fromkeys(map(_data_set_of, paths)):
        plan = _plan_of(root)
        folder = kept / f"true-events-{plan.preset.name}-{plan.seed}"
        wanted = [session for session in plan.sessions if not set(paths).isdisjoint(_paths(root, session))]
        for session in tqdm(wanted, "simulating once more", unit="session", disable=not progress):
            events = _kept_session(root, session, plan, folder / f"{session.key}.npz")
            for take, event in zip(session.takes, events, strict=True):
                found |= {root / path: event for path in (take.audio, take.video) if path}
    return [found[path] for path in paths]


def _data_set_of(path: Path) -> Path:
    """The folder of the data set that a clip lies in."""
    for folder in path.parents:
        if (folder / "manifest.json").is_file():
            return folder
    raise LabError(f"{path} is in no simulated data set: expected a manifest.json in a folder above it.")


def _paths(root: Path, session: Session) -> Iterator[Path]:
    """Where the halves of a session's clips lie, sounds without suffix."""
    for take in session.takes:
        yield from (root / path for path in (take.audio, take.video) if path)


def _plan_of(root: Path) -> Plan:
    """The plan that a data set was made by."""
    manifest = read_manifest(root)
    version = manifest.get("simulator_version")
    if version != SIMULATOR_VERSION:
        raise LabError(f"{root}: found data of simulator version {version}, expected {SIMULATOR_VERSION}.")
    return make_plan(find_preset(manifest["preset"]), manifest["seed"], manifest["audio_format"])


def _kept_session(root: Path, session: Session, plan: Plan, path: Path) -> list[Event]:
    """The events of a session, from its file if there is one."""
    if not path.exists():
        events = enumerate(replay(root, session, plan))
        arrays = {f"{n}.{name}": getattr(event, name) for n, event in events for name in _KEPT}
        with whole_file(path) as aside, open(aside, "wb") as file:
            np.savez_compressed(file, **arrays)
    with np.load(path, allow_pickle=False) as arrays:
        return [
            Event(session.label, *(arrays[f"{n}.{name}"] for name in _KEPT))
            for n in range(len(session.takes))
        ]


def replay(root: Path, session: Session, plan: Plan) -> Iterator[Event]:
    """Simulate one session once more, clip by clip, drawing every random number as `record_session` did.

    Filming draws random numbers too, so pictures are made, and forgotten.

    Raises:
        LabError: if a sound is not the one on disk.
    """
    rng = np.random.default_rng([plan.seed, zlib.crc32(session.key.encode())])
    camera, obj = Camera.draw(rng), OBJECTS[session.label]
    last, hits = None, []
    for take, (motion, audio, start_s) in zip(session.takes, cut_clips(session, rng), strict=False):
        if take.audio:
            _expect_same(audio, root / f"{take.audio}.{plan.audio_format}")
        frame_time_s = draw_frame_times_s(rng) if take.video else np.zeros(0)
        if take.video:
            camera.film(motion, obj, start_s + frame_time_s, rng)
        if motion is not last:
            last, hits = motion, find_hits(motion, obj)
        yield cut_event(session.label, motion, hits, start_s, frame_time_s)


def _expect_same(audio: np.ndarray, path: Path) -> None:
    on_disk = read_audio(path)
    if on_disk.shape != audio.shape or np.abs(on_disk - audio).max() > _SAME_SOUND:
        raise LabError(
            f"{path}: simulated once more, it sounds otherwise, so its true contacts are not known; expected data that "
            "this machine simulated: run `python -m labutils simulate` here."
        )


def cut_event(
    label: int, motion: Motion, hits: Sequence[Hit], start_s: float, frame_time_s: np.ndarray
) -> Event:
    """What happened during the clip that begins at `start_s` of a motion."""
    inside = [hit for hit in hits if 0 <= hit.time_s - start_s < CLIP_S]
    path_time_s = np.arange(0, CLIP_S, 1 / PATH_RATE_HZ)
    return Event(
        label,
        np.array([hit.time_s - start_s for hit in inside]),
        np.array([hit.wall for hit in inside], dtype=int),
        np.array([hit.impulse_n_s / OBJECTS[label].mass_kg for hit in inside]),
        frame_time_s,
        _places(motion, start_s + frame_time_s),
        _places(motion, start_s + path_time_s),
    )


def _places(motion: Motion, time_s: np.ndarray) -> np.ndarray:
    """Where the origin of the object was, [T, 2], at the samples that the camera takes."""
    samples = np.clip(np.rint(time_s * motion.rate_hz).astype(int), 0, len(motion.position_m) - 1)
    return tray_widths(motion.position_m[samples])
