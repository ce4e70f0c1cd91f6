"""HRM's tree: three children with ASD and three without, one of either called S32; all that is odd."""

from pathlib import Path

UNITS = (
    *("AU1", "AU2", "AU4", "AU5", "AU6", "AU7", "AU43", "AU8", "AU9", "AU10"),
    *(f"AU{number}" for number in range(12, 19)),
    *("AD19", "AU20", "AU21", "AU22", "AU23", "AU24", "AU25", "AU2X", "AU28", "AD29", "AD30", "AU31"),
    *(f"AD{number}" for number in range(32, 38)),
    "AU0",
)
RATERS = ("Abnormal-j", "Abnormal-jie", "Abnormal-y", "Abnormal-z", "Abnormal-w")
CHILDREN = (("ASD", "S6"), ("ASD", "S32"), ("ASD", "S45"), ("TD", "S1"), ("TD", "S2"), ("TD", "S32"))
# Two runs; frame 30 stands alone, as the tail of one that was cut.
FRAMES = (*range(20), *range(24, 29), 30)
RATED = "AU-ab-5-level-end"


def cells_of(frame: int, place: int) -> list[str]:
    """Units of one frame: AU1 from frame 3 on, AU12 left or right, AU2X as 26 or 27, AD32 at the bottom."""
    present = dict.fromkeys(UNITS, "0")
    present["AU1"] = str(int(frame >= 3))
    present["AU12"] = str((frame + place) % 4)
    present["AU2X"] = ("0", "1", "26", "27")[frame % 4]
    present["AD32"] = str(5 * (frame % 2))
    present["AU43"] = str(int(frame % 5 == 0))
    present["AU0"] = str(int(frame < 3))
    if frame == 4:
        present["AU28"] = ""  # a blank cell: nobody coded it
    return list(present.values())


