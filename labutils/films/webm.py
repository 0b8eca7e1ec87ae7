"""Pictures and sound as one WebM file in memory: VP9 and Opus, which every browser plays without help.

The same pictures and sound give the same bytes, so that a stored notebook does not change when it is run again.
"""

import io
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
from av.container import OutputContainer
from av.stream import Stream

SOUND_RATE_HZ = 48_000  # what Opus works at
SECONDS_BETWEEN_KEY_PICTURES = 2  # the browser's slider jumps to any moment without delay
_VIDEO = {"deadline": "realtime", "cpu-used": "6", "crf": "45", "b": "0", "threads": "1", "flags": "bitexact"}
_SOUND = {"b": "32000", "flags": "bitexact"}


def encode_webm(
    pictures: Iterable[np.ndarray], rate_hz: int, *, size: tuple[int, int], sound: np.ndarray | None = None
) -> bytes:
    """Write a film into memory.

    Args:
        pictures: uint8 [height, width, 3], one after the other.
        rate_hz: pictures a second.
        size: width and height in pixels, both even.
        sound: float [samples, 2] at 48 kHz, left and right, in -1 to 1; None makes a film without a sound track.

    Returns:
        The bytes of a WebM file.
    """
    packed = io.BytesIO()
    with av.open(packed, "w", format="webm", options={"fflags": "bitexact"}) as container:
        key_pictures = str(round(SECONDS_BETWEEN_KEY_PICTURES * rate_hz))
        video = container.add_stream("libvpx-vp9", rate=rate_hz, options={**_VIDEO, "g": key_pictures})
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        if sound is not None:  # both tracks must be there before the first packet is written
            track = container.add_stream("libopus", rate=SOUND_RATE_HZ, options=_SOUND)
            track.layout = "stereo"
        _write(container, video, _video_frames(pictures, rate_hz))
        if sound is not None:
            _write(container, track, [_audio_frame(sound)])
    return packed.getvalue()


def _write(container: OutputContainer, stream: Stream, frames: Iterable) -> None:
    for frame in frames:
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _video_frames(pictures: Iterable[np.ndarray], rate_hz: int) -> Iterable[av.VideoFrame]:
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, rate_hz)
        yield frame


def _audio_frame(sound: np.ndarray) -> av.AudioFrame:
    channels = np.ascontiguousarray(sound.T, dtype=np.float32)  # (samples, 2) -> (2, samples)
    frame = av.AudioFrame.from_ndarray(channels, format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE_HZ, 0, Fraction(1, SOUND_RATE_HZ)
    return frame
