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
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import run
from labutils.teaching.student_copies import student_copy
from tools import refresh

from .lab_page import PATIENCE_MS, Lab, each_theme, in_both_themes, keep_picture

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
QUIET = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync
    --disable-background-networking --disable-component-update"""
NOTEBOOK_SETTINGS = '{"windowingMode": "none"}'  # cells out of sight are in the page too

TWO_PANELS = """
import time
from types import SimpleNamespace
from labutils.widgets import FormulaPanel, TrainingPanel, power_of_ten, whole_number

def train(settings, on_epoch, should_stop):
    losses = []
    while not should_stop() and len(losses) < settings["epochs"]:
        time.sleep(0.05)
        losses.append(1 / (1 + len(losses)))
        on_epoch(SimpleNamespace(curves={"train loss": losses}))

display(FormulaPanel(lambda s: f"<p>twice is {2 * s['x']}</p>", [whole_number("x", "my x", 3, 0, 9)], title="A"))
rate = power_of_ten("rate", "learning rate", 0.05, -5, -1)
display(TrainingPanel(train, [whole_number("epochs", "epochs", 5, 1, 10**6), rate], title="B"))
"""

FILM = """
from labutils.clips import train_clips
from labutils.films import film, films, silent_film
clip = train_clips(DATA)[-1]
films([film(clip, caption="seen and heard", note="a note"), silent_film(clip, caption="silent")])
"""

GAME = """
import numpy as np
from labutils import widgets
from labutils.clips import Clip
from labutils.contact_maps import ContactMaps, MapSettings
from labutils.pair_evidence import channel_of, collect_evidence
from labutils.teaching import game

pairs = game.test_pairs(DATA)[:4]
rng = np.random.default_rng(0)
levels = rng.normal(-60, 10, (4, 4, 16, 49)).astype("float32")
movement = np.full((4, 6, 49), 0.01, dtype="float32")
movement[:, :2] = rng.uniform(0.2, 0.8, (4, 2, 49))
maps, nothing = ContactMaps(16, MapSettings(width=4, channels=2)), np.zeros((4, 4))
known = {"class_term": nothing, "log_ratio": nothing, "channel": channel_of(maps, levels, movement)}
evidence = collect_evidence(maps, levels, movement, **known)
opponents = {"our system": game.Opponent(np.eye(4), 0.1), "the report's system": game.Opponent(nothing, 0.2)}
display(widgets.GamePanel(pairs, opponents, evidence, rng=rng))
"""


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
        yield f"http://127.0.0.1:{port}/lab?reset&token={token}", folder
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


@pytest.fixture(scope="module")
def lab(browser, jupyter) -> Lab:
    """Open one window for all tests."""
    expect.set_options(timeout=PATIENCE_MS)
    return Lab(browser, *jupyter)


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


def write_notebook(path: Path, *sources: str) -> Path:
    """Store a notebook of some cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=refresh.METADATA), path)
    return path


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_from_top_to_bottom_and_asks_no_other_machine(path, lab, tiny_data):
    """Every figure is said in words too."""
    with lab.run(path) as page:
        assert failures(page) == []
        counts = [cell["execution_count"] for cell in code_cells(page)]
        assert counts == list(range(1, len(counts) + 1))
        assert page.get_by_text("Error displaying widget").count() == 0
        assert "".join(page.get_by_role("alert").all_inner_texts()) == ""
        figures = page.locator(".jp-OutputArea-output img:visible").evaluate_all(
            "found => found.map(one => one.alt)"
        )
        assert figures and all(figures)
        if path.stem != "index":
            move_first_slider(page)
        keep_picture(page, path.stem)
    assert lab.hosts <= {"127.0.0.1", None, ""}


def test_a_notebook_that_was_only_opened_and_saved_has_not_changed(lab):
    """The lab keeps the version of Python out, which JupyterLab adds."""
    stored = ROOT / "notebooks" / "index.ipynb"
    with lab.open(stored) as page:
        context = "jupyterapp.shell.currentWidget.context"
        page.wait_for_function(f"{context}.model.getMetadata('language_info').version")
        saved_at = (lab.folder / stored.name).stat().st_mtime_ns
        page.evaluate(f"{context}.save()")
        page.evaluate(f"{context}.sessionContext.shutdown()")
    assert (lab.folder / stored.name).stat().st_mtime_ns > saved_at
    assert (lab.folder / stored.name).read_bytes() == stored.read_bytes()


def move_first_slider(page: Page) -> None:
    """Move a slider by one step and see its number box follow."""
    row = page.locator(".widget-hbox", has=page.get_by_role("slider")).last
    box, slider = row.locator("input").first, row.get_by_role("slider")
    before, key = box.input_value(), "ArrowRight"
    if slider.get_attribute("aria-valuenow") == slider.get_attribute("aria-valuemax"):
        key = "ArrowLeft"
    slider.press(key)
    expect(box).not_to_have_value(before)


