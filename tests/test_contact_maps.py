"""Contact maps: both halves turn together, lags and shifts have the right sign, and pairs are learned."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from labutils.augmentation import Symmetry, shift_in_time
from labutils.contact_maps import (
    ContactMaps,
    MapSettings,
    WallNetwork,
    agreement_cells,
    augment_pairs,
    contact_loss,
    fit_contact_maps,
    info_nce,
    mirror_movement,
    movement_from_walls,
    shared_channel,
    sound_from_walls,
    turn_clockwise,
)
from labutils.physics_score import STEP_S, STEPS

SMALL = MapSettings(width=8, channels=4, epochs=12, classes=2, clips_per_class=8, longest_shift=2)


@pytest.fixture
def maps() -> ContactMaps:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return ContactMaps(2, SMALL).eval()


def random_clips(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Sounds [count, 4, 2, 49] in dB and movements [count, 6, 49] of nothing in particular."""
    generator = torch.Generator().manual_seed(seed)
    levels = -60 + 10 * torch.randn(count, 4, 2, STEPS, generator=generator)
    movement = 0.2 + 0.6 * torch.rand(count, 6, STEPS, generator=generator)
    movement[:, 2:5] = 0.01
    movement[:, 4] = 0.002
    return levels, movement


def still_at(x: float, y: float) -> torch.Tensor:
    """A small round object that lies still, [1, 6, 49]."""
    return torch.tensor([x, y, 1e-4, 1e-4, 0.0, 0.1])[None, :, None].expand(1, 6, STEPS).clone()


def test_microphones_are_seen_as_own_next_opposite_previous():
    levels = torch.arange(4.0)[None, :, None, None].expand(1, 4, 1, STEPS)
    seen = sound_from_walls(levels)[0, :, :, 0]
    assert seen.tolist() == [[0, 1, 2, 3], [1, 2, 3, 0], [2, 3, 0, 1], [3, 0, 1, 2]]


@pytest.mark.parametrize(
    ("wall", "place"), [(0, (0.5, 0.95)), (1, (0.05, 0.5)), (2, (0.5, 0.05)), (3, (0.95, 0.5))]
)
def test_object_at_a_wall_is_near_that_wall_and_no_other(wall, place):
    """Walls bottom, left, top, right; y points down."""
    distance = movement_from_walls(still_at(*place))[0, :, 0, 0]
    assert distance.argmin() == wall and distance[wall] == pytest.approx(0.05)
    nearness = movement_from_walls(still_at(*place))[0, :, 2:6, 0]
    assert nearness[wall].argmax() == 0, "its own wall"
    assert nearness[(wall + 3) % 4].argmax() == 1, "the next wall, seen from the one before"


