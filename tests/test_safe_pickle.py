"""The pickle machine: files of every age are rebuilt; what is no clip is refused and never run."""

import base64
import collections
import datetime
import os
import pathlib
import pickle
import struct
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labutils.safe_pickle import UnsafePickle, rebuild

AUDIO = np.array([[0.5, -0.25, 0.0, 1.0], [-1.0, 0.125, 0.75, -0.5]])
RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"

# {"audio": AUDIO, "audio_samplerate": 44100} as numpy 1.26 pickled it, by protocol.
NUMPY_1 = {
    0: (
        "KGRwMApWYXVkaW8KcDEKY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcDIKKGNudW1weQpuZGFycmF5CnAz"
        "CihJMAp0cDQKY19jb2RlY3MKZW5jb2RlCnA1CihWYgpwNgpWbGF0aW4xCnA3CnRwOApScDkKdHAxMApScDExCihJMQooSTIK"
        "STQKdHAxMgpjbnVtcHkKZHR5cGUKcDEzCihWZjgKcDE0CkkwMApJMDEKdHAxNQpScDE2CihJMwpWPApwMTcKTk5OSS0xCkkt"
        "MQpJMAp0cDE4CmJJMDAKZzUKKFZcdTAwMDBcdTAwMDBcdTAwMDBcdTAwMDBcdTAwMDBcdTAwMDDgP1x1MDAwMFx1MDAwMFx1"
        "MDAwMFx1MDAwMFx1MDAwMFx1MDAwMNC/XHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAw"
        "XHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAw8D9cdTAwMDBcdTAwMDBcdTAwMDBcdTAwMDBcdTAwMDBcdTAw"
        "MDDwv1x1MDAwMFx1MDAwMFx1MDAwMFx1MDAwMFx1MDAwMFx1MDAwMMA/XHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAwXHUwMDAw"
        "XHUwMDAw6D9cdTAwMDBcdTAwMDBcdTAwMDBcdTAwMDBcdTAwMDBcdTAwMDDgvwpwMTkKZzcKdHAyMApScDIxCnRwMjIKYnNW"
        "YXVkaW9fc2FtcGxlcmF0ZQpwMjMKSTQ0MTAwCnMu"
    ),
    1: (
        "fXEAKFgFAAAAYXVkaW9xAWNudW1weS5jb3JlLm11bHRpYXJyYXkKX3JlY29uc3RydWN0CnECKGNudW1weQpuZGFycmF5CnED"
        "KEsAdHEEY19jb2RlY3MKZW5jb2RlCnEFKFgBAAAAYnEGWAYAAABsYXRpbjFxB3RxCFJxCXRxClJxCyhLAShLAksEdHEMY251"
        "bXB5CmR0eXBlCnENKFgCAAAAZjhxDkkwMApJMDEKdHEPUnEQKEsDWAEAAAA8cRFOTk5K/////0r/////SwB0cRJiSTAwCmgF"
        "KFhKAAAAAAAAAAAAw6A/AAAAAAAAw5DCvwAAAAAAAAAAAAAAAAAAw7A/AAAAAAAAw7DCvwAAAAAAAMOAPwAAAAAAAMOoPwAA"
        "AAAAAMOgwr9xE2gHdHEUUnEVdHEWYlgQAAAAYXVkaW9fc2FtcGxlcmF0ZXEXTUSsdS4="
    ),
    2: (
        "gAJ9cQAoWAUAAABhdWRpb3EBY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQJjbnVtcHkKbmRhcnJheQpx"
        "A0sAhXEEY19jb2RlY3MKZW5jb2RlCnEFWAEAAABicQZYBgAAAGxhdGluMXEHhnEIUnEJh3EKUnELKEsBSwJLBIZxDGNudW1w"
        "eQpkdHlwZQpxDVgCAAAAZjhxDomIh3EPUnEQKEsDWAEAAAA8cRFOTk5K/////0r/////SwB0cRJiiWgFWEoAAAAAAAAAAADD"
        "oD8AAAAAAADDkMK/AAAAAAAAAAAAAAAAAADDsD8AAAAAAADDsMK/AAAAAAAAw4A/AAAAAAAAw6g/AAAAAAAAw6DCv3ETaAeG"
        "cRRScRV0cRZiWBAAAABhdWRpb19zYW1wbGVyYXRlcRdNRKx1Lg=="
    ),
    3: (
        "gAN9cQAoWAUAAABhdWRpb3EBY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQJjbnVtcHkKbmRhcnJheQpx"
        "A0sAhXEEQwFicQWHcQZScQcoSwFLAksEhnEIY251bXB5CmR0eXBlCnEJWAIAAABmOHEKiYiHcQtScQwoSwNYAQAAADxxDU5O"
        "Tkr/////Sv////9LAHRxDmKJQ0AAAAAAAADgPwAAAAAAANC/AAAAAAAAAAAAAAAAAADwPwAAAAAAAPC/AAAAAAAAwD8AAAAA"
        "AADoPwAAAAAAAOC/cQ90cRBiWBAAAABhdWRpb19zYW1wbGVyYXRlcRFNRKx1Lg=="
    ),
    4: (
        "gASV7AAAAAAAAAB9lCiMBWF1ZGlvlIwVbnVtcHkuY29yZS5tdWx0aWFycmF5lIwMX3JlY29uc3RydWN0lJOUjAVudW1weZSM"
        "B25kYXJyYXmUk5RLAIWUQwFilIeUUpQoSwFLAksEhpRoBYwFZHR5cGWUk5SMAmY4lImIh5RSlChLA4wBPJROTk5K/////0r/"
        "////SwB0lGKJQ0AAAAAAAADgPwAAAAAAANC/AAAAAAAAAAAAAAAAAADwPwAAAAAAAPC/AAAAAAAAwD8AAAAAAADoPwAAAAAA"
        "AOC/lHSUYowQYXVkaW9fc2FtcGxlcmF0ZZRNRKx1Lg=="
    ),
    5: (
        "gAWV1wAAAAAAAAB9lCiMBWF1ZGlvlIwSbnVtcHkuY29yZS5udW1lcmljlIwLX2Zyb21idWZmZXKUk5QolkAAAAAAAAAAAAAA"
        "AAAA4D8AAAAAAADQvwAAAAAAAAAAAAAAAAAA8D8AAAAAAADwvwAAAAAAAMA/AAAAAAAA6D8AAAAAAADgv5SMBW51bXB5lIwF"
        "ZHR5cGWUk5SMAmY4lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGJLAksEhpSMAUOUdJRSlIwQYXVkaW9fc2FtcGxl"
        "cmF0ZZRNRKx1Lg=="
    ),
}
# The same with float32 audio and the rate as a numpy.int64, protocol 2.
NUMPY_1_SCALAR = (
    "gAJ9cQAoWAUAAABhdWRpb3EBY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQJjbnVtcHkKbmRhcnJheQpxA0sA"
    "hXEEY19jb2RlY3MKZW5jb2RlCnEFWAEAAABicQZYBgAAAGxhdGluMXEHhnEIUnEJh3EKUnELKEsBSwJLBIZxDGNudW1weQpkdHlw"
    "ZQpxDVgCAAAAZjRxDomIh3EPUnEQKEsDWAEAAAA8cRFOTk5K/////0r/////SwB0cRJiiWgFWCYAAAAAAAA/AADCgMK+AAAAAAAA"
    "woA/AADCgMK/AAAAPgAAQD8AAADCv3ETaAeGcRRScRV0cRZiWBAAAABhdWRpb19zYW1wbGVyYXRlcRdjbnVtcHkuY29yZS5tdWx0"
    "aWFycmF5CnNjYWxhcgpxGGgNWAIAAABpOHEZiYiHcRpScRsoSwNoEU5OTkr/////Sv////9LAHRxHGJoBVgJAAAARMKsAAAAAAAA"
    "cR1oB4ZxHlJxH4ZxIFJxIXUu"
)
# {"audio": int16 [[1, -2, 3, -4]], "audio_samplerate": 44100} in the instructions of Python 2, protocol 2.
PYTHON_2 = (
    b"\x80\x02}q\x01(U\x05audioq\x02" + RECONSTRUCT + b"q\x03cnumpy\nndarray\nq\x04K\x00\x85U\x01b\x87Rq\x05"
    b"(K\x01K\x01K\x04\x86cnumpy\ndtype\nq\x06U\x02i2K\x00K\x01\x87Rq\x07(K\x03U\x01<NNNJ\xff\xff\xff\xff"
    b"J\xff\xff\xff\xffK\x00tb\x89U\x08\x01\x00\xfe\xff\x03\x00\xfc\xfftbU\x10audio_samplerateMD\xacu."
)


