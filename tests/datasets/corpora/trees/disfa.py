"""DISFA's tree: three subjects, one of each part of the three folds."""

from pathlib import Path

from tree_damage import leave_macos_files, replace_line

AUS = (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
FRAMES = 12
SUBJECTS = ("SN001", "SN006", "SN003")


def build(root: Path, media) -> None:
    """Labels as `frame,intensity` from 1: some with blanks or Windows' line ends; SN001's last is missing."""
    (root / "Videos_LeftCamera").mkdir()
    for place, subject in enumerate(SUBJECTS):
        folder = root / "ActionUnit_Labels" / subject
        folder.mkdir(parents=True)
        for unit in AUS:
            last = FRAMES - (place == 0)
            comma = ", " if unit == 12 else ","
            lines = [f"{n}{comma}{(n + unit + place) % 6}" for n in range(1, last + 1)]
            end, mark = ("\r\n", "\ufeff") if unit == 17 else ("\n", "")
            text = mark + end.join(lines) + end
            (folder / f"{subject}_au{unit}.txt").write_text(text, encoding="utf-8", newline="")
        leave_macos_files(folder)
        media.video(root / "Videos_LeftCamera" / f"LeftVideo{subject}_comp.avi", FRAMES, place)
    (root / "ActionUnit_Labels" / "SN099").mkdir()  # labels without a video
    media.video(root / "Videos_LeftCamera" / "LeftVideoSN098_comp.AVI", 2)  # a video without labels
    (root / "Videos_RightCamera").mkdir()
    media.video(root / "Videos_RightCamera" / "RightVideoSN001_comp.avi", 2)
    leave_macos_files(root / "ActionUnit_Labels", root / "Videos_LeftCamera")


def _label(root: Path) -> Path:
    return root / "ActionUnit_Labels" / "SN001" / "SN001_au4.txt"


BROKEN = {
    "no labels": (
        lambda root: (root / "ActionUnit_Labels").rename(root / "Labels"),
        r"no folder 'ActionUnit_Labels', found Labels",
    ),
    "text for a grade": (
        lambda root: replace_line(_label(root), 3, "3,high"),
        r"SN001_au4\.txt:3: .*'3,high'.*0 to 5",
    ),
    "grade out of range": (lambda root: replace_line(_label(root), 5, "5,7"), r"SN001_au4\.txt:5: .*0 to 5"),
    "frame twice": (lambda root: replace_line(_label(root), 5, "4,0"), r"SN001_au4\.txt:5: frame 4"),
    "too few columns": (
        lambda root: replace_line(_label(root), 5, "5"),
        r"SN001_au4\.txt:5: found '5'; wanted",
    ),
    "no such unit": (
        lambda root: _label(root).rename(_label(root).with_name("SN001_au3.txt")),
        r"SN001_au3\.txt: .*FACS number 3 is not known",
    ),
    "empty file": (lambda root: _label(root).write_text(""), r"SN001_au4\.txt: is empty"),
}
