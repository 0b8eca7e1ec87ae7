"""The simulator's shortcut controls, with the contact maps as learner.

    python benchmarks/shortcut_controls.py --seed 0 --out benchmarks/results/lab/shortcut_controls.csv

`python -m labutils report simulator` asks a linear map whether the hum of the motors tells how the tray tilts, or where the
object is, while the object rests and nothing is hit. It must stay at chance. A better learner may find what a linear map
does not. So the same questions are put to the networks that solve the tasks, trained on one half of the sessions and asked
about the other, in groups of ten.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from labutils.contact_maps import ContactMaps, MapSettings, fit_contact_maps
from labutils.simulate.tray import TRAY_WIDTH_M
from labutils.storage import write_whole
from labutils.validation.shortcuts import (
    SESSION_S,
    SESSIONS,
    Learner,
    QuietSession,
    ShortcutControl,
    match_moves,
    quiet_sessions,
    ridge_distances,
)

BANDS = 16
SETTINGS = MapSettings(epochs=100, classes=1, clips_per_class=64, longest_shift=1)
"""Stretches of 0.28 s have 8 steps, so both halves are shifted by one step at most; there is no class to choose."""
_WIDTHS_PER_RAD = 0.8  # the steepest tilt, 30 degrees, becomes a path that ends near the wall


def place_path(session: QuietSession) -> np.ndarray:
    """Where the object lies in the picture during each move; [moves, 16], x and y of 8 steps in tray widths."""
    place = session.position.reshape(len(session.position), -1, 2)
    return (0.5 + place * (1, -1) / TRAY_WIDTH_M).reshape(len(place), -1)


def tilt_path(session: QuietSession) -> np.ndarray:
    """The two tilts as a path that leads to where the tray is lowest; [moves, 16], as `place_path`."""
    about_x_and_y = session.tilt.reshape(len(session.tilt), -1, 6)[..., :2]
    tilt = about_x_and_y[..., ::-1]  # turned about y the object goes along x
    return (0.5 + _WIDTHS_PER_RAD * tilt).reshape(len(tilt), -1)


def map_learner(settings: MapSettings = SETTINGS, seed: int = 0) -> Learner:
    """A learner for `match_moves`: contact maps, trained on the moves to learn from; the distance is minus their score."""

    def distances(heard, seen, asked_heard, asked_seen) -> np.ndarray:
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            maps = ContactMaps(BANDS, settings)
            levels, movement = _levels(heard), _movement(seen)
            with torch.enable_grad():
                fit_contact_maps(maps, levels, movement, np.zeros(len(heard), dtype=int), settings, seed=seed)
            maps.eval()
            heard_maps, seen_maps = (
                maps.audio_maps(_levels(asked_heard)),
                maps.video_maps(_movement(asked_seen)),
            )
            return -maps.scores(heard_maps, seen_maps).double().numpy()

    return distances


def _levels(heard: np.ndarray) -> torch.Tensor:
    """Band levels as the maps take them; [n, 8 * 4 * 16] -> [n, 4, 16, 8]."""
    steps = heard.reshape(len(heard), -1, 4, BANDS)  # (n, 8, 4, 16)
    return torch.from_numpy(steps.transpose(0, 2, 3, 1).astype(np.float32))


def _movement(seen: np.ndarray) -> torch.Tensor:
    """Places as the maps take them, of an object without extent; [n, 8 * 2] -> [n, 6, 8]."""
    place = seen.reshape(len(seen), -1, 2).transpose(0, 2, 1)
    movement = np.zeros((len(place), 6, place.shape[2]), dtype=np.float32)
    movement[:, :2] = place
    return torch.from_numpy(movement)


def main() -> None:
    """Print the answers of both learners and write them to a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sessions", type=int, default=3 * SESSIONS)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/lab/shortcut_controls.csv"))
    options = parser.parse_args()
    sessions = list(quiet_sessions(options.sessions, options.seed, duration_s=SESSION_S))
    table = pd.DataFrame(run_controls(sessions, options.seed))
    write_whole(options.out, table.to_csv(index=False))
    print(table.round(3).to_string(index=False))


def run_controls(sessions: list[QuietSession], seed: int, settings: MapSettings = SETTINGS) -> list[dict]:
    """Put both questions to both learners; a row for each answer."""
    questions: dict[str, Callable] = {"the tilts": tilt_path, "where the object lies": place_path}
    learners = {"ridge regression": ridge_distances, "contact maps": map_learner(settings, seed)}
    return [
        {
            "sound of the motors against": question,
            "learner": name,
            **_row(match_moves(sessions, seen, seed, learn=learn)),
        }
        for question, seen in questions.items()
        for name, learn in learners.items()
    ]


def _row(control: ShortcutControl) -> dict:
    low, high = control.interval
    numbers = {"share right": control.share_right, "low": low, "high": high, "chance": control.chance}
    return numbers | {"questions": control.questions, "near chance": control.is_near_chance}


if __name__ == "__main__":
    main()
