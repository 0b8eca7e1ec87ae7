"""All that is found out about a data set: its statistics beside the recordings', experiments and controls."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joblib import delayed

from labutils.clips import CLASS_NAMES, Clip, read_manifest, train_clips
from labutils.cores import usable_cores
from labutils.processes import processes
from labutils.progress import Share, counted, progress_bar
from labutils.simulate.objects import OBJECTS
from labutils.simulate.version import FROZEN, SIMULATOR_VERSION
from labutils.validation.comparison import Comparison
from labutils.validation.hits import Heard, compare_sessions, hear_session
from labutils.validation.information import information_cost_ms, measure_information
from labutils.validation.masks import compare_frame_times
from labutils.validation.measurement import Measurement, compare_dataset, measure_dataset
from labutils.validation.physics import check_physics
from labutils.validation.shortcuts import SESSIONS as CONTROL_SESSIONS
from labutils.validation.shortcuts import compare_controls, run_controls

SESSIONS, SESSION_S = 3, 40.0  # of each class, simulated for what a clip on disk does not tell
_MANY_CLIPS = 200
# Milliseconds of one core that each thing takes, about: what the bar counts, so that its estimate holds.
_CLIP_MS, _SESSION_MS, _CONTROL_MS, _PHYSICS_MS = 160.0, 2700.0, 1450.0, 22_000.0


@dataclass(frozen=True)
class Findings:
    """All that the page shows."""

    metadata: dict[str, str]
    simulated: bool  # whether the data are the simulator's, or recordings
    measured: Measurement
    comparisons: list[Comparison]
    examples: dict[str, Clip]  # one clip of every class


def find(data: str | Path, *, progress: bool = True, workers: int | None = None) -> Findings:
    """Measure a data set and, if the simulator made it, run sessions, experiments and controls.

    Recordings in the same layout are measured as well as they can be: what needs the simulator's knowledge is left out.

    Args:
        data: folder of the data set.
        progress: whether to show a progress bar over everything.
        workers: processes at the same time; default: as many as there are cores, or one for few clips, where starting
            others takes longer than it saves.

    Raises:
        ClipError: if there is no data set, or a clip cannot be used.
    """
    manifest = read_manifest(data) or {}
    simulated, seed = "simulator_version" in manifest, manifest.get("seed", 0)
    clips = train_clips(data)
    if workers is None:
        workers = usable_cores() if len(clips) >= _MANY_CLIPS else 1
    total = len(clips) * _CLIP_MS / workers + information_cost_ms(len(clips))
    if simulated:
        total += (
            len(OBJECTS) * SESSIONS * _SESSION_MS + CONTROL_SESSIONS * _CONTROL_MS
        ) / workers + _PHYSICS_MS
    with progress_bar(total=total, desc="comparing with the recordings", progress=progress) as bar:
        measured = measure_dataset(data, bar=Share(bar, _CLIP_MS / workers), workers=workers)
        comparisons = [*compare_dataset(measured), *measure_information(clips, seed=seed, bar=bar)]
        if simulated:
            comparisons += ask_simulator(seed, bar, workers)
    return Findings(describe_data(manifest, measured), simulated, measured, comparisons, example_clips(clips))


def ask_simulator(seed: int, bar: Any, workers: int) -> list[Comparison]:
    """What only the simulator can tell: sessions of which everything is known, experiments, controls."""
    sessions = hear_sessions(seed, bar=Share(bar, _SESSION_MS / workers), workers=workers)
    comparisons = [*compare_sessions(sessions), *compare_frame_times(seed), *check_physics()]
    bar.update(_PHYSICS_MS)
    controls = run_controls(seed, bar=Share(bar, _CONTROL_MS / workers), workers=workers)
    return [*comparisons, *compare_controls(controls)]


def hear_sessions(
    seed: int, *, duration_s: float = SESSION_S, bar: Any = None, workers: int = 1
) -> list[Heard]:
    """Simulate some sessions of every object, each on a day of its own; `bar` is moved on by one a session, if given."""
    todo = [(obj, seed * SESSIONS + day) for obj in OBJECTS for day in range(SESSIONS)]
    calls = (delayed(hear_session)(obj, duration_s=duration_s, seed=number) for obj, number in todo)
    return list(counted(processes(workers, return_as="generator")(calls), bar))


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
