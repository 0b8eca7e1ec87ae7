"""Bands within which statistics of the simulator must stay, so that no change of it passes unnoticed.

    python tools/simulator_bands.py             simulate ten small data sets and write tests/validation/bands.json (minutes)
    python tools/simulator_bands.py --seeds 3   quicker and wider, to try something

A band is the mean over the seeds, plus and minus five standard deviations or a floor, whichever is wider. On another machine
chaos gives other motions; its statistics stay inside. A changed gain, friction or scale does not. Renew the bands only when
the simulator was changed on purpose, together with SIMULATOR_VERSION, and look at what the difference says.
"""

import argparse
import dataclasses
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.camera import Camera
from labutils.simulate.generate import generate
from labutils.simulate.objects import OBJECTS, ImpactObject
from labutils.simulate.plan import PRESETS
from labutils.simulate.tray import part_corners_m
from labutils.simulate.version import SIMULATOR_VERSION
from labutils.validation import experiments, hits, rest
from labutils.validation.measurement import measure_dataset
from labutils.validation.sound import band_energy, full_scale_db

BANDS = Path(__file__).resolve().parents[1] / "tests" / "validation" / "bands.json"
SEEDS = 10
TRAINING_CLIPS = dataclasses.replace(PRESETS["tiny"], name="tiny-training", task1=0, groups=0)
SESSION_S = 6.0
_WIDTH_SD = 5.0
# The least half width of a band, by the unit at the end of a name; any other: a share of the mean.
_FLOORS = {"(dB)": 1.0, "(share)": 0.03, "(s)": 0.02}
_RELATIVE_FLOOR = 0.08


def statistics(data: Path, seed: int) -> dict[str, float]:
    """Return all statistics that have a band.

    Args:
        data: a data set of the preset `tiny`.
        seed: of the sessions and taps that are simulated beside it.
    """
    return {**of_data_set(data), **of_sessions(seed), **of_single_objects(seed)}


def of_data_set(data: Path) -> dict[str, float]:
    """Measure what a few clips of every class tell together."""
    measured = measure_dataset(data)
    sounds, motions = list(measured.sound.values()), list(measured.motion.values())
    whole, masks = measured.all_sound, measured.all_masks
    areas = [own.area[1] for own in measured.masks.values()]
    walls_px = [motion.nearest_wall_px[3] for motion in motions]
    peaks_db = [sound.peak_db for sound in sounds]
    found = {
        "clips: median peak, mean over classes (dB)": np.mean(peaks_db),
        "clips: loudest to quietest class (dB)": np.ptp(peaks_db),
        "clips: energy below 1 kHz (share)": np.mean([sound.below_1_khz for sound in sounds]),
        "clips: energy above 4 kHz (share)": whole.band_share[3],
        "clips: contacts a clip": whole.contacts,
        "clips: contact in the middle (share)": whole.centred,
        "clips: mel mean (dB)": whole.mel_mean_db,
        "clips: mel std (dB)": whole.mel_std_db,
        "clips: travel, mean of quantiles (px)": np.mean([motion.travel_px for motion in motions]),
        "clips: at rest (share)": np.mean([motion.still for motion in motions]),
        "clips: ends in a corner (share)": np.mean([motion.corner for motion in motions]),
        "clips: last centroid to nearest wall (px)": np.mean(walls_px),
        "clips: frames a clip": masks.frames,
        "clips: area of the masks, mean over classes (%)": 100 * np.mean(areas),
        "clips: masks with a speck (share)": masks.with_specks,
        "clips: masks with a hole (share)": masks.with_holes,
        "clips: empty masks (share)": masks.empty,
    }
    return {name: float(value) for name, value in found.items()}


def of_sessions(seed: int) -> dict[str, float]:
    """Simulate a few seconds of every object and measure arm, speeds, hits, motors and noise."""
    sessions = [hits.hear_session(obj, duration_s=SESSION_S, seed=seed) for obj in OBJECTS]
    motions = [heard.motion for heard in sessions]
    impulses_m_s = [hit.impulse_n_s / heard.obj.mass_kg for heard in sessions for hit in heard.hits]
    sounds = hits.hit_sounds(sessions)
    moving = [~rest.arm_still(motion) for motion in motions]
    tilts = [np.square(motion.tilt_rad).mean() for motion in motions]
    speeds_m_s = [np.linalg.norm(motion.velocity_m_s, axis=1).mean() for motion in motions]
    found = {
        "sessions: tilt, root mean square (rad)": np.sqrt(np.mean(tilts)),
        "sessions: arm moves (share)": np.mean(moving),
        "sessions: objects lie still (share)": np.mean([rest.object_still(motion) for motion in motions]),
        "sessions: speed, mean (m/s)": np.mean(speeds_m_s),
        "sessions: hits a second": len(impulses_m_s) / (len(sessions) * SESSION_S),
        "sessions: median hit, impulse a mass (m/s)": np.median(impulses_m_s),
        "sessions: own wall loudest (share)": sounds.own_wall.mean(),
        "sessions: time to fall by 20 dB (s)": np.median(sounds.fall_20_db_s),
        "sessions: noise before a hit (dB)": np.median(sounds.before_db),
        "sessions: level at rest (dB)": np.mean([hits.session_rest_level_db(heard) for heard in sessions]),
        "sessions: motors near 500 Hz (dB)": hits.motor_levels_db(sessions)[0],
    }
    return {name: float(value) for name, value in found.items()}


