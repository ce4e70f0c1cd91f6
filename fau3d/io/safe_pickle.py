"""Reading pickles without running what is in them.

A pickle is a program: it may name any function of any module and call it. The reader here knows a short
list of names, NumPy's array constructors and the plain containers among them, and answers each with a
function of its own that checks its arguments. Everything else is refused by name.

Python's C unpickler has no hook for objects that set their own state, and NumPy's dtypes believe any state
they are given, flags that make numbers be taken for pointers included; hence this is built on the standard
library's unpickler written in Python. Array contents are still read in one piece, at the speed of the disk.
"""

import collections
import math
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np

_RENAMED_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}
_NUMBER_KINDS = frozenset("biufcSUO")


class UnsafePickleError(ValueError):
    """A pickle asks for something that is neither an array nor a plain value."""


class BrokenPickleError(ValueError):
    """A file is no pickle, or is cut short or damaged."""


def safe_load(path: str | os.PathLike[str]) -> Any:
    """Read a pickle of NumPy arrays and plain Python values; run nothing that is in it.

    Args:
        path: The file, written with any pickle protocol (0 to 5) and NumPy 1 or 2.

    Returns:
        What was pickled: None, bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set,
        frozenset, OrderedDict, defaultdict (as a dict), range, slice; NumPy arrays, scalars, and dtypes.

    Raises:
        UnsafePickleError: If it names anything else.
        BrokenPickleError: If it is no complete pickle.
        FileNotFoundError: If there is no such file.
    """
    with Path(path).open("rb") as stream:
        return safe_load_stream(stream, str(path))


def safe_load_stream(stream: BinaryIO, name: str = "stream") -> Any:
    """Do what `safe_load` does with an open binary file.

    Args:
        stream: The file, at the pickle's first byte.
        name: What error messages call it.
    """
    try:
        return _SafeUnpickler(stream).load()
    except UnsafePickleError as error:
        raise UnsafePickleError(
            f"{name}: {error}. Loading it could run a program, so nothing was loaded. Wanted only NumPy "
            "arrays and plain Python values: convert the rest to these where the file was made"
        ) from None
    except (EOFError, pickle.UnpicklingError, LookupError, MemoryError, OverflowError) as error:
        raise BrokenPickleError(_broken(name, error)) from error
    except (AttributeError, TypeError, ValueError, AssertionError, RecursionError) as error:
        raise BrokenPickleError(_broken(name, error)) from error


def _broken(name: str, error: BaseException) -> str:
    reason = str(error) or type(error).__name__
    return f"{name}: is not a whole pickle ({reason}); wanted an annotation file: copy it again, or make it"


class _Admitted:
    """A function that a pickle may call, under the name by which it asked for it; unchangeable."""

    __slots__ = ("function", "name")
    name: str
    function: Callable[..., Any]

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "function", function)

    def __setattr__(self, name: str, value: object) -> None:
        raise UnsafePickleError(f"it sets the attribute {name!r} of {self.name}")


def _refuse(what: str) -> Any:
    raise UnsafePickleError(f"it {what}")


def _check_dtype(dtype: object) -> np.dtype:
    """Admit dtypes of numbers, text and objects; no records, no sub-arrays, no void."""
    if not isinstance(dtype, np.dtype):
        return _refuse(f"gives a {type(dtype).__name__} for a dtype")
    if dtype.kind not in _NUMBER_KINDS or dtype.fields is not None or dtype.subdtype is not None:
        return _refuse(f"holds an array of dtype {dtype.str!r}")
    return dtype


def _make_dtype(spec: object, align: object = False, copy: object = True) -> np.dtype:
    """Make a dtype of its own, since its byte order is set afterwards."""
    if isinstance(spec, bytes):
        spec = spec.decode("latin1")
    if not isinstance(spec, str) or not spec[:1].isalpha() or not spec[1:].isdecimal():
        return _refuse(f"holds a dtype {spec!r}")
    return _check_dtype(np.dtype(spec, False, True))


def _set_dtype_state(dtype: np.dtype, state: Any) -> None:
    if not isinstance(state, tuple) or len(state) != 8 or state[2:5] != (None, None, None):
        _refuse(f"holds a dtype {dtype.str!r} with the state {state!r}")
    _, order, _, _, _, size, alignment, flags = state
    order = order.decode("latin1") if isinstance(order, bytes) else order
    good = order in ("<", ">", "|", "=") and size in (-1, dtype.itemsize)
    if not good or alignment not in (-1, dtype.alignment) or flags != dtype.flags:
        _refuse(f"holds a dtype {dtype.str!r} with the state {state!r}")
    if order == ">" and dtype.kind != "O" and dtype.itemsize > 1:
        setter: Any = dtype
        setter.__setstate__((3, ">", None, None, None, *_sizes(dtype), flags))


def _sizes(dtype: np.dtype) -> tuple[int, int]:
    return (dtype.itemsize, dtype.alignment) if dtype.kind in "SU" else (-1, -1)


