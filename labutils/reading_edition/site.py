"""The whole reading edition: a page for each notebook and each file that they link to, tied together by links that work."""

import html
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from bs4 import BeautifulSoup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from labutils.errors import LabError
from labutils.progress import progress_bar
from labutils.reading_edition.notebook_pages import notebook_body, text_body, title_of
from labutils.storage import write_whole

_PAGE_KINDS = (".ipynb", ".md", ".py")
# "" is LICENSE
_OTHER_KINDS = (
    ".txt",
    ".pdf",
    ".png",
    ".jpg",
    ".jpeg",
    ".json",
    ".csv",
    ".yml",
    ".toml",
    "",
)


@dataclass(frozen=True)
class _Page:
    """One page before it is written: where it comes from, its name, its title and its body."""

    source: Path
    name: str
    title: str
    body: str


def write_site(
    notebooks: Path, out: Path, *, solutions: bool = True, progress: bool = True
) -> tuple[list[Path], list[str]]:
    """Write the notebooks of a folder, with the outputs that are stored in them, as static pages.

    Args:
        notebooks: folder of notebooks; `index.ipynb` becomes the first page.
        out: a new or empty folder, or one that was written before.
        solutions: False leaves the solutions of exercises and quizzes out; True folds them away.
        progress: show a progress bar.

    Returns:
        The pages, and a sentence for every link that leads nowhere.

    Raises:
        LabError: if there are no notebooks, or a notebook cannot be read, or the folder holds something else.
    """
    sources = sorted(notebooks.glob("*.ipynb"), key=lambda path: (path.stem != "index", path.name))
    if not sources:
        raise LabError(f"{notebooks} holds no notebooks: expected files like index.ipynb.")
    _refuse_foreign(out)
    root = notebooks.resolve().parent
    pages, problems, todo = {}, [], [path.resolve() for path in sources]
    names = {path: f"{path.stem}.html" for path in todo}
    bar = progress_bar(desc="writing pages", total=len(todo), unit="page", progress=progress)
    while todo:
        source = todo.pop(0)
        page = _read_page(source, names[source], solutions)
        body, found, wrong = _lead_links(page, names, root, out)
        pages[source] = _Page(source, page.name, page.title, body)
        problems += wrong
        todo += found
        bar.total += len(found)
        bar.update()
    bar.close()
    course = [pages[path.resolve()] for path in sources]
    for page in pages.values():
        write_whole(out / page.name, _whole(page, course))
    shutil.copyfile(Path(__file__).with_name("page.css"), out / "page.css")
    with open(out / "page.css", "a", encoding="utf-8") as style:
        style.write(_code_colours())
    return [out / page.name for page in pages.values()], problems


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise LabError(f"{out} is a file: expected a folder for the pages.")
    if out.exists() and any(out.iterdir()) and not (out / "page.css").is_file():
        raise LabError(f"{out} holds other files: expected a new or empty folder; choose another one.")


def _read_page(source: Path, name: str, solutions: bool) -> _Page:
    if source.suffix == ".ipynb":
        try:
            notebook = nbformat.read(source, as_version=4)
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise LabError(f"{source}: is no notebook that can be read ({error}).") from error
        return _Page(
            source, name, title_of(notebook) or source.stem, notebook_body(notebook, solutions=solutions)
        )
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".md":
        title = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
        return _Page(source, name, title[1] if title else source.stem, text_body(text))
    shown = highlight(text, PythonLexer(), HtmlFormatter())
    return _Page(source, name, source.name, f'<h1>{source.name}</h1><div class="input_area">{shown}</div>')


def _lead_links(
    page: _Page, names: dict[Path, str], root: Path, out: Path
) -> tuple[str, list[Path], list[str]]:
    """Lead every link of a page to a page or a copied file.

    Returns:
        The body, the files that need pages of their own, and a sentence for every link that leads nowhere.
    """
    soup, found, problems = BeautifulSoup(page.body, "html.parser"), [], []
    for link in soup.find_all("a", href=True):
        address = urlsplit(link["href"])
        if address.scheme or address.netloc or not address.path:
            continue
        target = Path(os.path.normpath(page.source.parent / unquote(address.path)))
        if not target.is_file() or not target.is_relative_to(root):
            problems.append(
                f"{page.source.name}: the link to {address.path} leads nowhere; it became plain text."
            )
            link.unwrap()
            continue
        if target not in names and target.suffix in _PAGE_KINDS:
            place = target.relative_to(root).as_posix().replace("/", "-")
            names[target] = (
                f"{place.removesuffix('.md')}.html"  # notebooks cannot be called so: they are all known
            )
            found.append(target)
        elif target not in names and target.suffix in _OTHER_KINDS:
            names[target] = f"files/{target.name}"
            (out / "files").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(target, out / names[target])
        if target in names:
            link["href"] = names[target] + (f"#{address.fragment}" if address.fragment else "")
        else:
            link.unwrap()
    return str(soup), found, problems


def _whole(page: _Page, course: list[_Page]) -> str:
    """The page with its head, the list of all notebooks, and the ways to the one before and the one after."""
    listed = "".join(f"<li>{_link(other, is_here=other.source == page.source)}</li>" for other in course)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(page.title)}</title>
<link rel="stylesheet" href="page.css">
<link rel="icon" href="data:,">
</head>
<body>
<a class="skip" href="#content">to the text</a>
<nav class="pages" aria-label="notebooks"><ul>{listed}</ul></nav>
<main id="content">
{page.body}
{_ways(page, course)}
</main>
<footer>The Impact Lab, reading edition: outputs as they are stored in the notebooks. Panels live in JupyterLab.</footer>
</body>
</html>
"""


def _link(page: _Page, *, is_here: bool = False) -> str:
    here = ' aria-current="page"' if is_here else ""
    return f'<a href="{html.escape(page.name)}"{here}>{html.escape(page.title)}</a>'


def _ways(page: _Page, course: list[_Page]) -> str:
    places = [number for number, other in enumerate(course) if other.source == page.source]
    if not places:
        return ""
    before, after = course[max(places[0] - 1, 0) : places[0]], course[places[0] + 1 : places[0] + 2]
    back = "".join(f"<span>← {_link(other)}</span>" for other in before)
    on = "".join(f"<span>{_link(other)} →</span>" for other in after)
    return f'<nav class="next" aria-label="before and after">{back}{on}</nav>'


def _code_colours() -> str:
    """Colours of code, light and dark."""
    light = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    plain = ".highlight{background:none}"
    return f"\n{light}\n{plain}\n@media (prefers-color-scheme:dark){{\n{dark}\n{plain}\n}}\n"
