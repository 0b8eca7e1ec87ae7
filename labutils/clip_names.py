"""What the names of files and folders say: which to pass over, in what order they were made, and which are in doubt."""

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from labutils.errors import ClipError

_FOREIGN = ("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "lost+found", "system volume information")
_NUMBER = re.compile(r"(?<![^_=])-?\d+(?:\.\d+)?|\d+(?:\.\d+)?")
_VIDEO = re.compile(r"video_?(\d+)", re.IGNORECASE)
# "audio_0000 (1)", "audio_0000 - Copy", "audio_0000 - Kopie (2)", "audio_0000 copy 2", "audio_0000~1"
_COPY = re.compile(
    r"(?P<of>.+?)(?: ?\(\d+\)| ?\(.*cop.*\)| ?[-–] ?(?:copy|kopie|copie|copia|副本).*| copy.*|~\d+)"
)
_NUMBERED_COPY = re.compile(r"(?P<of>.+?)[-_. ]\d+")
_COPY_OF = re.compile(r"(?:copy|kopie|copie|copia) (?:of|von|de|di) (?P<of>.+)")
_OTHER_SOUNDS = (".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wma", ".au", ".pickle")
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp")


def is_foreign(name: str) -> bool:
    """Whether an operating system or a server put this there: `.DS_Store`, `@eaDir`, `#recycle`, `Thumbs.db`, ..."""
    return name.startswith((".", "@", "#", "$")) or name.casefold() in _FOREIGN


def in_time_order(paths: Sequence[Path]) -> list[Path]:
    """Paths by the numbers in their names, 2 before 10 and 0002 before 0010, then by the name.

    A dot may part two numbers or a number and its decimals: 1.9 comes before 1.10 where no decimals end in a zero, and after
    1.75 where they are times. A minus is a sign where other names have no minus in its place.
    """
    texts = [_NUMBER.findall(path.stem) for path in paths]
    dotted, signed = _has_dotted_integers(texts), _has_signs(texts)

    def key(path: Path, numbers: list[str]) -> tuple:
        return [_value(number, dotted, signed) for number in numbers], path.name

    return [path for _, path in sorted((key(*each), each[0]) for each in zip(paths, texts, strict=True))]


def _value(text: str, dotted: bool, signed: bool) -> tuple[Decimal, ...]:
    number = text if signed else text.lstrip("-")
    return tuple(map(Decimal, number.split("."))) if dotted else (Decimal(number),)


def _has_dotted_integers(texts: Sequence[Sequence[str]]) -> bool:
    """Whether 1.10 means ten: decimals of different lengths of which some end in a zero are no decimals."""
    parts = [number.partition(".")[2] for numbers in texts for number in numbers if "." in number]
    return len(set(map(len, parts))) > 1 and any(part.endswith("0") and part != "0" for part in parts)


def _has_signs(texts: Sequence[Sequence[str]]) -> bool:
    """Whether some names have a minus where others have none."""
    firsts = [[number.startswith("-") for number in numbers] for numbers in texts if numbers]
    return any(any(place) and not all(place) for place in zip(*firsts, strict=False))


def number_of_video(name: str, path: object) -> int:
    """23 of "video_0023".

    Args:
        name: of the folder.
        path: what an error message calls it.

    Raises:
        ClipError: if the name is another one.
    """
    match = _VIDEO.fullmatch(name)
    if match is None:
        raise ClipError(
            f"{path} has no number to answer with: expected a name like video_0023; rename it, or move it elsewhere."
        )
    return int(match[1])


def refuse_doubles(paths: Sequence[Path], *, numbered: bool = True) -> None:
    """Refuse files or folders of which one is a second version of another.

    Args:
        paths: of one folder.
        numbered: `audio_0000_1` beside `audio_0000` is a second version too; False for frames, where it may be a time.

    Raises:
        ClipError: if two names differ in nothing but zeros, case or suffix (`audio_01.pkl` and `audio_1.flac`), or one is
            what a second download or a copy makes of another (`audio_0000 (1).pkl`).
    """
    known: dict[str, Path] = {}
    for path in paths:
        other = known.setdefault(_plain(path), path)
        if other is not path:
            raise ClipError(
                f"{path} and {other.name} bear the same number: expected each once; move one of them elsewhere."
            )
    for path in paths:
        stem = _stem(path).casefold()
        match = (
            _COPY_OF.fullmatch(stem) or _COPY.fullmatch(stem) or (numbered and _NUMBERED_COPY.fullmatch(stem))
        )
        original = known.get(_plain(Path(match["of"] + ".x"))) if match else None
        if original is not None and re.search(r"\d$", original.stem):
            raise ClipError(
                f"{path} looks like a copy of {original.name}: expected each once; move it elsewhere."
            )


def _plain(path: Path) -> str:
    """A name without what tells no two clips apart."""
    return re.sub(r"(?<![\d.])\d+", lambda number: str(int(number[0])), _stem(path).casefold())


def _stem(path: Path) -> str:
    return path.name if path.suffix[1:].isdecimal() else path.stem


def refuse_unread(folder: Path, paths: Sequence[Path], known: Sequence[Path], kinds: Sequence[str]) -> None:
    """Refuse a folder in which a clip would be passed over in silence.

    Args:
        folder: what an error message calls it.
        paths: all that is in the folder.
        known: the sounds that are read.
        kinds: suffixes of the sounds that are read.

    Raises:
        ClipError: if a file is an unfinished download, or a sound of another kind that is not there in a readable one too.
    """
    stems = {path.stem for path in known}
    for path in paths:
        whole = Path(path.stem)
        if path.suffix.lower() in _UNFINISHED and whole.suffix.lower() in kinds:
            raise ClipError(
                f"{path} is an unfinished download: expected {whole.name}; finish it or delete it."
            )
        is_sound = path.suffix.lower() in _OTHER_SOUNDS or (
            path.suffix.lower() in kinds and not path.is_file()
        )
        if is_sound and path.stem not in stems:
            raise ClipError(
                f"{path} would be passed over: expected sounds as {', '.join(kinds)} files in {folder.name}; convert it or "
                "move it elsewhere."
            )
