"""What the header of a FLAC or WAV file says of its length, held against what the file holds.

Decoders believe the header: a sound that is longer is cut, and one that is shorter is padded or not read at all. A length
that is missing, because the file was written to a pipe, is no fault.
"""

from labutils.errors import ClipError

_UNKNOWN_WAV = 0x7FFF0000  # from here on the size that a pipe's writer gives, which cannot know it
_SMALLEST_CHUNK = 8


def flac_length(data: bytes) -> int:
    """Number of samples that the header of a FLAC file gives; 0 if it gives none, or if this is no FLAC file."""
    place = _flac_length_place(data)
    return 0 if place is None else int.from_bytes(data[place : place + 5], "big") & (2**36 - 1)


def without_flac_length(data: bytes) -> bytes:
    """The same FLAC file with its length unknown: a decoder then reads all that is there."""
    place = _flac_length_place(data)
    if place is None:
        return data
    return data[:place] + bytes([data[place] & 0xF0]) + bytes(4) + data[place + 5 :]


def _flac_length_place(data: bytes) -> int | None:
    """Where the five bytes are whose last 36 bits are the number of samples; a tag may stand before the FLAC."""
    start = 10 + sum((byte & 127) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=False))
    start = start if data[:3] == b"ID3" else 0
    return start + 21 if data[start : start + 4] == b"fLaC" and len(data) > start + 42 else None


def with_wav_length(data: bytes, name: object) -> bytes:
    """The same WAV file; a length that is missing in its header is put in.

    Raises:
        ClipError: if the header says another length than the file holds.
    """
    found = _wav_data(data)
    if found is None:
        return data  # RF64, or no WAV file at all: for the decoder to judge
    start, said = found
    there = len(data) - start
    if said == 0 or said >= _UNKNOWN_WAV:
        return data[: start - 4] + there.to_bytes(4, "little") + data[start:]
    if said > there:
        raise ClipError(
            f"{name} ends after {there} of the {said} bytes of sound that its header promises: expected a whole file; "
            "get it again from its source."
        )
    if not _are_chunks(data[start + said + said % 2 :]):
        raise ClipError(
            f"{name} holds {there} bytes of sound and its header speaks of {said}: expected the same; export it again."
        )
    return data


def _wav_data(data: bytes) -> tuple[int, int] | None:
    """Where the samples of a WAV file start, and how many bytes of them the header promises."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    place = 12
    while place + _SMALLEST_CHUNK <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        if data[place : place + 4] == b"data":
            return place + 8, size
        place += 8 + size + size % 2
    return None


def _are_chunks(rest: bytes) -> bool:
    """Whether what follows the samples are whole chunks of their own (names, cues), or a byte or two of padding."""
    while len(rest) >= _SMALLEST_CHUNK:
        size = int.from_bytes(rest[4:8], "little")
        if not rest[:4].isascii() or not rest[:4].decode().isprintable() or size > len(rest) - 8:
            return False
        rest = rest[8 + size + size % 2 :]
    return not any(rest)
