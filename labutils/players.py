"""Sounds to listen to in a notebook, each with its caption.

Notebook: all of them.
"""

import base64
import io
from collections.abc import Mapping
from html import escape

import numpy as np
import soundfile
from IPython.display import HTML
from scipy.signal import resample_poly

from labutils.clips import CLIP_S, SAMPLE_RATE_HZ

PLAYED_RATE_HZ = SAMPLE_RATE_HZ // 2  # little is heard above 11 kHz, and the notebook stays small


def players(sounds: Mapping[str, np.ndarray], *, same_scale: bool = True) -> HTML:
    """A player with a caption for every sound, side by side as far as there is room.

    Args:
        sounds: caption -> float [samples] at 44.1 kHz, in -1 to 1.
        same_scale: True makes all sounds louder by one common factor, so that their levels can be compared;
            False brings each to full scale.

    Returns:
        HTML with the sounds inside, as FLAC at 22.05 kHz: half the size of what `IPython.display.Audio` stores.
    """
    played = {caption: resample_poly(sound, 1, 2) for caption, sound in sounds.items()}
    loudest = {caption: float(np.max(np.abs(sound), initial=1e-9)) for caption, sound in played.items()}
    common = max(loudest.values(), default=1.0)
    cells = [
        _player(caption, sound / (common if same_scale else loudest[caption]))
        for caption, sound in played.items()
    ]
    return HTML(f'<div style="display:flex;flex-wrap:wrap;gap:0.6em 1.2em">{"".join(cells)}</div>')


def _player(caption: str, sound: np.ndarray) -> str:
    packed = io.BytesIO()
    soundfile.write(packed, sound, PLAYED_RATE_HZ, format="FLAC", subtype="PCM_16")
    source = f"data:audio/flac;base64,{base64.b64encode(packed.getvalue()).decode()}"
    name = escape(caption)
    player = f'<audio controls aria-label="{name}" src="{source}"></audio>'
    return f'<figure style="margin:0"><figcaption>{name}</figcaption>{player}</figure>'


def excerpt(audio: np.ndarray, *, middle_s: float = CLIP_S / 2, length_s: float = 1.0) -> np.ndarray:
    """A short piece of a sound, for a player.

    Args:
        audio: float [samples, ...] at 44.1 kHz.
        middle_s: where in the sound; the middle of a 4 s clip is its hit.
        length_s: how long; less where the sound begins or ends.

    Returns:
        float [at most length_s * 44100, ...].
    """
    start = max(0, round((middle_s - length_s / 2) * SAMPLE_RATE_HZ))
    return audio[start : start + round(length_s * SAMPLE_RATE_HZ)]


def loudest_excerpt(audio: np.ndarray, *, length_s: float = 1.0) -> np.ndarray:
    """The piece of a sound that holds its loudest moment, a third of the way in as far as the sound goes.

    A clip is cut so that *a* hit is in its middle; the loudest one may be elsewhere.

    Args:
        audio: float [samples, ...] at 44.1 kHz.
        length_s: how long; less only where the whole sound is shorter.

    Returns:
        float [at most length_s * 44100, ...].
    """
    samples = round(length_s * SAMPLE_RATE_HZ)
    loudest = int(np.abs(audio).reshape(len(audio), -1).max(axis=1).argmax()) if len(audio) else 0
    start = min(max(0, loudest - samples // 3), max(0, len(audio) - samples))
    return audio[start : start + samples]
