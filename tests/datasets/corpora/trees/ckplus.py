"""CK+'s tree: two subjects, units with and without a grade, and sequences that have no partner."""

from pathlib import Path

LINE = "   {:.7e}   {:.7e}\n"
CODED = {
    ("S005", "001", 3): [(9, 5), (17, 3)],
    # Coded, not graded: CK+ writes intensity 0. 61 is a direction of the eyes, 80 a swallow.
    ("S005", "002", 4): [(1, 0), (2, 3), (25, 0), (26, 1), (61, 0), (80, 0)],
    ("S999", "001", 2): [(12, 4), (25, 0)],
}


def build(root: Path, media) -> None:
    """Sequences that start with a neutral face; the label file has the number of the last frame."""
    for (subject, sequence, peak), units in CODED.items():
        folder = root / "FACS" / subject / sequence
        folder.mkdir(parents=True)
        text = "".join(LINE.format(float(unit), float(grade)) for unit, grade in units)
        (folder / f"{subject}_{sequence}_{peak:08d}_facs.txt").write_text(text)
        images = root / "cohn-kanade-images" / subject / sequence
        for number in range(1, peak + 1):
            media.image(images / f"{subject}_{sequence}_{number:08d}.png", number)
        (images / ".DS_Store").write_bytes(b"\0")
    (root / "FACS" / ".DS_Store").write_bytes(b"\0")
    (root / "FACS" / "S005" / "003").mkdir()  # no label file
    media.image(root / "cohn-kanade-images" / "S005" / "003" / "S005_003_00000001.png")
    media.image(root / "cohn-kanade-images" / "S010" / "001" / "S010_001_00000001.png")  # not coded
    without = root / "FACS" / "S011" / "001"  # no images
    without.mkdir(parents=True)
    (without / "S011_001_00000009_facs.txt").write_text(LINE.format(1.0, 0.0))


def _label(root: Path) -> Path:
    return root / "FACS" / "S005" / "001" / "S005_001_00000003_facs.txt"


def _add(root: Path, line: str) -> None:
    _label(root).write_text(_label(root).read_text() + line)


BROKEN = {
    "no labels": (lambda root: (root / "FACS").rename(root / "Labels"), r"no folder 'FACS'.*Labels"),
    "no images": (
        lambda root: (root / "cohn-kanade-images").rename(root / "images"),
        r"no folder 'cohn-kanade-images'.*images",
    ),
    "text for a unit": (lambda root: _add(root, "brow 1\n"), r"_facs\.txt:3: .*'brow 1'.*0 to 5"),
    "grade out of range": (lambda root: _add(root, LINE.format(4.0, 7.0)), r"_facs\.txt:3: .*0 to 5"),
    "no such unit": (lambda root: _add(root, LINE.format(3.0, 1.0)), r"_facs\.txt:3: .*FACS number"),
    "unit twice": (lambda root: _add(root, LINE.format(9.0, 1.0)), r"_facs\.txt:3: AU09 is there again"),
    "two label files": (
        lambda root: _label(root).with_name("S005_001_00000002_facs.txt").write_text(LINE.format(9.0, 1.0)),
        r"S005.001: found 2 \*_facs\.txt; wanted one",
    ),
}
