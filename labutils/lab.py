"""Where the notebooks find their data and their networks.

Notebook: all of them begin with `open_lab`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from labutils.clips import ClipError, find_dataset, read_manifest
from labutils.places import (
    data_folder,
    data_seed,
    data_set_name,
    link_shared_models,
    models_folder,
    report_name,
)
from labutils.simulate.data_folder import is_complete
from labutils.simulate.plan import PRESETS
from labutils.simulate.version import SIMULATOR_VERSION


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
    def report_models(self) -> Path:
        """Folder of the fast variant of the report's system, trained on the same data."""
        return self.models.with_name(report_name(self.name))

    @property
    def is_tiny(self) -> bool:
        """True on the `tiny` preset, where networks are trained only to see that all works."""
        return self.name.partition("-seed")[0] == "tiny"

    def choose(self, full, tiny):
        """`tiny` on the `tiny` preset, `full` otherwise: for numbers of epochs and the like."""
        return tiny if self.is_tiny else full


def open_lab() -> Lab:
    """Find the data of the lab; if they are not there yet, make them or wait for them, with a progress bar.

    The environment variable `LAB_PRESET` names the simulated set (default `lab`), `LAB_SEED` its seed: a number, or the name
    of a student or a group. `LAB_DATA` points at other clips in the same layout instead: those of the course, or your own.
    `LAB_HOME` is where all that is written goes, `LAB_MODELS` where networks lie that others trained; see `labutils.places`.
    From here on, the figures of the notebook are drawn only to be shown, and are described in words.

    Raises:
        ClipError: if `LAB_DATA` holds no clips or `LAB_PRESET` is no preset.
    """
    from labutils.plots.in_notebook import prepare_figures  # only a notebook loads all that draws

    prepare_figures()
    return make_missing_data()


def make_missing_data(*, progress: bool = True) -> Lab:
    """Find the data of the lab, and make them or wait for them if they are not there yet.

    Raises:
        ClipError: as `find_lab` does.
    """
    lab, preset = find_lab()
    if preset is not None and not is_complete(lab.data, PRESETS[preset], seed=data_seed()):
        from labutils.simulate.generate import generate  # only what simulates loads the physics engine

        generate(lab.data, preset, seed=data_seed(), progress=progress)
    lab.models.mkdir(parents=True, exist_ok=True)  # notebooks write into it, whichever of them comes first
    link_shared_models(lab.name)
    return lab


def train_missing_networks(lab: Lab, *, progress: bool = True) -> None:
    """Train the two systems that notebooks 4 and 5 ask, where they are not there yet.

    Raises:
        LabError: if networks that were trained with other settings or on other data lie in their places.
    """
    # The notebooks that need no network load no torch.
    from labutils.systems import catalogue, contact, report

    for settings, models in (
        (lab.choose(contact.CONTACT, contact.QUICK), lab.models),
        (lab.choose(report.FAST, report.QUICK), lab.report_models),
    ):
        catalogue.load_or_train(settings, lab.data, models=models, progress=progress)


def find_lab() -> tuple[Lab, str | None]:
    """Say where the lab that `LAB_PRESET`, `LAB_SEED` and `LAB_DATA` name has its folders, whether they are there or not.

    Returns:
        The lab, and the preset of its data; None for clips that `LAB_DATA` points at.

    Raises:
        ClipError: if `LAB_DATA` holds no clips or `LAB_PRESET` is no preset.
    """
    own = os.environ.get("LAB_DATA")
    if own:
        data = find_dataset(Path(own).expanduser().resolve())
        name = _name_of(data)
        return Lab(name, data, models_folder(name)), None
    preset = os.environ.get("LAB_PRESET", "lab")
    if preset not in PRESETS:
        raise ClipError(f"LAB_PRESET is {preset!r}, expected one of {', '.join(PRESETS)}.")
    name = data_set_name(preset, data_seed())
    return Lab(name, data_folder(name), models_folder(name)), preset


def _name_of(data: Path) -> str:
    """The name of clips from elsewhere: that of their preset if the lab would make the same, else that of the folder."""
    made = read_manifest(data) or {}
    is_ours = made.get("simulator_version") == SIMULATOR_VERSION and made.get("preset") in PRESETS
    if is_ours and isinstance(made.get("seed"), int):
        return data_set_name(made["preset"], made["seed"])
    return f"own-{data.parent.name if data.name == 'dataset' else data.name}"
