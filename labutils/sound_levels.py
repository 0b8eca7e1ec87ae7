"""At what level a sound is: numbers of any type, as float32 from -1 to 1.

Integers of 8 and 16 bits fill their type. In 32 and 64 bits many tools keep samples of 16 or 24 bits; nothing in the numbers
tells these from a quiet sound, so what does not surely fill its type is refused, and never read as near-silence.
"""

import logging

import numpy as np

from labutils.errors import ClipError, printable

CLIPPED_UP_TO = 1.25  # overshoot of a resampler or of a lossy codec; more is another scale
_ROUNDING = 1.001
_WIDEST_SAMPLE = 2**23  # of 24 bits: what is larger is a sample of 32 bits
# -72 dB: the softest clips of the simulator, of foam, reach -61 dB; what was divided by 32768 twice, -90 dB at most.
_NEARLY_SILENT = 2.0**-12


def to_unit_level(values: np.ndarray, name: object) -> np.ndarray:
    """Give a sound its true level.

    Args:
        values: finite floats or integers, of any shape.
        name: what an error message calls the sound.

    Returns:
        float32, the same shape, in -1 to 1; said in a line, if samples a little over 1 were cut or all are nearly silent.

    Raises:
        ClipError: if the numbers are of another kind, or the scale cannot be known.
    """
    if values.dtype.kind not in "if":
        raise ClipError(
            f"{name} holds audio of type {values.dtype}: expected floats from -1 to 1 or signed integers of 16 bits; "
            "take away the offset and divide by full scale before saving."
        )
    largest = max(abs(float(values.max())), abs(float(values.min()))) if values.size else 0.0
    scale = 1.0 if values.dtype.kind == "f" else _integer_scale(values, largest, name)
    peak = largest / scale
    if peak > CLIPPED_UP_TO:
        raise ClipError(
            f"{name} holds floats up to {peak:.4g}: expected -1 to 1; divide by full scale before saving."
        )
    _say_what_is_odd(values, peak, scale, name)
    unit = values.astype(np.float32, copy=False) if scale == 1.0 else (values / scale).astype(np.float32)
    return np.clip(unit, -1.0, 1.0) if peak > 1.0 else unit


def _integer_scale(values: np.ndarray, largest: float, name: object) -> float:
    """Full scale of integers: 128, 32768 or 2^31."""
    if values.dtype.itemsize <= 2 or largest == 0:
        return float(2 ** (8 * values.dtype.itemsize - 1))
    is_shifted = not (values & 0xFFFF).any()  # 16 bits, moved to the upper end of the 32
    if _WIDEST_SAMPLE < largest <= 2**31 or (is_shifted and largest <= 2**31):
        return float(2**31)
    raise ClipError(
        f"{name} holds {values.dtype} numbers up to {largest:.0f}, which do not fill their type (are they 16 bits?): "
        "expected int16, or floats from -1 to 1; divide by full scale, 32768 for 16 bits, before saving."
    )


def _say_what_is_odd(values: np.ndarray, peak: float, scale: float, name: object) -> None:
    told = ""
    if peak > _ROUNDING:
        share = float((np.abs(values) > scale).mean())
        told = f"reaches {peak:.3g}, expected at most 1: {share:.2%} of its samples are cut"
    elif 0 < peak < _NEARLY_SILENT or (scale == 2.0**15 and 0 < peak < 2.0**-8):
        told = f"is nearly silent, its largest sample is {peak:.2g} of full scale: check how it was scaled when it was saved"
    if told:
        logging.getLogger(__name__).warning("%s", printable(f"{name} {told}."))