def _set_array_state(array: np.ndarray, state: Any) -> None:
    if not isinstance(state, tuple) or len(state) not in (4, 5):
        _refuse("holds an array with an unknown kind of state")
    shape, dtype, fortran, data = state[-4:]
    dtype = _check_dtype(dtype)
    shape = _check_shape(shape)
    if not isinstance(data, list if dtype.kind == "O" else (bytes, bytearray, str)):
        _refuse(f"fills an array of dtype {dtype.str!r} from a {type(data).__name__}")
    length = math.prod(shape) * (1 if dtype.kind == "O" else dtype.itemsize)
    if len(data) != length:
        _refuse(
            f"fills an array of shape {shape} and dtype {dtype.str!r} from {len(data)} items, not {length}"
        )
    array.__setstate__((1, shape, dtype, bool(fortran), data))


def _check_shape(shape: object) -> tuple[int, ...]:
    if not isinstance(shape, tuple) or not all(type(n) is int and 0 <= n < 2**62 for n in shape):
        return _refuse(f"holds an array of shape {shape!r}")
    return shape


def _make_scalar(dtype: object, data: object = b"") -> Any:
    dtype = _check_dtype(dtype)
    if dtype.kind == "O":
        return _refuse("holds a scalar of dtype object")
    data = data.encode("latin1") if isinstance(data, str) else data
    if not isinstance(data, (bytes, bytearray)) or len(data) != dtype.itemsize:
        return _refuse(f"holds a scalar of dtype {dtype.str!r} with data of another size")
    return np.frombuffer(bytes(data), dtype)[0] if dtype.itemsize else dtype.type()


def _from_buffer(
    buffer: object, dtype: object, shape: object, order: object, axis_order: object = None
) -> np.ndarray:
    dtype = _check_dtype(dtype)
    if dtype.kind == "O" or not isinstance(buffer, (bytes, bytearray)):
        return _refuse(f"fills an array of dtype {dtype.str!r} from a {type(buffer).__name__}")
    if order not in ("C", "F", "K"):
        return _refuse(f"holds an array in the order {order!r}")
    flat = np.frombuffer(buffer, dtype)
    shape = _check_shape(shape)
    if order == "K":
        # NumPy 2 writes a transposed array as it lies in memory: the shape there, and the way back.
        axes = _check_shape(axis_order)
        if sorted(axes) != list(range(len(shape))):
            return _refuse(f"holds an array with the axes {axes!r}")
        return flat.reshape(shape).transpose(axes)
    return flat.reshape(shape, order="F" if order == "F" else "C")


