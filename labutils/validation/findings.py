"""All that is found out about a data set: its statistics beside the recordings', experiments and controls."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labutils.clips import CLASS_NAMES, Clip, read_manifest, train_clips
from labutils.progress import progress_bar
from labutils.simulate.objects import OBJECTS
from labutils.simulate.version import FROZEN, SIMULATOR_VERSION
from labutils.validation.comparison import Comparison
from labutils.validation.hits import Heard, compare_sessions, hear_session
from labutils.validation.information import measure_information
from labutils.validation.masks import compare_frame_times
from labutils.validation.measurement import Measurement, compare_dataset, measure_dataset
from labutils.validation.physics import check_physics
from labutils.validation.shortcuts import compare_controls, run_controls

SESSIONS, SESSION_S = 3, 40.0  # of each class, simulated for what a clip on disk does not tell


@dataclass(frozen=True)
class Findings:
    """All that the page shows."""

    metadata: dict[str, str]
    simulated: bool  # whether the data are the simulator's, or recordings
    measured: Measurement
    comparisons: list[Comparison]
    examples: dict[str, Clip]  # one clip of every class


def find(data: str | Path, *, progress: bool = True) -> Findings:
    """Measure a data set and, if the simulator made it, run sessions, experiments and controls.

    Recordings in the same layout are measured as well as they can be: what needs the simulator's knowledge is left out.

    Args:
        data: folder of the data set.
        progress: whether to show progress bars.

    Raises:
        ClipError: if there is no data set, or a clip cannot be used.
    """
    manifest = read_manifest(data) or {}
    simulated = "simulator_version" in manifest
    clips = train_clips(data)
    measured = measure_dataset(data, progress=progress)
    information = measure_information(clips, seed=manifest.get("seed", 0), progress=progress)
    comparisons = [*compare_dataset(measured), *information]
    if simulated:
        seed = manifest["seed"]
        sessions = hear_sessions(seed, progress=progress)
        comparisons += [*compare_sessions(sessions), *compare_frame_times(seed)]
        comparisons += [*check_physics(), *compare_controls(run_controls(seed, progress=progress))]
    return Findings(describe_data(manifest, measured), simulated, measured, comparisons, example_clips(clips))


def hear_sessions(seed: int, *, duration_s: float = SESSION_S, progress: bool = True) -> list[Heard]:
    """Simulate some sessions of every object, each on a day of its own."""
    todo = [(obj, seed * SESSIONS + day) for obj in OBJECTS for day in range(SESSIONS)]
    bar = progress_bar(todo, desc="simulating sessions", unit="session", progress=progress)
    return [hear_session(obj, duration_s=duration_s, seed=number) for obj, number in bar]


def describe_data(manifest: dict, measured: Measurement) -> dict[str, str]:
    """Return what the data set says of itself, and the version of the code that measured it."""
    clips = str(measured.all_sound.clips)
    if "simulator_version" not in manifest:
        return {"Data": "recordings (no manifest.json of the simulator)", "Training clips": clips}
    return {
        "Simulator version of the data": f"{manifest['simulator_version']}, frozen {manifest.get('simulator_frozen')}",
        "Simulator version of this page": f"{SIMULATOR_VERSION}, frozen {FROZEN}",
        "Preset": manifest["preset"],
        "Seed": str(manifest["seed"]),
        "Training clips": clips,
        "Fingerprint of the data set": manifest["fingerprint"],
    }


def example_clips(clips: Sequence[Clip]) -> dict[str, Clip]:
    """Choose one clip of every class, the one in the middle of its list."""
    by_class = {name: [clip for clip in clips if CLASS_NAMES[clip.label] == name] for name in CLASS_NAMES}
    return {name: own[len(own) // 2] for name, own in by_class.items() if own}


def verdict_line(comparisons: Sequence[Comparison]) -> str:
    """Say in one line how many figures passed."""
    passed, failed = (sum(c.passed is state for c in comparisons) for state in (True, False))
    return f"{passed} of {passed + failed} judged figures passed"