def test_a_request_to_another_machine_and_a_failing_cell_are_seen(tmp_path, browser, jupyter):
    asks = "from IPython.display import HTML\nHTML('<img src=http://example.invalid/tray.png>')"
    other = Lab(browser, *jupyter)
    with other.run(write_notebook(tmp_path / "asks.ipynb", asks, "1 / 0")) as page:
        page.wait_for_selector(".jp-OutputArea-output img")
        assert failures(page) == ["ZeroDivisionError: division by zero"]
    assert "example.invalid" in other.hosts


@pytest.fixture(scope="module")
def panels(lab, tmp_path_factory) -> Iterator[Page]:
    """Open a notebook with two panels that need no data."""
    with lab.run(write_notebook(tmp_path_factory.mktemp("panels") / "panels.ipynb", TWO_PANELS)) as page:
        yield page


def test_a_slider_is_moved_with_the_keyboard_and_says_its_name_and_value(panels):
    expect(panels.get_by_text("twice is 6")).to_be_visible()
    panels.get_by_role("slider").first.press("ArrowRight")
    expect(panels.get_by_text("twice is 8")).to_be_visible()
    expect(number_box(panels, "my x")).to_have_value("4")
    number_box(panels, "my x").fill("7")
    number_box(panels, "my x").press("Enter")
    expect(panels.get_by_text("twice is 14")).to_be_visible()
    expect(panels.get_by_role("slider", name="my x")).to_have_attribute("aria-valuetext", "7")
    slider = panels.get_by_role("slider", name="learning rate")
    expect(slider).to_have_attribute("aria-valuetext", "0.05")  # neither the exponent nor the nearest step
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("0.0316|0.032"))


def test_a_training_is_run_watched_and_stopped(panels):
    status = panels.get_by_role("status").filter(has_text="Run ")
    panels.get_by_role("button", name="Run", exact=True).click()
    expect(status).to_contain_text("Run 1: finished, 5 epochs")
    expect(panels.get_by_role("img", name=re.compile("loss over the epochs"))).to_be_visible()

    number_box(panels, "epochs").fill("1000000")
    number_box(panels, "epochs").press("Enter")
    panels.get_by_role("button", name="Run", exact=True).click()
    expect(status).to_contain_text("Run 2: training")
    panels.get_by_role("button", name="Stop", exact=True).click()
    expect(status).to_contain_text("Run 2: stopped")

    table = panels.get_by_role("table", name="Runs so far")
    expect(table.get_by_role("row")).to_have_count(3)  # the first one says what is what
    expect(panels.get_by_role("img", name="Curves of runs 1, 2, over each other")).to_be_visible()
    link = panels.get_by_role("link", name="Save the runs as CSV")
    link.scroll_into_view_if_needed()
    for theme in each_theme(panels):
        colour, line = link.evaluate(
            "e => [getComputedStyle(e).color, getComputedStyle(e).textDecorationLine]"
        )
        beside = table.evaluate("element => getComputedStyle(element).color")
        assert (colour != beside, line) == (True, "underline"), theme
        keep_picture(panels, f"runs-{theme}")


def test_the_settings_of_the_lab_are_in_force(panels):
    name = "@jupyterlab/apputils-extension:kernels-settings"
    setting = panels.evaluate(
        f"jupyterapp.serviceManager.settings.fetch('{name}').then(found => found.schema)"
    )
    assert setting["properties"]["commsOverSubshells"]["default"] == "disabled"


@pytest.fixture(scope="module")
def student(lab, tmp_path_factory) -> Iterator[Page]:
    """Open the exercises and the quiz of notebook 1 as a student gets them, without what needs data."""
    solved = nbformat.read(ROOT / "notebooks" / "01_spectrograms.ipynb", as_version=4)
    imports = nbformat.v4.new_code_cell("import numpy as np\n\nfrom labutils.clips import WALLS")
    exercises = [cell for cell in solved.cells if "nbgrader" in cell.metadata]
    quiz = next(cell for cell in solved.cells if "import quiz" in cell.source)
    solved.cells = [imports, *exercises, quiz]
    path = tmp_path_factory.mktemp("student") / "exercises.ipynb"
    nbformat.write(student_copy(solved), path)
    with lab.run(path) as page:
        yield page


