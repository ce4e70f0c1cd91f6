"""Tools are scripts: tests load them by path."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def load_tool() -> Callable[[Path, str], ModuleType]:
    """Load a tool of `tools/synthetic` by the repository's root and its name."""

    def load(root: Path, name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, root / "tools" / "synthetic" / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
