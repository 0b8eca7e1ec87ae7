"""The sound of a session: its form, its silence, its memory."""

import tracemalloc

import numpy as np

from labutils.clips import SAMPLE_RATE_HZ
from labutils.simulate.impact_response import build_tray
from labutils.simulate.rig import Rig
from labutils.simulate.sound import microphone_noise
from labutils.validation.experiments import BLOCK, FOAM, SILENT, listen, still, tapped


def peaks(audio):
    return np.abs(audio).max(axis=0)


def test_shape_range_and_type():
    audio = listen(tapped(1.5, [(0.5, 0, 0.0)]), rig=Rig())
    assert audio.shape == (round(1.5 * SAMPLE_RATE_HZ), 4) and audio.dtype == np.float32
    assert np.abs(audio).max() <= 1


def test_nothing_is_heard_before_the_tap():
    audio = listen(tapped(1.0, [(0.5, 1, 0.02)]))
    assert peaks(audio[: SAMPLE_RATE_HZ // 2]).max() < 1e-4 * peaks(audio).max()


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


def test_a_still_object_gives_the_noise_floor_and_the_same_for_every_class():
    rig = Rig(hum_level=0.0)
    sounds = [listen(still(1.0), obj, rig) for obj in (FOAM, BLOCK)]
    for audio in sounds:
        np.testing.assert_allclose(audio.std(axis=0), rig.noise_level, rtol=0.03)
    assert not np.any(listen(still(1.0)))


def test_the_mains_hum_at_odd_harmonics_of_50_hz():
    rig = Rig(noise_level=0.0, hum_level=1e-3)
    spectrum = np.abs(np.fft.rfft(microphone_noise(rig, np.random.default_rng(0), SAMPLE_RATE_HZ)))
    assert np.flatnonzero(spectrum > 0.01 * spectrum.max()).tolist() == [50, 150, 250, 350]
    np.testing.assert_allclose(
        spectrum[[50, 150]] * 2 / SAMPLE_RATE_HZ, 1e-3 * np.array([1, 3**-1.5]), rtol=1e-3
    )