class Exploit:
    """Creates a file when a careless reader unpickles it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_of_numpy_1_is_rebuilt(protocol):
    content = rebuild(base64.b64decode(NUMPY_1[protocol]))
    assert list(content) == ["audio", "audio_samplerate"] and content["audio_samplerate"] == 44100
    assert content["audio"].dtype == np.float64
    np.testing.assert_array_equal(content["audio"], AUDIO)


def test_numpy_scalars_and_float32_are_rebuilt():
    content = rebuild(base64.b64decode(NUMPY_1_SCALAR))
    assert content["audio"].dtype == np.float32 and content["audio_samplerate"] == 44100
    np.testing.assert_array_equal(content["audio"], AUDIO)


def test_python_2_pickles_are_rebuilt():
    np.testing.assert_array_equal(rebuild(PYTHON_2)["audio"], np.array([[1, -2, 3, -4]], np.int16))


@settings(max_examples=100, deadline=None)
@given(
    protocol=st.integers(0, 5),
    dtype=st.sampled_from(["<f4", "<f8", ">f8", "<f2", "<i2", ">i2", "<i4", "u1", "?"]),
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    fortran=st.booleans(),
    number=st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.text()),
)
def test_rebuild_equals_pickle_loads(protocol, dtype, shape, fortran, number):
    array = np.asarray(
        np.random.default_rng(0).integers(0, 2, shape), dtype=dtype, order="F" if fortran else "C"
    )
    content = {"a": array, "b": {"again": array, "number": number}}
    data = pickle.dumps(content, protocol=protocol)
    rebuilt = rebuild(data)
    assert rebuilt["b"]["number"] == number and type(rebuilt["b"]["number"]) is type(number)
    assert rebuilt["a"].dtype == array.dtype and rebuilt["a"].shape == array.shape
    np.testing.assert_array_equal(rebuilt["a"], array)
    np.testing.assert_array_equal(rebuilt["b"]["again"], array)


@pytest.mark.parametrize("protocol", range(6))
def test_an_exploit_is_refused_and_not_run(protocol, tmp_path):
    trap = tmp_path / "trap"
    data = pickle.dumps({"audio": Exploit(trap)}, protocol=protocol)
    with pytest.raises(UnsafePickle, match="mkdir"):
        rebuild(data)
    assert not trap.exists()
    pickle.loads(data)
    assert trap.exists(), "the exploit itself does not work, so the test would prove nothing"


HOSTILE = {
    "an object array": pickle.dumps({"audio": np.array([{}, None], dtype=object)}),
    "a structured array": pickle.dumps(np.zeros(2, dtype=[("a", "f4")])),
    "a list": pickle.dumps([1, 2]),
    "a set": pickle.dumps({1, 2}),
    "bytes": pickle.dumps(b"raw"),
    "None": pickle.dumps(None),
    "a function": pickle.dumps(np.load),
    "a class of numpy": pickle.dumps(np.ndarray),
    "builtins.eval": b"cbuiltins\neval\n(Vprint(1)\ntR.",
    "eval by the stack": b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
    "numpy's own exec": b"cnumpy.testing._private.utils\nrunstring\n(V1\n}tR.",
    "an instance by INST": b"(ios\nsystem\n.",
    "an object by NEWOBJ": b"\x80\x02cnumpy\nndarray\n)\x81.",
    "an extension code": b"\x80\x02\x82\x01.",
    "a persistent id": b"Pid\n.",
    "a call of a string": b"Vos.system\n(Vls\ntR.",
    "a call of ndarray": b"cnumpy\nndarray\n((I9\nttR.",
    "an array never filled": RECONSTRUCT + b"(cnumpy\nndarray\n(I0\ntVb\ntR.",
    "a shape the bytes do not have": PYTHON_2.replace(
        b"K\x01K\x01K\x04\x86", b"K\x01J\xff\xff\xff\x7fK\x04\x86"
    ),
    "ten gigabytes announced": b"\x80\x04\x8e" + struct.pack("<Q", 10**10) + b"abc.",
    "ten gigabytes of bytearray": b"\x80\x05\x96" + struct.pack("<Q", 10**10) + b"abc.",
    "a memo slot out of reach": b"\x80\x04}r\xff\xff\xff\x7fh\x00.",
    "many instructions": b"\x80\x04" + b"N0" * 20_000 + b"}.",
    "bytes that unfold again and again": b"\x80\x02c_codecs\nencode\nq\x00X\x00\x10\x00\x00"
    + b"a" * 4096
    + b"q\x01"
    + b"h\x00h\x01\x85R" * 1000
    + b".",
    "a dict inside itself": b"}q\x00Va\nh\x00s.",
    "a key that is a tuple": pickle.dumps({(1, 2): 2}),
    "a list inside itself": b"]q\x00h\x00a.",
    "items for a number": b"\x80\x02K\x01K\x02a.",
    "a class of one's own": b"\x80\x02cmy_module\nRecording\n)\x81}b.",
    "a tuple as the name of a function": b"\x80\x04))\x93.",
    "a tuple as a number format": b"cnumpy\ndtype\n(ttR.",
    "an empty file": b"",
    "text": b"hello, this is no pickle",
    "a stack of two": b"I1\nI2\n.",
    "nothing before the end": b".",
    "a pop from the empty stack": b"\x87.",
    "no mark": b"u.",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_refused_in_no_time(what):
    start = time.perf_counter()
    with pytest.raises(UnsafePickle):
        rebuild(HOSTILE[what])
    assert time.perf_counter() - start < 1.0


METADATA = {
    "who": "Ann",
    "notes": None,
    "tags": ["loud", ["nested", ("a", "tuple")]],
    "sites": {"lab", "hall"},
    "raw": b"bytes",
    3: {1: 2, None: 4.5, b"key": True},
    "when": datetime.datetime(2020, 11, 26, 15, 30, tzinfo=datetime.UTC),
    "length": datetime.timedelta(seconds=4),
    "where": pathlib.PurePosixPath("/data/audio"),
    "microphones": np.array(["bottom", "left"]),
    "gain": np.float32(0.5),
    "order": collections.OrderedDict(a=1),
}


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("key", METADATA, ids=str)
def test_harmless_metadata_beside_a_sound_is_passed_over(key, protocol):
    audio = np.ones((5, 4), np.float32)
    content = {"audio": audio, key: METADATA[key], "audio_samplerate": 44100}
    found = rebuild(pickle.dumps(content, protocol=protocol))
    np.testing.assert_array_equal(found["audio"], audio)
    assert found["audio_samplerate"] == 44100 and key in found


def test_shared_lists_do_not_explode():
    nested = []
    for _ in range(7):
        nested = [nested] * 300
    start = time.perf_counter()
    assert len(rebuild(pickle.dumps({"a": nested}))["a"]) == 300
    assert time.perf_counter() - start < 2.0


def test_shared_dicts_do_not_explode():
    nested = {}
    for _ in range(7):
        nested = {str(number): nested for number in range(300)}
    start = time.perf_counter()
    assert len(rebuild(pickle.dumps(nested))) == 300
    assert time.perf_counter() - start < 2.0


def test_a_tuple_of_tuples_as_a_name_is_refused_at_once():
    doubled = b")" + b"".join(b"q\x00h\x00\x86" for _ in range(200))
    start = time.perf_counter()
    with pytest.raises(UnsafePickle):
        rebuild(b"\x80\x02cnumpy\ndtype\n" + doubled + b"\x85R.")
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize("protocol", [0, 2, 3, 4, 5])
def test_every_truncation_is_refused(protocol):
    data = base64.b64decode(NUMPY_1[protocol])
    for length in range(len(data)):
        with pytest.raises(UnsafePickle):
            rebuild(data[:length])


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
def test_a_flipped_byte_gives_a_value_or_a_refusal_and_nothing_else():
    rng = np.random.default_rng(7)
    originals = [base64.b64decode(text) for text in NUMPY_1.values()] + [PYTHON_2]
    for number in range(3000):
        data = bytearray(originals[number % len(originals)])
        data[rng.integers(len(data))] = rng.integers(256)
        try:
            value = rebuild(bytes(data))
        except UnsafePickle:
            continue
        assert isinstance(value, dict | str | int | float | np.ndarray | np.generic)


def test_what_is_rebuilt_cannot_be_written_through():
    with pytest.raises(ValueError, match="read-only"):
        rebuild(base64.b64decode(NUMPY_1[4]))["audio"][0, 0] = 1


def test_bytes_that_unfold_again_and_again_stop_early():
    with pytest.raises(UnsafePickle, match="far more bytes"):
        rebuild(HOSTILE["bytes that unfold again and again"])


def test_a_slow_program_stops_early():
    with pytest.raises(UnsafePickle, match="instructions"):
        rebuild(b"\x80\x04" + b"N" * 20_000 + b"}.")
