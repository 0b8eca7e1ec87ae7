"""Fingerprints of a few simulated sessions: the numbers of the simulator may not change while its code is moved.

    python tools/simulator_fingerprints.py      write tests/simulate/fingerprints.json (half a minute)

A fingerprint is the SHA-256 of the files. It holds on machines that calculate alike: same libraries, same instructions of
the processor. Elsewhere the last bits differ, and statistics take the place of the fingerprints. Renew the file only when
the simulator was changed on purpose, together with SIMULATOR_VERSION.
"""

import hashlib
import json
import platform
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import soundfile
from PIL import features
from threadpoolctl import threadpool_info

from labutils.centroid import centroid
from labutils.clips import Clip, read_manifest
from labutils.simulate.contacts import find_contacts
from labutils.simulate.generate import generate
from labutils.simulate.objects import OBJECTS
from labutils.simulate.plan import Session, Take
from labutils.simulate.recording import record_session
from labutils.simulate.version import SIMULATOR_VERSION

FINGERPRINTS = Path(__file__).resolve().parents[1] / "tests" / "simulate" / "fingerprints.json"
LABELS = (0, 1, 4, 9)  # a box, a ball, a body of two parts, a hard block with micro-hits
# How far a statistic may be off on another machine, where chaos takes another way: (absolute, share of the value).
TOLERANCES = {
    "level (dB)": (4.0, 0.0),
    "contacts": (1.0, 0.0),
    "frames": (6.0, 0.0),
    "area of the masks (share)": (0.0, 0.10),
    "mean centroid, x (tray widths)": (0.05, 0.0),
    "mean centroid, y (tray widths)": (0.05, 0.0),
    "mean grey level": (1.0, 0.0),
}


def machine() -> dict:
    """Return what decides the last bits: system, libraries, and the instructions they use on this processor."""
    packages = ("mujoco-core", "numpy", "scipy", "pillow")
    blas = sorted({pool.get("architecture", "") for pool in threadpool_info()} - {""})
    return {
        "system": f"{platform.system()} {platform.machine()} {'-'.join(platform.libc_ver())}",
        "packages": {name: version(name) for name in packages},
        "codecs": {"jpeg": features.version("jpg"), "sound": soundfile.__libsndfile_version__},
        "instructions": {"numpy": np.show_config(mode="dicts")["SIMD Extensions"]["found"], "blas": blas},
    }


def of_session(label: int) -> dict:
    """Record a session of one clip of an object; return the fingerprints of its files, and statistics.

    Args:
        label: class number.
    """
    session = Session(f"fingerprint-{label}", label, (Take("clip/audio_data", "clip"),))
    with tempfile.TemporaryDirectory() as folder:
        record_session(session, 0, "flac", Path(folder) / "session")
        clip = Path(folder) / "session" / "clip"
        files = {"sound": [clip / "audio_data.flac"]}
        files |= {kind: sorted((clip / kind).iterdir()) for kind in ("rgb", "mask")}
        digests = {kind: fingerprint(paths) for kind, paths in files.items()}
        return {"sha256": digests, "statistics": statistics(Clip("clip", files["sound"][0], clip))}


def fingerprint(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of the contents of some files, one after the other."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def statistics(clip: Clip) -> dict[str, float]:
    """Return what tells a changed simulator from a machine that rounds differently; keys as in TOLERANCES."""
    audio, masks = clip.audio(), clip.masks()
    x, y = np.nanmean([centroid(mask) for mask in masks], axis=0)
    level_db = 10 * np.log10(np.square(audio).mean())
    area = masks.mean(axis=(1, 2))
    values = (level_db, len(find_contacts(audio)), len(masks), np.median(area), x, y, clip.frames().mean())
    return {name: round(float(value), 4) for name, value in zip(TOLERANCES, values, strict=True)}


def off(found: dict[str, float], expected: dict[str, float]) -> dict[str, str]:
    """Return the statistics that differ by more than their tolerance, with words that say so."""
    return {
        name: f"{found[name]:g}, expected {expected[name]:g}"
        for name, (absolute, share) in TOLERANCES.items()
        if not abs(found[name] - expected[name]) <= absolute + share * abs(expected[name])
    }


def main() -> None:
    """Record the sessions and the preset `tiny` and write their fingerprints."""
    with tempfile.TemporaryDirectory() as folder:
        tiny = read_manifest(generate(folder, "tiny", 0))["fingerprint"]
    content = {
        "simulator_version": SIMULATOR_VERSION,
        "machine": machine(),
        "tiny": tiny,
        "sessions": {OBJECTS[label].name: of_session(label) for label in LABELS},
    }
    FINGERPRINTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"the fingerprints are in {FINGERPRINTS}")


if __name__ == "__main__":
    main()
