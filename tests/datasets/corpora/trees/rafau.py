"""RAF-AU's tree: one label file, faces cut out in `aligned`, whole photographs in `original`."""

from pathlib import Path

LINES = (
    "0001.jpg 1+L12+25",
    "0002.jpg null",
    "0003.jpg R14+B23+T22 ",  # blanks at the end of some lines
    "0004.jpg L4+R4+26",
    "12.jpg 4+7+50",  # not padded; 50 is speech
    "0013.jpg 12",  # no image
    "0014.jpg 1+2",  # only the whole photograph
    "0015.jpg 9",
    "0015.jpg 9",  # twice, the same
    "0016.jpg 9",
    "0016.jpg 10",  # twice, different
    "0017.jpg 71+12",  # the eyes are not visible
)


def build(root: Path, media) -> None:
    """Image 0099 has no label."""
    (root / "RAFAU_label.txt").write_text("\n".join(LINES) + "\n\n")
    for number in (1, 2, 3, 4, 12, 15, 16, 17, 99):
        media.image(root / "aligned" / f"{number:04d}_aligned.jpg", number)
    for number in (1, 14):
        media.image(root / "original" / f"{number:04d}.jpg", number)


def _replace_line(root: Path, number: int, text: str) -> None:
    lines = (root / "RAFAU_label.txt").read_text().splitlines()
    lines[number - 1] = text
    (root / "RAFAU_label.txt").write_text("\n".join(lines))


BROKEN = {
    "no label file": (lambda root: (root / "RAFAU_label.txt").unlink(), r"RAFAU_label\.txt: no such file"),
    "empty file": (lambda root: (root / "RAFAU_label.txt").write_text(""), r"RAFAU_label\.txt: is empty"),
    "no code": (
        lambda root: _replace_line(root, 2, "0002.jpg"),
        r"RAFAU_label\.txt:2: found ''.*'1\+L12\+25'",
    ),
    "no such unit": (
        lambda root: _replace_line(root, 1, "0001.jpg 1+3"),
        r"RAFAU_label\.txt:1: found '3' in '1\+3'; wanted FACS codes",
    ),
    "another separator": (
        lambda root: _replace_line(root, 1, "0001.jpg 1 2"),
        r"RAFAU_label\.txt:1: found '1 2'",
    ),
    "no image name": (
        lambda root: _replace_line(root, 3, "face 1+2"),
        r"RAFAU_label\.txt:3: found 'face'.*0001",
    ),
}
