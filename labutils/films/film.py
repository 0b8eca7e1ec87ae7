"""Films to be shown in a notebook: made from clips, and put on the page as HTML without a script."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from IPython.display import HTML
from scipy.signal import find_peaks, resample_poly

from labutils import physics_score
from labutils.clips import SAMPLE_RATE_HZ, Clip, fit_length
from labutils.films.picture import (
    RATE_HZ,
    RIM_PX,
    SHEET_PX,
    TRAY_PX,
    Contacts,
    draw_sheet,
    draw_tray,
    frame_times,
    with_rim,
)
from labutils.films.scene import Scene
from labutils.films.webm import encode_webm
from labutils.players import excerpt
from labutils.spectrogram import mel_levels, spectrogram, step_levels

FULL_SCALE = 0.9
LEAST_JUMP_DB = 12.0  # from one step of 81 ms to the next
SOFTEST_HIT = 0.0025  # of full scale, -52 dB: below, a jump is as often a motor that starts as a hit
_AT_LEFT = np.array([0.5, 1.0, 0.5, 0.0])  # how much of each microphone the left ear hears


@dataclass(frozen=True, repr=False)
class Film:
    """A film as a notebook shows it.

    Attributes:
        webm: the file.
        size_px: width and height.
        caption: what it shows; a screen reader says it too.
        note: what is true of these data alone, below the film; nbval does not compare it.
        has_sound: False for a silent film.
    """

    webm: bytes
    size_px: tuple[int, int]
    caption: str
    note: str
    has_sound: bool

    def _repr_html_(self) -> str:
        width, height = self.size_px
        name = escape(f"{'film with sound' if self.has_sound else 'silent film'}: {self.caption}")
        source = f"data:video/webm;base64,{base64.b64encode(self.webm).decode()}"
        below = f"<small>{escape(self.note)}</small>" if self.note else ""
        return (
            f'<figure style="margin:0;max-width:{width}px"><figcaption>{escape(self.caption)}</figcaption>'
            f'<video controls width="{width}" height="{height}" style="max-width:100%;height:auto" '
            f'aria-label="{name}" src="{source}"></video>{below}</figure>'
        )

    def __repr__(self) -> str:
        return f"A {'film with sound' if self.has_sound else 'silent film'}."


def film(
    video: Clip | Scene,
    sound: Clip | np.ndarray | None = None,
    *,
    caption: str,
    note: str = "",
    microphone: int | None = None,
    spectrograms: bool = False,
    level_range_db: tuple[float, float] | None = None,
    contacts: Contacts | None = None,
) -> Film:
    """See and hear a clip: the tray, and the four microphones with a moving cursor.

    Args:
        video: what is seen.
        sound: what is heard, [samples, 4] if an array; the sound of the same clip if None. With the sound of another clip
            the film shows how well the two agree.
        caption: what it shows.
        note: what is true of these data alone, shown below.
        microphone: number of the one that is heard and drawn; all four if None: those of the left and right wall in the left
            and right ear, the others in both.
        spectrograms: draw spectrograms and not levels.
        level_range_db: lowest and highest level that is drawn; 60 dB below the loudest moment if None.
        contacts: of the walls, marked and lit up; where the level jumps, if None.

    Raises:
        ClipError: if a file is missing or cannot be used.
    """
    scene = video if isinstance(video, Scene) else Scene.of_clip(video)
    audio = video.audio() if sound is None else sound.audio() if isinstance(sound, Clip) else sound
    audio = _fit(np.asarray(audio, dtype=np.float32), scene.length_s)
    marked = heard_contacts(audio) if contacts is None else contacts
    look = {"microphone": microphone, "spectrograms": spectrograms, "level_range_db": level_range_db}
    sheet = draw_sheet(audio, marked, scene.length_s, **look)
    shares = frame_times(scene.length_s) / scene.length_s
    pictures = (
        with_rim(np.concatenate([tray, sheet.at(share)], axis=1))
        for tray, share in zip(draw_tray(scene, marked), shares, strict=True)
    )
    size_px = TRAY_PX + SHEET_PX, TRAY_PX + RIM_PX
    webm = encode_webm(pictures, RATE_HZ, size=size_px, sound=sound_track(audio, microphone))
    return Film(webm, size_px, caption, note, has_sound=True)


def silent_film(video: Clip | Scene, *, caption: str, note: str = "") -> Film:
    """See the tray alone: no sound, and nothing that shows a sound; arguments as of `film`."""
    scene = video if isinstance(video, Scene) else Scene.of_clip(video)
    size_px = TRAY_PX, TRAY_PX + RIM_PX
    webm = encode_webm(map(with_rim, draw_tray(scene, Contacts())), RATE_HZ, size=size_px)
    return Film(webm, size_px, caption, note, has_sound=False)


def films(shown: Sequence[Film]) -> HTML:
    """Films side by side, as far as there is room."""
    cells = "".join(film._repr_html_() for film in shown)
    return HTML(f'<div style="display:flex;flex-wrap:wrap;gap:0.8em 1.2em">{cells}</div>')


def heard_contacts(audio: np.ndarray) -> Contacts:
    """Where the level jumps up, at the loudest microphone, without training; 4 s of sound [samples, 4].

    A hit lets all microphones jump, and the quietest of them the most; the loudest is that of its wall.
    """
    level_db = physics_score.wall_levels(step_levels(mel_levels(spectrogram(audio)))[None])[0]  # (4, T)
    loudest_db = level_db.max(axis=0)
    steps, _ = find_peaks(np.diff(loudest_db, prepend=loudest_db[:1]), height=LEAST_JUMP_DB)
    steps = steps[_step_peaks(audio)[steps] > SOFTEST_HIT]
    return Contacts(physics_score.STEP_TIMES_S[steps], level_db[:, steps].argmax(axis=0))


def _step_peaks(audio: np.ndarray) -> np.ndarray:
    """The highest sample around each step, of full scale; [samples, 4] -> [T]."""
    sound = np.abs(fit_length(audio))
    length_s = 1.5 * physics_score.STEP_S
    times_s = physics_score.STEP_TIMES_S
    return np.array([excerpt(sound, middle_s=time_s, length_s=length_s).max() for time_s in times_s])


def ears(audio: np.ndarray, microphone: int | None = None) -> np.ndarray:
    """What the left and the right ear hear; [samples, 4] -> [samples, 2].

    Args:
        audio: float [samples, 4].
        microphone: the one that both ears hear; if None the left ear hears the left wall, the right ear the right wall, and
            both hear the others.
    """
    if microphone is not None:
        return audio[:, [microphone, microphone]]
    return audio @ np.stack([_AT_LEFT, _AT_LEFT[[0, 3, 2, 1]]], axis=1)


def sound_track(audio: np.ndarray, microphone: int | None = None) -> np.ndarray:
    """The sound of a film, brought to full scale; [samples, 4] at 44.1 kHz -> [samples, 2] at 48 kHz."""
    both = resample_poly(ears(audio, microphone), 160, 147, axis=0)
    return both * (FULL_SCALE / max(float(np.abs(both).max(initial=0)), 1e-9))


def _fit(audio: np.ndarray, length_s: float) -> np.ndarray:
    samples = round(length_s * SAMPLE_RATE_HZ)
    return np.pad(audio[:samples], ((0, max(0, samples - len(audio))), (0, 0)))
