"""The page of an evaluation: all its parts are there, and nothing is fetched."""

from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

from labutils.systems import model_files, score_page
from labutils.systems.tasks import answer_tests


class Parts(HTMLParser):
    """Collects what a page plays, shows and links to."""

    def __init__(self, text: str):
        super().__init__()
        self.sources, self.tags, self.alts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append(tag)
        self.sources += [found[key] for key in ("src", "href") if key in found]
        self.alts += [found.get("alt", "")] if tag == "img" else []


@pytest.fixture(scope="module")
def answered(contact_models, click_data):
    system = model_files.load(contact_models)
    return system, answer_tests(system, click_data, progress=False)


def test_the_page_holds_scores_figures_and_sounds_and_fetches_nothing(answered):
    system, groups = answered
    wrong = groups[0].answers | dict.fromkeys(list(groups[0].truth)[:2], 9)
    page = score_page.score_page(
        system, [replace(groups[0], answers=wrong), *groups[1:]], {"networks": "<models>"}, ["<h2>More</h2>"]
    )
    parts = Parts(page)
    assert "<h1>The lab&#x27;s own system (contact): how good is it?</h1>" in page
    assert "&lt;models&gt;" in page and "<models>" not in page
    assert "script" not in parts.tags and "link" not in parts.tags
    assert "audio" in parts.tags
    assert all(source.startswith("data:") for source in parts.sources)
    assert len(parts.alts) >= 5 and all(parts.alts)
    assert parts.tags.count("h2") == 6 and "<h2>More</h2>" in page


@pytest.mark.parametrize(("name", "words"), [("contact", "The lab's own system"), ("new", "The system new")])
def test_the_top_of_the_page_is_in_words(name, words):
    origin = {"preset": "lab", "seed": 0, "simulator_version": 2}
    metadata = {"simulated": origin, "training_clips": 844, "seconds": 145}
    system = SimpleNamespace(name=name, settings=SimpleNamespace(seed=3), metadata=metadata, histories={})
    assert score_page.training_in_words(system) == {
        "training data": "preset lab, data seed 0, simulator version 2",
        "training clips": "844",
        "time of the training": "2 min",
        "seed of the training": "3",
    }
    system.metadata = {"simulated": None}
    assert score_page.training_in_words(system)["training data"] == "not made by the simulator"
    assert score_page.title_of(system).startswith(words)


def test_heatmap_is_sorted_so_that_right_pairs_lie_on_the_diagonal(answered, monkeypatch):
    drawn = {}
    original = score_page.plots.plot_distance_heatmap

    def draw(values, assignment, *, truth, **options):
        drawn.update(values=values, assignment=assignment, truth=truth)
        return original(values, assignment, truth=truth, **options)

    monkeypatch.setattr(score_page.plots, "plot_distance_heatmap", draw)
    group = next(group for group in answered[1] if group.task == "task3")
    score_page._heatmap(group)
    assert drawn["truth"][drawn["truth"] >= 0].tolist() == list(range(4))
    assert (drawn["truth"] == drawn["assignment"]).mean() == group.right.mean()
    assert sorted(drawn["values"].ravel()) == sorted(group.found.scores.ravel())
    own = {group.found.scores[i, v] for i, v in enumerate(group.truth.values()) if v >= 0}
    rows = np.flatnonzero(drawn["truth"] >= 0)
    assert set(drawn["values"][rows, drawn["truth"][rows]]) == own


def test_where_all_is_right_the_page_says_so(answered):
    right = replace(answered[1][0], answers=dict(answered[1][0].truth))
    assert score_page._errors([right]) == "<p>Every answer is right.</p>"
