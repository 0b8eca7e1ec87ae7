"""Odd input to every reader: mutated files, hostile pickles, hostile names, degenerate groups. An answer or one sentence."""

import io
import json
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from attacks.outcome import Outcome, try_all
from labutils import matching
from labutils.clip_files import read_audio, read_mask_codes, read_picture
from labutils.clips import audio_clips, train_clips, video_clips
from labutils.safe_pickle import UnsafePickle, rebuild
from labutils.storage import write_json
from labutils.systems import model_files
from labutils.truth_files import read_manifest_file, read_truth_file

Case = tuple[str, Callable[[], object]]


def mutated_inputs(models: Path, folder: Path, count: int, rng: np.random.Generator) -> Outcome:
    """Files of every kind with bytes flipped, cut, inserted, exchanged or zeroed."""
    return try_all("mutated inputs", _mutated(originals(models), folder, count, rng))


def originals(models: Path) -> list[tuple[str, bytes, Callable[[Path], object]]]:
    """Name, content and reader of one good file of every kind."""
    rng = np.random.default_rng(0)
    sound = rng.uniform(-0.5, 0.5, (2000, 4))
    kinds = []
    for suffix, subtype in (("flac", "PCM_16"), ("wav", "PCM_16"), ("wav", "FLOAT"), ("wav", "PCM_32")):
        file = io.BytesIO()
        soundfile.write(file, sound, 44100, format=suffix.upper(), subtype=subtype)
        kinds.append((f"a.{suffix}", file.getvalue(), read_audio))
    for protocol in range(6):
        data = pickle.dumps({"audio": sound.astype(np.float32), "audio_samplerate": 44100}, protocol=protocol)
        kinds.append(("a.pkl", data, read_audio))
    mask = np.zeros((440, 440), np.uint8)
    mask[100:200, 50:90] = 255
    frame = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8).repeat(10, 0).repeat(10, 1)
    for picture, suffix, reader in (
        (Image.fromarray(mask), "png", read_mask_codes),
        (Image.fromarray(mask).convert("P"), "png", read_mask_codes),
        (Image.fromarray(frame), "jpg", lambda path: read_picture(path, "RGB", (640, 480))),
    ):
        file = io.BytesIO()
        picture.save(file, "JPEG" if suffix == "jpg" else "PNG")
        kinds.append((f"a.{suffix}", file.getvalue(), reader))
    truth = {"0": {"matches": {"a.flac": 3}, "audio_class": {"a.flac": 1}, "video_class": {"video_0003": 1}}}
    manifest = {"fingerprint": "ab", "sessions": {"yellow_block": [[0, 4], [7, 9]]}}
    kinds.append(("truth.json", json.dumps(truth).encode(), lambda path: read_truth_file(path, "task2")))
    kinds.append(("manifest.json", json.dumps(manifest).encode(), read_manifest_file))
    for name in (model_files.CARD, model_files.WEIGHTS):
        other = model_files.WEIGHTS if name == model_files.CARD else model_files.CARD
        kinds.append((name, (models / name).read_bytes(), lambda path, o=other: _load_with(path, models / o)))
    return kinds


def _load_with(path: Path, other: Path) -> object:
    shutil.copy(other, path.parent / other.name)
    return model_files.load(path.parent)


