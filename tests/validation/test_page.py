"""The page about the simulator: complete, self-contained, repeatable, and never half a file."""

import base64
import json
import re
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import pytest

from labutils import html_page
from labutils.__main__ import main
from labutils.validation import findings as finding
from labutils.validation import measurement
from labutils.validation import page as module
from labutils.validation.comparison import Comparison
from labutils.validation.findings import Findings
from labutils.validation.page import page, write_page
from labutils.validation.shortcuts import ShortcutControl

VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Collects tags, attributes and text, and refuses tags that are not closed."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def draw_quickly(patch: pytest.MonkeyPatch) -> None:
    """Coarse pictures, their parts not arranged anew before each is drawn, and examples of two classes only."""
    subplots, examples = plt.subplots, finding.example_clips
    patch.setattr(plt, "subplots", lambda *args, layout, **options: subplots(*args, **options))
    patch.setattr(html_page, "_DPI", 30)
    patch.setattr(finding, "example_clips", lambda clips: dict(list(examples(clips).items())[:2]))


@pytest.fixture(scope="module")
def written(tiny_data, tmp_path_factory):
    """The page of the `tiny` data set, every other clip, with short sessions and one made-up control."""
    out = tmp_path_factory.mktemp("page") / "new" / "page.html"
    with pytest.MonkeyPatch.context() as patch:
        real, all_clips = finding.hear_session, measurement.train_clips
        patch.setattr(measurement, "train_clips", lambda data: all_clips(data)[::2])
        patch.setattr(finding, "SESSIONS", 1)
        patch.setattr(
            finding, "hear_session", lambda obj, *, duration_s, seed: real(obj, duration_s=2, seed=seed)
        )
        draw_quickly(patch)
        patch.setattr(
            finding,
            "run_controls",
            lambda seed, **_: {"silence <alone>": ShortcutControl(0.12, (0.08, 0.2), 0.1, 50)},
        )
        findings = write_page(tiny_data, out, progress=False)
        again = page(findings)
    return out, findings, again


def test_page_needs_nothing_else(written):
    out, _, _ = written
    page = Page(out.read_text(encoding="utf-8"))
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]
    assert not page.all("script") and not page.all("link")
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    assert all(link["href"].startswith("#") for link in page.all("a"))
    assert "http" not in re.sub(r"base64,[^\"]*", "", out.read_text(encoding="utf-8"))


def test_page_shows_every_comparison_and_every_picture(written):
    out, findings, _ = written
    page = Page(out.read_text(encoding="utf-8"))
    text = " ".join(page.words)
    for row in findings.comparisons:
        assert row.subject.rpartition(": ")[2] in text and row.simulated in text
    passed, failed = (sum(row.passed is state for row in findings.comparisons) for state in (True, False))
    assert text.count("✓ pass") == passed and text.count("✗ fail") == failed
    assert len(page.all("img")) == 5
    pictures = [base64.b64decode(image["src"].partition(",")[2]) for image in page.all("img")]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_page_says_what_it_is_about(written, tiny_data):
    manifest = json.loads((tiny_data / "dataset" / "manifest.json").read_text())
    text = written[0].read_text(encoding="utf-8")
    assert manifest["fingerprint"] in text
    for name in ("Simulator version", "Preset", "Seed", "Training clips"):
        assert name in text
    assert "silence &lt;alone&gt;" in text and "BobAnkh/std-project3" in text


def test_page_can_be_read_aloud(written):
    page = Page(written[0].read_text(encoding="utf-8"))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and set(levels[1:]) == {2}
    assert all(len(image["alt"]) > 40 for image in page.all("img"))
    assert all(cell.get("scope") in ("row", "col") for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert page.all("html") == [{"lang": "en"}] and page.all("title") == [{}]
    anchors = {heading["id"] for heading in page.all("h2")}
    assert {link["href"][1:] for link in page.all("a")} <= anchors


def test_the_same_findings_give_the_same_page(written):
    out, _, again = written
    assert out.read_text(encoding="utf-8") == again


def test_recordings_are_measured_without_what_only_the_simulator_knows(click_data, tmp_path, monkeypatch):
    draw_quickly(monkeypatch)
    findings = write_page(click_data, tmp_path / "page.html", progress=False)
    assert {row.section for row in findings.comparisons} == {"motion", "sound", "masks", "information"}
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "These clips are recordings" in text and 'id="physics"' not in text


def test_command_writes_the_page_and_says_how_many_passed(monkeypatch, tmp_path, capsys):
    (tmp_path / "train").mkdir()
    rows = [Comparison("motion", "a", "1", "1", "", passed) for passed in (True, False, None)]
    findings = Findings({}, True, None, rows, {})
    monkeypatch.setattr(module, "write_page", lambda data, out, **options: findings)
    out = tmp_path / "page.html"
    assert main(["report", "simulator", "--data", str(tmp_path), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"1 of 2 judged figures passed; the page is in {out}\n"


def test_no_data_set_is_one_sentence_and_leaves_the_old_page(tmp_path, capsys):
    out = tmp_path / "report.html"
    out.write_text("old")
    assert main(["report", "simulator", "--data", str(tmp_path / "nowhere"), "--out", str(out)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1 and "nowhere" in error
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
