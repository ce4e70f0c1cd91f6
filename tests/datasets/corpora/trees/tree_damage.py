"""What the trees' kinds of damage have in common."""

from pathlib import Path


def replace_line(path: Path, number: int, text: str) -> None:
    """Put another line in the place of one, which counts from 1."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    lines[number - 1] = text
    path.write_text("\n".join(lines) + "\n")


def leave_macos_files(*folders: Path) -> None:
    """Leave what macOS leaves in folders on other systems' disks: a shadow of each file, and its own file."""
    for folder in folders:
        for path in [p for p in folder.iterdir() if p.is_file()]:
            path.with_name(f"._{path.name}").write_bytes(b"\x00\x05\x16\x07\xff\xfe")
        (folder / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
