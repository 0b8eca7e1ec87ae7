"""The notebooks as a student meets them: in JupyterLab, in a real browser, without the internet."""

import contextlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import run
from tools import refresh

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
QUIET = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
    --disable-background-networking --disable-component-update"""
NOTEBOOK_SETTINGS = '{"windowingMode": "none"}'  # cells out of sight are in the page too
PATIENCE_MS = 300_000

TWO_PANELS = """
import time
from types import SimpleNamespace
from labutils.widgets import FormulaPanel, TrainingPanel, whole_number

def train(settings, on_epoch, should_stop):
    losses = []
    while not should_stop() and len(losses) < settings["epochs"]:
        time.sleep(0.05)
        losses.append(1 / (1 + len(losses)))
        on_epoch(SimpleNamespace(curves={"train loss": losses}))

display(FormulaPanel(lambda s: f"<p>twice is {2 * s['x']}</p>", [whole_number("x", "my x", 3, 0, 9)], title="A"))
display(TrainingPanel(train, [whole_number("epochs", "epochs", 5, 1, 1000)], title="B"))
"""


# The machine: a browser and a JupyterLab of its own


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser of this machine; without one the tests are skipped, but not in CI."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        message = f"no browser found (looked for {', '.join(BROWSERS)})"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def jupyter(browser, tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """Start JupyterLab, knowing nothing of this user, on an empty folder; yield its address and the folder."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("lab")
    settings = home / "config" / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text(NOTEBOOK_SETTINGS)
    env = {**run.lab_environment(), "IPYTHONDIR": str(home / "ipython")}
    env |= {f"JUPYTER_{kind.upper()}_DIR": str(home / kind) for kind in ("config", "data", "runtime")}
    port, token = free_port(), secrets.token_hex(16)
    options = f"--no-browser --allow-root --ip=127.0.0.1 --port={port} --IdentityProvider.token={token}"
    command = [sys.executable, "-m", "jupyterlab", *options.split(), "--LabApp.expose_app_in_browser=True"]
    with open(home / "log", "w") as log:
        server = run.start_apart(command, cwd=folder, env=env, stdout=log, stderr=log)
    try:
        wait_for_server(server, f"http://127.0.0.1:{port}/api?token={token}", home / "log")
        yield f"http://127.0.0.1:{port}/lab/tree/NOTEBOOK?reset&token={token}", folder
    finally:
        run.end_group(server)


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_server(server: subprocess.Popen, url: str, log: Path) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def run_notebook(browser, jupyter) -> Iterator[Callable[[Path], Page]]:
    """Return a function that opens a notebook in the browser and runs all its cells.

    At the end of the test nothing may have been asked of any other machine.
    """
    address, folder = jupyter
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    hosts = set()
    context.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))

    def run_all(path: Path) -> Page:
        shutil.copy(path, folder)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(address.replace("NOTEBOOK", path.name))
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function("jupyterapp.shell.currentWidget?.context?.sessionContext?.session?.kernel")
        page.evaluate(
            "void jupyterapp.commands.execute('notebook:run-all-cells').then(() => window.ran = true)"
        )
        page.wait_for_function("window.ran", timeout=PATIENCE_MS)
        return page

    yield run_all
    page_of_kernel = "jupyterapp.commands.execute('kernelmenu:shutdown')"
    for page in context.pages:
        page.evaluate(f"void {page_of_kernel}")
    context.close()
    assert hosts <= {"127.0.0.1", None, ""}


def code_cells(page: Page) -> list[dict]:
    """Return the code cells of the open notebook with their outputs."""
    notebook = page.evaluate("jupyterapp.shell.currentWidget.context.model.toJSON()")
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def failures(page: Page) -> list[str]:
    """Return what the cells of the open notebook raised."""
    outputs = [output for cell in code_cells(page) for output in cell["outputs"]]
    return [f"{one['ename']}: {one['evalue']}" for one in outputs if one["output_type"] == "error"]


def number_box(page: Page, label: str):
    """Return the number box with a label."""
    return page.locator(".widget-inline-hbox", has=page.get_by_text(label, exact=True)).locator("input")


def write_notebook(path: Path, source: str) -> Path:
    """Store a notebook of one cell."""
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=refresh.METADATA), path)
    return path


# What a student sees


@pytest.fixture
def two_panels(tmp_path) -> Path:
    return write_notebook(tmp_path / "panels.ipynb", TWO_PANELS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_from_top_to_bottom(path, run_notebook, tiny_data):
    page = run_notebook(path)
    assert failures(page) == []
    counts = [cell["execution_count"] for cell in code_cells(page)]
    assert counts == list(range(1, len(counts) + 1))
    assert page.get_by_text("Error displaying widget").count() == 0
    if path.stem != "index":
        assert page.get_by_role("slider").count() > 0, "no panel"
    for alert in page.get_by_role("alert").all():
        expect(alert).to_be_empty()


def test_a_slider_is_moved_with_the_keyboard(two_panels, run_notebook):
    page = run_notebook(two_panels)
    expect(page.get_by_text("twice is 6")).to_be_visible()
    page.get_by_role("slider").first.press("ArrowRight")
    expect(page.get_by_text("twice is 8")).to_be_visible()
    expect(number_box(page, "my x")).to_have_value("4")
    number_box(page, "my x").fill("7")
    number_box(page, "my x").press("Enter")
    expect(page.get_by_text("twice is 14")).to_be_visible()


def test_a_training_is_run_watched_and_stopped(two_panels, run_notebook):
    page = run_notebook(two_panels)
    status = page.get_by_role("status").filter(has_text="Run ")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(status).to_contain_text("Run 1: finished, 5 epochs")
    expect(page.get_by_role("img", name=re.compile("loss over the epochs"))).to_be_visible()

    number_box(page, "epochs").fill("1000")
    number_box(page, "epochs").press("Enter")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(status).to_contain_text("Run 2: training")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(status).to_contain_text("Run 2: stopped", timeout=2000)


def test_a_failing_cell_is_seen(tmp_path, run_notebook):
    page = run_notebook(write_notebook(tmp_path / "fails.ipynb", "1 / 0"))
    assert failures(page) == ["ZeroDivisionError: division by zero"]


def test_the_settings_of_the_lab_are_in_force(two_panels, run_notebook):
    page = run_notebook(two_panels)
    name = "@jupyterlab/apputils-extension:kernels-settings"
    setting = page.evaluate(f"jupyterapp.serviceManager.settings.fetch('{name}').then(found => found.schema)")
    assert setting["properties"]["commsOverSubshells"]["default"] == "disabled"