def _mutated(originals, folder: Path, count: int, rng: np.random.Generator) -> Iterator[Case]:
    for number in range(count):
        name, content, read = originals[number % len(originals)]
        path = folder / "mutated" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mutate(content, rng))
        yield f"{name} {number}", lambda p=path, r=read: r(p)


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """The bytes with one to four mutations, half of them in the first hundred, where headers are."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        size = max(1, len(data))
        place, length = (
            int(rng.integers(min(size, 100 if rng.random() < 0.5 else size))),
            int(rng.integers(1, 60)),
        )
        kind = rng.integers(6)
        if kind == 0 and data:
            data[place] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            del data[place:]
        elif kind == 2:
            data[place:place] = rng.bytes(length)
        elif kind == 3:
            data[place : place + length] = bytes(len(data[place : place + length]))
        elif kind == 4:
            del data[place : place + length]
        else:
            data[place : place + 4] = rng.choice(
                [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x80"]
            )
    return bytes(data)


class _Call:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def hostile_pickles(folder: Path) -> Outcome:
    """Calls of many functions in many places of a pickle, of every protocol: none runs, each is refused."""
    trap = folder / "trap"
    calls = [
        (os.mkdir, str(trap)),
        (os.system, f"mkdir {trap}"),
        (eval, f"__import__('os').mkdir({str(trap)!r})"),
        (exec, f"import os; os.mkdir({str(trap)!r})"),
        (Path.mkdir, trap),
        (shutil.copytree, str(folder), str(trap)),
        (np.save, str(trap), np.ones(1)),
        (open, str(trap), "w"),
        (write_json, trap, {}),
    ]
    wraps = {
        "root": lambda call: call,
        "audio": lambda call: {"audio": call, "audio_samplerate": 44100},
        "rate": lambda call: {"audio": np.ones((5, 4)), "audio_samplerate": call},
        "metadata": lambda call: {"audio": np.ones((5, 4)), "audio_samplerate": 44100, "notes": call},
        "list": lambda call: {"audio": np.ones((5, 4)), "audio_samplerate": 44100, "tags": ["a", call]},
        "tuple": lambda call: {"audio": np.ones((5, 4)), "audio_samplerate": 44100, "tags": (call,)},
        "object array": lambda call: {"audio": np.array([call], dtype=object), "audio_samplerate": 44100},
        "deep": lambda call: {"a": {"b": {"c": [call]}}},
    }
    outcome = Outcome("hostile pickles")
    for function, *arguments in calls:
        for where, wrap in wraps.items():
            for protocol in range(6):
                data = pickle.dumps(wrap(_Call(function, *arguments)), protocol=protocol)
                try:
                    rebuild(data)
                    trouble = "was read"
                except UnsafePickle:
                    trouble = ""
                outcome.count(f"{function.__name__} as {where}, {protocol}", trouble or "ran" * trap.exists())
    return outcome


NAMES = [
    "课程 数据", "güß", "a b", " a", "a'b", 'a"b', "a$(x)", "a;b", "a&b", "a|b", "-rf", "--help", "a\nb",
    "a\tb", "a\x1b[31mb", "a\rb", "a\x07b", "\u202egnp", "a\u200bb", "é", "é", "😀", "%s", "{0}", "{name}",
    "a%20b", "a\\b", "~", "a*b", "[a]", "a?b", "x" * 200, "课" * 70, "CON", "nul.txt", "a.", "...a", "0x10",
    "1e5", "٣", "²", os.fsdecode("课程".encode("gbk")), os.fsdecode(b"\xff\xfe"), os.fsdecode(b"a\x80b"),
    "a#b", "a@b", "a=b", "a,b", "a+b", "<b>", "a:b", "a!b", "a^b", "`a`", "(a)", "null", "None", "true",
    "a" + "\u0301" * 40, "ﬀ",
]  # fmt: skip


def hostile_names(data: Path, folder: Path) -> Outcome:
    """A group, a class and the answers under names that are hard to print or to write."""
    group = next((data / "dataset" / "task2" / "test").iterdir())

    def use(name: str) -> None:
        own = folder / "names" / name
        own.mkdir(parents=True)
        for part in ("audio_0000", "video_0000"):
            (found,) = [path for path in group.iterdir() if path.stem == part]
            (shutil.copytree if found.is_dir() else shutil.copy)(found, own / found.name)
        audio_clips(own)[0].audio(), video_clips(own)[0].masks()
        write_json(folder / "answers" / name, {name: 1})
        next(own.glob("audio_0000.*")).write_bytes(b"broken")
        audio_clips(own)[0].audio()

    def miss(name: str) -> None:
        train_clips(folder / "nowhere" / name)

    return try_all(
        "hostile names", [(repr(name), lambda n=name, a=a: a(n)) for name in NAMES for a in (use, miss)]
    )


def degenerate_groups() -> Outcome:
    """Assignments of groups that are empty, one-sided, doubled, not finite or large."""
    rng, cases = np.random.default_rng(0), []
    for shape in ((0, 0), (0, 3), (3, 0), (1, 1), (1, 5), (5, 1), (5, 5), (50, 70), (1000, 700)):
        for kind in ("random", "equal", "NaN", "inf", "-inf", "one finite"):
            scores = rng.normal(size=shape)
            scores[...] = {"equal": 1.0, "NaN": np.nan, "inf": np.inf}.get(kind, scores)
            if kind in ("-inf", "one finite"):
                scores[...] = -np.inf
                scores[:1, :1] = 1.0 if kind == "one finite" else -np.inf
            cases.append((f"{shape} {kind}", lambda s=scores: _match(s)))
    return try_all("degenerate matching", cases)


def _match(scores: np.ndarray) -> None:
    for assignment in (matching.assign(-scores), matching.assign_partially(scores)):
        made = assignment[assignment != matching.UNMATCHED]
        if len(assignment) != len(scores) or len(set(made.tolist())) != len(made):
            raise AssertionError("no assignment")