def run_first_exercise(page: Page, source: str) -> str:
    """Write a solution into the first exercise, run it with its check, and return what the check says."""
    script = """async source => {
        const panel = jupyterapp.shell.currentWidget, cells = panel.content.widgets;
        cells[1].model.sharedModel.setSource(source);
        await jupyterapp.commands.execute('notebook:run-all-cells');
    }"""
    page.evaluate(script, source)
    return "".join(output.get("text", "") for output in code_cells(page)[2]["outputs"])


def test_exercises_that_are_not_written_say_so_and_stop_nothing(student):
    assert failures(student) == []
    checks = [cell for cell in code_cells(student) if cell["source"].count("check_") == 2]
    assert len(checks) == 6
    assert all("Nothing is written here yet" in cell["outputs"][0]["text"] for cell in checks)


def test_a_wrong_solution_is_diagnosed_and_a_right_one_praised(student):
    wrong = "def loudest_wall(audio):\n    return WALLS[audio.max(axis=0).argmax()]"
    assert "take the absolute value first" in run_first_exercise(student, wrong)
    assert "Right." in run_first_exercise(student, wrong.replace("audio.max", "np.abs(audio).max"))
    assert failures(student) == []


def test_a_check_cannot_be_edited_by_accident(student):
    editable = "jupyterapp.shell.currentWidget.content.widgets[2].model.getMetadata('editable')"
    assert student.evaluate(editable) is False


def test_the_quiz_is_answered_with_the_keyboard(student):
    radios = student.get_by_role("radio")
    assert radios.count() == 9
    radios.nth(1).focus()
    student.keyboard.press("Space")
    radios.nth(3).focus()
    student.keyboard.press("Space")
    student.get_by_role("button", name="Check my answers").focus()
    student.keyboard.press("Enter")
    expect(student.get_by_text("1 of 3 right.")).to_be_visible()
    expect(student.get_by_text("A level is a logarithm")).to_be_visible()
    expect(student.get_by_text("Choose an answer first.")).to_be_visible()


def test_students_do_not_meet_the_tools_of_teachers(student):
    expect(student.get_by_text("Create Assignment")).to_have_count(0)
    expect(student.get_by_text("Validate", exact=True)).to_have_count(0)


def test_a_stored_film_plays_and_is_scrubbed_without_a_kernel_and_without_trust(tmp_path, lab, tiny_data):
    scope = {}
    *lines, last = FILM.strip().splitlines()
    exec("\n".join(lines).replace("DATA", repr(str(tiny_data))), scope)
    html = eval(last, scope).data
    # Until it is trusted, Lab shows the caption alone.
    assert 'aria-label="film with sound: seen and heard"' in html
    output = nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": "films"})
    cell = nbformat.v4.new_code_cell("films", execution_count=1, outputs=[output])
    path = tmp_path / "stored.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=refresh.METADATA), path)
    with lab.open(path) as page:
        first = page.locator("video").first
        expect(page.locator("video")).to_have_count(2)
        expect(page.get_by_text("a note")).to_be_visible()
        expect(page.get_by_role("figure").first).to_contain_text("seen and heard")
        page.wait_for_function("document.querySelector('video').readyState >= 2")
        assert 3.9 < first.evaluate("video => video.duration") < 4.2
        first.evaluate("video => video.play()")
        page.wait_for_function("document.querySelector('video').currentTime > 0.3")
        first.evaluate("video => video.pause()")
        first.focus()
        assert page.evaluate("document.activeElement.tagName") == "VIDEO"  # the keyboard reaches it
        for moment in (3.2, 0.4):
            first.evaluate(f"video => {{ video.currentTime = {moment} }}")
            page.wait_for_function("!document.querySelector('video').seeking")
            assert first.evaluate("video => video.currentTime") == pytest.approx(moment, abs=0.01)
        in_both_themes(page, "film")


def test_the_game_is_played_to_its_end(tmp_path, lab, tiny_data):
    source = GAME.replace("DATA", repr(str(tiny_data)))
    with lab.run(write_notebook(tmp_path / "game.ipynb", source)) as page:
        status = page.get_by_role("status").filter(has_text=re.compile("round|film|New game"))
        page.get_by_role("button", name="New game").press("Enter")
        for number in range(1, 5):
            expect(status).to_contain_text(f"round {number} of 4: listen, look, choose")
            expect(page.locator("video")).to_have_count(4)
            if number == 1:
                in_both_themes(page, "game-question")
            page.get_by_role("button", name="Choose film B").press("Enter")
            expect(page.get_by_role("img", name="Contact maps")).to_be_visible()
            if number == 2:
                in_both_themes(page, "game-answer")
            if number < 4:
                page.get_by_role("button", name="Next round").press("Enter")
        expect(status).to_contain_text("The game is over")
        in_both_themes(page, "game-over")
        assert "".join(page.get_by_role("alert").all_inner_texts()) == ""
