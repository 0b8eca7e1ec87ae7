"""Where the notebooks find their data and keep their networks.

Notebook: all of them begin with `open_lab`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from labutils.clips import ClipError, find_dataset
from labutils.simulate.data_folder import is_complete
from labutils.simulate.plan import PRESETS

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Lab:
    """The folders of one data set: `data` (clips), `models` (trained networks), `features` (what was computed of clips)."""

    name: str
    data: Path
    models: Path

    @property
    def features(self) -> Path:
        return self.models / ".features"

    @property
    def is_tiny(self) -> bool:
        """True on the `tiny` preset, where networks are trained only to see that all works."""
        return self.name == "tiny"

    def choose(self, full, tiny):
        """`tiny` on the `tiny` preset, `full` otherwise: for numbers of epochs and the like."""
        return tiny if self.is_tiny else full


def open_lab() -> Lab:
    """Find the data of the lab; if they are not there yet, make them or wait for them, with a progress bar.

    The environment variable `LAB_PRESET` names the simulated set (default `lab`). `LAB_DATA` points at other clips in the
    same layout instead: those of the course, or your own.

    Raises:
        ClipError: if `LAB_DATA` holds no clips or `LAB_PRESET` is no preset.
    """
    own = os.environ.get("LAB_DATA")
    if own:
        data = find_dataset(Path(own).expanduser().resolve())
        name = data.parent.name if data.name == "dataset" else data.name
        return Lab(name, data, ROOT / "models" / f"own-{name}")
    preset = os.environ.get("LAB_PRESET", "lab")
    if preset not in PRESETS:
        raise ClipError(f"LAB_PRESET is {preset!r}, expected one of {', '.join(PRESETS)}.")
    data = ROOT / "data" / preset
    if not is_complete(data, PRESETS[preset], seed=0):
        from labutils.simulate.generate import generate  # only what simulates loads the physics engine

        generate(data, preset, seed=0)
    return Lab(preset, data, ROOT / "models" / preset)
