"""Statistics of a data set: by hand on small cases, against independent versions, and side by side with the recordings."""

import dataclasses
import math

import librosa
import numpy as np
import pytest
from scipy import stats

from labutils.clips import CLASS_NAMES, SAMPLE_RATE_HZ, ClipError
from labutils.simulate import calibration, hearing, physics_checks, seeing
from labutils.simulate.calibration import (
    compare_motion,
    endpoints,
    ks_distance,
    measure,
    motion_statistics,
    read_endpoints,
    real_motion,
)
from labutils.simulate.comparison import in_band, near_number, number, real_statistics
from labutils.simulate.hearing import Heard
from labutils.simulate.sound import Hit

RNG = np.random.default_rng(0)


def verdicts(rows) -> dict[str, bool | None]:
    return {row.subject: row.passed for row in rows}


# --- motion ---


def test_endpoints_are_the_first_and_last_known_places_by_rising_id():
    unknown = [np.nan, np.nan]
    paths = [np.array([unknown, [1, 2], [3, 4], unknown]), np.array([unknown]), np.array([[5.0, 6.0]])]
    ends = endpoints([9, 7, 4], paths)
    np.testing.assert_array_equal(ends.clip_id, [4, 9])
    np.testing.assert_array_equal(ends.first_px, [[5, 6], [1, 2]])
    np.testing.assert_array_equal(ends.last_px, [[5, 6], [3, 4]])


@pytest.fixture
def four_clips():
    first = [[20, 20], [50, 60], [220, 20], [20, 420]]
    last = [[50, 60], [220, 60], [220, 30], [220, 220]]
    return endpoints([1, 2, 3, 5], [np.array([a, b], float) for a, b in zip(first, last, strict=True)])


def test_motion_statistics_of_four_clips_by_hand(four_clips):
    found = motion_statistics(four_clips)
    assert found.clips == 4
    assert found.travel_px[0] == 10 and found.travel_px[-1] == pytest.approx(math.hypot(200, 200), abs=0.1)
    assert found.still == 0.25
    assert (found.corner, found.wall, found.middle) == (0.25, 0.5, 0.25)
    assert (found.neighbours, found.continued_10_px, found.continued_30_px) == (
        2,
        0.5,
        0.5,
    )  # 40 px from 2 to 3
    assert (found.moved_neither, found.moved_x, found.moved_y, found.moved_both) == (0.5, 0.25, 0.0, 0.25)
    assert (found.nearest_wall_px[0], found.nearest_wall_px[-1]) == (30, 220)


def test_clips_without_neighbours_have_no_continuity():
    ends = endpoints([1, 5], [np.array([[9.0, 9.0]])] * 2)
    assert math.isnan(motion_statistics(ends).continued_10_px)
    assert math.isnan(calibration.pooled_continuity({"a": motion_statistics(ends)}))


def test_continuity_is_pooled_by_the_number_of_neighbours(four_clips):
    some = dataclasses.replace(motion_statistics(four_clips), neighbours=1, continued_10_px=1.0)
    many = dataclasses.replace(some, neighbours=3, continued_10_px=0.0)
    none = dataclasses.replace(some, neighbours=0, continued_10_px=math.nan)
    assert calibration.pooled_continuity({"a": some, "b": many, "c": none}) == 0.25


@pytest.mark.parametrize("shift", [0.0, 0.3, 2.0, 10.0])
def test_distance_of_quantile_tables_is_that_of_kolmogorov_and_smirnov(shift):
    one, other = RNG.normal(0, 1, 3000), RNG.normal(shift, 1.2, 3000)
    tables = [np.quantile(values, calibration.QUANTILES) for values in (one, other)]
    expected = stats.ks_2samp(one, other).statistic
    assert ks_distance(*tables) == pytest.approx(expected, abs=0.025)
    assert ks_distance(tables[0], np.sort(other)) == pytest.approx(expected, abs=0.025)
    assert ks_distance(tables[0], tables[0]) == 0


def test_distance_of_tables_with_equal_values():
    at_rest = [0.0] * 20 + [1.0] * 21
    assert ks_distance(at_rest, at_rest) == 0
    assert ks_distance(at_rest, [5.0] * 41) == pytest.approx(1, abs=0.03)


def test_a_clip_without_a_number_has_no_neighbours():
    clips = [calibration.Clip(name, None, None, 0) for name in ("salt/7", "salt/8", "salt/a", "salt/b")]
    numbers = [calibration.clip_number(clip, position) for position, clip in enumerate(clips)]
    assert numbers[:2] == [7, 8]
    assert np.abs(np.diff(np.sort(numbers[2:]))).min() > 1 and max(numbers[2:]) < -1


# --- the table of the recordings ---


def test_the_table_agrees_with_what_is_published_of_the_recordings():
    real = real_motion()
    assert tuple(real) == CLASS_NAMES
    assert [row.clips for row in real.values()] == [57, 332, 248, 187, 288, 323, 173, 180, 285, 176]
    medians = [258, 240, 259, 163, 11, 307, 195, 91, 201, 292]
    np.testing.assert_allclose([calibration.median(row.travel_px) for row in real.values()], medians, atol=1)
    walls = [61, 92, 49, 94, 46, 48, 58, 81, 54, 38]
    np.testing.assert_allclose(
        [calibration.median(row.nearest_wall_px) for row in real.values()], walls, atol=1
    )
    assert calibration.pooled_continuity(real) == pytest.approx(0.63, abs=0.005)


def test_every_figure_of_the_table_has_a_definition_and_a_source():
    table = real_statistics()
    fields = {field.name for field in dataclasses.fields(calibration.MotionStatistics)}
    assert fields <= set(table["motion"]["definitions"])
    assert all(len(row["travel_px"]) == 41 for row in table["motion"]["classes"].values())
    for part in ("frames", "sound", "picture"):
        for figure in table[part].values():
            assert figure["definition"] and table["sources"][figure["source"]]


# --- side by side ---


def test_the_recordings_pass_against_themselves():
    rows = compare_motion(real_motion(), real_motion())
    assert {row.passed for row in rows} == {True, None}
    assert len(rows) == len(verdicts(rows)) == 103


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"still": 0.40}, "toothpaste_box: share, travel below 15 px"),
        ({"corner": 0.2}, "toothpaste_box: share, ends in a corner"),
        ({"nearest_wall_px": (75.0,) * 7}, "toothpaste_box: last centroid to nearest wall, median (px)"),
        ({"travel_px": (100.0,) * 41}, "toothpaste_box: median travel (px)"),
    ],
)
def test_a_class_that_moves_otherwise_fails(change, subject):
    real = real_motion()
    other = real | {"toothpaste_box": dataclasses.replace(real["toothpaste_box"], **change)}
    failed = [name for name, passed in verdicts(compare_motion(other, real)).items() if passed is False]
    assert failed == [subject]


def test_three_classes_of_another_travel_fail_the_distributions():
    real = real_motion()
    odd = {name: dataclasses.replace(real[name], travel_px=(400.0,) * 41) for name in CLASS_NAMES[:3]}
    assert not verdicts(compare_motion(real | odd, real))[
        "all classes: travel distributions nearer than 0.25"
    ]


def test_what_is_not_a_number_fails_and_is_called_none():
    assert near_number("s", "a", math.nan, 1.0, 2).passed is False
    row = in_band("s", "a", math.nan, "", 0, 1)
    assert (row.passed, row.simulated) == (False, "none")
    assert [number(-1.26, 1), number(-0.001, 2), number(3, 0)] == ["−1.3", "0.00", "3"]


# --- sound ---


def tone(frequency_hz: float, level: float = 0.5, samples: int = 44100) -> np.ndarray:
    wave = level * np.sin(2 * np.pi * frequency_hz * np.arange(samples) / SAMPLE_RATE_HZ)
    return np.stack([wave] * 4, axis=1).astype(np.float32)


def test_a_tone_lies_in_its_band():
    for band, frequency_hz in enumerate((120, 700, 2500, 9000)):
        energy = hearing.band_energy(tone(frequency_hz))
        assert energy.argmax() == band and energy.max() > 0.99 * energy.sum()


