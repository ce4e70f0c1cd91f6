"""Reading checkpoints that other programs wrote, without running anything that they hold.

mmengine's files carry log histories as pickled objects and, through their methods, `builtins.getattr`. To
allow `getattr` would let a file reach and call what it likes. So torch's safe loader is given inert stand-ins
under the names that such files ask for: they keep data and look nothing up.
"""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from torch import serialization


class _HistoryStandIn:
    """Keeps the state of a pickled `HistoryBuffer`, and no code."""

    def __setstate__(self, state: Any) -> None:
        self.state = state if isinstance(state, dict) else {}


class _ArgumentsStandIn:
    """Keeps the values of a pickled `argparse.Namespace`, which some programs save beside weights."""

    def __setstate__(self, state: Any) -> None:
        self.values = state if isinstance(state, dict) else {}


class _Inert:
    """What an attribute that a file asks for resolves to."""


def _look_nothing_up(owner: Any, name: str) -> _Inert:
    return _Inert()


def _rebuild_array(subtype: type, shape: tuple, dtype: Any) -> np.ndarray:
    # What NumPy's own function does for plain arrays; the content follows as state.
    if subtype is not np.ndarray:
        raise ValueError(f"the checkpoint asks for an array of type {subtype!r}; wanted numpy.ndarray")
    return np.ndarray(shape, np.dtype(dtype))


def _rebuild_scalar(dtype: np.dtype, data: bytes) -> Any:
    if dtype.hasobject:
        raise ValueError("the checkpoint asks for a NumPy scalar that is an object; wanted a number")
    return np.frombuffer(data, dtype)[0]


def _named(item: Any, module: str, name: str) -> Any:
    """Give a copy of a class or function that the safe loader takes for `module.name`."""
    if isinstance(item, type):
        return type(name, (item,), {"__module__": module, "__qualname__": name})
    function: Any = FunctionType(item.__code__, item.__globals__, name)
    function.__module__, function.__qualname__ = module, name
    return function


def _stand_ins() -> list[Any]:
    dtypes = {type(np.dtype(code)) for code in (*"?bBhHiIlLqQefdgFDSUO", "M8[s]", "m8[s]")}
    return [
        _named(_HistoryStandIn, "mmengine.logging.history_buffer", "HistoryBuffer"),
        _named(_ArgumentsStandIn, "argparse", "Namespace"),
        _named(_look_nothing_up, "builtins", "getattr"),
        *(_named(_rebuild_array, f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
        *(_named(_rebuild_scalar, f"numpy.{core}.multiarray", "scalar") for core in ("core", "_core")),
        np.ndarray,
        np.dtype,
        *dtypes,
        defaultdict,
        deque,
        set,
        frozenset,
    ]


@contextmanager
def _allowing_stand_ins() -> Iterator[None]:
    allowed = serialization.get_safe_globals()
    serialization.add_safe_globals(_stand_ins())
    try:
        yield
    finally:
        serialization.clear_safe_globals()
        serialization.add_safe_globals(allowed)


def read_foreign_checkpoint(path: str | Path, map_location: Any = "cpu") -> Any:
    """Read a checkpoint that holds mmengine's log histories, a program's arguments and NumPy values.

    Args:
        path: A file of `torch.save`.
        map_location: As in `torch.load`.

    Returns:
        What the file holds; log histories as `HistoryBuffer`s built from their numbers, arguments as dicts.

    Raises:
        pickle.UnpicklingError: If the file asks for anything but data; the message names it.
    """
    with _allowing_stand_ins():
        return _revive(torch.load(path, map_location=map_location, weights_only=True))


def _revive(value: Any) -> Any:
    if isinstance(value, _HistoryStandIn):
        log = np.asarray(value.state.get("_log_history", []), np.float64).reshape(-1)
        count = np.asarray(value.state.get("_count_history", []), np.float64).reshape(-1)
        return HistoryBuffer(log.tolist(), count.tolist(), int(value.state.get("max_length") or 1_000_000))
    if isinstance(value, _ArgumentsStandIn):
        return _revive(value.values)
    if isinstance(value, OrderedDict):
        revived = OrderedDict((key, _revive(item)) for key, item in value.items())
        vars(revived).update(vars(value))
        return revived
    if isinstance(value, dict):
        return {key: _revive(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_revive(item) for item in value)
    return value
