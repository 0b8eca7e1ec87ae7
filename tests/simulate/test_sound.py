"""The sound of a session: single taps against the tables, symmetry, linearity, silence, and finding contacts again."""

import dataclasses
import math
import tracemalloc

import numpy as np
import pytest
from scipy import signal

from labutils.simulate.physics_checks import (
    BALL,
    BLOCK,
    FOAM,
    OUTWARD,
    SCREWDRIVER,
    SILENT,
    listen,
    one_pulse,
    still,
    tapped,
)
from labutils.simulate.sound import (
    SAMPLE_RATE_HZ,
    Rig,
    blow,
    build_tray,
    find_contacts,
    find_hits,
    mode_spectra,
    motor_hum,
)
from labutils.simulate.tray import Motion, simulate_session


def moving_arm(duration_s: float) -> Motion:
    motion = still(duration_s)
    second = np.arange(len(motion.tilt_rate_rad_s)) // 500 % 3
    return dataclasses.replace(motion, tilt_rate_rad_s=np.where((second > 0)[:, None], [0.5, -0.2], 0.0))


def sliding(duration_s: float, obj, speed_m_s: float = 0.3) -> Motion:
    motion = still(duration_s)
    n = len(motion.position_m)
    position = np.zeros((n, 3))
    position[:, 0] = np.clip(np.arange(n) / 1000 * speed_m_s - 0.1, -0.1, 0.1)
    velocity = np.gradient(position, 1e-3, axis=0)
    weight = np.full(n, obj.mass_kg * 9.81 / 1000)
    return dataclasses.replace(motion, position_m=position, velocity_m_s=velocity, floor_impulse_n_s=weight)


def peaks(audio):
    return np.abs(audio).max(axis=0)


# --- a single tap ---


def test_shape_range_and_type():
    audio = listen(tapped(1.5, [(0.5, 0, 0.0)]), rig=Rig())
    assert audio.shape == (round(1.5 * SAMPLE_RATE_HZ), 4) and audio.dtype == np.float32
    assert np.abs(audio).max() <= 1


