"""One page that shows how near the simulator comes to the recordings: every figure, and pictures to judge by eye.

The page is a single HTML file: styles inside, pictures as PNG, nothing fetched, no script. The same data set gives the
same page, up to the version of the drawing library.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from labutils.clips import CLASS_NAMES
from labutils.html_page import scrolling, whole_page
from labutils.storage import write_whole
from labutils.validation.comparison import Comparison, real_statistics
from labutils.validation.figures import draw_figures
from labutils.validation.findings import Findings, find

_WORDS = {
    "motion": "How the objects move from the first to the last frame of a clip. The recordings are known by the first and "
    "last centroid of all their training clips. A few figures miss by chance: sets of 60 clips a class that are drawn from "
    "the recordings themselves, some fewer than the preset lab has, fail 2 to 8 of these 62 figures, sets of 225, nearly "
    "the preset course, none to 2.",
    "sound": "Level, bands and decay. The recordings are known by two numbers that a public solution normalises with, and "
    "by what pictures of a few clips show; which wall was hit, and when the arm moved, comes from sessions simulated for "
    "this page.",
    "masks": "Masks and frames. The recordings' masks come from plain background subtraction.",
    "information": "How exactly a network hears where the object is. No statistic of spectra tells whether places are in "
    "the sound. The network learns from some recording sessions and is asked about others. The public solution divided its "
    "recorded clips at random: its network had met neighbours of the clips it was asked about, which continue the same "
    "motion. So the figures are shown and not judged. Brackets hold 95 % intervals over sessions.",
    "physics": "Small experiments in the simulator whose results a textbook gives.",
    "shortcuts": "What must not be enough to solve a task: whatever tells nothing about a hit has to stay at chance.",
}
_TITLES = {
    "motion": "Motion",
    "sound": "Sound",
    "masks": "Masks",
    "information": "Information in the sound",
    "physics": "Physics",
    "shortcuts": "Shortcut controls",
}


def write_page(data: str | Path, out: str | Path, *, progress: bool = True) -> Findings:
    """Measure a data set, run the experiments, and write the page.

    Args:
        data: folder of the data set.
        out: the HTML file; it appears complete or not at all.
        progress: whether to show progress bars.

    Returns:
        What the page shows.

    Raises:
        ClipError: if there is no data set, or a clip cannot be used.
    """
    findings = find(data, progress=progress)
    out = Path(out)
    write_whole(out, page(findings))
    return findings


def page(findings: Findings) -> str:
    """Write the whole page."""
    sections = [
        section(key, findings) for key in _TITLES if findings.simulated or key not in ("physics", "shortcuts")
    ]
    title = (
        "The simulator beside the recordings"
        if findings.simulated
        else "Recordings beside those of the course"
    )
    return whole_page(title, _introduction(findings), "".join(sections) + _sources())


def _introduction(findings: Findings) -> str:
    words = "Every figure of a simulated data set beside what is known of the recordings that it imitates."
    if not findings.simulated:
        words = (
            "These clips are recordings: nothing tells which wall was hit, and what needs the simulator's own knowledge "
            "(single hits, motors, physics, shortcut controls) is left out."
        )
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td><code>{escape(value)}</code></td></tr>'
        for name, value in findings.metadata.items()
    )
    return f"<p>{words}</p><table><caption>Data</caption><tbody>{rows}</tbody></table>{_summary(findings.comparisons)}"


def _summary(comparisons: Sequence[Comparison]) -> str:
    """Counts of passed, failed and unjudged figures, a row a section."""
    groups = {title: [c for c in comparisons if c.section == key] for key, title in _TITLES.items()}
    groups = {title: own for title, own in groups.items() if own} | {"All": list(comparisons)}
    rows = []
    for title, own in groups.items():
        passed, failed, not_judged = (sum(c.passed is state for c in own) for state in (True, False, None))
        bad = f'<td class="bad">{failed}</td>' if failed else "<td>0</td>"
        link = f'<a href="#{title.lower().replace(" ", "-")}">{title}</a>' if title != "All" else title
        rows.append(
            f'<tr><th scope="row">{link}</th><td class="good">{passed}</td>{bad}<td>{not_judged}</td></tr>'
        )
    head = "".join(f'<th scope="col">{word}</th>' for word in ("part", "passed", "failed", "shown only"))
    table = f"<table><caption>Summary</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return table + _failures([c for c in comparisons if c.passed is False])


def _failures(failed: Sequence[Comparison]) -> str:
    """A list of what failed, folded up; nothing if nothing did."""
    if not failed:
        return ""
    rows = "".join(
        f"<li>{escape(c.subject)}: {escape(c.simulated)}, expected {escape(c.real)} ({escape(c.target)})</li>"
        for c in failed
    )
    return f"<details><summary>What failed ({len(failed)})</summary><ul>{rows}</ul></details>"


def section(key: str, findings: Findings) -> str:
    """Write one section: words, figures, what is judged over all classes, and class by class."""
    own = [c for c in findings.comparisons if c.section == key]
    title, parts = _TITLES[key], [f"<p>{_WORDS[key]}</p>"]
    if not own:
        parts.append('<p class="quiet">None were run for this page.</p>')
    by_class = [c for c in own if _class_of(c)]
    whole = [c for c in own if not _class_of(c)]
    parts += [_table(whole, title)] if whole else []
    parts += [_matrix(by_class, f"{title}, class by class{_below(by_class)}")] if by_class else []
    parts += draw_figures(key, findings)
    return f'<section><h2 id="{title.lower().replace(" ", "-")}">{title}</h2>{"".join(parts)}</section>'


def _below(rows: Sequence[Comparison]) -> str:
    return ": simulated; below it what is expected, and the result" if any(row.real for row in rows) else ""


def _class_of(comparison: Comparison) -> str | None:
    name = comparison.subject.partition(": ")[0]
    return name if name in CLASS_NAMES else None


def _table(rows: Sequence[Comparison], caption: str) -> str:
    """A row a figure."""
    head = "".join(
        f'<th scope="col">{word}</th>' for word in ("figure", "simulated", "expected", "target", "result")
    )
    body = "".join(
        f'<tr><th scope="row">{escape(row.subject)}</th><td>{escape(row.simulated)}</td><td>{escape(row.real)}</td>'
        f"<td>{escape(row.target)}</td><td>{_verdict(row.passed)}</td></tr>"
        for row in rows
    )
    return scrolling(
        f'<table class="list"><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    )


def _matrix(rows: Sequence[Comparison], caption: str) -> str:
    """A row a class and a column a figure: simulated, then expected and the verdict where there are such."""
    cells = {tuple(row.subject.split(": ", 1)): row for row in rows}
    names, kinds = (list(dict.fromkeys(key[i] for key in cells)) for i in (0, 1))
    targets = {kind: next(row.target for key, row in cells.items() if key[1] == kind) for kind in kinds}
    head = '<th scope="col">class</th>' + "".join(
        f'<th scope="col">{escape(kind)}<small>{escape(targets[kind])}</small></th>' for kind in kinds
    )
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(_cell(cells.get((name, kind))) for kind in kinds)}</tr>'
        for name in names
    )
    return scrolling(
        f'<table class="matrix"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cell(row: Comparison | None) -> str:
    if row is None:
        return "<td></td>"
    real = f"<small>{escape(row.real)}</small>" if row.real else ""
    return f"<td>{escape(row.simulated)}{real}{_verdict(row.passed)}</td>"


def _verdict(passed: bool | None) -> str:
    if passed is None:
        return ""
    return '<span class="good">✓ pass</span>' if passed else '<span class="bad">✗ fail</span>'


def _sources() -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>'
        for name, text in real_statistics()["sources"].items()
    )
    about = escape(real_statistics()["about"])
    return (
        f'<section><h2 id="sources">Where the expected figures come from</h2><p>{about}</p>'
        f"<table><caption>Sources</caption><tbody>{rows}</tbody></table></section>"
    )