def test_object_that_creeps_looks_unlike_one_that_lies_still():
    """A hundredth of a tray width a second is seen, in whichever direction."""
    still = still_at(0.4, 0.6)
    creeping = still.clone()
    creeping[0, 1] += 0.01 * torch.arange(STEPS) * STEP_S  # tray widths
    change = (movement_from_walls(creeping) - movement_from_walls(still))[0, 0, :, STEPS // 2]
    assert change[8] > 1.2, "logarithm of the speed"
    assert change[11:13].tolist() == pytest.approx([0, np.arcsinh(1.0)], abs=1e-3), "velocity, shown large"
    assert change[9:11].tolist() == pytest.approx([0, np.arcsinh(0.1)], abs=1e-3)


def test_movement_turns_and_mirrors_as_positions_do():
    _, movement = random_clips(3)
    positions = movement[:, :2].transpose(1, 2)
    turned = Symmetry(1, False).of_positions(positions).transpose(1, 2)
    torch.testing.assert_close(turn_clockwise(movement)[:, :2], turned)
    mirrored = Symmetry(0, True).of_positions(positions).transpose(1, 2)
    torch.testing.assert_close(mirror_movement(movement)[:, :2], mirrored)
    four = movement
    for _ in range(4):
        four = turn_clockwise(four)
    torch.testing.assert_close(four, movement)


def test_covariance_follows_the_object_when_the_tray_turns():
    """An object that lies along the falling diagonal lies along the rising one after a quarter turn."""
    movement = torch.tensor([0.5, 0.5, 0.02, 0.01, 0.008, 0.1])[None, :, None]
    assert turn_clockwise(movement)[0, 2:5, 0].tolist() == pytest.approx([0.01, 0.02, -0.008])
    assert mirror_movement(movement)[0, 4, 0] == pytest.approx(-0.008)


def test_turned_tray_permutes_the_walls_of_both_maps_alike_and_keeps_the_score(maps):
    levels, movement = random_clips(3)
    audio, video = maps.audio_maps(levels), maps.video_maps(movement)
    audio_turned = maps.audio_maps(Symmetry(1, False).of_microphones(levels))
    video_turned = maps.video_maps(turn_clockwise(movement))
    torch.testing.assert_close(audio_turned, audio.roll(1, dims=1), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(video_turned, video.roll(1, dims=1), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(
        maps.scores(audio_turned, video_turned), maps.scores(audio, video), atol=1e-4, rtol=1e-4
    )


def test_maps_have_length_one(maps):
    levels, movement = random_clips(3)
    for drawn in (maps.audio_maps(levels), maps.video_maps(movement)):
        assert drawn.shape == (3, 4, SMALL.channels, STEPS)
        torch.testing.assert_close(drawn.flatten(1).norm(dim=1), torch.ones(3))


def spike(step: int) -> torch.Tensor:
    maps = torch.zeros(1, 4, SMALL.channels, STEPS)
    maps[0, 1, 2, step] = 1.0
    return maps


def test_score_is_the_log_sum_exp_over_the_lags(maps):
    levels, movement = random_clips(2)
    audio, video = maps.audio_maps(levels), maps.video_maps(movement)
    temperature, prior = maps.log_temperature.exp(), maps.lag_score.log_softmax(0)
    for i in range(2):
        for j in range(2):
            terms = []
            for number, lag in enumerate((-2, -1, 0, 1, 2)):
                agreement = sum(
                    float((audio[i, ..., t] * video[j, ..., t - lag]).sum().detach())
                    for t in range(STEPS)
                    if 0 <= t - lag < STEPS
                )
                terms.append(temperature * agreement + prior[number])
            expected = torch.logsumexp(torch.stack(terms), dim=0)
            torch.testing.assert_close(maps.scores(audio, video)[i, j], expected, atol=1e-4, rtol=1e-4)


def test_at_a_lag_of_plus_one_the_sound_is_one_step_late(maps):
    with torch.no_grad():
        maps.lag_score.copy_(torch.tensor([-9.0, -9, -9, 9, -9]))  # +1 only
    late, early = maps.scores(spike(21), spike(20)), maps.scores(spike(19), spike(20))
    assert late > early + 5


def test_lags_let_the_clocks_differ_by_two_steps_and_no_more(maps):
    score = {apart: maps.scores(spike(20 + apart), spike(20)).item() for apart in (-3, -2, 0, 2, 3)}
    assert score[-2] == pytest.approx(score[0]) == score[2]
    assert score[3] == pytest.approx(score[-3]) and score[3] < score[2] - 1


@pytest.mark.parametrize("longest", [0, 1, 5])
def test_longest_lag_and_temperature_are_settings(longest):
    settings = replace(SMALL, longest_lag=longest, inverse_temperature=3.0)
    maps = ContactMaps(2, settings)
    audio = spike(20)
    # (lags, 1, 13)
    agreement = maps.agreement(audio, torch.cat([spike(20 + apart) for apart in range(-6, 7)]))
    assert agreement.shape == (2 * longest + 1, 1, 13)
    assert (agreement.amax(dim=(0, 1)) > 0.5).tolist() == [abs(apart) <= longest for apart in range(-6, 7)]
    assert maps.scores(audio, audio).item() == pytest.approx(
        np.log(np.exp(3) + 2 * longest) - np.log(2 * longest + 1)
    )


def test_cells_add_up_to_the_agreement_and_lie_where_both_maps_agree(maps):
    levels, movement = random_clips(2)
    audio, video = maps.audio_maps(levels), maps.video_maps(movement)
    agreement = maps.agreement(audio, video)
    for number, lag in enumerate(maps.lags):
        assert agreement_cells(audio[0], video[1], lag).sum().item() == pytest.approx(
            agreement[number, 0, 1].item(), abs=1e-6
        )
    cells = agreement_cells(spike(21)[0], spike(20)[0], 1)
    assert cells[1, 21] == 1 and cells.sum() == 1


def test_shared_channel_is_the_mixture_that_both_maps_follow():
    generator = torch.Generator().manual_seed(0)
    contact = (torch.rand(30, 4, 1, STEPS, generator=generator) < 0.05).float()
    noise = lambda: 0.05 * torch.randn(30, 4, 3, STEPS, generator=generator)  # noqa: E731
    left, right = torch.tensor([0.6, 0.0, -0.8]), torch.tensor([0.0, -1.0, 0.0])
    heard, seen = shared_channel(contact * left[:, None] + noise() + 5, contact * right[:, None] + noise())
    torch.testing.assert_close(heard, left, atol=0.05, rtol=0)
    torch.testing.assert_close(seen, right, atol=0.05, rtol=0)


def test_info_nce_is_the_mean_of_both_cross_entropies():
    scores = torch.randn(5, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    p, q = scores.softmax(dim=1).diag(), scores.softmax(dim=0).diag()
    torch.testing.assert_close(info_nce(scores), -(p.log() + q.log()) / 2)
    assert info_nce(torch.zeros(4, 4)).mean().item() == pytest.approx(np.log(4))


def test_both_halves_are_mirrored_together_and_shifted_by_nearly_the_same_time():
    settings = MapSettings(longest_shift=4, gain_std_db=0.0)
    wall = torch.zeros(200, 4, 1, STEPS)
    wall[:, 1, 0, 20:] = 10.0  # the left wall sounds from step 20 on ...
    movement = still_at(0.5, 0.5).repeat(200, 1, 1)
    movement[:, 0, 20:] = 0.1  # ... when the object comes to it
    levels, moved = augment_pairs(wall, movement, settings, np.random.default_rng(0))
    heard_left, seen_left = levels[:, 1, 0, -1] > 0, moved[:, 0, -1] < 0.5
    assert torch.equal(heard_left, seen_left) and 60 < seen_left.sum() < 140
    heard = (levels.amax(dim=(1, 2)) > 0).float().argmax(dim=1)
    seen = (moved[:, 0] != 0.5).float().argmax(dim=1)
    assert set((heard - seen).tolist()) == {-1, 0, 1}
    assert set((seen - 20).tolist()) == set(range(-4, 5))


def test_gain_is_the_same_for_all_microphones_of_a_clip():
    levels, movement = torch.zeros(300, 4, 2, STEPS), still_at(0.5, 0.5).repeat(300, 1, 1)
    louder, _ = augment_pairs(levels, movement, MapSettings(), np.random.default_rng(0))
    assert louder.flatten(1).std(dim=1).max() < 1e-6
    assert louder[:, 0, 0, 0].std() == pytest.approx(1.5, rel=0.15)


def test_scale_is_one_for_all_microphones(maps):
    levels, movement = random_clips(8)
    levels[:, 2] += 30
    maps.fit_scale(levels, movement)
    assert maps.audio.mean.unique().numel() == 1 and maps.audio.std.unique().numel() == 1
    assert maps.audio.mean[0, 0] == pytest.approx(levels.mean().item())


def test_one_network_serves_the_four_walls():
    network = WallNetwork(3, SMALL).eval()
    views = torch.randn(2, 4, 3, STEPS, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(
        network(views.roll(1, dims=1)), network(views).roll(1, dims=1), atol=1e-5, rtol=1e-4
    )


def contacts(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """Clips in which one wall sounds at the step at which the object comes to it."""
    rng = np.random.default_rng(seed)
    levels = torch.from_numpy(-70 + rng.normal(0, 2, (count, 4, 2, STEPS))).float()
    movement = still_at(0.5, 0.5).repeat(count, 1, 1)
    for i in range(count):
        wall, step = rng.integers(4), rng.integers(6, STEPS - 6)
        levels[i, wall, :, step] = -20.0
        x, y = [(0.5, 0.95), (0.05, 0.5), (0.5, 0.05), (0.95, 0.5)][wall]
        movement[i, 0, step:], movement[i, 1, step:] = x, y
    return levels, movement, np.arange(count) % 2


def test_trained_maps_match_clips_they_have_never_seen_and_the_seed_decides_the_weights():
    found = []
    for seed in (3, 3, 4):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            network = ContactMaps(2, SMALL)
            levels, movement, labels = contacts(96, seed=0)
            history = fit_contact_maps(network, levels, movement, labels, SMALL, seed=seed)
        found.append(network.eval())
    assert history.curves["train loss"][-1] < 0.8 * history.curves["train loss"][0]
    levels, movement, _ = contacts(30, seed=1)
    with torch.no_grad():
        scores = [n.scores(n.audio_maps(levels), n.video_maps(movement)) for n in found]
    assert (scores[0].argmax(dim=1) == torch.arange(30)).float().mean() > 0.4
    assert torch.equal(scores[0], scores[1]) and not torch.equal(scores[0], scores[2])


def test_another_loss_trains_another_network():
    def half(network):
        loss_of = contact_loss(network)
        return lambda batch: ((scaled := loss_of(batch))[0] / 2, {"loss": scaled[1]["loss"] / 2})

    curves = []
    for loss in (contact_loss, half):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            network = ContactMaps(2, SMALL)
            once = replace(SMALL, epochs=1)
            curves.append(fit_contact_maps(network, *contacts(16, seed=0), once, seed=0, loss=loss).curves)
    assert curves[1]["train loss"][0] == pytest.approx(curves[0]["train loss"][0] / 2, rel=0.2)
    assert "train accuracy" not in curves[1]


def test_joint_shift_leaves_the_score_of_a_pair_nearly_as_it_is(maps):
    levels, movement, _ = contacts(4, seed=2)
    steps = torch.full((4,), 3)
    before = maps.scores(maps.audio_maps(levels), maps.video_maps(movement)).diag()
    after = maps.scores(
        maps.audio_maps(shift_in_time(levels, steps)), maps.video_maps(shift_in_time(movement, steps))
    ).diag()
    torch.testing.assert_close(after, before, atol=1.0, rtol=0.3)
