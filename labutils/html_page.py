"""Pages that stand alone: one HTML file with styles, pictures and sounds inside; nothing is fetched, no script."""

import base64
import io
from collections.abc import Sequence
from html import escape

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

_DPI = 90
STYLE = """
:root{color-scheme:light dark;--page:#fff;--text:#1b1b1f;--quiet:#5b5b66;--line:#d4d4dc;--band:#f4f4f8;--good:#0a6b3d;
--bad:#a3260f}
@media (prefers-color-scheme:dark){:root{--page:#17171c;--text:#ececf1;--quiet:#a9a9b6;--line:#3a3a46;--band:#202028;
--good:#5fd39a;--bad:#ff9d85}}
body{background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif;margin:2rem auto;padding:0 1rem;
max-width:70rem}
h1{font-size:1.8rem;line-height:1.2}h2{margin-top:3rem;border-bottom:2px solid var(--line)}h3{margin-top:2rem}
p{max-width:46rem}.quiet{color:var(--quiet)}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0;font-size:.9rem}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid var(--line)}
thead th{vertical-align:bottom}tbody th{font-weight:500;min-width:8rem}
.list tbody th{min-width:16rem}.list td{max-width:20rem}tbody tr:nth-child(odd){background:var(--band)}
td small,th small{color:var(--quiet);display:block;font-weight:400}
.matrix td{font-variant-numeric:tabular-nums;white-space:nowrap}
.good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:700}.good,.bad{white-space:nowrap}
figure{margin:1.5rem 0}img{max-width:100%;height:auto;background:#fff;border-radius:4px}
figcaption{color:var(--quiet);font-size:.9rem;max-width:46rem}code{overflow-wrap:anywhere}
"""


def whole_page(title: str, introduction: str, body: str) -> str:
    """Write a whole page, readable in light and dark, on a desk and on a phone.

    Args:
        title: plain text.
        introduction: HTML below the title.
        body: HTML of the sections.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
{introduction}
</header>
<main>
{body}
</main>
</body>
</html>
"""


def picture(figure: Figure, words: str) -> str:
    """Put a figure into the page, with its caption as the text for those who do not see it, and close it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    plt.close(figure)
    image = base64.b64encode(buffer.getvalue()).decode("ascii")
    text = escape(words, quote=True)
    return f'<figure><img alt="{text}" src="data:image/png;base64,{image}"><figcaption>{text}</figcaption></figure>\n'


def scrolling(table: str) -> str:
    """Let a table that is wider than the page move sideways by itself."""
    return f'<div class="scroll" tabindex="0">{table}</div>'


def plain_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Write a table of plain text, the first cell of every row as its heading.

    Args:
        caption: what the table shows.
        head: names of the columns.
        rows: the cells of every row.
    """
    top = "".join(f'<th scope="col">{escape(word)}</th>' for word in head)
    body = "".join(
        f'<tr><th scope="row">{escape(str(first))}</th>'
        + "".join(f"<td>{escape(str(cell))}</td>" for cell in others)
        + "</tr>"
        for first, *others in rows
    )
    return scrolling(
        f"<table><caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )
