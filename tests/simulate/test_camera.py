"""The camera: geometry by hand-computed cases, masks against silhouettes, flaws that come and go with their causes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.transform import Rotation

from labutils.clips import FRAME_SIZE, MASK_CROP
from labutils.simulate.camera import WALL_HEIGHT_M, Camera, _sums_of_nine
from labutils.simulate.objects import OBJECTS, ImpactObject, Part
from labutils.simulate.solids import outline, surface_of
from labutils.simulate.tray import Motion

BY_NAME = {obj.name: obj for obj in OBJECTS}
UPRIGHT = (1.0, 0.0, 0.0, 0.0)
# A day on which nothing but the object changes.
STILL = Camera(flicker=0.0, dust=0.0, shake=0.0, noise=1, shadow=0.0)
FLICKERING = replace(STILL, flicker=1.0)
DAYS = [replace(Camera.draw(np.random.default_rng(seed)), flicker=0.0, dust=0.0) for seed in range(2)]
PLAIN = {"mass_kg": 0.1, "friction": 0.3, "rolling_m": 0.001, "restitution": 0.4, "contact_time_s": 0.005}


def dark(*parts):
    """An object of parts, nearly black: well visible on wood."""
    parts = tuple(replace(part, colour=(10, 10, 10)) for part in parts)
    return ImpactObject(
        "dark", parts, **PLAIN, pulse_time_s=0.001, material="wood", slide_gain=1, roll_gain=1, micro_hits=0
    )


CUBE = dark(Part("box", (0.02, 0.02, 0.02), (0, 0, 0)))


def motion(positions, quaternions=UPRIGHT, rate_hz=1000.0):
    """An object at given places, one a sample; what the camera does not look at is left empty."""
    positions = np.atleast_2d(np.asarray(positions, float))
    none = np.empty(0)
    return Motion(
        rate_hz=rate_hz,
        position_m=positions,
        quaternion=np.broadcast_to(np.asarray(quaternions, float), (len(positions), 4)),
        velocity_m_s=none,
        spin_rad_s=none,
        wall_impulse_n_s=none,
        wall_point_m=none,
        floor_impulse_n_s=none,
        tilt_rad=none,
        tilt_rate_rad_s=none,
    )


def film(camera, obj, position, quaternion=UPRIGHT, seed=0):
    """Picture and mask of an object at one place."""
    frames, masks = camera.film(motion(position, quaternion), obj, np.zeros(1), np.random.default_rng(seed))
    return frames[0], masks[0]


def centroid(mask):
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean(), rows.mean()]) + 0.5


def overlap(mask, silhouette):
    return (mask & silhouette).sum() / (mask | silhouette).sum()


@pytest.mark.parametrize(
    ("place", "where"),
    [((0, -0.12), "bottom"), ((-0.12, 0), "left"), ((0, 0.12), "top"), ((0.12, 0), "right")],
)
def test_every_wall_is_on_its_side_of_the_picture(place, where):
    _, mask = film(STILL, CUBE, (*place, 0.02))
    x, y = centroid(mask)
    out = 0.12 * STILL.focal_px / (STILL.height_m - 0.04)  # the upper side; little of the outer sides is seen
    far, near = 220 + out, 220 - out
    expected = {"bottom": (220, far), "left": (near, 220), "top": (220, near), "right": (far, 220)}[where]
    np.testing.assert_allclose((x, y), expected, atol=6)


def test_the_floor_is_405_pixels_wide_in_the_middle_of_the_picture():
    corners = np.array([[-0.15, -0.15, 0], [0.15, 0.15, 0], [0, 0, 0]])
    np.testing.assert_allclose(STILL.project(corners), [[117.5, 442.5], [522.5, 37.5], [320, 240]], atol=1e-9)


@pytest.mark.parametrize(
    ("from_middle_m", "high_m", "real_px"),
    [(0.128, 0.022, 176), (0.095, 0.055, 131), (0.12, 0.06, 182)],
    ids=["strawberry", "ball", "block's upper side"],
)
def test_objects_at_a_wall_are_where_the_recordings_outermost_centroids_are(from_middle_m, high_m, real_px):
    x, _ = STILL.project(np.array([from_middle_m, 0, high_m])) - [320, 240]
    assert x == pytest.approx(real_px, rel=0.07)


def test_a_pinhole_sees_high_points_further_out():
    low, high = STILL.project(np.array([[0.1, 0.05, 0.0], [0.1, 0.05, 0.07]])) - [320, 240]
    np.testing.assert_allclose(high / low, 0.70 / 0.63)


@pytest.mark.parametrize("turn_rad", [-0.1, 0.1])
def test_the_painted_tray_is_where_the_geometry_says_on_a_turned_camera_too(turn_rad):
    camera = replace(STILL, turn_rad=turn_rad)
    along = np.linspace(-0.1, 0.1, 9)
    for out_m, colour in ((0.153, "wood"), (0.160, "bench")):
        points = np.stack([np.full(9, out_m), along, np.full(9, WALL_HEIGHT_M)], axis=1)
        column, row = camera.project(points).astype(int).T
        red, _, blue = camera.empty_tray[row, column].astype(int).T
        assert np.all((red > 140) & (red > blue + 30) if colour == "wood" else abs(red - blue) < 12), colour


def test_turning_the_camera_turns_the_picture_about_its_centre():
    points = np.array([[0.1, 0.02, 0.03], [-0.05, 0.12, 0.0]])
    plain, turned = (camera.project(points) - [320, 240] for camera in (STILL, replace(STILL, turn_rad=0.1)))
    cos, sin = np.cos(0.1), np.sin(0.1)
    np.testing.assert_allclose(turned, plain @ np.array([[cos, -sin], [sin, cos]]))


def test_a_tall_object_leans_outwards_and_looks_larger():
    tall = dark(Part("box", (0.02, 0.02, 0.05), (0, 0, 0)))
    _, flat_mask = film(STILL, CUBE, (0.08, 0.0, 0.02))
    _, tall_mask = film(STILL, tall, (0.08, 0.0, 0.05))
    assert tall_mask.sum() > 1.1 * flat_mask.sum()
    assert centroid(tall_mask)[0] > centroid(flat_mask)[0] + 3
    feet_px = [np.nonzero(mask)[1].min() for mask in (tall_mask, flat_mask)]
    assert feet_px[0] == pytest.approx(feet_px[1], abs=2)


def test_a_square_is_as_large_as_the_pinhole_says():
    _, mask = film(STILL, CUBE, (0, 0, 0.02))
    side = 0.04 * STILL.focal_px / (STILL.height_m - 0.04)
    assert mask.sum() == pytest.approx(side**2, rel=0.06)
    np.testing.assert_allclose(centroid(mask), 220, atol=0.5)


def test_turning_about_the_vertical_turns_anticlockwise_in_the_picture():
    bar = dark(Part("box", (0.06, 0.005, 0.005), (0, 0, 0)))
    angle = np.pi / 4
    _, mask = film(STILL, bar, (0, 0, 0.01), (np.cos(angle / 2), 0, 0, np.sin(angle / 2)))
    rows, columns = np.nonzero(mask)
    slope = np.polyfit(columns, rows, 1)[0]
    assert slope == pytest.approx(-1, abs=0.05)  # up to the right: fewer rows for more columns


def test_the_nearer_part_hides_the_farther():
    below = Part("box", (0.03, 0.03, 0.005), (0, 0, 0), (0, 0, 0.005))
    above = Part("box", (0.02, 0.02, 0.005), (0, 0, 0), (0, 0, 0.025))
    two = dark(below, above)
    for order in (1, -1):
        parts = (replace(two.parts[0], colour=(200, 20, 20)), replace(two.parts[1], colour=(20, 20, 200)))
        frame, _ = film(STILL, replace(two, parts=parts[::order]), (0, 0, 0))
        red, _, blue = frame[240, 320].astype(int)
        assert blue > red + 100


@pytest.mark.parametrize("name", ["green_basketball", "salt_cylinder", "strawberry", "foam"])
def test_a_mask_agrees_with_the_silhouette_of_a_dark_object(name):
    obj = BY_NAME["061_foam_brick" if name == "foam" else name]
    obj = dark(*obj.parts)
    turn = np.array([0.8, 0.3, -0.4, 0.33])
    turn /= np.linalg.norm(turn)
    _, mask = film(STILL, obj, (0.03, -0.05, 0.06), turn)
    # Independent silhouette: a pixel belongs to a convex body if it is on the inner side of all edges of its outline.
    points = (
        surface_of(obj)
        .placed(np.array([0.03, -0.05, 0.06]), Rotation.from_quat(turn, scalar_first=True).as_matrix())
        .corners_m
    )
    around = outline(STILL.project(points).reshape(-1, 2) - [100, 20], directions=60)
    x, y = np.meshgrid(np.arange(440) + 0.5, np.arange(440) + 0.5)
    edges = np.roll(around, -1, axis=0) - around
    sides = [ex * (y - py) - ey * (x - px) for (px, py), (ex, ey) in zip(around, edges, strict=True)]
    assert overlap(mask, np.all(np.array(sides) >= 0, axis=0)) > 0.93


def test_the_mask_of_an_empty_tray_is_a_speck():
    camera = replace(Camera.draw(np.random.default_rng(2)), dust=0.0, flicker=0.0, shake=0.0)
    away = motion((0, 0, 0.3))
    speck = dark(Part("sphere", (1e-4,), (0, 0, 0)))
    _, masks = camera.film(away, speck, np.zeros(5), np.random.default_rng(0))
    assert masks.mean() < 1e-3
    assert not camera.mask(camera.empty_tray).any()


def test_the_picture_is_the_empty_tray_where_the_object_is_not():
    frame, _ = film(replace(STILL, noise=8), CUBE, (0.1, 0.1, 0.02))
    difference = frame[200:].astype(int) - STILL.empty_tray[200:]
    assert abs(difference.mean()) < 3
    assert 2 < difference.std() < 5  # the sum of two uniform numbers below 8: 3.24


@pytest.mark.parametrize("light", [0.85, 1.15])
def test_no_picture_overflows_on_the_darkest_or_brightest_day(light):
    camera = Camera(light=light, noise=10, flicker=1.0, dust=0.0, shake=0.0)
    frames, _ = camera.film(motion((0, 0, 0.02)), CUBE, np.zeros(6), np.random.default_rng(0))
    change = frames.astype(int)[:, :150] - camera.empty_tray[:150]
    assert np.abs(change).max() <= 42 + camera.noise  # an overflow would be a jump of about 250


def test_a_bright_object_stays_bright_and_flickers_as_the_tray_does():
    white = replace(CUBE, parts=(replace(CUBE.parts[0], colour=(255, 255, 255)),))
    grey = replace(CUBE, parts=(replace(CUBE.parts[0], colour=(120, 120, 120)),))
    frame, _ = film(replace(STILL, noise=10), white, (0, 0, 0.02))
    assert frame[220:260, 300:340].min() > 230
    assert 2 < film(replace(STILL, noise=8), grey, (0, 0, 0.02))[0][220:260, 300:340].std() < 5
    calm, flicker = (film(camera, grey, (0, 0, 0.02))[0].astype(int) for camera in (STILL, FLICKERING))
    change = flicker - calm
    assert abs(change[240, 320] - change[100, 320]).max() <= 1 and abs(change[240, 320]).min() > 20


def test_a_shaken_camera_displaces_tray_and_object_together():
    still = film(STILL, CUBE, (0.05, 0.05, 0.02))[0].astype(int)
    moved = set()
    for seed in range(6):
        shaken = film(replace(STILL, shake=1.0), CUBE, (0.05, 0.05, 0.02), seed=seed)[0].astype(int)
        fits = [
            (dx, dy)
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            if np.ptp((np.roll(shaken, (dy, dx), axis=(0, 1)) - still)[2:-2, 2:-2]) == 0  # but for the light
        ]
        assert len(fits) == 1
        moved.add(fits[0])
    assert len(moved) > 2


def test_the_side_towards_the_lamp_is_brighter():
    camera = replace(STILL, lamp=(0.6, 0.0, 0.8), shadow=0.4)
    ball = replace(CUBE, parts=(Part("sphere", (0.05,), (150, 150, 150)),))
    frame = film(camera, ball, (0, 0, 0.05))[0].astype(int)
    assert frame[235:245, 370:375].mean() > frame[235:245, 265:270].mean() + 15
    left, right = (camera.project(np.array([x, 0, 0.04])).astype(int) for x in (-0.15, 0.15))
    walls = [camera.empty_tray[row - 20 : row + 20, column].mean() for column, row in (left, right)]
    assert walls[0] > walls[1] + 10  # the inner side of the left wall looks to the right


def test_specks_are_small():
    camera = replace(STILL, dust=4.0)
    _, masks = camera.film(
        motion((0, 0, 0.3)), dark(Part("sphere", (1e-4,), (0, 0, 0))), np.zeros(20), np.random.default_rng(0)
    )
    sizes = np.concatenate([np.bincount(ndimage.label(mask)[0].ravel())[1:] for mask in masks])
    assert len(sizes) > 10 and np.median(sizes) < 40


def test_recording_days_differ_by_little():
    days = [Camera.draw(np.random.default_rng(seed)) for seed in range(60)]
    spread_px = np.std([day.centre_px for day in days], axis=0)
    assert np.all((spread_px > 2) & (spread_px < 4))
    assert 0.1 < np.degrees(np.std([day.turn_rad for day in days])) < 1
    scales = [day.focal_px / day.height_m / 1350 for day in days]
    assert 0.01 < np.std(scales) < 0.03 and np.mean(scales) == pytest.approx(1, abs=0.01)


def test_flaws_have_their_causes():
    clean = film(STILL, CUBE, (0.05, 0.05, 0.02))[1]
    dusty = film(replace(STILL, dust=40.0), CUBE, (0.05, 0.05, 0.02))[1]
    shaded = film(replace(STILL, shadow=0.6, lamp=(0.6, 0.0, 0.8)), CUBE, (0.05, 0.05, 0.02))[1]
    wooden = replace(CUBE, parts=(replace(CUBE.parts[0], colour=(172, 138, 98)),))
    hollow = film(STILL, wooden, (0.05, 0.05, 0.02))[1]
    assert (dusty & ~clean)[250:].sum() > 50, "dust makes specks"
    assert shaded.sum() > 1.15 * clean.sum(), "a deep shadow merges with the object"
    assert hollow.sum() < 0.7 * clean.sum(), "an object of wood has holes on wood"


def test_the_room_darkens_the_floor_close_to_an_object_and_less_below_a_raised_one():
    ring = np.s_[205:275, 285:355]  # around the cube of 57 pixels in the middle
    drop = {}
    for height_m in (0.02, 0.06):
        frame, _ = film(STILL, CUBE, (0, 0, height_m))
        change = (STILL.empty_tray.astype(int) - frame).mean(axis=2)[ring]
        drop[height_m] = change[:4].mean()
    assert 2 < drop[0.02] < 25 and drop[0.06] < 0.6 * drop[0.02]


def test_the_blur_is_the_mean_of_nine_pixels():
    grey = np.random.default_rng(0).integers(0, 256, (7, 9), dtype=np.uint8)
    np.testing.assert_array_equal(
        _sums_of_nine(grey), ndimage.correlate(grey.astype(int), np.ones((3, 3), int), mode="nearest")
    )


@pytest.mark.parametrize("name", ["green_basketball", "strawberry", "toothpaste_box"])
def test_the_mask_of_a_resting_object_moves_by_less_than_a_pixel_as_a_rule(name):
    moves = []
    for seed in range(4):
        camera = Camera.draw(np.random.default_rng(seed))
        _, masks = camera.film(
            motion((0.05, -0.06, 0.04)), BY_NAME[name], np.zeros(20), np.random.default_rng(seed)
        )
        places = np.array([centroid(mask) for mask in masks if mask.any()])
        moves += np.linalg.norm(np.diff(places, axis=0), axis=1).tolist()
    assert np.median(moves) < 0.5 and np.percentile(moves, 75) < 1


def test_the_lamp_flickers_in_a_few_frames_of_a_thousand():
    camera, rng = Camera.draw(np.random.default_rng(0)), np.random.default_rng(1)
    flickers = np.mean([abs(camera._light_change(rng)) >= camera.threshold for _ in range(20000)])
    assert 0.002 < flickers < 0.006


def test_a_shadow_bends_up_the_wall():
    camera = replace(STILL, lamp=(-0.6, 0.0, 0.8), shadow=0.6)
    frame, _ = film(camera, CUBE, (0.12, 0, 0.04))
    dark_at = (frame.astype(int) - camera.empty_tray).mean(axis=2) < -20
    x = camera.project(np.array([[0.145, 0, 0], [0.15, 0, 0.02], [0.15, 0, 0.06]]))[:, 0].astype(int)
    np.testing.assert_array_equal(dark_at[240, x], [True, True, False])


def test_no_shadow_falls_beyond_the_tray():
    tall = dark(Part("box", (0.02, 0.02, 0.067), (0, 0, 0)))
    camera = replace(STILL, lamp=(-0.6, 0.0, 0.8), shadow=0.8)
    frame, _ = film(camera, tall, (0.125, 0, 0.067))
    column = camera.project(np.array([0.145, 0, 0.134]))[0].astype(int)  # the object's own outermost edge
    outside = np.s_[235:245, column + 4 : column + 10]
    np.testing.assert_allclose(frame[outside].astype(int), camera.empty_tray[outside], atol=5)


def test_a_flicker_of_the_lamp_leaves_the_mask_where_the_object_is():
    camera = replace(STILL, threshold=26)
    _, calm = film(camera, CUBE, (0, 0, 0.02), seed=1)
    frame, mask = film(replace(camera, flicker=1.0), CUBE, (0, 0, 0.02), seed=1)
    assert abs(frame.astype(int) - STILL.empty_tray)[20:100].mean() > 25
    assert overlap(mask, calm) > 0.8


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: obj.name)
def test_no_mask_is_empty_whatever_the_light_does(obj):
    """A public solution divides by the area of every recorded training mask and ran through: none was empty."""
    for seed in range(3):
        camera = replace(Camera.draw(np.random.default_rng(seed)), flicker=1.0)
        places = motion(
            np.random.default_rng(seed).uniform([-0.09, -0.09, 0.05], [0.09, 0.09, 0.05], (4000, 3))
        )
        _, masks = camera.film(places, obj, np.arange(4) / 1000, np.random.default_rng(seed))
        assert masks.any(axis=(1, 2)).all()


def test_a_mask_in_steady_light_is_the_plain_difference():
    """Version 2 changed only the masks that were empty before."""
    frame, mask = film(STILL, CUBE, (0.02, 0, 0.02), seed=1)
    difference = np.abs(frame[MASK_CROP].astype(int) - STILL.empty_tray[MASK_CROP]).mean(axis=-1)
    np.testing.assert_array_equal(
        mask, _sums_of_nine(np.rint(difference).astype(np.uint8)) > 9 * STILL.threshold
    )


def test_same_seed_same_film_and_another_seed_another():
    camera = Camera.draw(np.random.default_rng(4))
    assert Camera.draw(np.random.default_rng(4)) == camera != Camera.draw(np.random.default_rng(5))
    path = motion(np.linspace([-0.1, 0, 0.02], [0.1, 0, 0.02], 1000))
    times_s = np.arange(4) / 6
    first, again, other = (camera.film(path, CUBE, times_s, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0] != other[0]).any()


def test_the_object_is_where_it_was_at_that_time():
    path = motion(np.linspace([-0.1, 0, 0.02], [0.1, 0, 0.02], 1001))
    _, masks = STILL.film(path, CUBE, np.array([0.0, 0.25, 0.9, 5.0]), np.random.default_rng(0))
    expected = STILL.project(np.array([[-0.1, 0, 0.03], [-0.05, 0, 0.03], [0.08, 0, 0.03], [0.1, 0, 0.03]]))
    np.testing.assert_allclose([centroid(mask)[0] for mask in masks], expected[:, 0] - 100, atol=4)


def test_shapes_and_types_are_the_layouts():
    frames, masks = STILL.film(motion((0, 0, 0.02)), CUBE, np.zeros(3), np.random.default_rng(0))
    assert frames.shape == (3, *FRAME_SIZE[::-1], 3) and frames.dtype == np.uint8
    assert masks.shape == (3, *frames[0][MASK_CROP].shape[:2]) and masks.dtype == bool


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: obj.name)
def test_every_object_is_seen_on_every_kind_of_day(obj):
    for camera in DAYS:
        _, mask = film(camera, obj, (0.02, -0.03, 0.05))
        assert 0.005 < mask.mean() < 0.2
        placed = surface_of(obj).placed(np.array([0.02, -0.03, 0.05]), np.eye(3))
        points = camera.project(placed.corners_m).reshape(-1, 2) - [100, 20]
        assert (points.min(axis=0) < centroid(mask)).all() and (centroid(mask) < points.max(axis=0)).all()
