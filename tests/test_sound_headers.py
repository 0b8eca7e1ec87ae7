"""Headers held against files: a length that is missing is found, one that is wrong is refused."""

import io
import logging
import struct

import numpy as np
import pytest
import soundfile

from labutils.clip_files import read_audio
from labutils.errors import ClipError

SOUND = np.random.default_rng(0).uniform(-0.5, 0.5, (5000, 4))


def encoded(kind: str, subtype: str = "PCM_16") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, SOUND, 44100, format=kind, subtype=subtype)
    return file.getvalue()


def with_flac_length(data: bytes, samples: int) -> bytes:
    return (
        data[:21] + bytes([data[21] & 0xF0 | samples >> 32]) + struct.pack(">I", samples % 2**32) + data[26:]
    )


def with_data_size(data: bytes, size: int) -> bytes:
    place = data.index(b"data") + 4
    return data[:place] + struct.pack("<I", size) + data[place + 4 :]


@pytest.fixture
def read(tmp_path):
    """Reads bytes as the file of a sound."""

    def read_bytes(data: bytes, suffix: str) -> np.ndarray:
        path = tmp_path / f"audio_0000.{suffix}"
        path.write_bytes(data)
        return read_audio(path)

    return read_bytes


@pytest.mark.parametrize("tag", [b"", b"ID3\x04\x00\x00\x00\x00\x00\x05title"])
def test_flac_of_unknown_length_is_read_whole(read, tag):
    np.testing.assert_allclose(read(tag + with_flac_length(encoded("FLAC"), 0), "flac"), SOUND, atol=2**-15)


@pytest.mark.parametrize("samples", [1, 1000, 4999, 5001, 10**6, 2**36 - 1])
def test_flac_of_another_length_than_its_header_says_is_refused(read, samples):
    with pytest.raises(ClipError, match=f"holds 5000 samples and its header speaks of {samples}"):
        read(with_flac_length(encoded("FLAC"), samples), "flac")


@pytest.mark.parametrize("size", [0, 2**32 - 1, 2**31 - 1, 0x7FFFF000])
def test_wav_of_unknown_length_is_read_whole(read, size):
    np.testing.assert_allclose(read(with_data_size(encoded("WAV"), size), "wav"), SOUND, atol=2**-15)


@pytest.mark.parametrize("size", [8, 800, 39992, 40008, 10**6])
def test_wav_of_another_length_than_its_header_says_is_refused(read, size):
    with pytest.raises(ClipError, match=f"of.*{size}"):
        read(with_data_size(encoded("WAV"), size), "wav")


@pytest.mark.parametrize("kind", ["FLAC", "WAV"])
def test_a_file_that_was_cut_is_refused(read, kind):
    data = encoded(kind)
    for length in (50, len(data) // 2, len(data) - 1):
        with pytest.raises(ClipError):
            read(data[:length], kind.lower())


def test_chunks_after_the_sound_are_no_sound(read):
    tagged = encoded("WAV") + b"LIST" + struct.pack("<I", 6) + b"INFOab" + b"id3 " + struct.pack("<I", 0)
    np.testing.assert_allclose(read(tagged, "wav"), SOUND, atol=2**-15)


@pytest.mark.parametrize("subtype", ["PCM_24", "PCM_32", "FLOAT", "DOUBLE", "PCM_U8"])
def test_every_width_keeps_its_level(read, subtype):
    np.testing.assert_allclose(read(encoded("WAV", subtype), "wav"), SOUND, atol=2**-7)


def test_16_bits_in_a_wav_of_32_are_refused(read):
    file = io.BytesIO()
    soundfile.write(file, np.round(SOUND * 32767).astype(np.int32), 44100, format="WAV", subtype="PCM_32")
    with pytest.raises(ClipError, match="do not fill their type"):
        read(file.getvalue(), "wav")


@pytest.mark.parametrize("kind", ["OGG", "AIFF", "AU"])
def test_other_formats_under_a_name_of_ours_are_refused(read, kind):
    file = io.BytesIO()
    soundfile.write(file, SOUND, 44100, format=kind)
    with pytest.raises(ClipError, match="expected 4 of FLAC or WAV"):
        read(file.getvalue(), "wav")


def test_floats_beyond_one_in_a_wav_are_refused_or_said(read, caplog):
    file = io.BytesIO()
    soundfile.write(file, SOUND * 6, 44100, format="WAV", subtype="FLOAT")
    with pytest.raises(ClipError, match="up to 3"):
        read(file.getvalue(), "wav")
    file = io.BytesIO()
    soundfile.write(file, SOUND * 2.2, 44100, format="WAV", subtype="FLOAT")
    with caplog.at_level(logging.WARNING):
        assert read(file.getvalue(), "wav").max() == 1.0
    assert "are cut" in caplog.text