def test_mel_moments_are_those_of_the_cells_themselves():
    audio = (tone(440) * np.exp(-np.arange(44100) / 4000)[:, None]).astype(np.float32)
    power = librosa.feature.melspectrogram(
        y=audio[:, 0], sr=SAMPLE_RATE_HZ, n_fft=2048, hop_length=512, n_mels=64
    )
    cells_db = librosa.amplitude_to_db(power, ref=np.max, top_db=80)
    counts = hearing.mel_counts(audio)
    assert counts.sum() == 4 * cells_db.size
    found = hearing.mel_moments_db(counts)
    np.testing.assert_allclose(found, (cells_db.mean(), cells_db.std()), atol=0.2)


def test_statistics_of_sounds():
    silent, loud = (hearing.describe_sound(tone(700, level, 4 * 44100)) for level in (0.0, 1.0))
    found = hearing.sound_statistics([loud, loud, silent])
    assert (found.clips, found.full_scale, found.contacts) == (3, pytest.approx(2 / 3), 0)
    assert found.peak_db == pytest.approx(0, abs=0.01) and found.below_1_khz == pytest.approx(1, abs=0.01)


def hit(time_s: float, impulse: float = 1.0, wall: int = 1) -> Hit:
    return Hit(time_s, wall, impulse, np.zeros(3), np.zeros(3))


def test_hits_are_isolated_from_what_is_not_much_weaker():
    hits = [hit(1.0), hit(1.1), hit(2.0), hit(2.1, 0.05), hit(3.95)]
    alone = hearing.isolated(hits, 4.0, before_s=0.3, after_s=0.3)
    assert [h.time_s for h in alone] == [2.0]


def session_of_taps(taps, rig=physics_checks.SILENT) -> Heard:
    obj = physics_checks.one_pulse(physics_checks.BLOCK)
    motion = physics_checks.tapped(4.0, taps)
    rate = motion.tilt_rate_rad_s.copy()
    rate[2800:] = 0.5  # the arm moves in the last second
    motion = dataclasses.replace(motion, tilt_rate_rad_s=rate)
    return Heard(obj, motion, physics_checks.listen(motion, obj, rig), hearing.find_hits(motion, obj))


def test_single_taps_are_measured():
    taps = [(0.6, 0, 0.0), (1.2, 1, 0.0), (1.9, 3, 0.05)]
    rig = dataclasses.replace(physics_checks.SILENT, noise_level=4e-5, motor_level=3e-3)
    heard = session_of_taps(taps, rig)
    sounds = hearing.hit_sounds([heard])
    assert sounds.own_wall.tolist() == [True] * 3 and (sounds.margin_db > 5).all()
    assert ((sounds.fall_20_db_s > 0.01) & (sounds.fall_20_db_s < sounds.fall_30_db_s)).all()
    assert (sounds.fall_30_db_s < 0.25).all() and (sounds.die_out_s < 0.35).all()
    assert np.abs(sounds.before_db).max() < 3
    assert all(10 < level_db < 60 for level_db in hearing.motor_levels_db([heard]))
    assert hearing.level_at_rest_db(heard) == pytest.approx(20 * math.log10(4e-5), abs=0.5)


def test_the_own_wall_is_a_mean_over_objects_not_over_hits():
    right = session_of_taps([(0.6, 0, 0.0), (1.2, 1, 0.0), (1.9, 3, 0.05)])
    wrong_hits = [dataclasses.replace(hit, wall=(hit.wall + 1) % 4) for hit in right.hits[:1]]
    wrong = dataclasses.replace(right, obj=dataclasses.replace(right.obj, name="other"), hits=wrong_hits)
    silent = dataclasses.replace(right, obj=dataclasses.replace(right.obj, name="silent"), hits=[])
    shares = hearing.own_wall_shares([right, wrong, silent])
    assert (shares[right.obj.name], shares["other"]) == (1, 0) and math.isnan(shares["silent"])
    assert hearing.compare_sessions([right, wrong, silent])[0].simulated == "0.50"


