"""Reading a pickle from someone else without running it.

A pickle is a program: `pickle.load` calls whatever function the file names. Here a small machine steps
through the instructions instead. It knows plain containers, text, numbers and numpy arrays, builds them itself from the
bytes in the file, and refuses every other instruction and every other name; nothing that a file names is ever
imported or called. Of a few harmless kinds that tools add to a sound (a date, a path) only the name is kept.
"""

import pickletools
import re
from dataclasses import dataclass

import numpy as np

_TEXTS = {
    "STRING",
    "BINSTRING",
    "SHORT_BINSTRING",
    "UNICODE",
    "BINUNICODE",
    "SHORT_BINUNICODE",
    "BINUNICODE8",
}
_BYTES = {"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"}
_NUMBERS = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"}
_VALUES = frozenset(_TEXTS | _BYTES | _NUMBERS)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_LISTS = frozenset({"EMPTY_LIST", "EMPTY_SET"})
_SHORT_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GET = frozenset({"GET", "BINGET", "LONG_BINGET"})

# numpy 2 moved its internals from numpy.core to numpy._core; both spellings are in use.
_NAMES = {
    "numpy ndarray": "ndarray",
    "numpy dtype": "dtype",
    "_codecs encode": "encode",
    **{f"numpy.{core}.multiarray _reconstruct": "reconstruct" for core in ("core", "_core")},
    **{f"numpy.{core}.multiarray scalar": "scalar" for core in ("core", "_core")},
    **{f"numpy.{core}.numeric _frombuffer": "frombuffer" for core in ("core", "_core")},
    **{f"datetime {name}": "metadata" for name in ("datetime", "date", "time", "timedelta", "timezone")},
    **{
        f"pathlib {name}": "metadata"
        for name in ("PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath")
    },
    "uuid UUID": "metadata",
    "decimal Decimal": "metadata",
    "collections OrderedDict": "dict",
    **{f"{module} {name}": "list" for module in ("builtins", "__builtin__") for name in ("set", "frozenset")},
}
_DTYPES = frozenset({"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"})
_TEXT_DTYPE = re.compile(r"[US]\d{1,4}")
_MAX_DEPTH = 8
_MAX_INSTRUCTIONS = 10_000  # a clip needs about 60


class UnsafePickle(ValueError):
    """The bytes are no pickle, or one that holds more than dict, text, numbers and numpy arrays."""


@dataclass(frozen=True)
class _Name:
    """A name that the file mentions, known to be harmless; it is never looked up."""

    kind: str


@dataclass(frozen=True)
class _Metadata:
    """Something harmless that belongs to no sound; what it was made of is forgotten."""


@dataclass
class _Dtype:
    """A number format, complete once its byte order is known."""

    code: str
    byte_order: str = "|"

    def to_numpy(self) -> np.dtype:
        return np.dtype(self.code).newbyteorder(self.byte_order)


@dataclass
class _Array:
    """An array announced by the file; the state that follows fills it."""

    values: np.ndarray | None = None


def rebuild(data: bytes) -> object:
    """Rebuild the one object that a pickle holds.

    Args:
        data: the pickle, protocol 0 to 5, written by Python 2 or 3 with numpy 1 or 2.

    Returns:
        A dict, list, str, bytes, number, None or (read-only) numpy array; dicts hold the same, under keys that are text or
        numbers. Tuples and sets become lists, dates and paths the word "metadata".

    Raises:
        UnsafePickle: with the reason, if the bytes hold anything else or break off.
    """
    machine = _Machine(budget=4 * len(data) + 1024)
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count == _MAX_INSTRUCTIONS:
                raise UnsafePickle("it has too many instructions for a clip")
            machine.step(opcode.name, argument)
        (result,) = machine.stack
        if isinstance(result, list | tuple | bytes | bytearray | _Metadata | None):
            raise UnsafePickle(f"it holds a {type(result).__name__.strip('_').lower()}")
        return _finish(result, {})
    except UnsafePickle:
        raise
    except (ValueError, TypeError, IndexError, KeyError, OverflowError) as error:
        raise UnsafePickle("it breaks off or is no pickle") from error


