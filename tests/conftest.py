"""Fixtures that all tests share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The repository's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Reference material beside the checkout; a test that needs it is skipped where it is absent."""
    path = ROOT.parent / "shared"
    if not path.is_dir():
        pytest.skip("no folder 'shared' beside the checkout")
    return path


@pytest.fixture(scope="session")
def clips_dir(shared_dir: Path) -> Path:
    """Real face videos for tests."""
    return shared_dir / "clips"