def test_mel_cells_count_as_often_as_their_class_was_recorded():
    def statistics(clips, level):
        counts = np.zeros(80, dtype=int)
        counts[level] = 100 * clips
        sound = hearing.describe_sound(np.zeros((4410, 4), np.float32))
        return dataclasses.replace(
            hearing.sound_statistics([sound] * clips), mel_counts=tuple(counts.tolist())
        )

    by_class = {"061_foam_brick": statistics(4, 10), "green_basketball": statistics(2, 0)}
    counts = hearing.as_often_as_recorded(by_class)
    assert (counts[10], counts[0]) == (pytest.approx(5700), pytest.approx(33200))


def test_without_hits_or_motors_there_is_no_figure_and_no_error():
    rows = hearing.compare_sessions([session_of_taps([])])
    assert rows[0].simulated == "none" and rows[0].passed is False


def test_a_fall_that_never_ends_lasts_as_long_as_it_was_watched():
    level_db = np.concatenate([[-60.0, -20.0], np.full(30, -45.0)])
    fall_20_s, fall_30_s, die_out_s = hearing._falls_s(level_db, rest_db=-80)
    assert fall_20_s == pytest.approx(0.004) and fall_30_s == die_out_s == pytest.approx(31 * 0.004)


# --- picture ---


def test_specks_and_holes_of_a_mask():
    mask = np.zeros((20, 20), bool)
    mask[2:12, 2:12] = True
    mask[5, 5:7] = False  # a hole
    mask[0, 19] = mask[15, 15] = True  # two specks
    mask[11, 8] = False  # a notch is no hole
    assert seeing.mask_flaws(mask) == (2, pytest.approx(2 / 99), 1)


def test_statistics_of_masks():
    masks = np.zeros((6, 10, 10), bool)
    masks[:5, 2:6, 2:7] = True
    found = seeing.picture_statistics([seeing.describe_masks(masks), seeing.describe_masks(masks[:4])])
    assert (found.frames, found.fewest_frames, found.most_frames) == (5, 4, 6)
    assert found.empty == 0.1 and found.area == pytest.approx((0.2, 0.2, 0.2))
    assert (found.specks, found.with_specks, found.with_holes) == (0, 0, 0)
    nothing = seeing.picture_statistics([seeing.describe_masks(np.zeros((3, 10, 10), bool))])
    assert (nothing.empty, nothing.area) == (1, (0, 0, 0))


def test_frame_times_tell_rate_and_gaps(monkeypatch):
    times_s = np.delete(np.arange(24) / 6, [4, 9])
    monkeypatch.setattr(seeing, "frame_times_s", lambda rng: times_s)
    rate, gaps = seeing.compare_frame_times(0, clips=2)
    assert (rate.simulated, rate.passed) == ("6.0", True)
    assert gaps.simulated == number(2 / 21, 2)


# --- a data set ---


def test_a_data_set_is_measured_whole(click_data):
    found = measure(click_data, progress=False)
    assert tuple(found.motion) == tuple(found.sound) == tuple(found.picture) == CLASS_NAMES[:3]
    assert found.all_sound.clips == found.all_pictures.clips == 24
    assert found.picture["green_basketball"].area[1] == pytest.approx(90**2 / 440**2)
    # towards the walls in turn: the second class stops where its square of 90 px stays 2 px inside
    assert found.motion["green_basketball"].nearest_wall_px == (47.0,) * 7
    assert found.motion["green_basketball"].wall == 1
    assert found.motion["green_basketball"].travel_px[0] == pytest.approx(173, abs=1)


def test_endpoints_alone_are_the_same(click_data):
    ends, whole = read_endpoints(click_data, progress=False), measure(click_data, progress=False).ends
    for name, own in ends.items():
        np.testing.assert_array_equal(own.clip_id, [10, 11, 12, 13, 20, 21, 22, 23])
        np.testing.assert_array_equal(own.last_px, whole[name].last_px)


def test_no_data_set_is_one_sentence(tmp_path):
    with pytest.raises(ClipError, match="expected a data set"):
        measure(tmp_path, progress=False)
