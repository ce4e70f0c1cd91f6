"""Benchmarks are scripts that import one another from their own folder."""

from pathlib import Path

import pytest


@pytest.fixture
def benchmarks(repo_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a test import benchmarks by their names, as they do."""
    monkeypatch.syspath_prepend(repo_root / "benchmarks")
    return repo_root / "benchmarks"
