"""DISFA's tree: three subjects, one of each part of the three folds."""

from pathlib import Path

AUS = (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
FRAMES = 12
SUBJECTS = ("SN001", "SN006", "SN003")


def build(root: Path, media) -> None:
    """Labels as `frame,intensity` from 1; some have a blank after the comma; SN001's last frame is not coded."""
    (root / "Videos_LeftCamera").mkdir()
    for place, subject in enumerate(SUBJECTS):
        folder = root / "ActionUnit_Labels" / subject
        folder.mkdir(parents=True)
        for unit in AUS:
            last = FRAMES - (place == 0)
            comma = ", " if unit == 12 else ","
            lines = [f"{n}{comma}{(n + unit + place) % 6}" for n in range(1, last + 1)]
            (folder / f"{subject}_au{unit}.txt").write_text("\n".join(lines) + "\n")
        media.video(root / "Videos_LeftCamera" / f"LeftVideo{subject}_comp.avi", FRAMES, place)
    (root / "ActionUnit_Labels" / "SN099").mkdir()  # labels without a video


def _label(root: Path) -> Path:
    return root / "ActionUnit_Labels" / "SN001" / "SN001_au4.txt"


def _replace_line(root: Path, number: int, text: str) -> None:
    lines = _label(root).read_text().splitlines()
    lines[number - 1] = text
    _label(root).write_text("\n".join(lines))


BROKEN = {
    "no labels": (
        lambda root: (root / "ActionUnit_Labels").rename(root / "Labels"),
        r"ActionUnit_Labels.*Labels",
    ),
    "text for a grade": (
        lambda root: _replace_line(root, 3, "3,high"),
        r"SN001_au4\.txt:3: .*'3,high'.*0 to 5",
    ),
    "grade out of range": (lambda root: _replace_line(root, 5, "5,7"), r"SN001_au4\.txt:5: .*0 to 5"),
    "frame twice": (lambda root: _replace_line(root, 5, "4,0"), r"SN001_au4\.txt:5: frame 4"),
    "empty file": (lambda root: _label(root).write_text(""), r"SN001_au4\.txt: is empty"),
}