class _Machine:
    """The stack, the marks on it and the memo of a pickle being read."""

    def __init__(self, *, budget: int):
        self.stack: list = []
        self.marks: list[int] = []
        self.memo: dict[int, object] = {}
        self.budget = budget  # bytes that decoding may still produce: a small file cannot claim much memory

    def step(self, name: str, argument: object) -> None:
        """Carry out one instruction."""
        if name in _VALUES:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _LISTS:
            self.stack.append([])
        elif name in _SHORT_TUPLES:
            self.stack.append(tuple(self._pop_many(_SHORT_TUPLES[name])))
        elif name in _PUT:
            self.memo[argument] = self.stack[-1]
        elif name in _GET:
            self.stack.append(self.memo[argument])
        elif name in _INSTRUCTIONS:
            _INSTRUCTIONS[name](self, argument)
        else:
            raise UnsafePickle(f"it uses the instruction {name}")

    def _pop_many(self, count: int) -> list:
        if count > len(self.stack):
            raise IndexError(count)
        values = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return values

    def _pop_to_mark(self) -> list:
        return self._pop_many(len(self.stack) - self.marks.pop())

    def _set_items(self, pairs: list) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise TypeError("items for something that is no dict")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if not isinstance(key, str | int | float | bytes | None):
                raise UnsafePickle(f"it holds a dict with a key of type {type(key).__name__}")
            target[key.decode("latin1") if isinstance(key, bytes) else key] = value

    def _append(self, values: list) -> None:
        if not isinstance(self.stack[-1], list):
            raise TypeError("items for something that is no list")
        self.stack[-1].extend(values)

    def _name(self, name: str) -> None:
        if name not in _NAMES:
            raise UnsafePickle(f"it asks for {name.replace(' ', '.')[:80]!r}")
        self.stack.append(_Name(_NAMES[name]))

    def _stack_name(self) -> None:
        module, name = self._pop_many(2)
        self._name(f"{_text(module)} {_text(name)}")

    def _reduce(self) -> None:
        name, arguments = self._pop_many(2)
        if not isinstance(name, _Name) or name.kind not in _BUILDERS:
            raise UnsafePickle("it calls something that builds no array")
        self.stack.append(_BUILDERS[name.kind](*arguments))
        if name.kind == "encode":
            self.budget -= len(self.stack[-1])
            if self.budget < 0:
                raise UnsafePickle("it unfolds into far more bytes than it has")

    def _build(self) -> None:
        (state,) = self._pop_many(1)
        target = self.stack[-1]
        if isinstance(target, _Dtype):
            target.byte_order = _byte_order(state[1])
        elif isinstance(target, _Metadata):
            pass
        elif isinstance(target, _Array):
            _, shape, dtype, fortran, values = state
            target.values = _array(values, dtype, shape, "F" if fortran else "C")
        else:
            raise UnsafePickle("it sets the state of something that is no array")

    def _make_dict(self) -> None:
        pairs = self._pop_to_mark()
        self.stack.append({})
        self._set_items(pairs)


_INSTRUCTIONS = {
    "PROTO": lambda machine, argument: None,
    "FRAME": lambda machine, argument: None,
    "STOP": lambda machine, argument: None,
    "MARK": lambda machine, argument: machine.marks.append(len(machine.stack)),
    "TUPLE": lambda machine, argument: machine.stack.append(tuple(machine._pop_to_mark())),
    "EMPTY_DICT": lambda machine, argument: machine.stack.append({}),
    "DICT": lambda machine, argument: machine._make_dict(),
    "LIST": lambda machine, argument: machine.stack.append(machine._pop_to_mark()),
    "FROZENSET": lambda machine, argument: machine.stack.append(machine._pop_to_mark()),
    "APPEND": lambda machine, argument: machine._append(machine._pop_many(1)),
    "APPENDS": lambda machine, argument: machine._append(machine._pop_to_mark()),
    "ADDITEMS": lambda machine, argument: machine._append(machine._pop_to_mark()),
    "NEWOBJ": lambda machine, argument: machine._reduce(),
    "SETITEM": lambda machine, argument: machine._set_items(machine._pop_many(2)),
    "SETITEMS": lambda machine, argument: machine._set_items(machine._pop_to_mark()),
    "MEMOIZE": lambda machine, argument: machine.memo.__setitem__(len(machine.memo), machine.stack[-1]),
    "GLOBAL": lambda machine, argument: machine._name(argument),
    "STACK_GLOBAL": lambda machine, argument: machine._stack_name(),
    "REDUCE": lambda machine, argument: machine._reduce(),
    "BUILD": lambda machine, argument: machine._build(),
}


