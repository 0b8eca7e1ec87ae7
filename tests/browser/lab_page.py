"""JupyterLab in a browser, for tests: notebooks are opened and run, pages are shown in both themes and photographed."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

PATIENCE_MS = 300_000


class Lab:
    """JupyterLab in a browser: runs notebooks, and remembers which machines were asked for anything."""

    def __init__(self, browser: Browser, address: str, folder: Path):
        self.address, self.folder, self.hosts = address, folder, set()
        self.context = browser.new_context(viewport={"width": 1400, "height": 1000})
        self.context.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))
        self.idle: list[Page] = []

    @contextlib.contextmanager
    def open(self, path: Path) -> Iterator[Page]:
        """Open a notebook that nobody has trusted, alone in its page, and run nothing."""
        shutil.copy(path, self.folder)
        page = self.idle.pop() if self.idle else self._new_page()
        page.evaluate(f"void jupyterapp.commands.execute('docmanager:open', {{path: '{path.name}'}})")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        yield page
        page.evaluate("jupyterapp.shell.currentWidget.dispose()")  # asks nobody whether to save
        self.idle.append(page)

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(self.address)
        page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
        return page

    @contextlib.contextmanager
    def run(self, path: Path) -> Iterator[Page]:
        """Open a notebook and run all its cells; at the end close it and its kernel."""
        with self.open(path) as page:
            self._run_all(page)
            yield page
            page.evaluate("jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")

    def _run_all(self, page: Page) -> None:
        page.wait_for_function("jupyterapp.shell.currentWidget?.context?.sessionContext?.session?.kernel")
        page.evaluate("window.ran = false")
        ran = "jupyterapp.commands.execute('notebook:run-all-cells').then(() => window.ran = true)"
        page.evaluate(f"void {ran}")
        page.wait_for_function("window.ran", polling=250)


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of the page, if somebody wants to look at it; small, for the CI keeps all of them."""
    folder = os.environ.get("LAB_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.jpeg", type="jpeg", quality=60)


def each_theme(page: Page) -> Iterator[str]:
    """Show the page in the dark theme, then in the light one."""
    for theme in ("dark", "light"):
        name = f"JupyterLab {theme.title()}"
        page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: '{name}'}})")
        page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")
        page.wait_for_timeout(500)
        yield theme


def in_both_themes(page: Page, name: str) -> None:
    """Keep a picture of the page in the dark and in the light theme, if somebody wants to look at them."""
    for theme in each_theme(page) if os.environ.get("LAB_SCREENSHOTS") else ():
        keep_picture(page, f"{name}-{theme}")
