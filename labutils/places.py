"""Where the lab is installed, and where it writes: the one place that knows `LAB_HOME`, `LAB_MODELS` and `LAB_SEED`.

A lab that was unpacked for one user is its own home: data, networks and copies lie in it. An install that may only be read,
as on a JupyterHub, gives its data and networks to all, and each user's own files go to a home of their own.

This module needs nothing but Python itself, so that `run.py` can ask it too.
"""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SYSTEMS = ("report", "report-fast")  # trained beside the lab's own, in folders like lab-report-fast
REHEARSED = ("02_resnet_classifier", "03_centroids_and_contrastive_mlp", "05_contact_maps")
"""The notebooks whose cells train networks and keep them."""
_SHARED_ENDINGS = (".safetensors", ".npy")  # what is written once, whole, and never changed


def home() -> Path:
    """The folder for all that the lab writes: `LAB_HOME`, else the lab's own, else (read-only install) `~/impact-lab`."""
    own = os.environ.get("LAB_HOME")
    if own:
        return Path(own).expanduser().resolve()
    is_unpacked = (ROOT / "pyproject.toml").is_file()
    return ROOT if is_unpacked and os.access(ROOT, os.W_OK) else Path.home() / "impact-lab"


def data_set_name(preset: str, seed: int) -> str:
    """The folder of a simulated data set: "lab", or "lab-seed7" where the seed is not 0."""
    return f"{preset}-seed{seed}" if seed else preset


def report_name(name: str) -> str:
    """The folder of the fast variant of the report's system, beside that of the lab's own: "lab-report-fast"."""
    return f"{name}-report-fast"


def data_folder(name: str) -> Path:
    """The folder of a simulated data set: at home, or beside a shared install if it is there and not at home."""
    own, shared = home() / "data" / name, ROOT / "data" / name
    is_shared = (shared / "dataset" / "manifest.json").is_file()
    return shared if is_shared and not own.exists() else own


def models_folder(name: str) -> Path:
    """The folder, at home, of networks that were trained on the data set of this name."""
    return home() / "models" / name


def shared_models() -> Path | None:
    """The folder of networks that others trained: `LAB_MODELS`, else `models/` of a read-only install; None without one."""
    named = os.environ.get("LAB_MODELS")
    shared = Path(named).expanduser().resolve() if named else ROOT / "models"
    return shared if shared.is_dir() and shared != home() / "models" else None


def trained_models(name: str) -> Path:
    """The folder of trained networks for a data set: the user's own, else the shared one, else where own ones would go."""
    own, shared = models_folder(name), shared_models()
    is_shared = shared is not None and (shared / name / "card.json").is_file()
    return shared / name if is_shared and not (own / "card.json").is_file() else own


def rehearsed_notebooks() -> list[Path]:
    """The solved notebooks that are run beforehand; none of a package that was installed without them."""
    own = [ROOT / "notebooks" / f"{stem}.ipynb" for stem in REHEARSED]
    return [path for path in own if path.is_file()]


def rehearsal_note(name: str) -> Path:
    """The file, at home, that says: the present notebooks have been run once on the data set of this name."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in rehearsed_notebooks()))
    return models_folder(name) / f".rehearsed-{digest.hexdigest()[:16]}"


def is_rehearsed(name: str) -> bool:
    """Whether the present notebooks were run once on the data set of this name, here or by whoever shares the networks."""
    note, shared = rehearsal_note(name), shared_models()
    return note.is_file() or (shared is not None and (shared / name / note.name).is_file())


def link_shared_models(name: str) -> None:
    """Give the networks at home links to the shared ones for this data set, and to their features, where they are not there.

    A link costs no room, and whatever replaces a file replaces the link: a network that a student trains is the student's.
    """
    shared = shared_models()
    for folder in (name, *(f"{name}-{system}" for system in _SYSTEMS)) if shared else ():
        for path in sorted((shared / folder).rglob("*")):
            mine = models_folder(folder) / path.relative_to(shared / folder)
            is_kept = path.suffix in _SHARED_ENDINGS or path.name == "card.json"
            if is_kept and path.is_file() and not mine.is_file():
                mine.parent.mkdir(parents=True, exist_ok=True)
                mine.unlink(missing_ok=True)  # a link to what is no longer there
                mine.symlink_to(path)


def features_folder(models: Path) -> Path:
    """Where features are kept for networks in a folder: beside them, or at home if that folder may only be read."""
    models = Path(models)
    is_writable = os.access(models if models.exists() else _nearest(models), os.W_OK)
    return models / ".features" if is_writable else home() / ".cache" / "features"


def _nearest(path: Path) -> Path:
    """The nearest folder above a path that exists."""
    return next((parent for parent in path.absolute().parents if parent.exists()), Path("/"))


def data_seed() -> int:
    """The seed of the simulated data: `LAB_SEED`, a number or the name of a student or group; 0 if it is not set."""
    return seed_of(os.environ.get("LAB_SEED", "").strip() or "0")


def seed_of(name: str, secret: str = "") -> int:
    """A seed for a student or a group.

    Args:
        name: a whole number is taken as it is, unless there is a secret; any other text is hashed to 63 bits.
        secret: known to the teacher alone; then nobody else can tell the seed from the name.
    """
    if not secret and name.isascii() and name.isdecimal():
        return int(name)
    digest = hashlib.sha256(f"{secret}\n{name}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") >> 1