def test_nothing_is_heard_before_the_tap():
    audio = listen(tapped(1.0, [(0.5, 1, 0.02)]))
    assert peaks(audio[: SAMPLE_RATE_HZ // 2]).max() < 1e-4 * peaks(audio).max()


def test_blade_of_the_screwdriver_is_heard_through_the_floor():
    driver = one_pulse(SCREWDRIVER)
    motion = tapped(1.0, [(0.1, 1, 0.0)], mass_kg=driver.mass_kg)
    steel = listen(motion, driver)[:, 1]
    block = listen(motion, dataclasses.replace(driver, material="wood", parts=BLOCK.parts))[:, 1]
    late = slice(round(0.3 * SAMPLE_RATE_HZ), round(0.5 * SAMPLE_RATE_HZ))
    level = [np.abs(np.fft.rfft(wave[late], SAMPLE_RATE_HZ))[430:475].max() for wave in (steel, block)]
    assert level[0] > 3 * level[1]


@pytest.mark.parametrize("wall", range(4))
def test_own_wall_is_loudest_and_first(wall):
    audio = listen(tapped(0.5, [(0.1, wall, 0.03)]))
    level = peaks(audio)
    assert level.argmax() == wall
    margin_db = 20 * np.log10(level[wall] / np.delete(level, wall))
    assert 2 < np.median(margin_db) < 20
    arrival = (np.abs(audio) > 0.02 * level[wall]).argmax(axis=0)
    assert arrival.argmin() == wall and np.all(np.delete(arrival, wall) > arrival[wall])


def test_the_sound_arrives_later_at_walls_further_away():
    audio = listen(tapped(0.5, [(0.1, 1, 0.11)]), one_pulse(SCREWDRIVER))  # left wall, near the top one
    arrival = (np.abs(audio) > 0.03 * peaks(audio).max()).argmax(axis=0)
    bottom, left, top, right = arrival
    assert left < top < bottom and top < right


def test_momentum_scales_the_amplitude():
    # twice the mass at the same speed: the same pulse, twice the momentum
    heavy = dataclasses.replace(one_pulse(BLOCK), mass_kg=2 * BLOCK.mass_kg)
    light_tap = listen(tapped(0.5, [(0.1, 2, 0.0)]), one_pulse(BLOCK))
    heavy_tap = listen(tapped(0.5, [(0.1, 2, 0.0)], mass_kg=heavy.mass_kg), heavy)
    walls = slice(
        4410, 4410 + 44
    )  # the first millisecond, before the object's own ring, which its mass does not scale
    np.testing.assert_allclose(
        heavy_tap[walls, 2], 2 * light_tap[walls, 2], rtol=0.1, atol=0.02 * peaks(heavy_tap)[2]
    )
    assert peaks(heavy_tap)[2] == pytest.approx(2 * peaks(light_tap)[2], rel=0.1)


@pytest.mark.parametrize("obj", [BLOCK, SCREWDRIVER, FOAM], ids=lambda obj: obj.name)
def test_energy_grows_as_the_square_of_the_impulse(obj):
    light = dataclasses.replace(
        one_pulse(obj), mass_kg=obj.mass_kg / 2
    )  # so that the heavy one stays below full scale
    heavy = dataclasses.replace(light, mass_kg=3 * light.mass_kg)  # at the same speed: thrice the impulse
    energy = [
        np.square(listen(tapped(0.7, [(0.1, 2, 0.0)], mass_kg=o.mass_kg), o)).sum() for o in (light, heavy)
    ]
    assert energy[1] / energy[0] == pytest.approx(9, rel=0.01)


def test_a_simulated_hit_hands_the_momentum_it_loses_to_the_sound():
    ball = dataclasses.replace(BALL, friction=0.02)  # the floor takes no momentum along
    motion = simulate_session(ball, duration_s=12.0, seed=3)
    hits = [hit for hit in find_hits(motion, ball) if hit.impulse_n_s > 0.4 * ball.mass_kg]
    alone = [
        hit
        for hit in hits
        if hit.time_s < 11.9
        and min((abs(h.time_s - hit.time_s) for h in hits if h is not hit), default=1) > 0.05
    ]
    ratios = []
    for hit in alone:
        start, end = round(hit.time_s * 1000) - 2, round(hit.time_s * 1000) + 15
        about_x, about_y = motion.tilt_rad[start]
        weight = 9.81 * np.array(
            [math.cos(about_x) * math.sin(about_y), -math.sin(about_x)]
        )  # along the tray
        change = motion.velocity_m_s[start, :2] - motion.velocity_m_s[end, :2] + weight * (end - start) / 1000
        ratios.append(hit.impulse_n_s / (ball.mass_kg * change @ OUTWARD[hit.wall]))
    assert len(ratios) >= 4
    assert np.median(ratios) == pytest.approx(1, abs=0.05)  # mass 2 % a session


def test_left_and_right_are_mirrored_on_a_symmetric_rig():
    left = listen(tapped(0.6, [(0.1, 1, 0.05)]))
    right = listen(tapped(0.6, [(0.1, 3, 0.05)]))
    np.testing.assert_allclose(left, right[:, [0, 3, 2, 1]], atol=1e-5 * peaks(left).max() + 1e-7)
    assert not np.allclose(left, right, atol=1e-2 * peaks(left).max())


def test_microphone_gains_scale_their_own_channel():
    motion, louder = (
        tapped(0.5, [(0.1, 0, 0.0)]),
        dataclasses.replace(SILENT, microphone_gain=(1.0, 2.0, 1.0, 1.0)),
    )
    plain, scaled = listen(motion), listen(motion, rig=louder)
    np.testing.assert_allclose(scaled, plain * [1, 2, 1, 1], rtol=1e-4, atol=1e-7)


# --- the session ---


def test_same_seed_same_samples_and_another_seed_another_tap():
    motion = tapped(0.5, [(0.1, 0, 0.0)])
    first, again, other = (listen(motion, rig=Rig(), seed=s) for s in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_memory_grows_with_the_sound_not_with_modes_times_samples():
    peaks_bytes = []
    for duration_s in (4.0, 12.0):
        motion = tapped(duration_s, [(t, 1, 0.0) for t in np.arange(0.5, duration_s - 0.5, 0.5)])
        tracemalloc.start()
        listen(motion, rig=Rig())
        peaks_bytes.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    bytes_a_sample = (peaks_bytes[1] - peaks_bytes[0]) / (8 * SAMPLE_RATE_HZ)
    modes = len(build_tray(SILENT).floor.frequency_hz) + len(build_tray(SILENT).wall.frequency_hz)
    assert bytes_a_sample < 16 * 4 < modes * 4  # sixteen numbers a sample for four channels


def test_days_differ():
    days = [Rig.draw(np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert days[0] == days[1] != days[2]


def test_a_still_object_gives_the_noise_floor_and_the_same_for_every_class():
    rig = Rig(hum_level=0.0)
    sounds = [listen(still(1.0), obj, rig) for obj in (FOAM, BLOCK)]
    for audio in sounds:
        np.testing.assert_allclose(audio.std(axis=0), rig.noise_level, rtol=0.03)
    assert not np.any(listen(still(1.0)))


def test_sliding_is_heard_below_two_kilohertz_and_more_when_faster():
    slow, fast = (listen(sliding(0.8, BLOCK, speed), BLOCK)[:, 0] for speed in (0.25, 0.5))
    frequency, power = signal.welch(fast, SAMPLE_RATE_HZ, nperseg=4096)
    assert power[frequency < 2000].sum() > 0.9 * power.sum() > 0
    assert fast.std() > slow.std() > 0


def test_motors_hum_in_three_bands_only_while_the_arm_moves():
    motion = moving_arm(3.0)
    audio = listen(motion, rig=dataclasses.replace(SILENT, motor_level=1e-3))
    moving = np.repeat(np.abs(motion.tilt_rate_rad_s[:, 0]) > 0, 45)[: len(audio)]
    assert audio[: round(0.4 * SAMPLE_RATE_HZ)].std() < 0.02 * audio.std()
    assert moving.any() and audio.std() == pytest.approx(1e-3, rel=0.6)
    frequency, power = signal.welch(audio[:, 0], SAMPLE_RATE_HZ, nperseg=8192)
    near = np.zeros(len(frequency), bool)
    for centre in (500, 1600, 3400):
        near |= np.abs(frequency / centre - 1) < 0.2
    assert power[near].sum() > 0.8 * power.sum()


def test_motors_do_not_tell_axis_or_direction():
    motion, rng = moving_arm(2.0), np.random.default_rng
    turned = dataclasses.replace(motion, tilt_rate_rad_s=-motion.tilt_rate_rad_s[:, ::-1])
    rig = Rig()
    np.testing.assert_array_equal(
        motor_hum(motion, rig, rng(0), 22050), motor_hum(turned, rig, rng(0), 22050)
    )


# --- parts ---


def test_mode_spectra_equal_the_transform_of_the_ring():
    frequency, t60, rate, n = np.array([230.0, 1700.0, 9000.0]), np.array([0.2, 0.05, 0.1]), 11025, 2000
    time_s = np.arange(n) / rate
    ring = np.exp(-math.log(1000) * time_s / t60[:, None]) * np.cos(2 * math.pi * frequency[:, None] * time_s)
    ring[:, 0] /= 2
    expected = np.fft.rfft(ring, axis=1) / rate
    expected[2] = 0  # above half the sample rate
    np.testing.assert_allclose(
        mode_spectra(frequency, t60, rate, n), expected, atol=1e-6 * np.abs(expected).max()
    )


def test_a_blow_hands_over_the_momentum_of_the_hit():
    motion = tapped(0.5, [(0.1, 3, 0.02)])
    (hit,) = find_hits(motion, BLOCK)
    assert hit.impulse_n_s == pytest.approx(motion.wall_impulse_n_s.sum(), rel=1e-9)
    force = blow(hit, BLOCK, SAMPLE_RATE_HZ, np.random.default_rng(0))
    assert force.sum() / SAMPLE_RATE_HZ == pytest.approx(hit.impulse_n_s, rel=1e-9)
    assert force.min() >= 0


def test_loose_parts_hand_over_their_share_later():
    hit = find_hits(tapped(0.5, [(0.1, 3, 0.02)]), BLOCK)[0]
    rattling = dataclasses.replace(one_pulse(BLOCK), rattle=0.4)
    force = blow(hit, rattling, SAMPLE_RATE_HZ, np.random.default_rng(0))
    assert force.sum() / SAMPLE_RATE_HZ == pytest.approx(hit.impulse_n_s, rel=1e-9)
    assert force[round(0.005 * SAMPLE_RATE_HZ) :].sum() == pytest.approx(0.4 * force.sum(), rel=1e-6)


def test_harder_hits_have_shorter_pulses():
    slow, fast = (find_hits(tapped(0.5, [(0.1, 3, 0.0)], speed), BLOCK)[0] for speed in (0.1, 3.2))
    lengths = [
        np.count_nonzero(blow(h, one_pulse(BLOCK), 1e6, np.random.default_rng(0))) for h in (slow, fast)
    ]
    assert lengths[0] / lengths[1] == pytest.approx(2, rel=0.01)  # (3.2 / 0.1) ** 0.2 = 2


def test_leaning_drumming_and_faint_touches_are_no_hits():
    leaning, drumming = still(1.0), still(1.0)
    leaning.wall_impulse_n_s[300:, 0] = BLOCK.mass_kg * 9.81 / 1000
    drumming.wall_impulse_n_s[300:900:20, 0] = 0.06 * BLOCK.mass_kg
    for motion in (leaning, drumming):
        motion.wall_point_m[:, 0] = (0, -0.15, 0.01)
    faint = tapped(1.0, [(0.5, 0, 0.0)], speed_m_s=0.02)
    assert len(find_hits(leaning, BLOCK)) <= 1  # the first touch may be one
    assert len(find_hits(drumming, BLOCK)) <= 4  # the first and the last beats, not all thirty
    assert find_hits(faint, BLOCK) == []


def test_two_bounces_are_two_hits_and_a_chattering_one_is_one():
    assert len(find_hits(tapped(1.0, [(0.2, 0, 0.0), (0.28, 0, 0.0), (0.5, 2, 0.0)]), BLOCK)) == 3
    assert len(find_hits(tapped(1.0, [(0.2, 0, 0.0), (0.21, 0, 0.0)]), BLOCK)) == 1


# --- finding contacts ---


def test_what_is_not_far_louder_than_usual_is_no_contact():
    motion = tapped(4.0, [(1.5, 0, 0.0)])
    audio = listen(motion, rig=Rig())
    level = np.sqrt(np.median(np.square(audio[:SAMPLE_RATE_HZ]).mean(axis=1)))
    faint = (audio - listen(still(4.0), rig=Rig())) * (8 * level / np.abs(audio).max()) + listen(
        still(4.0), rig=Rig()
    )
    assert len(find_contacts(audio)) == 1 and len(find_contacts(faint)) == 0


@pytest.mark.parametrize("obj", [FOAM, BLOCK, SCREWDRIVER], ids=lambda obj: obj.name)
def test_contacts_are_found_where_taps_were(obj):
    times_s = np.array([0.6, 1.3, 2.2, 3.1])
    motion = tapped(4.0, [(t, wall, 0.04) for wall, t in enumerate(times_s)], mass_kg=obj.mass_kg)
    motion = dataclasses.replace(motion, tilt_rate_rad_s=moving_arm(4.0).tilt_rate_rad_s)
    found = find_contacts(listen(motion, obj, Rig()))
    assert len(found) == 4
    np.testing.assert_allclose(found, times_s, atol=0.02)


def test_motor_hum_and_noise_alone_are_no_contacts():
    loud_motors = dataclasses.replace(Rig(), motor_level=4 * Rig().motor_level)
    for seed in range(3):
        assert len(find_contacts(listen(moving_arm(12.0), rig=loud_motors, seed=seed))) == 0
        assert len(find_contacts(listen(still(6.0), rig=Rig(), seed=seed))) == 0


def test_sliding_alone_is_no_contact():
    assert len(find_contacts(listen(sliding(1.5, BLOCK), BLOCK, Rig()))) == 0


def test_a_recording_of_nothing_has_no_contacts():
    assert len(find_contacts(np.zeros((0, 4), np.float32))) == 0
    assert len(find_contacts(np.zeros((SAMPLE_RATE_HZ, 4), np.float32))) == 0
