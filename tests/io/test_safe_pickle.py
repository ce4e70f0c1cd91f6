"""Reading pickles without running what is in them."""

import builtins
import collections
import contextlib
import functools
import io
import itertools
import operator
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fau3d.io.safe_pickle import BrokenPickleError, UnsafePickleError, safe_load, safe_load_stream

PROTOCOLS = range(6)
VALUES = {
    "float": np.arange(12.0).reshape(3, 4),
    "half": np.ones((2, 3), np.float16),
    "fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "transposed": np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2),
    "strided": np.arange(10)[::2],
    "empty array": np.zeros((0, 3)),
    "no axes": np.array(2.5),
    "big-endian": np.arange(3, dtype=">i4"),
    "bool": np.array([True, False]),
    "complex array": np.array([1j]),
    "text": np.array(["ab", "ü"]),
    "bytes array": np.array([b"ab"]),
    "objects": np.array([None, {"x": np.float32(2)}, [1, "a"]], object),
    "scalar": np.float32(3.5),
    "int scalar": np.int64(-4),
    "bool scalar": np.bool_(True),
    "text scalar": np.str_("xy"),
    "dtype": np.dtype("f4"),
    "scalar class": np.float32,
    "set": {1, 2},
    "frozenset": frozenset([1]),
    "ordered": collections.OrderedDict(a=1, b=[2]),
    "defaultdict": collections.defaultdict(list, {"k": [1]}),
    "bytearray": bytearray(b"x\xff"),
    "bytes": b"\xff\x00",
    "no bytes": b"",
    "complex": 1 + 2j,
    "slice": slice(1, None),
    "range": range(1, 9, 2),
    "plain": [None, True, 1, -1.5, 2**100, "ü", (1, 2, 3, 4), {"a": {"b": []}}, float("inf")],
}


def load(data: bytes) -> Any:
    return safe_load_stream(io.BytesIO(data), "file.pkl")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", VALUES)
def test_arrays_and_plain_values_come_back(name: str, protocol: int) -> None:
    data = pickle.dumps(VALUES[name], protocol)
    found, wanted = load(data), pickle.loads(data)  # Python's own reader is the reference
    if isinstance(wanted, np.ndarray):
        assert found.dtype == wanted.dtype and found.shape == wanted.shape and found.flags.writeable
        np.testing.assert_array_equal(found, wanted)
    else:
        assert found == wanted
        assert type(found) is (dict if name == "defaultdict" else type(wanted))


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
def test_transposed_arrays_of_numpy_2_are_read_under_either_numpy(axes: tuple[int, ...]) -> None:
    lying = np.arange(24).reshape(2, 3, 4)
    arguments = pickle.dumps((lying.tobytes(), lying.dtype, lying.shape, "K", axes), 3)[2:-1]
    found = load(b"\x80\x03cnumpy._core.numeric\n_frombuffer\n" + arguments + b"R.")
    np.testing.assert_array_equal(found, lying.transpose(axes))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=12,
)


@given(value=plain, protocol=st.sampled_from(PROTOCOLS))
def test_plain_values_come_back(value: object, protocol: int) -> None:
    assert load(pickle.dumps(value, protocol)) == value


def test_references_stay_shared() -> None:
    array = np.arange(3)
    first, second = load(pickle.dumps([array, array]))
    assert first is second
    loop: list = []
    loop.append(loop)
    found = load(pickle.dumps(loop))
    assert found[0] is found


@pytest.mark.parametrize("core", ["numpy.core", "numpy._core"])
def test_both_homes_of_numpys_functions(core: str) -> None:
    for value in (np.arange(4.0), np.float32(2)):
        data = pickle.dumps(value, 2)
        for home in (b"numpy.core", b"numpy._core"):
            data = data.replace(home + b".multiarray", core.encode() + b".multiarray")
        np.testing.assert_array_equal(load(data), value)


# ---------------------------------------------------------------- what must not get through


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function: Any, *args: Any, state: Any = None) -> None:
        self.parts = (function, args) if state is None else (function, args, state)

    def __reduce__(self) -> Any:
        return self.parts


