"""The score panel says what a pair scores and why, for every cell of the matrix."""

import numpy as np
import pytest
import torch

from labutils import widgets
from labutils.contact_maps import ContactMaps, MapSettings
from labutils.pair_evidence import Evidence, channel_of, collect_evidence
from labutils.physics_score import STEPS
from labutils.widgets.pair_score import explain_score
from widgets.conftest import alert, pictures

RATIO = np.array([[5.0, 1.0, -2.0], [0.0, 3.0, 3.5]])
ASSIGNMENT, TRUTH = np.array([0, -1]), np.array([0, 1])


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    rng = np.random.default_rng(0)
    levels = rng.normal(-60, 10, (2, 4, 16, STEPS)).astype(np.float32)
    movement = np.full((3, 6, STEPS), 0.01, dtype=np.float32)
    movement[:, :2] = rng.uniform(0.2, 0.8, (3, 2, STEPS))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = ContactMaps(16, MapSettings(width=4, channels=2))
    channel = channel_of(network, levels, movement[:2])
    return collect_evidence(network, levels, movement, class_term=RATIO / 2, log_ratio=RATIO, channel=channel)


def test_picture_follows_every_control_over_its_range(evidence):
    panel = widgets.ScorePanel(evidence, ASSIGNMENT, TRUTH)
    for box in panel.controls.values():
        shown = set()
        for value in range(box.min, box.max + 1):
            box.value = value
            assert alert(panel) == "" and len(pictures(panel.picture.value)) == 2
            shown.add(panel.picture.value)
        assert len(shown) == box.max + 1


def test_panel_begins_with_the_answer_of_its_sound(evidence):
    panel = widgets.ScorePanel(evidence, np.array([0, 2]), TRUTH, sound=1)
    assert panel.settings == {"sound": 1, "video": 2}
    unmatched = widgets.ScorePanel(evidence, ASSIGNMENT, TRUTH, sound=1)
    assert unmatched.settings == {"sound": 1, "video": 0}


def test_score_is_explained_in_parts(evidence):
    right = explain_score(evidence, ASSIGNMENT, TRUTH, 0, 0)
    assert right["this pair is"] == "the true one" and right["the sound was given"] == "video 0"
    assert right["class term (nats)"] == "2.5" and right["log-likelihood ratio (nats)"] == "5.0"
    assert right["margin to the best rival (nats)"] == "+4.0 over video 1"
    assert right["agreement of the maps, by lag"].count("ms") == 5
    wrong = explain_score(evidence, ASSIGNMENT, TRUTH, 1, 1)
    assert explain_score(evidence, ASSIGNMENT, TRUTH, 0, 1)["this pair is"] == "not a true one"
    assert wrong["the sound was given"] == "no video" and wrong["right would be"] == "video 1"
    assert wrong["margin to the best rival (nats)"] == "-0.5 over video 2"


def test_pictures_say_in_words_what_they_show(evidence):
    (matrix, _), (pair, _) = pictures(widgets.ScorePanel(evidence, ASSIGNMENT, TRUTH).picture.value)
    assert "sound 0, video 0" in matrix and "margin to the best rival (nats): +4.0 over video 1" in pair


def test_panel_has_a_friendly_text(evidence):
    assert "a panel with controls" in repr(widgets.ScorePanel(evidence, ASSIGNMENT, TRUTH))
