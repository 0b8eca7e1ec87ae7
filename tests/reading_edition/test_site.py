"""The whole edition: its links lead somewhere, and in a real browser nothing is fetched."""

import base64
import io
import os
import re
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from labutils.__main__ import main
from labutils.errors import LabError
from labutils.reading_edition.site import write_site

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
WIDE = "$$ " + " + ".join(f"\\frac{{a_{{{i}}}}}{{b}}" for i in range(60)) + " $$"


def write_lab(root: Path) -> Path:
    """A small lab: two notebooks that link to each other, to files beside them and to nowhere."""
    first = (
        "# Start\n\n[next](01_next.ipynb#part) [data](../data_README.md) [code](../labutils/sound.py) "
        "[gone](99_gone.ipynb) [out](../../secret.md) [web](https://example.org) [licence](../LICENSE)"
    )
    html = '<table class="dataframe"><tr>' + "<td>0.123456789</td>" * 40 + "</tr></table>"
    wide = new_output("display_data", data={"text/html": html})
    cells = {
        "index": [new_markdown_cell(first)],
        "01_next": [
            new_markdown_cell(f"# Next\n\n## Part\n\nLet $x$.\n\n{WIDE}"),
            new_code_cell("x = " + "1 + " * 80 + "1", outputs=[wide]),
        ],
    }
    (root / "notebooks").mkdir(parents=True)
    for name, own in cells.items():
        nbformat.write(new_notebook(cells=own), root / "notebooks" / f"{name}.ipynb")
    table = "\n".join("|" + word * 6 for word in ("preset|", "---|", "2 groups of 50 + 50|"))
    text = f"# Data\n\nBack to [the start](notebooks/index.ipynb).\n\n{table}\n"
    (root / "data_README.md").write_text(text)
    (root / "labutils").mkdir()
    (root / "labutils" / "sound.py").write_text("x = '<b>'\n")
    (root / "LICENSE").write_text("MIT")
    (root.parent / "secret.md").write_text("# Secret")
    return root / "notebooks"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("site")
    problems = write_site(write_lab(folder / "lab"), folder / "out", progress=False)[1]
    return folder / "out", problems


def test_links_between_pages_work(site):
    out, _ = site
    index = (out / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', index)
    assert {"01_next.html#part", "data_README.html", "labutils-sound.py.html", "files/LICENSE"} <= set(links)
    local = {link.partition("#")[0] for link in links if not re.match(r"\w+:", link)} - {""}
    assert all((out / link).is_file() for link in local)
    assert 'href="index.html"' in (out / "data_README.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;" in (out / "labutils-sound.py.html").read_text(encoding="utf-8")


def test_a_link_to_nowhere_or_out_of_the_lab_is_told_and_becomes_text(site):
    out, problems = site
    assert len(problems) == 2
    assert "99_gone.ipynb" in problems[0] and "../../secret.md" in problems[1]
    assert "gone" in (out / "index.html").read_text(encoding="utf-8")
    assert not list(out.rglob("*secret*"))


def test_pages_stand_in_order(site):
    page = (site[0] / "01_next.html").read_text(encoding="utf-8")
    assert 'aria-current="page">Next</a>' in page
    assert "← <a" in page and "→" not in page
    assert '<html lang="en">' in page and "<title>Next</title>" in page


def test_a_folder_of_other_files_is_refused_and_an_old_edition_replaced(site, tmp_path):
    out, _ = site
    shutil.copytree(out, tmp_path / "old")
    write_site(write_lab(tmp_path / "lab"), tmp_path / "old", progress=False)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    for place in ("other", "other/thesis.txt"):
        with pytest.raises(LabError, match=r"holds other files|is a file"):
            write_site(tmp_path / "lab" / "notebooks", tmp_path / place, progress=False)
    with pytest.raises(LabError, match="holds no notebooks"):
        write_site(tmp_path / "other", tmp_path / "new", progress=False)


def test_a_broken_notebook_is_named(tmp_path, capsys):
    notebooks = write_lab(tmp_path / "lab")
    (notebooks / "02_broken.ipynb").write_text("{")
    assert main(["site", "--notebooks", str(notebooks), "--out", str(tmp_path / "out"), "--quiet"]) == 1
    assert "02_broken.ipynb: is no notebook that can be read" in capsys.readouterr().err


def test_the_command_names_its_first_page(tmp_path, capsys):
    notebooks = write_lab(tmp_path / "lab")
    assert main(["site", "--notebooks", str(notebooks), "--out", str(tmp_path / "out")]) == 0
    output = capsys.readouterr()
    assert output.out == f"4 pages; begin with {tmp_path / 'out' / 'index.html'}\n"
    assert output.err.count("warning: ") == 2


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        message = f"no browser found (looked for {', '.join(BROWSERS)})"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def small_film() -> str:
    """Half a second of VP9 as a data: address."""
    av = pytest.importorskip("av")
    packed = io.BytesIO()
    with av.open(packed, "w", format="webm") as container:
        stream = container.add_stream(
            "libvpx-vp9", rate=20, options={"deadline": "realtime", "cpu-used": "8"}
        )
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(10):
            picture = np.full((48, 64, 3), 20 * number, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return f"data:video/webm;base64,{base64.b64encode(packed.getvalue()).decode()}"


def test_a_film_plays_on_a_page_to_its_end(tmp_path, browser):
    film = f'<figure><video controls muted src="{small_film()}"></video></figure>'
    output = new_output("display_data", data={"text/html": film, "text/plain": "a film"})
    (tmp_path / "notebooks").mkdir()
    cells = [new_markdown_cell("# Film"), new_code_cell("film()", outputs=[output])]
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "index.ipynb")
    pages, _ = write_site(tmp_path / "notebooks", tmp_path / "out", progress=False)
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(pages[0].as_uri())
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').ended")
    assert page.evaluate("document.querySelector('video').currentTime") > 0.3
    page.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_a_page_fits_desk_and_phone_and_asks_for_nothing(site, browser, width):
    asked = []
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme="dark")
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto((site[0] / "01_next.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("math").count() == 2
    assert page.locator("math mfrac").first.bounding_box()["height"] > 15
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 23, 28)"
    page.get_by_role("link", name="Start").first.click()
    assert page.title() == "Start"
    page.get_by_role("link", name="data").click()
    assert page.locator("th").count() == 6
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_lab_s_own_pages_are_written_without_a_lost_link(tmp_path):
    pages, problems = write_site(ROOT / "notebooks", tmp_path / "out", progress=False)
    assert problems == []
    assert pages[0].name == "index.html"
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and ".ipynb" not in re.sub(
            r"<(code|pre)\b.*?</\1>", "", text, flags=re.DOTALL
        )
        assert not re.findall(r'\ssrc="(?!data:)[^"]*"', text)
        pictures = re.findall(r"<img[^>]*>", text)
        assert [tag[:200] for tag in pictures if not re.search(r'\salt=["\']Figure\. \w', tag)] == []
