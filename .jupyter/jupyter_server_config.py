"""Settings of the server of `run.py lab`: to open and save a notebook does not change its file."""

c = get_config()  # noqa: F821 (Jupyter gives it)


def _leave_out_version(model, **_):
    """Save a notebook without the version of this Python, which JupyterLab adds when a kernel starts."""
    if model["type"] == "notebook" and model["content"] is not None:
        model["content"]["metadata"].get("language_info", {}).pop("version", None)


c.ContentsManager.pre_save_hook = _leave_out_version
