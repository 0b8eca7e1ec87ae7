"""The level of a sound: kept, or refused; never near-silence without a word."""

import logging
import re

import numpy as np
import pytest

from labutils.errors import ClipError
from labutils.sound_levels import to_unit_level

QUIET = np.random.default_rng(0).uniform(-0.1, 0.1, (500, 4))


@pytest.mark.parametrize("bits", [8, 16])
def test_integers_of_8_and_16_bits_fill_their_type(bits):
    full = 2 ** (bits - 1)
    values = np.array([[-full, full // 2, 0, full - 1]], f"int{bits}")
    np.testing.assert_allclose(to_unit_level(values, "a"), [[-1, 0.5, 0, 1 - 1 / full]], atol=1e-6)


@pytest.mark.parametrize("dtype", ["int32", "int64", ">i4"])
def test_samples_of_32_bits_keep_their_level(dtype):
    loud = np.round(QUIET * 2**31).astype(dtype)
    np.testing.assert_allclose(to_unit_level(loud, "a"), QUIET, atol=1e-6)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_16_bits_moved_to_the_upper_end_keep_their_level_however_quiet(dtype):
    moved = np.round(QUIET * 0.01 * 32767).astype(dtype) * 2**16
    np.testing.assert_allclose(to_unit_level(moved, "a"), QUIET * 0.01, atol=1e-4)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("bits", [8, 12, 16, 20, 24])
def test_samples_that_do_not_fill_their_type_are_refused_with_the_reason(dtype, bits):
    values = np.round(QUIET * 2 ** (bits - 1)).astype(dtype)
    with pytest.raises(ClipError, match=r"sound\.pkl holds int.* do not fill their type"):
        to_unit_level(values, "sound.pkl")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "bool", "complex64"])
def test_other_kinds_of_numbers_are_refused(dtype):
    with pytest.raises(ClipError, match=f"of type {dtype}"):
        to_unit_level(np.ones((3, 4), dtype), "a")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4", "int16", "int32", "int64"])
def test_silence_is_silence_in_every_type(dtype, caplog):
    silent = to_unit_level(np.zeros((5, 4), dtype), "a")
    assert silent.dtype == np.float32 and not silent.any() and not caplog.text


@pytest.mark.parametrize("peak", [1.3, 3.0, 127.0, 32767.0])
def test_floats_of_another_scale_are_refused(peak):
    with pytest.raises(ClipError, match=re.escape(f"up to {peak:.4g}")):
        to_unit_level(QUIET / 0.1 * peak / np.abs(QUIET / 0.1).max(), "a")


def test_a_little_overshoot_is_cut_and_said(caplog):
    values = np.full((4, 4), 0.5)
    values[0, 0] = 1.2
    assert to_unit_level(values, "a.pkl").max() == 1.0
    assert "a.pkl reaches 1.2" in caplog.text and "6.25%" in caplog.text


def test_rounding_at_full_scale_is_no_news(caplog):
    assert to_unit_level(np.full((4, 4), 1.0000001), "a").max() == 1.0
    assert not caplog.text


@pytest.mark.parametrize(
    "values", [np.round(QUIET * 127).astype(np.int16), QUIET / 32768, QUIET.astype(np.float32) * 1e-3]
)
def test_what_is_nearly_silent_is_said(values, caplog):
    with caplog.at_level(logging.WARNING):
        to_unit_level(values, "a.pkl")
    assert "a.pkl is nearly silent" in caplog.text


def test_a_soft_hit_is_no_news(caplog):
    with caplog.at_level(logging.WARNING):
        to_unit_level(QUIET * 9e-3, "a.flac")  # -61 dB, as the softest simulated clips
    assert not caplog.text
