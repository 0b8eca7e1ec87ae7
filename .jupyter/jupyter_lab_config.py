"""Settings of the JupyterLab of `run.py lab`: it finds the extension that gives figures their alt text."""

from pathlib import Path

c = get_config()  # noqa: F821 (Jupyter gives it)
c.LabApp.extra_labextensions_path = [str(Path(__file__).parent / "labextensions")]