def of_single_objects(seed: int) -> dict[str, float]:
    """Tap, tilt and film every object by itself: little is left to chance, so these bands are narrow."""
    found = {}
    for number, obj in enumerate(OBJECTS):
        taps = [tap(obj, wall, 1000 * seed + 10 * number + wall) for wall in range(4)]
        energy = np.sum([band_energy(audio) for audio in taps], axis=0)
        peaks_db = [full_scale_db(np.abs(audio).max()) for audio in taps]
        found[f"{obj.name}: peak of a tap (dB)"] = float(np.mean(peaks_db))
        found[f"{obj.name}: energy of a tap below 1 kHz (share)"] = float(energy[:2].sum() / energy.sum())
        found[f"{obj.name}: time until a tap has fallen by 30 dB (s)"] = float(
            np.mean([fall_s(t, 30) for t in taps])
        )
        found[f"{obj.name}: path down a tilted tray (cm)"] = path_cm(obj)
        found[f"{obj.name}: mask in the middle of the tray (px)"] = mask_px(obj, seed)
    mean_db = np.mean([found[f"{obj.name}: peak of a tap (dB)"] for obj in OBJECTS])
    return found | {"all objects: mean peak of a tap (dB)": float(mean_db)}


def tap(obj: ImpactObject, wall: int, seed: int) -> np.ndarray:
    """Return the sound of a tap of an object at 0.5 m/s on a wall, float32 [samples, 4]."""
    motion = experiments.tapped(0.7, [(0.1, wall, 0.03)], mass_kg=obj.mass_kg)
    return experiments.listen(motion, experiments.one_pulse(obj), seed=seed)


def fall_s(audio: np.ndarray, by_db: float) -> float:
    """Return how long after its peak the level of a sound is last less than `by_db` below it."""
    level_db = rest.envelope_db(audio)
    loud = np.flatnonzero(level_db > level_db.max() - by_db)
    return float(len(audio) / len(level_db) / SAMPLE_RATE_HZ * (loud[-1] - level_db.argmax()))


def path_cm(obj: ImpactObject) -> float:
    """Return how far an object has come 0.2 s after the tray was tilted to 0.5 rad within 0.25 s."""
    start_m = (0.0, 0.07, height_m(obj))
    motion = experiments.move(obj, experiments.ramp_and_hold(0.5, 0.2, ramp_s=0.25), start_m)
    return float(100 * np.linalg.norm(motion.position_m[-1, :2] - start_m[:2]))


def mask_px(obj: ImpactObject, seed: int) -> float:
    """Return the median area of the masks of an object in the middle of the tray, on the nominal day."""
    n = 10
    motion = experiments.still(0.1)
    motion.position_m[:, 2] = height_m(obj)
    _, masks = Camera().film(motion, obj, np.zeros(n), np.random.default_rng(seed))
    return float(np.median(masks.sum(axis=(1, 2))))


def height_m(obj: ImpactObject) -> float:
    """Return the height of an object's origin when it lies on the floor as it was built."""
    return 0.0005 - float(part_corners_m(obj)[:, 2].min())


def bands(tables: Iterable[dict[str, float]]) -> dict[str, list[float]]:
    """Return [low, high] of every statistic, from its values with several seeds."""
    tables = list(tables)
    return {name: _band(name, np.array([table[name] for table in tables])) for name in tables[0]}


def _band(name: str, values: np.ndarray) -> list[float]:
    middle = float(values.mean())
    floor = next(
        (floor for unit, floor in _FLOORS.items() if name.endswith(unit)), _RELATIVE_FLOOR * abs(middle)
    )
    reach = max(_WIDTH_SD * float(values.std(ddof=1)), floor)
    return [float(f"{end:.4g}") for end in (middle - reach, middle + reach)]


def outside(found: dict[str, float], allowed: dict[str, list[float]]) -> dict[str, str]:
    """Return what lies outside of its band, or has none, with words that say so."""
    return {
        name: f"{value:.4g}, expected {allowed.get(name, 'no such statistic')}"
        for name, value in found.items()
        if not (name in allowed and allowed[name][0] <= value <= allowed[name][1])
    }


def main() -> None:
    """Simulate with every seed and write the bands."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help="how many small data sets to simulate (default: 10)"
    )
    parser.add_argument("--out", type=Path, default=BANDS, help="where the bands go")
    options = parser.parse_args()
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in tqdm(range(options.seeds), desc="seeds"):
            data = generate(Path(folder) / str(seed), TRAINING_CLIPS, seed, progress=False)
            tables.append(statistics(data, seed))
    content = {"simulator_version": SIMULATOR_VERSION, "seeds": options.seeds, "bands": bands(tables)}
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"{len(content['bands'])} bands are in {options.out}")


if __name__ == "__main__":
    main()