def _byte_order(text: object) -> str:
    order = _text(text)
    if order not in ("<", ">", "|", "="):
        raise UnsafePickle("it holds an array of unknown byte order")
    return order


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin1")
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _raw(value: object) -> bytes | bytearray:
    """Bytes as Python 3 wrote them, or as the text that Python 2 called `str`."""
    return value.encode("latin1") if isinstance(value, str) else value


def _dtype(code: object, align: object = False, copy: object = True) -> _Dtype:
    if _text(code) not in _DTYPES and not _TEXT_DTYPE.fullmatch(_text(code)):
        raise UnsafePickle(f"it holds an array of type {_text(code)[:20]!r}, not of plain numbers")
    return _Dtype(_text(code))


def _reconstruct(kind: object, shape: object, code: object) -> _Array:
    if kind != _Name("ndarray"):
        raise UnsafePickle("it holds an unusual kind of array")
    return _Array()


def _array(values: object, dtype: object, shape: tuple, order: str) -> np.ndarray:
    if not isinstance(dtype, _Dtype):
        raise UnsafePickle("it holds an array of unknown type")
    if not isinstance(shape, tuple) or len(shape) > 4:
        raise UnsafePickle("it holds an array of unusual shape")
    flat = np.frombuffer(_raw(values), dtype=dtype.to_numpy())
    # refuses a size the bytes do not have
    array = flat.reshape([int(size) for size in shape], order=_text(order))
    array.flags.writeable = False
    return array


def _frombuffer(values: object, dtype: object, shape: tuple, order: str) -> _Array:
    return _Array(_array(values, dtype, shape, order))


def _scalar(dtype: object, value: object) -> _Array:
    return _Array(_array(value, dtype, (), "C"))


def _encode(text: str, encoding: str = "latin1") -> bytes:
    """How Python 3 writes bytes in the protocols of Python 2."""
    if encoding not in ("latin1", "latin-1"):
        raise UnsafePickle("it holds bytes in an unusual encoding")
    return text.encode("latin1")


_BUILDERS = {
    "metadata": lambda *_: _Metadata(),
    "dict": lambda: {},
    "list": list,
    "reconstruct": _reconstruct,
    "frombuffer": _frombuffer,
    "scalar": _scalar,
    "dtype": _dtype,
    "encode": _encode,
}


def _finish(value: object, done: dict[int, object], depth: int = 0) -> object:
    """Swap the arrays' stand-ins for the arrays, and refuse what is neither container nor content."""
    if depth > _MAX_DEPTH:
        raise UnsafePickle("it is nested too deeply")
    if isinstance(value, dict | list | tuple):
        if id(value) not in done:  # a container shared by thousands of others is walked once
            done[id(value)] = _finish_items(value, done, depth + 1)
        return done[id(value)]
    if isinstance(value, _Array) and value.values is not None:
        return value.values if value.values.ndim else value.values[()]
    if isinstance(value, _Metadata):
        return "metadata"
    if isinstance(value, str | bytes | bytearray | bool | int | float | None):
        return value
    raise UnsafePickle(f"it holds a {type(value).__name__.strip('_').lower()}")


def _finish_items(value: dict | list | tuple, done: dict[int, object], depth: int) -> dict | list:
    if isinstance(value, dict):
        return {key: _finish(item, done, depth) for key, item in value.items()}
    return [_finish(item, done, depth) for item in value]
