"""Reading checkpoints that other mmengine programs wrote, without running anything that they hold.

Such files carry log histories as pickled objects and, through their methods, `builtins.getattr`. To allow
that would let a file call what it likes. Here these names resolve to inert stand-ins that only keep data.
"""

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

_TORCH_NAMES = {
    "_rebuild_tensor",
    "_rebuild_tensor_v2",
    "_rebuild_parameter",
    "_rebuild_sparse_tensor",
    "_rebuild_device_tensor_from_numpy",
}
_SAFE = {
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("collections", "deque"),
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("builtins", "complex"),
    ("builtins", "list"),
    ("builtins", "dict"),
    ("builtins", "slice"),
    ("builtins", "range"),
    ("_codecs", "encode"),
    ("torch", "Size"),
    ("torch", "device"),
    ("torch.nn.parameter", "Parameter"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
}
_NUMPY_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMPY_NAMES = {"_reconstruct", "scalar"}
_DTYPES = ("numpy.dtypes",)


class _HistoryStandIn:
    """Keeps the state of a pickled `HistoryBuffer`, and no code."""

    def __setstate__(self, state: Any) -> None:
        self.state = state if isinstance(state, dict) else {}


class _Inert:
    """What an attribute of a stand-in resolves to."""


def _inert_getattr(owner: Any, name: str) -> type[_Inert]:
    """Stands in for `builtins.getattr`: looks nothing up."""
    return _Inert


class _InertUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        # torch.save writes the names of Python 2.
        module = "builtins" if module == "__builtin__" else module
        if (module, name) == ("builtins", "getattr"):
            return _inert_getattr
        if module == "mmengine.logging.history_buffer" and name == "HistoryBuffer":
            return _HistoryStandIn
        if module == "torch._utils" and name in _TORCH_NAMES:
            return super().find_class(module, name)
        if module in _NUMPY_MODULES and name in _NUMPY_NAMES:
            home = "numpy._core.multiarray" if hasattr(np, "_core") else "numpy.core.multiarray"
            return super().find_class(home, name)
        if module in _DTYPES and name.endswith("DType"):
            return super().find_class(module, name)
        if module == "torch" and isinstance(getattr(torch, name, None), torch.dtype):
            return getattr(torch, name)
        if module == "torch" and name.endswith("Storage") and "." not in name:
            return super().find_class(module, name)
        if (module, name) in _SAFE:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(
            f"the checkpoint asks for {module}.{name}, which weights do not need and which could run code; "
            "resave it where it was made as torch.save({'state_dict': model.state_dict()}, path)"
        )


def _load(file: Any, **options: Any) -> Any:
    return _InertUnpickler(file, **options).load()


_PICKLE_MODULE = SimpleNamespace(Unpickler=_InertUnpickler, load=_load, __name__="fau3d_inert_pickle")


def read_foreign_checkpoint(path: str | Path, map_location: Any = "cpu") -> Any:
    """Read a checkpoint that torch's safe loader refuses, with stand-ins for what could run code.

    Args:
        path: A file that `torch.save` wrote in its zip format.
        map_location: As in `torch.load`.

    Returns:
        What the file holds; log histories as `HistoryBuffer`s built from their numbers.

    Raises:
        pickle.UnpicklingError: If it is not such a file, or asks for anything but data, naming it.
    """
    if not zipfile.is_zipfile(path):
        raise pickle.UnpicklingError(
            f"{path}: neither a whole zip file of torch.save nor readable by torch's safe loader; if it "
            "comes from PyTorch before 1.6, load and save it once with a newer one where it was made"
        )
    with zipfile.ZipFile(path) as archive:
        if any(name.endswith("constants.pkl") for name in archive.namelist()):
            raise pickle.UnpicklingError(f"{path}: is a TorchScript program; wanted a checkpoint of weights")
    content = torch.load(path, map_location=map_location, pickle_module=_PICKLE_MODULE, weights_only=False)
    return _revive(content)


def _revive(value: Any) -> Any:
    if isinstance(value, _HistoryStandIn):
        log = np.asarray(value.state.get("_log_history", []), np.float64).reshape(-1)
        count = np.asarray(value.state.get("_count_history", []), np.float64).reshape(-1)
        length = int(value.state.get("max_length") or 1_000_000)
        return HistoryBuffer(log.tolist(), count.tolist(), length)
    if isinstance(value, OrderedDict):
        revived = OrderedDict((key, _revive(item)) for key, item in value.items())
        vars(revived).update(vars(value))
        return revived
    if isinstance(value, dict):
        return {key: _revive(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_revive(item) for item in value)
    return value
