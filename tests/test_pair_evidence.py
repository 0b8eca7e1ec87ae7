"""Evidence of a pair: what is shown is what decides, and contacts are where they were put."""

import numpy as np
import pytest
import torch

from labutils.contact_maps import ContactMaps, MapSettings
from labutils.pair_evidence import Evidence, channel_of, collect_evidence
from labutils.physics_score import STEPS


@pytest.fixture(scope="module")
def group() -> tuple[ContactMaps, np.ndarray, np.ndarray]:
    """An untrained network, 3 sounds and 4 movements of nothing in particular."""
    rng = np.random.default_rng(0)
    levels = rng.normal(-60, 10, (3, 4, 16, STEPS)).astype(np.float32)
    movement = rng.uniform(0.2, 0.8, (4, 6, STEPS)).astype(np.float32)
    movement[:, 2:] = 0.01
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return ContactMaps(16, MapSettings(width=8, channels=4)), levels, movement


@pytest.fixture(scope="module")
def evidence(group) -> Evidence:
    network, levels, movement = group
    ratio = np.array([[1.0, 4.0, 2.0, 0.0], [9.0, 0.0, 0.0, 0.0], [0.0, 0.0, 5.0, 7.0]])
    channel = torch.tensor([1.0, 0, 0, 0]), torch.tensor([0, 0, -1.0, 0])
    return collect_evidence(network, levels, movement, class_term=-ratio, log_ratio=ratio, channel=channel)


def test_scores_and_pictures_are_those_of_the_network(group, evidence):
    network, levels, movement = group
    with torch.no_grad():
        audio, video = (
            network.audio_maps(torch.from_numpy(levels)),
            network.video_maps(torch.from_numpy(movement)),
        )
        np.testing.assert_array_equal(evidence.map_score, network.scores(audio, video).numpy())
    np.testing.assert_array_equal(evidence.heard, audio[:, :, 0])
    np.testing.assert_array_equal(evidence.seen, -video[:, :, 2])
    assert evidence.distance.shape == (4, 4, STEPS) and evidence.levels.shape == (3, 4, STEPS)


def test_distances_are_to_bottom_left_top_and_right(group, evidence):
    x, y = group[2][0, :2]
    np.testing.assert_allclose(evidence.distance[0], [1 - y, x, y, 1 - x])


def test_cells_add_up_to_the_agreement_at_the_best_lag(evidence):
    for sound in range(3):
        for video in range(4):
            agreement = evidence.agreement[:, sound, video]
            assert evidence.lags[int(agreement.argmax())] == evidence.best_lag(sound, video)
            assert evidence.cells(sound, video).sum() == pytest.approx(agreement.max(), abs=1e-5)


def test_margin_is_the_distance_to_the_best_other_video(evidence):
    assert (evidence.best_rival(0, 1), evidence.margin(0, 1)) == (2, 2.0)
    assert (evidence.best_rival(0, 3), evidence.margin(0, 3)) == (1, -4.0)


def test_one_video_alone_has_no_rival(group):
    network, levels, movement = group
    one = np.zeros((3, 1))
    channel = channel_of(network, levels, movement[:3])
    alone = collect_evidence(network, levels, movement[:1], class_term=one, log_ratio=one, channel=channel)
    assert alone.best_rival(0, 0) is None and alone.margin(0, 0) == float("inf")


def test_pair_holds_the_video_of_the_video_and_the_sound_of_the_sound(evidence):
    pair = evidence.pair(2, 3)
    for name, expected in {"distance": evidence.distance[3], "level": evidence.levels[2]}.items():
        np.testing.assert_array_equal(pair[name], expected)
    np.testing.assert_array_equal(pair["agreement"], evidence.cells(2, 3))
    assert {values.shape for values in pair.values()} == {(4, STEPS)}
