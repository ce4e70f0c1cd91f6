"""A folder of OpenFace CSV files with their videos: three of one face, one of two, another program's."""

from pathlib import Path

from tree_damage import leave_macos_files, replace_line

UNITS = tuple(f"AU{n:02d}" for n in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45))
COLUMNS = (
    ["frame", "face_id", "timestamp", "confidence", "success"]
    + [f"{axis}_{i}" for axis in "xy" for i in range(68)]
    + [f"{unit}_r" for unit in UNITS]
    + [f"{unit}_c" for unit in sorted((*UNITS, "AU28"))]
)
FRAMES = 8


def build(root: Path, media) -> None:
    """`people/a.csv` has no face in frame 3 and no row for frame 5; `b.CSV` no blanks after its commas."""
    for number, (name, separator, suffix) in enumerate(
        (("people/a.csv", ", ", ".mp4"), ("people/b.CSV", ",", ".AVI"), ("c.csv", ", ", ".mp4"))
    ):
        rows = [row(n, success=(number, n) != (0, 3)) for n in range(1, FRAMES + 1) if (number, n) != (0, 5)]
        _write(root / name, rows, separator, end="\r\n" if number == 1 else "\n")
        media.video((root / name).with_suffix(suffix), FRAMES, number)
    both = [row(n, face) for n in range(1, FRAMES + 1) for face in (0, 1)]
    _write(root / "two.csv", both, ", ", mark="\ufeff")
    media.video(root / "two.mp4", FRAMES)
    (root / "other.csv").write_text("time,heart_rate\n0,70\n")
    leave_macos_files(root, root / "people")


def row(frame: int, face: int = 0, success: bool = True) -> dict[str, float]:
    """AU12 has intensity 1.5 from frame 4 on, and is then present; AU28 is present in frame 6; others 0.2."""
    values = {column: 0.2 if column.endswith("_r") else 0 for column in COLUMNS}
    values |= {"frame": frame, "face_id": face, "timestamp": (frame - 1) / 25}
    if not success:
        return {
            column: values[column] if column in ("frame", "face_id", "timestamp") else 0 for column in COLUMNS
        }
    values |= {f"x_{i}": 8 + i % 17 for i in range(68)} | {f"y_{i}": 8 + i // 17 * 4 for i in range(68)}
    values |= {"success": 1, "confidence": 0.98}
    values |= {"AU12_r": 1.5 if frame >= 4 else 0.0, "AU12_c": int(frame >= 4), "AU28_c": int(frame == 6)}
    return values


def _write(path: Path, rows, separator: str, end: str = "\n", mark: str = "") -> None:
    path.parent.mkdir(exist_ok=True)
    lines = [separator.join(str(values[column]) for column in COLUMNS) for values in rows]
    path.write_text(mark + end.join([separator.join(COLUMNS), *lines]) + end, encoding="utf-8", newline="")


def _csv(root: Path) -> Path:
    return root / "c.csv"


def _damage(**cells: object):
    """Change cells of frame 4."""
    return lambda root: replace_line(
        _csv(root), 5, ",".join(str((row(4) | cells)[column]) for column in COLUMNS)
    )


def _only_others(root: Path) -> None:
    for path in root.rglob("*.[cC][sS][vV]"):
        path.write_text("time,heart_rate\n0,70\n")


BROKEN = {
    "no files": (
        lambda root: [path.unlink() for path in root.rglob("*.[cC]*")],
        r"holds no CSV file of OpenFace",
    ),
    "another program's": (_only_others, r"holds no CSV file of OpenFace.*no columns AU01_r or AU01_c"),
    "text for a unit": (_damage(AU12_c="high"), r"c\.csv:5: column 'AU12_c' holds 'high'"),
    "text for a frame": (_damage(frame="four"), r"c\.csv:5: column 'frame' holds 'four'"),
    "intensity out of range": (_damage(AU12_r=7.5), r"c\.csv:5: found 7\.5 in AU12_r; wanted 0 to 5"),
    "occurrence out of range": (_damage(AU12_c=2), r"c\.csv:5: found 2 in AU12_c; wanted 0 to 1"),
    "frame twice": (_damage(frame=3), r"c\.csv:5: frame 3 of one face is there again"),
    "frame below one": (_damage(frame=0), r"c\.csv: has a frame below 1"),
    "only a header": (lambda root: _csv(root).write_text(",".join(COLUMNS)), r"c\.csv: holds no rows"),
    "no frames": (
        lambda root: replace_line(_csv(root), 1, ",".join(COLUMNS).replace("frame", "count", 1)),
        r"c\.csv: has no column 'frame'",
    ),
}
