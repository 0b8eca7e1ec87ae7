"""Run the notebooks on the `lab` data and store their outputs, or check how they are stored.

    python tools/refresh.py                        run every notebook, store outputs
    python tools/refresh.py notebooks/01_*.ipynb   only these
    python tools/refresh.py --check                run nothing; fail where the form is not canonical

The canonical form holds what a reader needs and nothing that changes by itself: cell names derived from the
cells, no timings, no versions of the machine, no widget state (without a kernel one sees a widget's text).
"""

import argparse
import hashlib
import os
import sys
import time
from collections import Counter
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
CELL_TIMEOUT_S = 1800
KEPT_CELL_METADATA = ("jupyter", "nbgrader", "tags")
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {  # as JupyterLab writes it, so that opening a notebook changes little; without the version of Python
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}


def main(arguments: list[str]) -> int:
    """Refresh or check the named notebooks, by default all; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all in notebooks/")
    parser.add_argument("--check", action="store_true", help="run nothing, only look at the form")
    options = parser.parse_args(arguments)
    notebooks = options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb"))
    if options.check:
        return check(notebooks)
    os.environ.setdefault("LAB_PRESET", "lab")
    for path in notebooks:
        refresh(path)
    return 0


def check(notebooks: list[Path]) -> int:
    """Name the notebooks that are not in the canonical form; return 1 if there is one, else 0."""
    odd = [path for path in notebooks if path.read_text(encoding="utf-8") != canonical_text(read(path))]
    for path in odd:
        print(f"{path}: not in the canonical form; run 'python tools/refresh.py {path}'.", file=sys.stderr)
    return int(bool(odd))


def refresh(path: Path) -> None:
    """Run one notebook from top to bottom in its folder, and store it only if it got to the end."""
    start_s = time.monotonic()
    notebook = read(path)
    NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.resolve().parent)}},
    ).execute()
    aside = path.with_suffix(".part")
    aside.write_text(canonical_text(notebook), encoding="utf-8", newline="\n")
    aside.replace(path)
    print(f"{path.name}: {time.monotonic() - start_s:.0f} s", flush=True)


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook as version 4 of the format."""
    return nbformat.read(path, as_version=4)


def canonical_text(notebook: nbformat.NotebookNode) -> str:
    """Return the one text that a notebook is stored as."""
    names = Counter()
    cells = [canonical_cell(cell, names) for cell in notebook.cells]
    whole = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return nbformat.writes(nbformat.from_dict(whole)) + "\n"


def canonical_cell(cell: dict, names: Counter) -> dict:
    """Return a cell under a name that follows from its text, so that an insertion renames no other cell."""
    name = hashlib.sha256(cell["source"].encode()).hexdigest()[:8]
    names[name] += 1
    kept = {key: cell["metadata"][key] for key in KEPT_CELL_METADATA if key in cell["metadata"]}
    new = {**cell, "id": f"{name}-{names[name]}" if names[name] > 1 else name, "metadata": kept}
    if cell["cell_type"] == "code":
        new["outputs"] = [
            canonical_output(output) for output in cell["outputs"] if not is_only_a_view(output)
        ]
    return new


def is_only_a_view(output: dict) -> bool:
    """Tell whether an output is a widget and nothing else, as a progress bar is: a reader without a kernel sees nothing."""
    return set(output.get("data", ())) == {WIDGET_MIME}


def canonical_output(output: dict) -> dict:
    """Return an output without the view of a widget, which names a model that lives only in one kernel."""
    if "data" not in output:
        return output
    return {**output, "data": {kind: data for kind, data in output["data"].items() if kind != WIDGET_MIME}}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
