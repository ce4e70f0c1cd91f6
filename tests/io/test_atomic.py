"""Files that appear whole or not at all."""

from pathlib import Path

import pytest

from fau3d.io.atomic import atomic_path


def test_the_file_appears_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.txt"
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        assert not target.exists() and temporary.parent == target.parent and temporary.suffix == ".txt"
    assert target.read_text() == "new" and [p.name for p in target.parent.iterdir()] == ["a.txt"]


def test_a_failure_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    with pytest.raises(FileNotFoundError), atomic_path(target):
        pass
    assert target.read_text() == "old"