def _encode(text: object, encoding: object = "latin1") -> bytes:
    """The way in which protocols 0 to 2 spell bytes."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        return _refuse(f"encodes a {type(text).__name__} as {encoding!r}")
    return text.encode("latin1")


def _plain(kind: Callable[..., Any], *admitted: type) -> Callable[..., Any]:
    """A constructor that takes plain values only; admitted types are those of its first argument."""

    def make(*args: Any) -> Any:
        if args and not isinstance(args[0], admitted):
            return _refuse(f"makes a {getattr(kind, '__name__', kind)} from a {type(args[0]).__name__}")
        return kind(*args)

    return make


def _make_bytearray(data: object = b"", encoding: object = "latin1") -> bytearray:
    return bytearray(data if isinstance(data, bytes) else _encode(data, encoding))


_FUNCTIONS: dict[tuple[str, str], Callable[..., Any]] = {
    ("_codecs", "encode"): _encode,
    ("builtins", "bytes"): _plain(bytes, bytes, list),
    ("builtins", "bytearray"): _make_bytearray,
    ("builtins", "complex"): _plain(complex, float, int),
    ("builtins", "frozenset"): _plain(frozenset, list, tuple, set),
    ("builtins", "range"): _plain(range, int),
    ("builtins", "set"): _plain(set, list, tuple, frozenset),
    ("builtins", "slice"): _plain(slice, int, type(None)),
    ("builtins", "xrange"): _plain(range, int),
    ("collections", "OrderedDict"): _plain(collections.OrderedDict, list, dict),
    ("collections", "defaultdict"): lambda *factory: {},
}
_NUMPY_FUNCTIONS: dict[tuple[str, str], Callable[..., Any]] = {
    ("multiarray", "scalar"): _make_scalar,
    ("numeric", "_frombuffer"): _from_buffer,
}
_VALUES: dict[tuple[str, str], object] = {
    ("numpy", "ndarray"): np.ndarray,
    # factories of defaultdicts and the like; they are never called
    **{("builtins", t.__name__): t for t in (bool, dict, float, int, list, str, tuple)},
}


_PythonUnpickler: Any = pickle._Unpickler


class _SafeUnpickler(_PythonUnpickler):
    """The unpickler in Python with every opcode that calls or changes an object replaced."""

    dispatch: ClassVar[dict[int, Any]] = dict(_PythonUnpickler.dispatch)

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream, encoding="latin1")
        self._unfilled: dict[int, np.ndarray] = {}
        self._dtypes: dict[int, np.dtype] = {}

    def find_class(self, module: str, name: str) -> Any:
        """Answer a name with what is admitted under it."""
        key = (_RENAMED_MODULES.get(module, module), name)
        if key in _VALUES:
            return _VALUES[key]
        if key in _FUNCTIONS:
            return _Admitted(f"{module}.{name}", _FUNCTIONS[key])
        if key == ("numpy", "dtype"):
            return _Admitted(f"{module}.{name}", self._make_dtype)
        for core in ("numpy.core.", "numpy._core."):
            if module.startswith(core):
                inner = (module[len(core) :], name)
                if inner == ("multiarray", "_reconstruct"):
                    return _Admitted(f"{module}.{name}", self._reconstruct)
                if inner in _NUMPY_FUNCTIONS:
                    return _Admitted(f"{module}.{name}", _NUMPY_FUNCTIONS[inner])
        found = getattr(np, name, None) if module == "numpy" else None
        found = getattr(getattr(np, "dtypes", None), name, None) if module == "numpy.dtypes" else found
        if isinstance(found, type) and issubclass(found, (np.number, np.bool_, np.character, np.dtype)):
            return found
        return _refuse(f"asks for {module}.{name}")

    def _make_dtype(self, *args: object) -> np.dtype:
        dtype = _make_dtype(*args)
        self._dtypes[id(dtype)] = dtype
        return dtype

    def _reconstruct(self, subtype: object, shape: object, kind: object) -> np.ndarray:
        if subtype is not np.ndarray:
            return _refuse(f"makes an array of the type {getattr(subtype, '__name__', subtype)!r}")
        array = np.empty(0, np.int8)
        self._unfilled[id(array)] = array
        return array

    def persistent_load(self, pid: Any) -> Any:
        """Refuse references to objects outside of the file."""
        return _refuse(f"refers to an object outside of the file ({pid!r})")

    def get_extension(self, code: int) -> Any:
        """Refuse names that are kept in Python's extension registry."""
        return _refuse(f"asks for the registered extension {code}")

    def load_reduce(self) -> None:
        """Call a function: an admitted one."""
        args = self.stack.pop()
        function = self.stack[-1]
        if not isinstance(function, _Admitted) or not isinstance(args, tuple):
            _refuse(f"calls {getattr(function, '__name__', type(function).__name__)}")
        self.stack[-1] = function.function(*args)

    def load_build(self) -> None:
        """Set the state of an object: of an array or a dtype that this file has just made."""
        state = self.stack.pop()
        target = self.stack[-1]
        if id(target) in self._unfilled:
            _set_array_state(self._unfilled.pop(id(target)), state)
        elif id(target) in self._dtypes:
            _set_dtype_state(self._dtypes[id(target)], state)
        else:
            _refuse(f"sets the state of a {getattr(target, 'name', type(target).__name__)}")

    def load_instance(self) -> None:
        """Refuse to make an instance of a class."""
        _refuse("makes an instance of a class by an opcode that arrays and plain values do not need")

    def load_inst(self) -> None:
        """Refuse to make an instance of a class that is named on the spot."""
        module, name = (self.readline()[:-1].decode("ascii", "replace") for _ in range(2))
        _refuse(f"makes an instance of {module}.{name}")

    def load_append(self) -> None:
        """Append to a list, and to nothing else."""
        value = self.stack.pop()
        self._container(list).append(value)

    def load_appends(self) -> None:
        """Extend a list, and nothing else."""
        items = self.pop_mark()
        self._container(list).extend(items)

    def load_additems(self) -> None:
        """Add to a set, and to nothing else."""
        items = self.pop_mark()
        self._container(set).update(items)

    def load_setitem(self) -> None:
        """Fill a dict, and nothing else."""
        value, key = self.stack.pop(), self.stack.pop()
        self._container(dict)[key] = value

    def load_setitems(self) -> None:
        """Fill a dict, and nothing else."""
        items = self.pop_mark()
        self._container(dict).update(zip(items[::2], items[1::2]))

    def _container(self, kind: type) -> Any:
        target = self.stack[-1]
        return (
            target
            if isinstance(target, kind)
            else _refuse(f"fills a {type(target).__name__} like a {kind.__name__}")
        )

    dispatch[pickle.INST[0]] = load_inst
    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.BUILD[0]] = load_build
    dispatch[pickle.APPEND[0]] = load_append
    dispatch[pickle.APPENDS[0]] = load_appends
    dispatch[pickle.ADDITEMS[0]] = load_additems
    dispatch[pickle.SETITEM[0]] = load_setitem
    dispatch[pickle.SETITEMS[0]] = load_setitems
    for _opcode in (pickle.NEWOBJ, pickle.NEWOBJ_EX, pickle.OBJ):
        dispatch[_opcode[0]] = load_instance
