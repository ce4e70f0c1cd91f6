"""DISFA+'s tree: three subjects, two trials of one of them."""

from pathlib import Path

from tree_damage import leave_macos_files, replace_line

AUS = (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)
FRAMES = 6
TRIALS = (
    ("SN001", "A1_AU1_TrialNo_1"),
    ("SN001", "Happy_TrialNo_2"),
    ("SN003", "A1_AU1_TrialNo_1"),
    ("SN025", "X"),
)
# Of AU1 in SN001/A1_AU1_TrialNo_1, from 000.jpg on.
WRITTEN_OUT = (0, 1, 2, 3, 5, 0)


def build(root: Path, media) -> None:
    """Two lines of heading, then an image's name and its grade; some files end lines as Windows does."""
    for place, (subject, trial) in enumerate(TRIALS):
        folder = root / "Labels" / subject / trial
        folder.mkdir(parents=True)
        for unit in AUS:
            grades = (
                WRITTEN_OUT if (place, unit) == (0, 1) else [(n + unit + place) % 6 for n in range(FRAMES)]
            )
            end, gap = ("\r\n", "\t") if unit == 12 else ("\n", "     ")
            lines = [
                f"AU{unit}",
                "Frame     Intensity",
                *(f"{n:03d}.jpg{gap}{g}" for n, g in enumerate(grades)),
            ]
            (folder / f"AU{unit}.txt").write_text(end.join(lines) + end, newline="")
        leave_macos_files(folder)
        for number in range(FRAMES):
            if (place, number) != (1, 2):  # an image is missing
                media.image(root / "Images" / subject / trial / f"{number:03d}.jpg", number)
    (root / "Labels" / "SN027" / "X").mkdir(parents=True)  # no images
    media.image(root / "Images" / "SN003" / "Y" / "000.jpg")  # no labels
    leave_macos_files(root / "Labels", root / "Images")


def _label(root: Path) -> Path:
    return root / "Labels" / "SN001" / "A1_AU1_TrialNo_1" / "AU4.txt"


BROKEN = {
    "no labels": (
        lambda root: (root / "Labels").rename(root / "labels_"),
        r"no folder 'Labels', found Images, lab",
    ),
    "text for a grade": (
        lambda root: replace_line(_label(root), 3, "000.jpg     high"),
        r"AU4\.txt:3: .*'000\.jpg     high'.*0 to 5",
    ),
    "grade out of range": (lambda root: replace_line(_label(root), 5, "002.jpg 6"), r"AU4\.txt:5: .*0 to 5"),
    "too few columns": (lambda root: replace_line(_label(root), 5, "002.jpg"), r"AU4\.txt:5: .*'002\.jpg'"),
    "no image number": (
        lambda root: replace_line(_label(root), 5, "face.jpg 1"),
        r"AU4\.txt:5: .*'face\.jpg 1'",
    ),
    "three lines of heading": (
        lambda root: replace_line(_label(root), 3, "------"),
        r"AU4\.txt:3: found '------'; wanted '000\.jpg intensity'",
    ),
    "frame twice": (
        lambda root: replace_line(_label(root), 5, "000.jpg 1"),
        r"AU4\.txt:5: frame 0 is there again",
    ),
    "only a heading": (lambda root: _label(root).write_text("AU4\nFrame Intensity\n"), r"AU4\.txt: is empty"),
    "no such unit": (
        lambda root: _label(root).rename(_label(root).with_name("AU3.txt")),
        r"AU3\.txt: .*FACS number 3 is not known",
    ),
    "no label files": (
        lambda root: [path.unlink() for path in _label(root).parent.glob("AU*.txt")],
        r"A1_AU1_TrialNo_1: holds no label files",
    ),
}