def ratings_of(frame: int, place: int) -> list[str]:
    """Five raters and their mean, one rater missing in frame 2."""
    values = [(frame // 5 + place + rater) % 5 for rater in range(5)]
    cells = [str(value) for value in values]
    if frame == 2:
        cells[4] = ""
    return [*cells, f"{sum(values) / 5:g}"]


def build(root: Path, media) -> None:
    """One rated file a child; the last of each group has its units in a file of their own, too."""
    for place, (group, name) in enumerate(CHILDREN):
        header = ["frame", *UNITS, "ASD", *RATERS, "Abnormal-avg"]
        asd = str(int(group == "ASD"))
        rows = [
            [str(frame), *cells_of(frame, place), asd, *ratings_of(frame, place)] for frame in _order(place)
        ]
        _write(root / RATED / group / f"{name}.csv", [header, *rows], bom=place == 1)
        if name == "S32":
            units = [row[: len(UNITS) + 2] for row in rows]
            _write(root / "AU" / group / f"{name}.csv", [header[: len(UNITS) + 2], *units])
    # What the annotation tool leaves behind, and a line of commas that a spreadsheet does.
    (root / RATED / "ASD" / "S6-backup.csv").write_text("frame,AU1\n")
    with (root / RATED / "ASD" / "S6.csv").open("a") as file:
        file.write("," * (len(UNITS) + 7) + "\n\n")
    (root / "notes.csv").write_text("who,when\nme,today\n")
    _features(root)


def _order(place: int) -> list[int]:
    """The tool appends a frame that was left out at first: in one file frame 1 is the last."""
    frames = list(FRAMES)
    return [*frames[:1], *frames[2:], 1] if place == 3 else frames


def _features(root: Path) -> None:
    units = ("01", "12")
    openface = [
        "frame",
        " face_id",
        " timestamp",
        " confidence",
        " success",
        " gaze_angle_x",
        " gaze_angle_y",
    ]
    openface += (
        [f" pose_R{axis}" for axis in "xyz"] + [f" AU{u}_r" for u in units] + [f" AU{u}_c" for u in units]
    )
    boxes = [
        "frame",
        *(f"{a}_{p}" for p in range(5) for a in "xy"),
        "box_x0",
        "box_y0",
        "box_x1",
        "box_y1",
        "yaw",
    ]
    for place, (group, name) in enumerate(CHILDREN):
        rows, faces = [openface], [boxes]
        for frame in range(31):
            seen = str(int(frame != 7))
            turn = f"{0.01 * frame:.2f}"
            rows.append(
                [
                    str(frame),
                    "0",
                    f"{frame / 25:.2f}",
                    "0.9",
                    seen,
                    "0.1",
                    "0",
                    turn,
                    "0",
                    "0",
                    "1.5",
                    "2",
                    "1",
                    "1",
                ]
            )
            points = [str(100 + place + 10 * i) for i in range(10)]
            faces.append([str(frame), *points, "90", "90", "210", "230", turn])
        _write(root / "openface" / group / f"{name}.csv", rows)
        _write(root / "InsightFace features" / group / f"{name}.csv", faces)


def _write(path: Path, rows: list[list[str]], bom: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(",".join(row) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8-sig" if bom else "utf-8")


def child(root: Path) -> Path:
    """The file that is damaged."""
    return root / RATED / "ASD" / "S6.csv"


def _set(root: Path, line: int, column: str, value: str) -> None:
    lines = child(root).read_text().splitlines()
    cells = lines[line - 1].split(",")
    cells[lines[0].split(",").index(column)] = value
    child(root).write_text("\n".join([*lines[: line - 1], ",".join(cells), *lines[line:]]))


def _rename(root: Path, old: str, new: str) -> None:
    child(root).write_text(child(root).read_text().replace(f",{old},", f",{new},", 1))


def _shorten(root: Path) -> None:
    lines = child(root).read_text().splitlines()
    child(root).write_text("\n".join([*lines[:4], lines[4].rpartition(",")[0], *lines[5:]]))


def _remove_all(root: Path) -> None:
    for path in root.rglob("*.csv"):
        path.unlink()


def _to_td(root: Path) -> None:
    child(root).rename(root / RATED / "TD" / "S6.csv")


def _second(root: Path) -> None:
    (root / "again" / "ASD").mkdir(parents=True)
    (root / "again" / "ASD" / "S6.csv").write_text(child(root).read_text())


def _both_groups(root: Path) -> None:
    child(root).rename(root / RATED / "ASD" / "S6TD.csv")


BROKEN = {
    "no annotation files": (_remove_all, r"no CSV file with HRM's columns"),
    "unknown code": (lambda root: _set(root, 5, "AU12", "7"), r"S6\.csv:5: AU12 is '7'; .*2 to 5"),
    "text for a unit": (lambda root: _set(root, 3, "AU4", "left"), r"S6\.csv:3: AU4 is 'left'"),
    "infinite unit": (lambda root: _set(root, 3, "AU4", "inf"), r"S6\.csv:3: AU4 is 'inf'"),
    "no unit column": (lambda root: _rename(root, "AU2X", "AU26"), r"S6\.csv:1: has no column AU2X"),
    "frame twice": (lambda root: _set(root, 4, "frame", "1"), r"S6\.csv:4: frame 1 is there again"),
    "no frame number": (lambda root: _set(root, 4, "frame", "1.5"), r"S6\.csv:4: frame is '1\.5'"),
    "short line": (_shorten, r"S6\.csv:5: has 43 cells; .*44 columns"),
    "rating out of range": (lambda root: _set(root, 6, "Abnormal-y", "5"), r"S6\.csv:6: Abnormal-y is '5'"),
    "wrong mean": (lambda root: _set(root, 6, "Abnormal-avg", "4"), r"S6\.csv:6: Abnormal-avg is '4'.*2\.00"),
    "four raters": (lambda root: _rename(root, "Abnormal-z", "Rater-z"), r"S6\.csv:1: has the raters"),
    "group not 0 or 1": (lambda root: _set(root, 6, "ASD", "3"), r"S6\.csv:6: ASD is '3'"),
    "empty file": (lambda root: child(root).write_text(""), r"S6\.csv: is empty"),
    "wrong folder": (_to_td, r"TD/S6\.csv: the column ASD is 1 in every line"),
    "child twice": (_second, r"S6\.csv: is of the same child and kind as"),
    "two groups": (_both_groups, r"S6TD\.csv: its folder and its name"),
}
