"""BP4D's tree: a subject of each part of the three folds and one more, as images and as videos."""

from pathlib import Path

from tree_damage import leave_macos_files, replace_line

# Columns have numbers that FACS does not know (3), and units that are not in the protocol (5).
HEADER = "0,1,2,3,4,5,6,7,10,12,14,15,17,23,24"
FRAMES = 8
# Frame 98: AU1, AU12. Frame 99: AU4 and AU24 are not coded. Frame 100: only AU5. Frame 101: AU12, AU24.
WRITTEN_OUT = (
    "98,1,0,9,0,0,0,0,0,1,0,0,0,0,0",
    "99,0,0,9,9,0,0,0,0,0,0,0,0,0,9",
    "100,0,0,9,0,1,0,0,0,0,0,0,0,0,0",
    "101, 0, 0, 9, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1",
)
GRADES = "98,3\n99,0\n100,9\n101,1\n"


def build(root: Path, media) -> None:
    """F003's labels are written out above, its images have no zeros before; M003's video has its own name."""
    coding = root / "AUCoding" / "AU_OCC"
    coding.mkdir(parents=True)
    _write(coding / "F003_T1.csv", WRITTEN_OUT, end="\r\n", mark="\ufeff")
    for start, name in ((731, "F001_T1"), (1, "F001_T8"), (1, "F004_T2"), (1, "M003_T3")):
        _write(coding / f"{name}.csv", [_row(start + i) for i in range(FRAMES)])
    _write(coding / "F023_T5.csv", [_row(1)])  # no images
    (coding / "notes.csv").write_text("no labels\n")
    grades = root / "AUCoding" / "AU_INT" / "AU12"
    grades.mkdir(parents=True)
    (grades / "F003_T1_AU12.csv").write_text(GRADES)
    for frame in range(731, 731 + FRAMES + 2):  # two more than are coded
        media.image(root / "Images" / "F001" / "T1" / f"{frame:04d}.jpg", frame)
    for frame in range(97, 102):
        media.image(root / "Images" / "F003" / "T1" / f"{frame}.JPG", frame)
    for frame in (1, 2, 4, 5, 6, 7, 8):  # the third is missing
        media.image(root / "Images" / "F001" / "T8" / f"{frame:04d}.jpg", frame)
    (root / "Videos").mkdir()
    media.video(root / "Videos" / "F004_T2.mp4", FRAMES)
    media.video(root / "Videos" / "2M03_07.avi", FRAMES)
    media.video(root / "Videos" / "F009_T1.AVI", FRAMES)  # not coded
    leave_macos_files(coding, grades, root / "Images" / "F003" / "T1", root / "Videos")


def _row(frame: int) -> str:
    return ",".join([str(frame), *(str(int((frame + unit) % 3 == 0)) for unit in range(14))])


def _write(path: Path, rows, end: str = "\n", mark: str = "") -> None:
    path.write_text(mark + end.join([HEADER, *rows]) + end, encoding="utf-8", newline="")


def _label(root: Path) -> Path:
    return root / "AUCoding" / "AU_OCC" / "F001_T1.csv"


def _grades(root: Path) -> Path:
    return root / "AUCoding" / "AU_INT" / "AU12" / "F003_T1_AU12.csv"


BROKEN = {
    "no labels": (
        lambda root: (root / "AUCoding").rename(root / "Labels"),
        r"no files in AUCoding/AU_OCC, found Images, Labels",
    ),
    "no header": (
        lambda root: replace_line(_label(root), 1, _row(730)),
        r"F001_T1\.csv:1: found the header '730,",
    ),
    "other units": (
        lambda root: _label(root).write_text("0,43,45\n731,0,0\n"),
        r"F001_T1\.csv:1: codes AU43, AU45",
    ),
    "text for a label": (
        lambda root: replace_line(_label(root), 3, _row(732).replace("732,1", "732,yes")),
        r"F001_T1\.csv:3: found 'yes' for AU01; wanted 1, 0, 9",
    ),
    "label out of range": (
        lambda root: replace_line(_label(root), 3, _row(732).replace("732,1", "732,5")),
        r"F001_T1\.csv:3: found '5' for AU01; wanted 1, 0, 9",
    ),
    "too few columns": (
        lambda root: replace_line(_label(root), 4, "733,0,0"),
        r"F001_T1\.csv:4: found 3 cells in '733,0,0'; wanted 15",
    ),
    "no frame number": (
        lambda root: replace_line(_label(root), 4, _row(733).removeprefix("733")),
        r"F001_T1\.csv:4: found the frame number ''",
    ),
    "frame twice": (
        lambda root: replace_line(_label(root), 5, _row(731)),
        r"F001_T1\.csv:5: frame 731 is there again",
    ),
    "empty file": (lambda root: _label(root).write_text(""), r"F001_T1\.csv: found 0 lines"),
    "grade out of range": (
        lambda root: replace_line(_grades(root), 2, "99,7"),
        r"F003_T1_AU12\.csv:2: .*'99,7'.*0 to 5 or 9 for not coded",
    ),
    "text for a grade": (
        lambda root: replace_line(_grades(root), 2, "99,B"),
        r"F003_T1_AU12\.csv:2: .*'99,B'",
    ),
}