class Plain:
    """An instance of a class that is not NumPy's or Python's."""


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("attack", "name"),
    [
        (Calls(os.system, "echo owned"), "system"),
        (Calls(eval, "1 + 1"), "eval"),
        (Calls(exec, "x = 1"), "exec"),
        (Calls(getattr, [], "append"), "getattr"),
        (Calls(builtins.__import__, "os"), "__import__"),
        (Calls(open, "/tmp/owned", "w"), "open"),
        (Calls(functools.partial, print, 1), "partial"),
        (Calls(operator.attrgetter, "real"), "attrgetter"),
        (Calls(np.load, "/tmp/owned.npy"), "load"),
        (Calls(np.fromfile, "/etc/hostname"), "fromfile"),
        (Calls(np.memmap, "/tmp/owned"), "memmap"),
        (Calls(np.testing.assert_equal, 1, 1), "assert_equal"),
        (Calls(map, print, [1]), "map"),
        (Calls(type, "X", (), {}), "type"),
        (Calls(Path, "/tmp"), "Path"),
        (Plain(), "(Plain|_reconstructor)"),
        (print, "print"),
        (np.recarray((2,), dtype=[("a", "i4")]), "recarray"),
        (np.ma.masked_array([1], [True]), "ma"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_names_that_are_refused(attack: object, name: str, protocol: int) -> None:
    for value in (attack, [1, {"deep": (attack,)}]):
        with pytest.raises(UnsafePickleError, match=r"file\.pkl: it .*" + name) as caught:
            load(pickle.dumps(value, protocol))
        assert "nothing was loaded" in str(caught.value)


def test_an_object_array_hides_nothing() -> None:
    array = np.empty(2, object)
    array[:] = [1, Calls(os.system, "echo owned")]
    for protocol in PROTOCOLS:
        with pytest.raises(UnsafePickleError, match="system"):
            load(pickle.dumps(array, protocol))


def reconstruct(subtype: bytes, state: object = None, build: bool = True) -> bytes:
    """`_reconstruct(<subtype>, (0,), b"b")`, and a state set on the result."""
    head = b"\x80\x04cnumpy.core.multiarray\n_reconstruct\n" + subtype + b"K\x00\x85C\x01b\x87R"
    return head + (body(state) + b"b" if build else b"") + b"."


def body(value: object) -> bytes:
    """A value's opcodes, without header and end."""
    return pickle.dumps(value, 3)[2:-1]


@pytest.mark.parametrize(
    "subtype", [b"cnumpy\nmatrix\n", b"cos\nsystem\n", b"cbuiltins\nlist\n", b"cnumpy\nfloat64\n"]
)
def test_reconstruct_makes_arrays_only(subtype: bytes) -> None:
    with pytest.raises(UnsafePickleError, match=r"makes an array of the type|asks for"):
        load(reconstruct(subtype, build=False))


@pytest.mark.parametrize(
    "state",
    [
        (1, (2,), np.dtype("f4"), False, b"1234"),  # too little data
        (1, (1,), np.dtype("f4"), False, b"12345678"),
        (1, (-1,), np.dtype("f4"), False, b""),
        (1, (2**40, 2**40), np.dtype("f4"), False, b""),
        (1, (3,), np.dtype("O"), False, [1]),  # NumPy would read past the list's end
        (1, (1,), np.dtype("O"), False, b"12345678"),  # bytes taken for a pointer
        (1, (1,), np.dtype("f4"), False, [1.0]),
        (1, (1,), "f4", False, b"1234"),
        (1, 3, np.dtype("f4"), False, b""),
        {"a": 1},
        7,
    ],
)
def test_states_of_arrays_that_are_refused(state: object) -> None:
    with pytest.raises((UnsafePickleError, BrokenPickleError)):
        load(reconstruct(b"cnumpy\nndarray\n", state))


def dtype_with_state(spec: str, state: object) -> bytes:
    return b"\x80\x04cnumpy\ndtype\n" + body((spec, False, True)) + b"R" + body(state) + b"b."


@pytest.mark.parametrize(
    ("spec", "state"),
    [
        ("f4", (3, "<", None, None, None, -1, -1, 63)),  # numbers flagged as objects
        ("O8", (3, "|", None, None, None, -1, -1, 0)),
        ("V8", (3, "|", None, None, None, 8, 1, 0)),
        ("U2", (3, "<", None, None, None, 4000, 4, 8)),
        ("f4", (3, "<", None, ("a",), {"a": (1, 0)}, 8, 4, 0)),
        ("f4", (3, "<", (1, (2,)), None, None, -1, -1, 0)),
        ("f4", (3, "x", None, None, None, -1, -1, 0)),
        ("f4", {"a": 1}),
        ("f4,O", (3, "|", None, None, None, -1, -1, 0)),
        ("M8", (3, "<", None, None, None, -1, -1, 0)),
    ],
)
def test_dtypes_that_are_refused(spec: str, state: object) -> None:
    with pytest.raises(UnsafePickleError, match="dtype"):
        load(dtype_with_state(spec, state))


def test_numpys_own_dtypes_stay_as_they_are() -> None:
    before = np.dtype("f4").str
    load(
        b"\x80\x04cnumpy\ndtype\n"
        + body(("f4", False, False))
        + b"R"
        + body((3, ">", None, None, None, -1, -1, 0))
        + b"b."
    )
    assert np.dtype("f4").str == before


def test_records_are_refused() -> None:
    for protocol in PROTOCOLS:
        with pytest.raises(UnsafePickleError, match="dtype"):
            load(pickle.dumps(np.zeros(2, [("a", "i4"), ("b", "O")]), protocol))


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04cbuiltins\nset\n" + body({"update": 1}) + b"b.",  # attributes of an admitted name
        b"\x80\x04cnumpy\nndarray\n" + body({"x": 1}) + b"b.",
        b"\x80\x04cnumpy\ndtype\nN" + body({"function": 1}) + b"\x86b.",
        b"\x80\x04cnumpy\nfloat32\n" + body({"x": 1}) + b"b.",
        b"\x80\x04]" + body({"x": 1}) + b"b.",
    ],
)
def test_no_attribute_is_set(data: bytes) -> None:
    with pytest.raises(UnsafePickleError, match="sets the state"):
        load(data)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"\x80\x04\x8c\x03abcQ.", "outside of the file"),  # BINPERSID
        (b"Pabc\n.", "outside of the file"),  # PERSID
        (b"\x80\x02\x82\x01.", "extension 1"),
        (b"(ios\nsystem\n.", "system"),  # INST
        (b"(S'echo'\nios\nsystem\n.", "system"),
        (b"(cbuiltins\nlist\n]o.", "instance"),  # OBJ
        (b"\x80\x02cbuiltins\nset\n)\x81.", "instance"),  # NEWOBJ
        (b"\x80\x04cnumpy\nfloat32\n)}\x92.", "instance"),  # NEWOBJ_EX
        (b"\x80\x02cbuiltins\nlist\n]\x85R.", "calls list"),
        (b"\x80\x02cnumpy\nndarray\nK\x05\x85R.", "calls ndarray"),
        (b"\x80\x02cbuiltins\nset\nX\x02\x00\x00\x00ab\x85R.", "makes a set from a str"),
        (b"\x80\x02cbuiltins\nset\nK\x01a.", "fills a _Admitted like a list"),
        (b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00\x00rot13\x86R.", "encodes"),
        (b"\x80\x04\x8c\x07os.path\x8c\x04join\x93.", "asks for os.path"),
        (b"\x80\x04\x8c\x05numpy\x8c\x11ndarray.__class__\x93.", "asks for numpy.ndarray.__class__"),
        (b"\x80\x04\x8c\x08builtins\x8c\x0cset.__init__\x93.", "asks for builtins.set.__init__"),
    ],
)
def test_opcodes_that_are_refused(data: bytes, match: str) -> None:
    with pytest.raises(UnsafePickleError, match=match):
        load(data)


def test_broken_files(tmp_path: Path) -> None:
    whole = pickle.dumps({"a": np.arange(1000.0), "b": [1, 2]}, 5)
    path = tmp_path / "cut.pkl"
    for size in (0, 1, 2, 30, 200, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(BrokenPickleError, match=r"cut\.pkl: is not a whole pickle"):
            safe_load(path)
    path.write_bytes(b"frame,AU01\n1,0\n")
    with pytest.raises(BrokenPickleError):
        safe_load(path)
    path.write_bytes(
        b"\x80\x05\x96" + struct.pack("<Q", 2**62) + b"x."
    )  # announces more than there is memory
    with pytest.raises(BrokenPickleError):
        safe_load(path)
    with pytest.raises(FileNotFoundError):
        safe_load(tmp_path / "gone.pkl")


@given(noise=st.binary(max_size=60), place=st.integers(0, 400))
def test_noise_never_raises_anything_else(noise: bytes, place: int) -> None:
    data = bytearray(pickle.dumps({"a": np.arange(5.0), "s": {1, "x"}, "b": np.float32(1)}, 4))
    data[place : place + len(noise)] = noise
    with contextlib.suppress(UnsafePickleError, BrokenPickleError):
        load(bytes(data))
