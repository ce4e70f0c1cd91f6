"""Fixtures for what analyses videos: a tiny random recogniser, and an extractor of white squares."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def kit() -> ModuleType:
    """The helpers of `tiny_recognizer.py`."""
    spec = importlib.util.spec_from_file_location(
        "tiny_recognizer", Path(__file__).with_name("tiny_recognizer.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def checkpoint(kit, tmp_path_factory) -> Path:
    """A self-contained checkpoint with random weights."""
    return kit.save_checkpoint(tmp_path_factory.mktemp("weights") / "tiny.pth", kit.tiny_meta())
