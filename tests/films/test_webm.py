"""A film in memory is a file that plays: the right pictures, the right sound, the same bytes each time."""

import io

import av
import numpy as np
import pytest

from labutils.films.webm import SOUND_RATE_HZ, encode_webm

RATE_HZ, SIZE = 25, (64, 48)


def flashes(count: int = 50, white: int = 30) -> list[np.ndarray]:
    """Black pictures, one of them white."""
    pictures = [np.zeros((48, 64, 3), dtype=np.uint8) for _ in range(count)]
    pictures[white][:] = 255
    return pictures


def click(seconds: float = 2.0, at_s: float = 1.2, channel: int = 0) -> np.ndarray:
    """Silence with a short tone in one ear."""
    sound = np.zeros((round(seconds * SOUND_RATE_HZ), 2))
    start, samples = round(at_s * SOUND_RATE_HZ), round(0.05 * SOUND_RATE_HZ)
    sound[start : start + samples, channel] = 0.5 * np.sin(
        2 * np.pi * 1000 * np.arange(samples) / SOUND_RATE_HZ
    )
    return sound


def decoded(webm: bytes, kind: str) -> list:
    with av.open(io.BytesIO(webm)) as container:
        return list(container.decode(**{kind: 0}))


def test_pictures_come_back_in_their_order_and_time():
    frames = decoded(encode_webm(flashes(), RATE_HZ, size=SIZE), "video")
    assert [(frame.width, frame.height) for frame in frames] == [SIZE] * 50
    brightness = [frame.to_ndarray(format="gray").mean() for frame in frames]
    assert np.argmax(brightness) == 30 and brightness[30] > 200 > 60 > np.delete(brightness, 30).max()
    assert float(frames[30].time) == pytest.approx(30 / RATE_HZ, abs=0.002)


def test_sound_comes_back_at_its_time_in_its_ear():
    frames = decoded(encode_webm(flashes(), RATE_HZ, size=SIZE, sound=click()), "audio")
    sound = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)  # (2, samples)
    start_s = float(frames[0].time)
    assert start_s + np.abs(sound[0]).argmax() / SOUND_RATE_HZ == pytest.approx(1.225, abs=0.035)
    assert np.abs(sound[0]).max() > 3 * np.abs(sound[1]).max()
    assert sound.shape[1] / SOUND_RATE_HZ == pytest.approx(2.0, abs=0.05)


def test_the_streams_are_those_that_browsers_know_and_silence_has_no_track():
    with av.open(io.BytesIO(encode_webm(flashes(), RATE_HZ, size=SIZE, sound=click()))) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["vp9", "opus"]
        assert container.format.name == "matroska,webm"
    with av.open(io.BytesIO(encode_webm(flashes(), RATE_HZ, size=SIZE))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_same_input_same_bytes():
    films = [encode_webm(flashes(), RATE_HZ, size=SIZE, sound=click()) for _ in range(2)]
    assert films[0] == films[1] != encode_webm(flashes(white=31), RATE_HZ, size=SIZE, sound=click())


def test_the_slider_finds_a_key_picture_every_two_seconds():
    frames = decoded(encode_webm(flashes(120), RATE_HZ, size=SIZE), "video")
    assert [number for number, frame in enumerate(frames) if frame.key_frame] == [0, 50, 100]
